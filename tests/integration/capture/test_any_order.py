"""However the same events come, in whatever order, split and repetition: the same is stored, once."""

from __future__ import annotations

import json
import random

from fieldline_schemas.canonical import digest
from fieldline_schemas.record import Record
from fieldline_trace.capture import Accepted, Door, MemoryLedger, Repeated, Variant
from fieldline_trace.store import Pool
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.capture.events import PostgresLedger, TwinLedger, made, many

SENDERS = (Door("hof-1", "producer"), Door("plant-7", "producer"))

said = st.builds(
    lambda name, lot, spelling, door: (made(f"e{name}", out=f"hof-1/leaf/L{lot}", **spelling), door),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from([{}, {"zone": None}, {"at": "2026-03-01T00:00:00Z"}]),
    st.sampled_from(SENDERS),
)


@given(st.lists(said, min_size=1, max_size=30), st.data())
def test_what_is_stored_is_each_content_once(events: list[tuple[bytes, Door]], data: st.DataObject) -> None:
    ledger = MemoryLedger()
    left = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events), max_size=10))
    firsts: dict[tuple[str, str], int] = {}
    numbers: dict[tuple[str, str, bytes], int] = {}
    while left:
        size = data.draw(st.integers(1, len(left)))
        batch, left = left[:size], left[size:]
        for door in SENDERS:
            raws = [raw for raw, through in batch if through == door]
            for raw, receipt in zip(raws, ledger.take(raws, door), strict=True):
                assert isinstance(receipt, Accepted | Variant | Repeated)
                content = (door.sender, receipt.id, digest(raw))
                if isinstance(receipt, Repeated):
                    assert receipt.number == numbers[content]
                    continue
                assert content not in numbers
                numbers[content] = receipt.number
                if isinstance(receipt, Accepted):
                    assert (door.sender, receipt.id) not in firsts
                    firsts[door.sender, receipt.id] = receipt.number
                else:
                    assert receipt.first == firsts[door.sender, receipt.id]
    assert set(numbers) == {(door.sender, json.loads(raw)["id"], digest(raw)) for raw, door in events}
    assert sorted(numbers.values()) == sorted(ledger.events)
    entries = [(entry, Record.unpack(entry.record)) for entry in ledger.entries]
    assert [entry.position for entry, _ in entries] == list(range(1, len(entries) + 1))
    assert sum(record.count for _, record in entries) == len(numbers)
    assert all(entry.count == record.count for entry, record in entries)


async def test_the_twin_answers_as_postgres_does(pool: Pool) -> None:
    raws = [*many(300, 5, ids=60), b"rubbish", b"rubbish", made("e1", version=7), made(None)]
    random.Random(5).shuffle(raws)
    real, twin = PostgresLedger(pool), TwinLedger()
    told: dict[int, int] = {}
    for start in range(0, len(raws), 41):
        batch = raws[start : start + 50]
        for mine, theirs in zip(await twin.take(batch), await real.take(batch), strict=True):
            assert type(mine) is type(theirs)
            if isinstance(mine, Accepted | Variant) and isinstance(theirs, Accepted | Variant):
                told[mine.number] = theirs.number
                assert (mine.id, mine.position) == (theirs.id, theirs.position)
            if isinstance(mine, Repeated) and isinstance(theirs, Repeated):
                assert told[mine.number] == theirs.number
            if isinstance(mine, Variant) and isinstance(theirs, Variant):
                assert told[mine.first] == theirs.first
    assert [entry.count for entry in await twin.entries()] == [entry.count for entry in await real.entries()]
