"""Several lanes at once, and PostgreSQL away or killed in the middle: nothing is lost, nothing is twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas.canonical import digest
from fieldline_schemas.record import SKEWED
from fieldline_trace.capture import (
    Accepted,
    Door,
    Handed,
    Keys,
    Receipt,
    Refused,
    Repeated,
    Variant,
    Verified,
    take,
    verify,
)
from fieldline_trace.capture.memory import MemoryLedger
from fieldline_trace.capture.slices import read_in_slices
from fieldline_trace.errors import Unavailable
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed, open_store

from tests.integration.capture.events import FARM, PostgresLedger, made, many, numbers, records, shipped


async def _verified(pool: Pool) -> Verified:
    async with pool.acquire() as conn:
        found = await verify(conn)
    assert isinstance(found, Verified), found
    return found


async def _contents(pool: Pool) -> Counter[tuple[str, bytes]]:
    return Counter((event.id, digest(event.body)) for event in await PostgresLedger(pool).events())


@pytest.mark.parametrize("seed", range(5))
async def test_lanes_that_get_the_same_events_store_each_once(pool: Pool, seed: int) -> None:
    raws = many(600, seed, ids=200)
    shared = Keys()

    async def lane(order: random.Random, keys: Keys) -> None:
        batches = [raws[start : start + 50] for start in range(0, len(raws), 50)]
        order.shuffle(batches)
        for batch in batches:
            async with pool.acquire() as conn:
                receipts = await take(conn, batch, FARM, keys=keys)
            assert not any(isinstance(receipt, Refused) for receipt in receipts)

    await asyncio.gather(
        lane(random.Random(seed), shared),
        lane(random.Random(seed + 100), shared),
        lane(random.Random(seed + 200), Keys()),
    )
    counted = await _contents(pool)
    assert set(counted) == {(json.loads(raw)["id"], digest(raw)) for raw in raws}
    assert set(counted.values()) == {1}
    found = await _verified(pool)
    assert found.events == counted.total()
    positions = [entry.position for entry in await PostgresLedger(pool).entries()]
    assert positions == list(range(1, found.position + 1))


async def test_one_event_from_two_lanes_at_once_is_accepted_once(pool: Pool) -> None:
    async def lane(raw: bytes) -> list[Receipt]:
        async with pool.acquire() as conn:
            return await take(conn, [raw], FARM)

    for number in range(25):
        receipts = [one for (one,) in await asyncio.gather(*[lane(made(f"e{number}")) for _ in range(4)])]
        (accepted,) = [receipt for receipt in receipts if isinstance(receipt, Accepted)]
        assert [receipt for receipt in receipts if receipt != accepted] == [Repeated(accepted.number, f"e{number}")] * 3


async def test_two_contents_of_one_id_from_two_lanes_are_first_and_variant(pool: Pool) -> None:
    async def lane(raw: bytes) -> list[Receipt]:
        async with pool.acquire() as conn:
            return await take(conn, [raw], FARM)

    for number in range(25):
        contents = [made(f"e{number}", out=f"hof-1/leaf/L{lot}") for lot in (1, 2, 2)]
        receipts = [one for (one,) in await asyncio.gather(*map(lane, contents))]
        (first,) = [receipt for receipt in receipts if isinstance(receipt, Accepted)]
        (variant,) = [receipt for receipt in receipts if isinstance(receipt, Variant)]
        assert variant.first == first.number
        assert variant.position > first.position
    last = (await records(PostgresLedger(pool)))[-1]
    assert [place for place, _ in last.variant_of] == [0]


async def test_lanes_that_name_the_same_new_batches_agree_on_their_numbers(pool: Pool) -> None:
    async def lane(sender: str) -> None:
        for number in range(10):
            events = [made(f"e{number}-{lot}", out=f"hof-1/leaf/{number}-{lot}") for lot in range(30)]
            async with pool.acquire() as conn:
                await take(conn, events, Door(sender, "producer"))

    await asyncio.gather(lane("one"), lane("two"), lane("three"))
    ledger = PostgresLedger(pool)
    keys = await ledger.names("batch")
    assert len(keys) == len(set(keys.values())) == 301
    for record in await records(ledger):
        columns = record.columns()
        assert {keys[number] for number in columns.in_batch.tolist()} == {"seedco/rocket/S9"}
        assert all(keys[number].startswith("hof-1/leaf/") for number in columns.out_batch.tolist())


async def test_an_event_that_postgres_cannot_hold_holds_up_no_other(pool: Pool) -> None:
    await pool.execute("alter table mention alter column unit type varchar(2)")
    raws = [shipped(f"e{number}", "hof-1/leaf/L1", "market-5") for number in range(9)]
    raws[4] = made("too long")  # its unit, KGM, has three letters
    ledger = PostgresLedger(pool)
    receipts = await ledger.take(raws)
    refused = receipts[4]
    assert isinstance(refused, Refused)
    assert "cannot be stored" in refused.fault.rule
    assert (await ledger.rejected())[refused.rejected_id].raw == raws[4]
    assert [isinstance(receipt, Accepted) for receipt in receipts] == [place != 4 for place in range(9)]
    assert len(await numbers(ledger)) == 8
    await _verified(pool)


async def test_a_connection_that_is_in_a_transaction_is_refused(pool: Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        with pytest.raises(ValueError, match="in a transaction"):
            await take(conn, [made("e1")], FARM)


async def test_a_micro_batch_has_an_end(pool: Pool) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(ValueError, match="at most 65535"):
            await take(conn, [b""] * 65_536, FARM)


async def test_the_months_of_receipt_have_partitions_of_their_own(pool: Pool) -> None:
    """The clock of the database is put before, at and after the end of a month, by a function that comes first."""
    await pool.execute(
        """
        create table clock (at timestamptz);
        insert into clock values ('2031-01-31 23:59:59.9Z');
        create function public.clock_timestamp() returns timestamptz language sql volatile as 'select at from clock';
        alter function append_entry(bigint, integer, bytea) set search_path = public, pg_catalog, pg_temp;
        """
    )
    keys = Keys()
    readings = [
        "2031-01-31 23:59:59.9+00",
        "2031-01-31 23:59:59.999999+00",
        "2031-02-01 00:00:00+00",
        "2031-12-31 23:00-05",
    ]
    for number, at in enumerate(readings):
        async with pool.acquire() as conn:
            await conn.execute("set search_path = public, pg_catalog")
            await conn.execute("update clock set at = $1::text::timestamptz", at)
            await take(conn, [made(f"e{number}")], FARM, keys=keys)
            # A clock that is set back must not make receipt go backwards.
            await conn.execute("update clock set at = at - interval '1 hour'")
            await take(conn, [made(f"e{number} late")], FARM, keys=keys)
            await conn.execute("reset search_path")
    counted = await pool.fetch("select tableoid::regclass::text, count(*) from event group by 1 order by 1")
    assert [tuple(row.values()) for row in counted] == [
        ("event_2031_01", 3),  # the fourth was received a microsecond after the last of January
        ("event_2031_02", 3),
        ("event_2032_01", 2),
    ]
    await _verified(pool)
    assert len(await PostgresLedger(pool).events()) == 8


async def test_what_lies_ahead_is_told_by_the_time_of_receipt_when_the_clock_is_set_back(pool: Pool) -> None:
    await pool.execute(
        """
        create table clock (at timestamptz);
        insert into clock values ('2031-01-10Z');
        create function public.clock_timestamp() returns timestamptz language sql volatile as 'select at from clock';
        alter function append_entry(bigint, integer, bytea) set search_path = public, pg_catalog, pg_temp;
        """
    )
    async with pool.acquire() as conn:
        await conn.execute("set search_path = public, pg_catalog")
        await take(conn, [made("e1", at="2031-01-10T12:00:00Z")], FARM)
        await conn.execute("update clock set at = '2031-01-03Z'")
        await take(conn, [made("e2", at="2031-01-10T12:00:00Z"), made("e3", at="2031-01-12T12:00:00Z")], FARM)
        await conn.execute("reset search_path")
        assert isinstance(await verify(conn), Verified)
    flags = [record.columns().flags.tolist() for record in await records(PostgresLedger(pool))]
    assert flags == [[0], [0, SKEWED]]


class Unreadable(bytes):
    """Bytes at which the reader fails as if it had a flaw."""

    def count(self, *_: object) -> int:
        raise IndexError


async def test_a_flaw_of_the_reader_holds_up_no_other_event(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    flawed = Unreadable(made("secret"))
    async with pool.acquire() as conn:
        first, second, third = await take(conn, [made("e1"), flawed, made("e3")], FARM)
    assert isinstance(first, Accepted)
    assert isinstance(third, Accepted)
    assert isinstance(second, Refused)
    assert "IndexError" in second.fault.rule
    assert await pool.fetchval("select raw from rejected") == flawed
    assert sha256(flawed).hexdigest() in caplog.text
    assert "secret" not in caplog.text


async def test_long_events_are_read_a_few_at_a_time(pool: Pool) -> None:
    """Whoever shares the thread with capture waits for one long event at most, not for all of a request."""
    note: dict[str, Any] = {"x-note": ["y"] * 20_000}
    long = [made(f"e{number}", **note) for number in range(40)]
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with pool.acquire() as conn:
        await take(conn, long[:1], FARM)
        neighbour = asyncio.create_task(others())
        reads, _ = await read_in_slices([Handed(raw, FARM) for raw in long], 1_000_000, None)
        neighbour.cancel()
    assert [read.index for read in reads] == list(range(40))
    assert turns >= 15


def test_thousands_of_contents_under_one_id_are_told_apart_one_by_one() -> None:
    """A look at each for each would take minutes for one request."""
    raws = [made("e1", **{"x-n": str(number % 32_000)}) for number in range(40_000)]
    before = time.process_time()
    receipts = MemoryLedger().take(raws, FARM)
    assert Counter(map(type, receipts)) == {Accepted: 1, Variant: 31_999, Repeated: 8_000}
    assert time.process_time() - before < 20


async def test_a_standby_is_an_outage_and_the_same_call_succeeds_at_the_one_that_writes(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("set default_transaction_read_only = on")
        with pytest.raises(Unavailable):
            await take(conn, [made("e1")], FARM)
    async with pool.acquire() as conn:
        assert isinstance((await take(conn, [made("e1")], FARM))[0], Accepted)


async def test_lanes_that_meet_a_new_month_at_once_make_one_partition(pool: Pool) -> None:
    async def lane(sender: str) -> None:
        async with pool.acquire() as conn:
            await take(conn, [made("e1")], Door(sender, "producer"))

    await asyncio.gather(*[lane(f"sender {number}") for number in range(6)])
    assert (await _verified(pool)).events == 6


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="fieldline-kill-") as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        yield server
        server.stop()


async def test_a_database_killed_in_the_middle_loses_nothing_acknowledged_and_doubles_nothing(
    own_server: EmbeddedPostgres,
) -> None:
    pool = await open_store(own_server.dsn())
    order = random.Random(11)
    raws = [made(f"e{number}", out=f"hof-1/leaf/L{number // 3}") for number in range(6000)]
    batches = [raws[start : start + 60] for start in range(0, len(raws), 60)]
    acknowledged: dict[str, int] = {}
    outages = 0
    keys = Keys()

    async def lane(mine: list[list[bytes]]) -> None:
        nonlocal outages
        for batch in mine:
            receipts: list[Receipt] = []
            while not receipts:
                try:
                    async with borrowed(pool) as conn:
                        receipts = await take(conn, batch, FARM, keys=keys)
                except Unavailable:
                    outages += 1
                    await running.wait()
            for receipt in receipts:
                assert isinstance(receipt, Accepted | Repeated)
                acknowledged[receipt.id] = receipt.number
            progress.set()

    async def killer() -> None:
        for _ in range(4):
            enough = min(len(acknowledged) + order.randrange(300, 900), len(raws) - 300)
            while len(acknowledged) < enough:
                progress.clear()
                await progress.wait()
            running.clear()
            assert own_server.pid is not None
            os.kill(own_server.pid, signal.SIGKILL)
            await asyncio.to_thread(own_server.start)
            running.set()

    running, progress = asyncio.Event(), asyncio.Event()
    running.set()
    await asyncio.gather(lane(batches[0::2]), lane(batches[1::2]), killer())
    assert outages >= 4
    assert len(acknowledged) == len(raws)
    stored = await PostgresLedger(pool).events()
    assert {event.id: event.number for event in stored} == acknowledged
    assert len(stored) == len(raws)
    assert (await _verified(pool)).events == len(raws)
    names = await PostgresLedger(pool).names("batch")
    for record in await records(PostgresLedger(pool)):
        said = sorted((event.number, event.body) for event in stored if event.number >> 16 == record.block)
        outs = [names[number] for number in record.columns().out_batch.tolist()]
        assert outs == [json.loads(body)["out_batches"][0]["batch"] for _, body in said]
    await pool.close()


async def test_a_database_that_is_away_is_unavailable(own_server: EmbeddedPostgres) -> None:
    pool = await open_store(own_server.dsn())
    async with pool.acquire() as conn:
        await take(conn, [made("e1")], FARM)
        await asyncio.to_thread(own_server.stop)
        with pytest.raises(Unavailable, match="PostgreSQL is not available"):
            await take(conn, [made("e2")], FARM)
    pool.terminate()
