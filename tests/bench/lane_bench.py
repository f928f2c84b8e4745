"""The capture lane beside what Faust does by itself, on one broker and one PostgreSQL with fsync on, in one run.

Each contender is a process of its own and reads the same number of partitions of topics that were filled before it
began. Rounds alternate, so that a slow moment of the machine hits all; medians are compared. Then the latency from
produced to durable at 1,000 events/s. Prints a table and writes ``.bench/lane.json``. Exits 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import faust
from aiokafka.errors import GroupCoordinatorNotAvailableError
from fieldline_schemas.whole import read_whole, said_of
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.connect import admin
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import create, topic_name
from fieldline_trace.capture import Door, Keys, take
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, connect, open_store
from fieldline_trace.store.ledger_read import listening
from fieldline_trace.store.queries import parse
from yarl import URL

from tests.bench.capture_bench import events
from tests.bench.figures import Figure, figure, shown

ROUNDS = 5
EVENTS = {"plain": 1_200, "take": 20_000, "one": 40_000, "two": 60_000}
"""Events a round and contender: some seconds each."""
TAKE = 2_000
TOPIC = "processing"
SENDER = "operator-1"
HEADERS = [("fieldline-sender", SENDER.encode()), ("fieldline-role", b"producer")]
DOOR = Door(SENDER, "producer", channel="kafka")
RATE, LATENCY_SECONDS = 1_000, 10
TARGETS = {"plain": 25.0, "take": 2.2, "two": 1.3}
LATENCY_MS = 100.0
FIRST = 2_000
"""Events that each contender is not timed on: the first micro-batch, or a tenth where there are fewer."""


def settings_of(bootstrap: str, dsn: str, folder: Path) -> Settings:
    """A deployment with topics and offsets of its own on the shared broker and database."""
    fresh = secrets.token_hex(4)
    return Settings(
        kafka=bootstrap,
        kafka_prefix=f"{fresh}-",
        kafka_group=fresh,
        kafka_trust="headers",
        database_url=dsn,
        data_dir=folder,
        worker_parts="lane",
        kafka_session_seconds=30,
    )


# What Faust does by itself.


async def agent(kind: str, settings: Settings, count: int) -> float:
    """Events a second of a Faust agent that stores ``count`` events: one after the other (``plain``), or by the same
    capture as the lane, two thousand at a time (``take``)."""
    app = faust.App(
        settings.kafka_group,
        broker=URL(f"kafka://{settings.kafka}"),
        datadir=str(settings.data_dir / "faust"),
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        autodiscover=False,
        worker_redirect_stdouts=False,
    )
    topic = app.topic(topic_name(settings, TOPIC), value_type=bytes, value_serializer="raw", key_type=bytes)
    assert settings.database_url is not None
    pool = await connect(settings.database_url)
    sql = parse("capture_naive.sql", Path(__file__).with_name("capture_naive.sql").read_text("utf-8"))
    done, keys = asyncio.Event(), Keys()
    first = min(FIRST, count // 10)
    times: dict[int, float] = {}

    def stored(number: int) -> None:
        times[number] = time.perf_counter()
        if number >= count:
            done.set()

    async def plainly(stream: Any) -> None:
        number = 0
        async for raw in stream:
            await naive(pool, raw, sql)
            number += 1
            stored(number)

    async def taking(stream: Any) -> None:
        number = 0
        async for raws in stream.take(TAKE, within=0.05):
            async with pool.acquire() as conn:
                await take(conn, raws, DOOR, keys=keys)
            number += len(raws)
            stored(number)

    app.agent(topic)(plainly if kind == "plain" else taking)
    await app.start()
    await done.wait()
    begin = min(number for number in times if number >= first)
    rate = (count - begin) / (times[max(times)] - times[begin])
    await app.stop()
    await pool.close()
    return rate


async def naive(pool: Pool, raw: bytes, sql: dict[str, str]) -> None:
    """Validate by pydantic and store one event in a transaction of its own."""
    said = said_of(read_whole(raw))
    async with pool.acquire() as conn, conn.transaction():
        row = (said.id, said.kind, said.operator, said.site, json.loads(raw))
        stored = await conn.fetchval(sql["naive_event"], *row)
        if stored is None:
            return
        for batch, _, role, amount, unit in said.quantities:
            number = await conn.fetchval(sql["naive_batch"], batch)
            await conn.execute(sql["naive_link"], number, stored, role, Decimal(amount), unit)


# The contenders, as processes.


async def produce(settings: Settings, raws: Sequence[bytes]) -> None:
    """Fill the topic."""
    producer = await opened_producer(settings)
    name = topic_name(settings, TOPIC)
    waiting = [
        await producer.send(name, raw, key=str(number % 97).encode(), headers=HEADERS)
        for number, raw in enumerate(raws)
    ]
    await asyncio.gather(*waiting)
    await producer.stop()


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """How a process is told what ``settings`` say."""
    told = {name: str(getattr(settings, name)) for name in settings.model_fields_set} | more
    return os.environ | {f"FIELDLINE_{name.upper()}": value for name, value in told.items()}


async def agent_process(kind: str, settings: Settings, count: int) -> float:
    """Events a second of an agent in a process of its own."""
    command = [sys.executable, __file__, "agent", kind, str(count)]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    return float(said)


@asynccontextmanager
async def workers(settings: Settings, count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """``count`` workers with nothing but the lane."""
    command = [sys.executable, "-m", "fieldline_streams.cli", "worker"]
    running = [
        await asyncio.create_subprocess_exec(
            *command,
            env=environment(settings, worker_id=f"{settings.kafka_group}-{number}"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for number in range(count)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            await process.wait()


async def lanes(settings: Settings, pool: Pool, count: int, raws: Sequence[bytes]) -> float:
    """Events a second of ``count`` workers that share the partitions, by PostgreSQL's own times of receipt.

    They are frozen while the topic is filled, so that they begin together, and nothing else runs beside them.
    """
    before = await pool.fetchval("select position from ledger_head")
    async with workers(settings, count) as running:
        await until_joined(settings, count)
        await produce(settings, raws[:FIRST])
        await until_captured(pool, before, FIRST)
        began = await pool.fetchval("select position from ledger_head")
        for process in running:
            process.send_signal(signal.SIGSTOP)
        await produce(settings, raws[FIRST:])
        for process in running:
            process.send_signal(signal.SIGCONT)
        await until_captured(pool, before, len(raws))
    rows = await pool.fetch("select received_at, count from ledger where position > $1 order by position", began)
    # The first entry says when the rest began.
    return float(sum(row["count"] for row in rows[1:]) / ((rows[-1]["received_at"] - rows[0]["received_at"]) / 1e6))


async def until_joined(settings: Settings, count: int) -> None:
    """Until as many workers share the partitions."""
    client = await admin(settings)
    try:
        while True:
            with contextlib.suppress(GroupCoordinatorNotAvailableError):  # a fresh broker has none yet
                (answer,) = await client.describe_consumer_groups([settings.kafka_group])
                error, _, state, _, _, members = answer.groups[0][:6]
                if error == 0 and state == "Stable" and len(members) == count:
                    return
            await asyncio.sleep(0.05)
    finally:
        await client.close()


async def until_captured(pool: Pool, position: int, count: int) -> None:
    """Until ``count`` events have come after ``position``."""
    async with listening(pool) as heard:
        while await pool.fetchval("select coalesce(sum(count), 0) from ledger where position > $1", position) < count:
            await heard(1.0)


async def latency(settings: Settings, pool: Pool, raws: Sequence[bytes]) -> list[float]:
    """Milliseconds from produced to durable of each event, at ``RATE`` events a second, after a second's worth that
    were captured before."""
    name = topic_name(settings, TOPIC)
    before = await pool.fetchval("select position from ledger_head")
    producer = await opened_producer(settings)
    sent: dict[str, float] = {}
    async with workers(settings, 1):
        await until_joined(settings, 1)
        await produce(settings, raws[:RATE])
        await until_captured(pool, before, RATE)
        began = time.time()
        for number, raw in enumerate(raws[RATE:]):
            if (ahead := began + number / RATE - time.time()) > 0:
                await asyncio.sleep(ahead)
            sent[json.loads(raw)["id"]] = time.time()
            await producer.send(name, raw, key=str(number % 97).encode(), headers=HEADERS)
        await producer.stop()
        await until_captured(pool, before, len(raws))
    rows = await pool.fetch(
        "select e.id, l.received_at from event e join ledger l on l.block = e.number >> 16 where l.position > $1",
        before,
    )
    return sorted(row["received_at"] / 1e3 - sent[row["id"]] * 1e3 for row in rows if row["id"] in sent)


async def measure(folder: Path, dsn: str, bootstrap: str) -> list[Figure]:
    """All figures."""
    pool = await open_store(dsn)
    sql = parse("capture_naive.sql", Path(__file__).with_name("capture_naive.sql").read_text("utf-8"))
    await pool.execute(sql["naive_tables"])
    stream = events(1)
    rates: dict[str, list[float]] = {contender: [] for contender in EVENTS}
    for _ in range(ROUNDS):
        for contender, count in EVENTS.items():
            settings = settings_of(bootstrap, dsn, folder)
            await create(settings)
            raws = [next(stream) for _ in range(count)]
            if contender in ("one", "two"):
                rate = await lanes(settings, pool, 1 if contender == "one" else 2, raws)
            else:
                await produce(settings, raws)
                rate = await agent_process(contender, settings, count)
            rates[contender].append(rate)
    settings = settings_of(bootstrap, dsn, folder)
    await create(settings)
    waits = await latency(settings, pool, [next(stream) for _ in range(RATE * LATENCY_SECONDS)])
    await pool.close()
    return [*_rates(rates), *_waits(waits)]


def _rates(rates: dict[str, list[float]]) -> Iterator[Figure]:
    middle = {contender: median(found) for contender, found in rates.items()}
    names = {
        "plain": "Faust agent, pydantic, a transaction an event",
        "take": f"Faust agent, take({TAKE}), the lane's own capture",
        "one": "lane, one worker",
        "two": "lanes, two workers",
    }
    for contender, name in names.items():
        yield figure(name, round(middle[contender]), "events/s")
    for contender, against in (("plain", "one"), ("take", "one")):
        ratio = round(middle[against] / middle[contender], 2)
        yield figure(f"lane against: {names[contender]}", ratio, "x", TARGETS[contender], ratio >= TARGETS[contender])
    ratio = round(middle["two"] / middle["one"], 2)
    yield figure("two lanes against one", ratio, "x", TARGETS["two"], ratio >= TARGETS["two"])


def _waits(waits: Sequence[float]) -> Iterator[Figure]:
    at = f"produced to durable at {RATE:,} events/s"
    yield figure(f"{at}, p50", round(waits[len(waits) // 2], 1), "ms")
    last = round(waits[len(waits) * 99 // 100], 1)
    yield figure(f"{at}, p99", last, "ms", LATENCY_MS, last <= LATENCY_MS)


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    if sys.argv[1:2] == ["agent"]:
        print(asyncio.run(agent(sys.argv[2], Settings(), int(sys.argv[3]))))
        return 0
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder) as server, Broker(folder / "kafka") as broker:
            figures = asyncio.run(measure(folder, server.dsn(), broker.bootstrap))
    return shown("lane", figures)


if __name__ == "__main__":
    sys.exit(main())
