"""One micro-batch of many senders and doors: each event keeps its own, and any mix and split ends in the same."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from fieldline_schemas.canonical import digest
from fieldline_schemas.faults import Fault
from fieldline_schemas.record import AUTHORITY, HISTORICAL, Record
from fieldline_trace.capture import (
    Accepted,
    Door,
    Handed,
    Keys,
    MemoryLedger,
    Receipt,
    Refused,
    Repeated,
    Variant,
    Verified,
    take,
    take_all,
    verify,
)
from fieldline_trace.errors import Fenced
from fieldline_trace.store import Connection, Pool
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.capture.events import FARM, PERSONS, PostgresLedger, made, many, shipped

PLANT = Door("plant-7", "producer", channel="kafka")
OFFICE = Door("office", "regulator", "other", "file")
WAYS = (Handed(b"", FARM), Handed(b"", PLANT), Handed(b"", OFFICE), Handed(b"", FARM, history=True))


async def _take(pool: Pool, handed: Sequence[Handed], keys: Keys | None = None) -> list[Receipt]:
    async with pool.acquire() as conn:
        return await take_all(conn, handed, keys=keys, persons=PERSONS)


async def _whole(pool: Pool) -> Verified:
    async with pool.acquire() as conn:
        found = await verify(conn)
    assert isinstance(found, Verified), found
    return found


async def test_one_entry_holds_what_many_senders_said_each_with_its_door(pool: Pool) -> None:
    handed = [way._replace(raw=made(f"e{place}")) for place, way in enumerate(WAYS)]
    receipts = await _take(pool, handed)
    assert [receipt.position for receipt in receipts if isinstance(receipt, Accepted)] == [1, 1, 1, 1]
    events = sorted(await PostgresLedger(pool).events(), key=lambda event: event.number)
    assert [(event.sender, event.role, event.tenant, event.channel) for event in events] == [
        ("hof-1", "producer", "default", "http"),
        ("plant-7", "producer", "default", "kafka"),
        ("office", "regulator", "other", "file"),
        ("hof-1", "producer", "default", "http"),
    ]
    (entry,) = await PostgresLedger(pool).entries()
    columns = Record.unpack(entry.record).columns()
    assert columns.flags.tolist() == [0, 0, AUTHORITY, HISTORICAL]
    parties = await PostgresLedger(pool).names("party")
    assert [parties[number] for number in columns.senders.tolist()] == ["hof-1", "plant-7", "office", "hof-1"]
    assert (await _whole(pool)).events == 4


async def test_one_id_from_two_senders_is_two_events_and_from_one_by_two_doors_is_one(pool: Pool) -> None:
    first, other, again = await _take(
        pool, [Handed(made("e1"), FARM), Handed(made("e1"), PLANT), Handed(made("e1"), FARM, history=True)]
    )
    assert isinstance(first, Accepted)
    assert isinstance(other, Accepted)
    assert again == Repeated(first.number, "e1")
    varied = await _take(pool, [Handed(made("e1", zone="Asia/Shanghai"), door) for door in (PLANT, FARM)])
    assert [(type(one), getattr(one, "first", None)) for one in varied] == [
        (Variant, other.number),
        (Variant, first.number),
    ]
    await _whole(pool)


async def test_what_is_refused_is_kept_under_who_handed_it_in_for_why_it_was(pool: Pool) -> None:
    flaw = Fault.by("reader_failed", why="unsigned")
    handed = [
        Handed(b"{}", FARM),
        Handed(b"{}", PLANT),
        Handed(made("e1"), OFFICE, fault=flaw),
        Handed(b"{}", FARM),
        Handed(made("e2"), PLANT),
    ]
    receipts = await _take(pool, handed)
    assert [type(receipt) for receipt in receipts] == [Refused, Refused, Refused, Refused, Accepted]
    numbers = [receipt.rejected_id for receipt in receipts if isinstance(receipt, Refused)]
    assert numbers[0] == numbers[3]
    assert isinstance(receipts[2], Refused)
    assert receipts[2].fault is flaw
    kept = await PostgresLedger(pool).rejected()
    assert sorted((one.sender, one.times) for one in kept.values()) == [("hof-1", 2), ("office", 1), ("plant-7", 1)]


async def test_a_readable_event_closes_what_its_own_sender_had_refused_and_nobody_elses(pool: Pool) -> None:
    broken = b'{"id": "e1", "kind": "no such"}'
    await _take(pool, [Handed(broken, FARM), Handed(broken, PLANT)])
    await _take(pool, [Handed(made("e2"), PLANT), Handed(made("e1"), FARM)])
    rows = await pool.fetch(
        "select p.key, r.status, r.settled_by from rejected r join party p on p.number = r.sender order by p.key"
    )
    assert [tuple(row) for row in rows] == [("hof-1", "resent", "hof-1"), ("plant-7", "open", None)]


async def test_what_belongs_to_the_transaction_is_there_with_the_events_or_neither_is(pool: Pool) -> None:
    await pool.execute("create table moved (at int primary key)")

    async def moves(conn: Connection) -> None:
        await conn.execute("insert into moved values ((select count(*) from moved))")

    async def fenced(conn: Connection) -> None:
        await moves(conn)
        raise Fenced("somebody else read on")

    async with pool.acquire() as conn:
        with pytest.raises(Fenced):
            await take_all(conn, [Handed(made("e1"), FARM), Handed(b"{}", PLANT)], within=fenced)
        counts = "select (select count(*) from moved), (select count(*) from event), (select count(*) from rejected)"
        assert tuple(await conn.fetchrow(counts)) == (0, 0, 0)  # type: ignore[arg-type]
        for number, raws in enumerate(([made("e1")], [made("e1")], [b"{}"], [])):
            await take_all(conn, [Handed(raw, FARM) for raw in raws], within=moves)
            assert await conn.fetchval("select count(*) from moved") == number + 1
        assert tuple(await conn.fetchrow(counts)) == (4, 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("failing", ["select 1 / 0", "select 'x'::int", "select jsonb '{'"])
async def test_what_fails_in_the_transaction_is_no_events_fault(pool: Pool, failing: str) -> None:
    async def fails(conn: Connection) -> None:
        await conn.execute(failing)

    async with pool.acquire() as conn:
        with pytest.raises(Exception, match=r"division|invalid input"):
            await take_all(conn, [Handed(made(f"e{number}"), FARM) for number in range(3)], within=fails)
        assert await conn.fetchval("select count(*) from rejected") == 0


async def test_events_that_cannot_be_stored_leave_the_others_in_one_transaction(pool: Pool) -> None:
    await pool.execute("alter table mention alter column unit type varchar(2)")
    await pool.execute("create table moved (at int)")
    handed = [Handed(shipped(f"e{number}", "hof-1/leaf/L1", "market-5"), FARM) for number in range(9)]
    handed[2], handed[7] = Handed(made("two"), PLANT), Handed(made("seven"), FARM)  # their unit has three letters

    async def moves(conn: Connection) -> None:
        await conn.execute("insert into moved values (1)")

    async with pool.acquire() as conn:
        receipts = await take_all(conn, handed, within=moves)
    assert [type(one) is Refused for one in receipts] == [place in (2, 7) for place in range(9)]
    assert {one.position for one in receipts if isinstance(one, Accepted)} == {1}
    assert await pool.fetchval("select count(*) from moved") == 1
    await _whole(pool)


said = st.builds(
    lambda name, lot, way: way._replace(raw=made(f"e{name}", out=f"hof-1/leaf/L{lot}")),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from(WAYS),
)


@given(st.lists(said, min_size=1, max_size=30), st.data())
def test_any_split_and_any_mix_of_doors_ends_in_the_same(handed: list[Handed], data: st.DataObject) -> None:
    whole, parted = MemoryLedger(), MemoryLedger()
    whole.take_all(handed)
    left = data.draw(st.permutations(handed)) + data.draw(st.lists(st.sampled_from(handed), max_size=10))
    while left:
        size = data.draw(st.integers(1, len(left)))
        parted.take_all(left[:size])
        left = left[size:]
    said_once = {(one.door.sender, json.loads(one.raw)["id"], digest(one.raw)): 1 for one in handed}
    assert _contents(whole) == _contents(parted) == said_once


def _contents(ledger: MemoryLedger) -> Counter[tuple[str, str, bytes]]:
    return Counter((event.sender, event.id, digest(event.body)) for event in ledger.events.values())


@pytest.mark.parametrize("seed", range(3))
async def test_postgres_and_the_twin_answer_the_same_for_many_doors(pool: Pool, seed: int) -> None:
    order, twin, keys = random.Random(seed), MemoryLedger(), Keys()
    handed = [order.choice(WAYS)._replace(raw=raw) for raw in many(300, seed, ids=60)]
    handed += [order.choice(WAYS)._replace(raw=b"[]") for _ in range(5)]
    order.shuffle(handed)
    while handed:
        size = order.randrange(1, 60)
        some, handed = handed[:size], handed[size:]
        real, memory = await _take(pool, some, keys), twin.take_all(some)
        assert [type(one) for one in real] == [type(one) for one in memory]
    stored = Counter((event.sender, event.id, digest(event.body)) for event in await PostgresLedger(pool).events())
    assert stored == _contents(twin)
    assert (await _whole(pool)).position == len(twin.entries)


async def test_one_sender_is_the_thin_case(pool: Pool) -> None:
    raws = [made("e1"), b"{}", made("e1"), made("e1", zone="Asia/Shanghai")]
    async with pool.acquire() as conn:
        one = await take(conn, raws, FARM)
        again = await take_all(conn, [Handed(raw, FARM) for raw in raws])
    assert [type(receipt) for receipt in one] == [Accepted, Refused, Repeated, Variant]
    assert [type(receipt) for receipt in again] == [Repeated, Refused, Repeated, Repeated]
    assert json.loads(raws[0])["id"] == "e1"
