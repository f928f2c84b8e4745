"""Workers and lanes that tests start, feed, kill, and hold to a calm run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from fieldline_schemas.canonical import digest
from fieldline_streams.kafka.intake import Intake
from fieldline_streams.kafka.lane import Lane
from fieldline_streams.kafka.ledger_topic import LedgerTopic
from fieldline_streams.kafka.running import Running, opened_producer
from fieldline_streams.kafka.topics import event_topics
from fieldline_trace.capture import Door, Keys, Verified, take, verify
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, connect, ensure_database, open_store
from fieldline_trace.store.ledger_read import listening

from tests.template import TEMPLATE

SECONDS = 90.0
"""How long a test waits for what has to come; far more than it takes."""
SENDER = Door("hof-1", "producer", channel="kafka")
HEADERS = [("fieldline-sender", b"hof-1"), ("fieldline-role", b"producer")]


def trusting(settings: Settings, **more: Any) -> Settings:
    """The same, where the broker's own access rights say who speaks."""
    return settings.model_copy(update={"kafka_trust": "headers", "kafka_session_seconds": 2.0, **more})


def events(count: int, first: int = 0) -> list[bytes]:
    """Events of one farm, each with an id of its own: every third ships what was made before."""
    made = []
    for number in range(first, first + count):
        event: dict[str, Any] = {"id": f"e{number}", "operator": "hof-1", "site": f"field-{number % 5}"}
        event["at"] = f"2026-03-{1 + number % 28:02}T08:00:00+08:00"
        if number % 3:
            event |= {"kind": "transformed", "in_batches": [f"seedco/rocket/S{number % 11}"]}
            event["out_batches"] = [{"batch": f"hof-1/leaf/L{number}", "quantity": "12.50", "unit": "kg"}]
        else:
            event |= {"kind": "shipped", "to_site": f"shop-{number % 7}", "batches": [f"hof-1/leaf/L{number - 1}"]}
        made.append(json.dumps(event).encode())
    return made


async def produce(settings: Settings, raws: Sequence[bytes]) -> None:
    """Hand ``raws`` to the broker, spread over topics and partitions; all are there when this returns."""
    topics = event_topics(settings)
    producer = await opened_producer(settings)
    try:
        waiting = [
            await producer.send(topics[number % len(topics)], raw, key=str(number % 37).encode(), headers=HEADERS)
            for number, raw in enumerate(raws)
        ]
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def until_captured(pool: Pool, count: int) -> None:
    """Until ``count`` events are in the ledger."""
    async with asyncio.timeout(SECONDS), listening(pool) as heard:
        while await pool.fetchval("select coalesce(sum(count), 0) from ledger") < count:
            await heard(SECONDS)


async def until(pool: Pool, question: str) -> None:
    """Until the database says so."""
    async with asyncio.timeout(SECONDS):
        while not await pool.fetchval(question):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _template(dsn: str) -> str | None:
    """The migrated database that tests copy, where the server has it."""
    beside = await asyncpg.connect(dsn)
    try:
        name: str | None = await beside.fetchval("select datname from pg_database where datname = $1", TEMPLATE)
        return name
    finally:
        await beside.close()


Content = tuple[Counter[tuple[str, bytes]], Counter[tuple[Any, ...]]]


async def content(pool: Pool) -> Content:
    """What is stored, without numbers: events by id and digest, and what they say of which batch."""
    rows = await pool.fetch("select id, body from event")
    said = await pool.fetch(
        "select b.key, e.id, s.key as site, m.role, m.amount::text, m.unit from mention m"
        " join batch b on b.number = m.batch join event e on e.number = m.event left join site s on s.number = m.site"
    )
    return Counter((row["id"], digest(row["body"])) for row in rows), Counter(tuple(row.values()) for row in said)


async def calm(dsn: str, raws: Sequence[bytes]) -> Content:
    """What is stored where nothing happens, in a database of its own beside ``dsn``."""
    database = dsn.partition("?")[0].rpartition("/")[2]
    there = dsn.replace(f"/{database}?", f"/{database}_calm?")
    await ensure_database(there, template=await _template(dsn))
    pool = await open_store(there)
    try:
        async with pool.acquire() as conn:
            await take(conn, raws, SENDER)
        return await content(pool)
    finally:
        await pool.close()
        beside = await connect(dsn, size=1)
        await beside.execute(f"drop database {database}_calm with (force)")
        await beside.close()


async def whole(pool: Pool, settings: Settings, raws: Sequence[bytes]) -> None:
    """Nothing is lost, nothing is there twice, the chain is whole, and offsets stand behind the last message."""
    assert settings.database_url is not None
    assert await content(pool) == await calm(settings.database_url, raws)
    async with pool.acquire() as conn:
        verified = await verify(conn)
    assert isinstance(verified, Verified), verified
    assert verified.events == len(raws)


async def offsets_in(pool: Pool, settings: Settings) -> dict[TopicPartition, int]:
    """Where the group goes on, of partitions that it has read something of."""
    rows = await pool.fetch("select topic, part, next from stream_offset where reader = $1", settings.kafka_group)
    return {TopicPartition(row["topic"], row["part"]): row["next"] for row in rows if row["next"]}


@asynccontextmanager
async def lane(settings: Settings, intake: Callable[[Running], Intake] = Intake) -> AsyncIterator[asyncio.Task[None]]:
    """A lane in this process, running; where it fails, so does what is done meanwhile."""
    running = Running(settings)
    await running.open()
    try:
        async with asyncio.TaskGroup() as both:
            task = both.create_task(Lane(running, intake(running), LedgerTopic(running).publish, Keys()).run())
            try:
                yield task
            finally:
                running.stopping.set()
    finally:
        await running.close()


class WorkerProcess:
    """``fieldline worker`` as a process of its own."""

    def __init__(self, settings: Settings, name: str, parts: str = "lane") -> None:
        told = settings.model_dump(include=settings.model_fields_set | {"kafka_trust", "kafka_session_seconds"})
        told |= {"worker_id": name, "worker_parts": parts}
        self._environment = {f"FIELDLINE_{key.upper()}": str(value) for key, value in told.items()}
        self.log = Path(settings.data_dir).parent / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it works when it says so."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fieldline_streams.cli", "worker"],
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, SECONDS)

    async def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """End it in order; its exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    def end(self) -> None:
        """Leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
