"""What can be read of the ledger, its events and its names."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fieldline_trace.capture import Accepted, Door
from fieldline_trace.store import Pool, ledger_read
from fieldline_trace.store.queries import Q

from tests.integration.capture.events import PostgresLedger, made, shipped


async def test_entries_come_in_order_after_a_position(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    for number in range(5):
        await ledger.take([made(f"e{number}")])
    assert [entry.position for entry in await ledger_read.entries_after(pool, 0, 3)] == [1, 2, 3]
    assert [entry.position for entry in await ledger_read.entries_after(pool, 3)] == [4, 5]
    assert (await ledger_read.head(pool)).position == 5
    assert (await ledger_read.head(pool, settled=True)).position == 5


async def test_a_time_names_the_last_position_received_by_then(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    for number in range(3):
        await ledger.take([made(f"e{number}")])
    times = [entry.received_at for entry in await ledger.entries()]
    asked = [times[0] - 1, times[0], times[1] - 1, times[2], times[2] + 10**9]
    assert [await ledger_read.position_at(pool, time) for time in asked] == [0, 1, 1, 3, 3]


async def test_who_waits_is_woken_by_the_next_entry(pool: Pool) -> None:
    waiting = asyncio.create_task(ledger_read.wait(pool, 0, 30.0))
    await PostgresLedger(pool).take([made("e1")])
    assert await waiting
    assert await ledger_read.wait(pool, 0, 30.0)
    assert not await ledger_read.wait(pool, 1, 0.05)


async def test_a_listener_hears_what_came_since_it_last_asked(pool: Pool) -> None:
    async with ledger_read.listening(pool) as heard:
        await PostgresLedger(pool).take([made("e1")])
        assert await heard(30.0)
        assert not await heard(0.01)


async def test_an_event_is_read_with_who_sent_it_and_when(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    (receipt,) = await ledger.take([made("e1", grid_unit="410105")], Door("hof-1", "regulator", "henan", "file"))
    assert isinstance(receipt, Accepted)
    (event,) = await ledger_read.event_rows(pool, [receipt.number, 5])
    (entry,) = await ledger.entries()
    assert (event.number, event.position, event.received_at) == (receipt.number, 1, entry.received_at)
    assert (event.id, event.kind, event.operator, event.site, event.grid) == ("e1", 2, "hof-1", "field-1", "410105")
    assert (event.sender, event.role, event.tenant, event.channel) == ("hof-1", "regulator", "henan", "file")


async def test_names_and_numbers_lead_to_each_other(pool: Pool) -> None:
    await PostgresLedger(pool).take([made("e1")])
    for number_of, keys_of, key in (
        (ledger_read.batch_number, ledger_read.batch_keys, "hof-1/leaf/L1"),
        (ledger_read.site_number, ledger_read.site_keys, "field-1"),
        (ledger_read.party_number, ledger_read.party_keys, "hof-1"),
    ):
        number = await number_of(pool, key)
        assert number is not None
        assert await keys_of(pool, [number, 999]) == {number: key}
        assert await number_of(pool, "unheard of") is None
    listed = await ledger_read.batches_after(pool, 0)
    assert [key for _, key in listed] == ["hof-1/leaf/L1", "seedco/rocket/S9"]
    assert await ledger_read.batches_after(pool, listed[0][0]) == listed[1:]


async def test_what_events_say_of_a_batch_is_found_by_batch(pool: Pool) -> None:
    first, second = await PostgresLedger(pool).take([made("e1"), shipped("e2", "hof-1/leaf/L1", "market-5")])
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    batch = await ledger_read.batch_number(pool, "hof-1/leaf/L1")
    field = await ledger_read.site_number(pool, "field-1")
    naming = await pool.fetch(Q["answer_event_numbers"], [batch], 1)
    assert sorted(row["event"] for row in naming) == [first.number, second.number]
    amounts = await pool.fetch(Q["follow_amounts"], [batch])
    assert [tuple(row) for row in amounts] == [(batch, first.number, field, 2, Decimal("12.5"), "KGM")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hof-1/leaf/LOT-48O88", "hof-1/leaf/LOT-48088"),
        ("48088", "hof-1/leaf/LOT-48088"),
        ("lot-48088", "hof-1/leaf/LOT-48088"),
        ("6832", "plant-7/salad/S1"),
        ("plant-7/salat/S1", "plant-7/salad/S1"),
    ],
)
async def test_an_unknown_batch_suggests_the_one_that_was_meant(pool: Pool, typed: str, meant: str) -> None:
    labelled = {"batch": "plant-7/salad/S1", "label": "6832"}
    others = [made(f"x{number}", out=f"farm-{number}/beet/{number}") for number in range(50)]
    await PostgresLedger(pool).take(
        [made("e1", out="hof-1/leaf/LOT-48088"), made("e2", out_batches=[labelled]), *others]
    )
    assert (await ledger_read.near_batches(pool, typed))[0] == meant


async def test_lot_numbers_as_printed_are_listed_by_batch(pool: Pool) -> None:
    refs = [{"batch": "plant-7/salad/S1", "label": label} for label in ("B", "A")]
    await PostgresLedger(pool).take([made("e1", out_batches=refs)])
    batch = await ledger_read.batch_number(pool, "plant-7/salad/S1")
    assert batch is not None
    assert await ledger_read.labels(pool, [batch, 999]) == {batch: ["A", "B"]}
    assert await ledger_read.batches_labelled(pool, "A") == ["plant-7/salad/S1"]
