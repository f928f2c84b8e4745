"""What a follower keeps of every event: found by number and by identity, whatever the size of entries."""

from __future__ import annotations

import numpy as np
import pytest
from fieldline_schemas.record import Columns
from fieldline_trace.follow import rows as module
from fieldline_trace.follow.names import KeyTable
from fieldline_trace.follow.rows import EventRows
from hypothesis import given
from hypothesis import strategies as st


def columns(identities: list[int]) -> Columns:
    count, none = len(identities), np.empty(0)
    small = np.arange(count, dtype=np.int32)
    return Columns(
        kinds=np.full(count, 3, np.uint8),
        flags=np.full(count, 4, np.uint8),
        senders=small + 1,
        operators=small + 2,
        sites=small + 3,
        identities=np.array(identities, np.uint64),
        step_event=none.astype(np.uint16),
        step_shape=none.astype(np.uint8),
        times=none.astype(np.int64).reshape(0, 4),
        in_start=np.zeros(1, np.uint32),
        in_batch=none.astype(np.int64),
        in_site=none.astype(np.int32),
        out_start=np.zeros(1, np.uint32),
        out_batch=none.astype(np.int64),
        out_site=none.astype(np.int32),
        locations=small + 4,
        others=small,
        planned_event=none.astype(np.uint16),
        planned=none.astype(np.int64).reshape(0, 2),
        expiry_event=none.astype(np.uint16),
        expiry_batch=none.astype(np.int64),
        expiry=none.astype(np.int64).reshape(0, 2),
    )


@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=9), min_size=1, max_size=12), st.integers(1, 9))
def test_all_events_of_an_identity_are_found_in_ledger_order(entries: list[list[int]], tail: int) -> None:
    kept = EventRows()
    said: dict[int, list[int]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TAIL", tail)
        for block, identities in enumerate(entries, start=1):
            kept.add(block, block * 10, columns(identities))
            for index, identity in enumerate(identities):
                said.setdefault(identity, []).append(block << 16 | index)
    assert {identity: kept.find(identity) for identity in range(8)} == {n: said.get(n, []) for n in range(8)}
    assert len(kept) == sum(map(len, entries))


def test_an_event_is_known_by_its_number() -> None:
    kept = EventRows()
    kept.add(7, 70, columns([2**64 - 1, 5]))
    number = 7 << 16 | 1
    assert (kept.sender(number), kept.operator(number), kept.site(number)) == (2, 3, 4)
    assert (kept.kind(number), kept.flags(number), kept.identity(number), kept.received_at(number)) == (3, 4, 5, 70)
    assert kept.identity(7 << 16) == 2**64 - 1
    assert [kept.knows(n) for n in (number, number + 1, 8 << 16)] == [True, False, False]


def test_keys_are_kept_by_number_with_holes() -> None:
    keys = KeyTable()
    keys.put(5, "农场/叶菜/L1")
    keys.put(2, "b")
    keys.put(2, "other")
    assert (keys[5], keys[2]) == ("农场/叶菜/L1", "b")
    assert [keys.knows(n) for n in (1, 2, 5, 6)] == [False, True, True, False]
    with pytest.raises(KeyError):
        keys[3]
