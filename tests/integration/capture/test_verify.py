"""Verifying names the first thing that is not as it was received."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from fieldline_schemas.record import Record
from fieldline_trace.capture import Accepted, Broken, Door, Verified, take, verify
from fieldline_trace.capture.chain import GENESIS
from fieldline_trace.store import Pool, ledger_read

from tests.integration.capture.events import FARM, PostgresLedger, made


async def _fill(pool: Pool) -> list[int]:
    """Four entries of three events each; the numbers of the first event of each."""
    ledger = PostgresLedger(pool)
    for entry in range(4):
        door = Door("hof-1" if entry % 2 else "plant-7", "producer")
        await ledger.take([made(f"e{entry}-{place}") for place in range(3)], door)
    return [entry.block << 16 for entry in await ledger.entries()]


async def _verify(pool: Pool) -> Verified | Broken:
    async with pool.acquire() as conn:
        return await verify(conn)


async def test_an_empty_ledger_is_verified(pool: Pool) -> None:
    assert await _verify(pool) == Verified(0, 0, GENESIS)


async def test_what_was_captured_is_verified(pool: Pool) -> None:
    await _fill(pool)
    found = await _verify(pool)
    assert isinstance(found, Verified)
    assert (found.position, found.events) == (4, 12)


FLIP = "set_byte({0}, 3, get_byte({0}, 3) # 1)"

EVENT_TAMPERING = {
    "a byte of its body": ("update event set body = " + FLIP.format("body") + " where number = $1", "not as they were"),
    "its sender": (
        "update event set door = (select max(number) from door where number <> event.door) where number = $1",
        "not as they were",
    ),
    "its id": ("update event set id = id || 'x' where number = $1", "not as they were"),
    "its presence": ("delete from event where number = $1", "is missing"),
    "its door": ("update event set door = 999 where number = $1", "who sent the event is missing"),
    "its identity": (
        "delete from identity where number = $1",
        "not registered",
    ),
    "what is registered": (
        "update identity set digest = " + FLIP.format("digest") + " where number = $1",
        "content is not registered",
    ),
    "its kind": ("update event set kind = 4 where number = $1", "kind, operator, site or grid"),
    "its operator": ("update event set operator = 0 where number = $1", "kind, operator, site or grid"),
    "its site": ("update event set site = 0 where number = $1", "kind, operator, site or grid"),
    "its grid": ("update event set grid = '11' where number = $1", "kind, operator, site or grid"),
    "an amount": ("update mention set amount = amount * 2 where event = $1", "batches and amounts"),
    "a unit": ("update mention set unit = 'GRM' where event = $1 and amount is not null", "batches and amounts"),
    "a mention": ("delete from mention where event = $1 and amount is null", "batches and amounts"),
    "all mentions": ("delete from mention where event = $1", "batches and amounts"),
    "a mention twice": ("insert into mention select * from mention where event = $1", "batches and amounts"),
    "a mention of another batch": ("update mention set batch = batch + 1 where event = $1", "batches and amounts"),
    "its number": ("update event set number = number + 100 where number = $1", "is missing"),
}


@pytest.mark.parametrize("what", EVENT_TAMPERING)
async def test_a_changed_event_is_named_with_its_position(pool: Pool, what: str) -> None:
    firsts = await _fill(pool)
    statement, words = EVENT_TAMPERING[what]
    victim = firsts[2] + 1
    await pool.execute(statement, victim)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (3, victim)
    assert words in found.what


async def test_a_mention_by_an_event_of_no_entry_is_named(pool: Pool) -> None:
    await _fill(pool)
    await pool.execute("insert into mention values (1, $1, 1, 2, 5, 'KGM')", 999_999 << 16)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (5, 999_999 << 16)


async def test_a_lot_number_as_printed_that_is_gone_is_named(pool: Pool) -> None:
    lots = [{"batch": "hof-1/leaf/L1", "label": "L 4711"}]
    await PostgresLedger(pool).take([made("e1"), made("e2", out_batches=lots)])
    await pool.execute("update batch_label set label = 'L 4712'")
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert "lot number as printed" in found.what


@pytest.mark.parametrize(
    "statement",
    [
        "delete from identity_variant",
        "update identity_variant set digest = " + FLIP.format("digest"),
        "update identity_variant set canonical = " + FLIP.format("canonical"),
    ],
)
async def test_a_variant_that_is_no_longer_registered_is_named(pool: Pool, statement: str) -> None:
    await PostgresLedger(pool).take([made("e1"), made("e1", out="hof-1/leaf/L2")])
    [(victim,)] = await pool.fetch("select number from identity_variant")
    await pool.execute(statement)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (1, victim)
    assert "content is not registered" in found.what


async def test_an_entry_of_nothing_is_named(pool: Pool) -> None:
    await _fill(pool)
    await pool.execute("update ledger set count = 0, leaves = '', hash = sha256(prev) where position = 3")
    await pool.execute(
        "update ledger set hash = sha256(prev || int8send(position) || int8send(received_at) || int8send(block))"
        " where position = 3"
    )
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert found.position == 3


async def test_a_record_is_held_against_long_events_too(pool: Pool) -> None:
    """An installation may take longer events than others do."""
    long = made("e1", **{"x-note": "x" * 1_100_000})
    async with pool.acquire() as conn:
        assert isinstance((await take(conn, [long], FARM, event_bytes=2_000_000))[0], Accepted)
    assert isinstance(await _verify(pool), Verified)
    await _tamper(pool, 1, out_batch=np.array([9], "<i8").tobytes())
    assert isinstance(await _verify(pool), Broken)


async def test_two_events_that_changed_places_are_named(pool: Pool) -> None:
    firsts = await _fill(pool)
    one = firsts[1]
    await pool.execute("update event set number = -1 where number = $1", one)
    await pool.execute("update event set number = $1 where number = $2", one, one + 1)
    await pool.execute("update event set number = $1 where number = -1", one + 1)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (2, one)
    assert f"in the place of event {1}" in found.what


async def test_an_added_event_is_named(pool: Pool) -> None:
    firsts = await _fill(pool)
    copied = (
        "insert into event select $1, month, door, kind, operator, site, id, grid, body from event where number = $2"
    )
    await pool.execute(copied, firsts[1] + 3, firsts[1])
    found = await _verify(pool)
    assert found == Broken(2, firsts[1] + 3, "the event was added to the entry")


async def test_an_event_outside_of_all_entries_is_named(pool: Pool) -> None:
    firsts = await _fill(pool)
    stray = 999_999 << 16
    copied = (
        "insert into event select $1, month, door, kind, operator, site, id, grid, body from event where number = $2"
    )
    await pool.execute(copied, stray, firsts[1])
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert found.event == stray


ENTRY_TAMPERING = {
    "its hash": ("update ledger set hash = " + FLIP.format("hash") + " where position = 3", 3, "hash is not that"),
    "a leaf": ("update ledger set leaves = " + FLIP.format("leaves") + " where position = 3", 3, "hash is not that"),
    "its time": ("update ledger set received_at = received_at + 1 where position = 3", 3, "hash is not that"),
    "its time, to before": ("update ledger set received_at = 1 where position = 3", 3, "not later"),
    "what it is chained to": ("update ledger set prev = hash where position = 3", 3, "not chained"),
    "its count": ("update ledger set count = 2 where position = 3", 3, "counts 2 events and has 3 leaves"),
    "its presence": ("delete from ledger where position = 3", 3, "the entry is missing; the next one is 4"),
    "the last one's presence": ("delete from ledger where position = 4", 4, "names position 4, the last entry is 3"),
    "its record": (
        "update record set body = '\\x00' where block = (select block from ledger where position = 3)",
        3,
        "re",
    ),
    "its record's presence": (
        "delete from record where block = (select block from ledger where position = 3)",
        3,
        "missing",
    ),
    "the record, by another's": (
        "update record set body = (select body from record order by block limit 1)"
        " where block = (select block from ledger where position = 3)",
        3,
        "another entry",
    ),
    "the head": ("update ledger_head set hash = " + FLIP.format("hash"), 5, "the head of the ledger"),
    "the head's presence": ("delete from ledger_head", 5, "names nothing"),
    "its place, with the next one": (
        "update ledger set position = case position when 2 then 30 else 20 end where position in (2, 3);"
        "update ledger set position = position / 10 where position in (20, 30)",
        2,
        "not chained",
    ),
}


@pytest.mark.parametrize("what", ENTRY_TAMPERING)
async def test_a_changed_entry_is_named(pool: Pool, what: str) -> None:
    await _fill(pool)
    statement, position, words = ENTRY_TAMPERING[what]
    await pool.execute(statement)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (position, None)
    assert words in found.what


async def _tamper(pool: Pool, position: int, **changes: Any) -> None:
    """Put changed columns into the record of an entry."""
    row = await pool.fetchrow(
        "select l.block, r.body from ledger l join record r using (block) where position = $1", position
    )
    assert row is not None
    changed = msgspec.structs.replace(Record.unpack(row["body"]), **changes)
    await pool.execute("update record set body = $2 where block = $1", row["block"], changed.pack())


RECORD_TAMPERING: dict[str, tuple[dict[str, Any], int | None]] = {
    "another output": ({"out_batch": np.array([1, 9, 1], "<i8").tobytes()}, 1),
    "another site": ({"in_site": np.array([1, 1, 7], "<i4").tobytes()}, 2),
    "another kind of step": ({"step_shape": bytes([3, 0, 0])}, 0),
    "other times": ({"times": np.zeros((3, 4), "<i8").tobytes()}, 0),
    "history": ({"flags": bytes([0, 1, 0])}, 1),
    "authority": ({"flags": bytes([0, 0, 4])}, 2),
    "another sender": ({"senders": np.array([2, 2, 9], "<i4").tobytes()}, 2),
    "a variant that is none": ({"variant_of": [(1, 65536)]}, 1),
    "a detail that was not said": ({"details": [(2, b"", b"{}")]}, 2),
    "a place within the site": ({"locations": np.array([0, 7, 0], "<i4").tobytes()}, 1),
    "another party": ({"others": np.array([0, 0, 9], "<i4").tobytes()}, 2),
    "a shelf life": (
        {
            "expiry_event": np.array([1], "<u2").tobytes(),
            "expiry_batch": np.array([1], "<i8").tobytes(),
            "expiry": np.zeros((1, 2), "<i8").tobytes(),
        },
        1,
    ),
    "a planned arrival": (
        {"planned_event": np.array([2], "<u2").tobytes(), "planned": np.zeros((1, 2), "<i8").tobytes()},
        2,
    ),
    "a process": ({"processes": [(0, "p1")]}, 0),
    "what it made": ({"weighed": [(1, "mass", "1", "2")]}, 1),
    "a step less": (
        {
            "step_event": np.array([0, 1], "<u2").tobytes(),
            "step_shape": bytes(2),
            "times": np.zeros((2, 4), "<i8").tobytes(),
            "in_start": np.array([0, 1, 2], "<u4").tobytes(),
            "out_start": np.array([0, 1, 2], "<u4").tobytes(),
        },
        None,
    ),
}


@pytest.mark.parametrize("what", RECORD_TAMPERING)
async def test_a_record_that_says_something_else_than_its_events_is_named(pool: Pool, what: str) -> None:
    firsts = await _fill(pool)
    changes, place = RECORD_TAMPERING[what]
    await _tamper(pool, 1, **changes)
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (1, None if place is None else firsts[0] + place)
    assert "record" in found.what


async def test_a_record_of_a_release_that_weighed_nothing_is_that_of_its_events(pool: Pool) -> None:
    await _fill(pool)
    await _tamper(pool, 1, weighed=None)
    assert isinstance(await _verify(pool), Verified)


async def test_variants_corrections_history_and_what_lies_ahead_are_verified(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    correction = {"id": "c1", "kind": "corrected", "target": {"id": "e1"}, "action": "withdraw", "reason": "typo"}
    await ledger.take([made("e1"), made("e1", out="hof-1/leaf/L2"), json.dumps(correction).encode(), b"rubbish"])
    await ledger.take([made("e1", out="hof-1/leaf/L3"), made("e1")], Door("hof-1", "emergency"))
    await ledger.take([made("e2", at="2300-01-01"), made("e3", version=99, more="later")], history=True)
    assert await _verify(pool) == Verified(3, 6, (await ledger_read.head(pool)).hash)


async def test_a_changed_sender_of_a_door_is_named(pool: Pool) -> None:
    firsts = await _fill(pool)
    await pool.execute("update party set key = 'somebody else' where key = 'plant-7'")
    found = await _verify(pool)
    assert isinstance(found, Broken)
    assert (found.position, found.event) == (1, firsts[0])


async def test_a_changed_name_of_a_batch_is_named(pool: Pool) -> None:
    await _fill(pool)
    await pool.execute("update batch set key = 'hof-1/leaf/L9' where key = 'hof-1/leaf/L1'")
    assert await _verify(pool) == Broken(1, None, "batch hof-1/leaf/L1 is named, but has no number")


async def test_a_chain_that_was_made_anew_has_another_last_hash(pool: Pool) -> None:
    """Whoever owns the database can chain everything anew; a hash that was kept elsewhere tells."""
    firsts = await _fill(pool)
    before = await _verify(pool)
    assert isinstance(before, Verified)
    await pool.execute("delete from event where number >= $1", firsts[3])
    await pool.execute("delete from identity where number >= $1", firsts[3])
    await pool.execute("delete from mention where event >= $1", firsts[3])
    await pool.execute("delete from ledger where position = 4")
    await pool.execute(
        "update ledger_head h set position = l.position, received_at = l.received_at, hash = l.hash"
        " from ledger l where l.position = 3"
    )
    after = await _verify(pool)
    assert isinstance(after, Verified)
    assert after.hash != before.hash
