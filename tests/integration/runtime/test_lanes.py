"""The capture lane: many hand in at once, each gets its own receipts, and few commits are made of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fieldline_streams.embedded.lanes import Lanes
from fieldline_trace.capture import Accepted, Door, Refused, Repeated
from fieldline_trace.errors import Unavailable
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool, connect
from fieldline_trace.store.ledger_read import entries_after, head

HOF = Door("hof-1", "producer")
SHOP = Door("shop-2", "producer")


def _event(name: str) -> bytes:
    event = {"id": name, "kind": "harvested", "operator": "hof-1", "site": "field", "out_batch": f"hof-1/leaf/{name}"}
    return json.dumps(event).encode()


@asynccontextmanager
async def _running(pool: Pool, *, window_ms: float = 20, most: int = 2000) -> AsyncIterator[Lanes]:
    lanes = Lanes(pool, Metrics(), window_ms=window_ms, most=most)
    task = asyncio.create_task(lanes.run())
    try:
        yield lanes
    finally:
        await lanes.close()
        await task


async def test_what_comes_within_the_window_is_one_entry(pool: Pool) -> None:
    async with _running(pool) as lanes:
        receipts = await asyncio.gather(*(lanes.hand_in([_event(f"e{number}")], HOF) for number in range(50)))
    assert [receipt.id for (receipt,) in receipts if isinstance(receipt, Accepted)] == [f"e{n}" for n in range(50)]
    assert (await head(pool)).position == 1


async def test_what_many_senders_hand_in_at_once_is_one_entry(pool: Pool) -> None:
    doors = [Door(f"shop-{number}", "producer") for number in range(200)]
    async with _running(pool) as lanes:
        receipts = await asyncio.gather(*(lanes.hand_in([_event("a")], door) for door in doors))
    assert all(isinstance(receipt, Accepted) for (receipt,) in receipts)
    assert (await head(pool)).position == 1
    assert await pool.fetchval("select count(distinct door) from event") == 200


async def test_each_gets_the_receipts_of_its_own_events(pool: Pool) -> None:
    async with _running(pool) as lanes:
        mine, other = await asyncio.gather(
            lanes.hand_in([_event("a"), b"{}", _event("b")], HOF), lanes.hand_in([b"[]", _event("a")], SHOP)
        )
    assert [type(receipt) for receipt in mine] == [Accepted, Refused, Accepted]
    assert [type(receipt) for receipt in other] == [Refused, Accepted]


async def test_a_long_list_is_parted_and_answered_in_its_order(pool: Pool) -> None:
    raws = [_event(f"e{number}") for number in range(25)]
    raws[7] = b"{}"
    async with _running(pool, most=10) as lanes:
        first = await lanes.hand_in(raws, HOF)
        again = await lanes.hand_in(raws, HOF)
    assert [type(receipt) for receipt in first] == [Refused if n == 7 else Accepted for n in range(25)]
    assert [type(receipt) for receipt in again] == [Refused if n == 7 else Repeated for n in range(25)]
    assert sorted(entry.count for entry in await entries_after(pool, 0)) == [5, 9, 10]


async def test_what_was_handed_in_before_closing_gets_its_receipt_and_nothing_is_taken_after(pool: Pool) -> None:
    async with _running(pool, window_ms=10_000) as lanes:
        waiting = asyncio.create_task(lanes.hand_in([_event("last")], HOF))
        await asyncio.sleep(0)
        await lanes.close()
        assert isinstance((await waiting)[0], Accepted)
        with pytest.raises(Unavailable):
            await lanes.hand_in([_event("too late")], HOF)


async def test_a_database_that_stays_away_is_said_to_who_handed_in_and_the_lane_goes_on(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldline_streams.embedded.lanes.RETRY_SECONDS", (0.0,))
    away = await connect(database)
    async with _running(away) as lanes:
        await lanes.hand_in([_event("before")], HOF)
        await away.close()
        with pytest.raises(Unavailable):
            await lanes.hand_in([_event("during")], HOF)
