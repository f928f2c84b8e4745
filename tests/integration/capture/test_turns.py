"""A micro-batch is made ready beside the write of another, and written in its turn."""

from __future__ import annotations

import asyncio
from importlib import import_module

import pytest
from fieldline_trace.capture import Accepted, Handed, Receipt, Repeated, Verified, take_all, verify
from fieldline_trace.capture.take import Turn
from fieldline_trace.store import Pool

from tests.integration.capture.events import FARM, PERSONS, made


async def _take(pool: Pool, raws: list[bytes], turn: Turn | None = None) -> list[Receipt]:
    async with pool.acquire() as conn:
        return await take_all(conn, [Handed(raw, FARM) for raw in raws], persons=PERSONS, turn=turn)


async def test_who_waits_for_a_turn_has_stored_nothing_and_holds_up_nobody(pool: Pool) -> None:
    ready, turn = asyncio.Event(), asyncio.Event()

    async def come() -> bool:
        ready.set()
        return await turn.wait()

    waiting = asyncio.create_task(_take(pool, [made("e1"), made("e2")], come))
    await ready.wait()
    (first,) = await _take(pool, [made("e2")])
    assert await pool.fetchval("select count(*) from event") == 1
    turn.set()
    receipts = await waiting
    assert isinstance(first, Accepted)
    assert receipts == [Accepted(receipts[0].number, 2, "e1"), Repeated(first.number, "e2")]  # type: ignore[union-attr]
    async with pool.acquire() as conn:
        assert isinstance(await verify(conn), Verified)


async def test_what_was_refused_before_our_turn_is_settled_by_what_we_bring(pool: Pool) -> None:
    async def come() -> bool:
        await _take(pool, [b'{"id": "e1", "kind": "no such"}'])
        return True

    await _take(pool, [made("e1")], come)
    assert await pool.fetchval("select status from rejected") == "resent"


async def test_a_turn_that_never_comes_leaves_nothing(pool: Pool) -> None:
    async def gone() -> bool:
        raise LookupError("somebody else's")

    with pytest.raises(LookupError):
        await _take(pool, [made("e1"), b"{}"], gone)
    assert await pool.fetchval("select (select count(*) from event) + (select count(*) from rejected)") == 0


async def test_a_turn_that_comes_late_finds_the_time_told_anew(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    # Waited for longer than may be: the block that was drawn before is not used.
    monkeypatch.setattr(import_module("fieldline_trace.capture.take"), "_STALE_SECONDS", -1.0)
    turns = 0

    async def come() -> bool:
        nonlocal turns
        turns += 1
        if turns == 2:
            monkeypatch.undo()
        return True

    (receipt,) = await _take(pool, [made("e1")], come)
    assert isinstance(receipt, Accepted)
    assert turns == 2
    assert receipt.number >> 16 == await pool.fetchval("select last_value from block") == 2
