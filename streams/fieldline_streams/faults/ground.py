"""The ground of a fault: a broker and a PostgreSQL of their own, topics and a database for each scene, and workers as
processes that can be killed, frozen and thawed."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg
import psutil
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, connect, open_store
from fieldline_trace.store.queries import parse

from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import create, event_topics

if TYPE_CHECKING:
    from fieldline_streams.faults.receivers import Receiver

SQL = parse("faults.sql", files(__package__).joinpath("faults.sql").read_text("utf-8"))
SENDER: Final = "trade"
HEADERS: Final = [("fieldline-sender", SENDER.encode()), ("fieldline-role", b"producer")]
GIVE_UP_SECONDS: Final = 300.0
LOOK_SECONDS: Final = 0.1
NOTICE_SECONDS: Final = 2.0
"""How long a receiver may take to answer a notice."""
SESSION_SECONDS: Final = 6.0
"""How long a worker may be silent before others take its partitions."""


class Ground:
    """A broker and a PostgreSQL in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "data")
        self.broker = Broker(folder / "kafka")

    def start(self) -> None:
        """Start both."""
        self.postgres.start()
        self.broker.start()

    def stop(self) -> None:
        """Stop both."""
        self.broker.stop()
        self.postgres.stop()

    async def scene(self, name: str) -> Scene:
        """Fresh topics, a fresh database and a fresh group for one fault."""
        fresh = f"{name.replace(' ', '_')[:30]}_{secrets.token_hex(3)}"
        dsn = self.postgres.dsn(f"faults_{fresh}")
        await (await open_store(dsn)).close()
        settings = Settings(
            kafka=self.broker.bootstrap,
            kafka_prefix=f"{fresh}-",
            kafka_group=fresh,
            kafka_trust="headers",
            kafka_session_seconds=SESSION_SECONDS,
            notice_loopback=True,
            notice_seconds=NOTICE_SECONDS,
            database_url=dsn,
            data_dir=self.folder / "scenes" / fresh,
        )
        await create(settings)
        return Scene(self, settings)


class Scene:
    """One fault's topics, database and workers."""

    def __init__(self, ground: Ground, settings: Settings) -> None:
        self.ground = ground
        self.settings = settings
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._parts: dict[str, str] = {}
        self.produced = 0
        """Messages that the broker has acknowledged."""
        self.most_memory = 0
        """Most bytes that any one worker held."""
        self.revived = 0
        """Workers that ended by themselves and were started again, as whatever looks after them would."""
        self.receivers: list[Receiver] = []
        """Who is told of what the judge writes."""
        self._deaf = False

    def work(self, name: str, parts: str = "lane,judge,clock", *, deaf: bool = False) -> None:
        """Start the worker ``name``. ``deaf``: nobody hears what it publishes of the ledger."""
        self._parts[name], self._deaf = parts, deaf
        told = self.settings.model_dump(include=self.settings.model_fields_set)
        told |= {"worker_id": name, "worker_parts": parts}
        environment = {f"FIELDLINE_{key.upper()}": str(value) for key, value in told.items()}
        module = "fieldline_streams.faults.deaf" if deaf else "fieldline_streams.cli"
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self.settings.data_dir / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, "worker"],
                env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a worker a signal."""
        self.workers[name].send_signal(number)

    async def kill(self, name: str) -> None:
        """End a worker at once."""
        self.signal(name, signal.SIGKILL)
        await asyncio.to_thread(self.workers.pop(name).wait)

    async def again(self, name: str) -> None:
        """Kill a worker and start it again."""
        await self.kill(name)
        self.work(name, self._parts[name])

    async def end(self) -> None:
        """End all workers in order; what does not end is killed."""
        for process in self.workers.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.workers.values():
            try:
                await asyncio.to_thread(process.wait, 60)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
        self.workers.clear()

    async def produce(self, messages: Sequence[bytes], rate: float) -> None:
        """Hand ``messages`` to the broker, ``rate`` a second, over all topics; all are acknowledged when this returns.

        Each goes to the partition of a key of its own, so that none is in order with the next.
        """
        topics = event_topics(self.settings)
        producer = await opened_producer(self.settings)
        began, step = time.monotonic(), max(1, int(rate / 10))
        try:
            for start in range(0, len(messages), step):
                waiting = []
                for number, message in enumerate(messages[start : start + step], start):
                    topic = topics[number % len(topics)]
                    waiting.append(await producer.send(topic, message, key=str(number).encode(), headers=HEADERS))
                await asyncio.gather(*waiting)
                self.produced += len(waiting)
                await asyncio.sleep(max(0.0, began + (start + step) / rate - time.monotonic()))
        finally:
            await producer.stop()

    async def until_produced(self, count: int) -> None:
        """Until so many are acknowledged."""

        async def reached() -> bool:
            return self.produced >= count

        await until(reached)

    async def until_judged(self, count: int) -> None:
        """Until so many messages are captured and what the ledger then says is judged. ``TimeoutError`` where it takes
        five minutes."""
        written = 0

        async def captured() -> bool:
            return await self._read() >= count

        async def judged() -> bool:
            return (await self._ledger())[1] >= written

        await until(captured)
        written, _ = await self._ledger()
        await until(judged)

    async def watch(self) -> None:
        """Note how much memory the workers hold, and start again who ended by itself, until cancelled."""
        while True:
            for name, process in list(self.workers.items()):
                if process.poll() is not None:
                    self.revived += 1
                    self.work(name, self._parts[name], deaf=self._deaf)
                    continue
                try:
                    held = psutil.Process(process.pid).memory_info().rss
                except psutil.Error:
                    continue
                self.most_memory = max(self.most_memory, held)
            await asyncio.sleep(1)

    async def pool(self) -> Pool:
        """Connections to the scene's database."""
        assert self.settings.database_url is not None
        return await connect(self.settings.database_url, size=2)

    async def _read(self) -> int:
        row = await self._row(SQL["faults_read"], self.settings.kafka_group)
        return 0 if row is None else int(row["read"])

    async def _ledger(self) -> tuple[int, int]:
        row = await self._row(SQL["faults_judged"])
        return (0, -1) if row is None else (row["written"], row["judged"])

    async def _row(self, statement: str, *values: object) -> asyncpg.Record | None:
        """What a statement gives; None while PostgreSQL is away."""
        try:
            conn = await asyncpg.connect(self.settings.database_url)
        except (OSError, asyncpg.PostgresError):
            return None
        try:
            return await conn.fetchrow(statement, *values)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None
        finally:
            await conn.close(timeout=5)


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    """Look until it is so. ``TimeoutError`` after five minutes."""
    async with asyncio.timeout(GIVE_UP_SECONDS):
        while not await reached():  # noqa: ASYNC110 - what is looked at lies in other processes
            await asyncio.sleep(LOOK_SECONDS)


def poison(count: int) -> list[bytes]:
    """So many messages that are no events: each other than the last, some of them long."""
    made: list[bytes] = []
    for number in range(count):
        sorts = (
            f"not json {number}".encode(),
            b"\xff\xfe" + str(number).encode(),
            json.dumps({"id": f"p{number}", "kind": "eaten"}).encode(),
            json.dumps({"id": f"p{number}", "kind": "harvested", "operator": "x", "site": 7, "out_batch": 1}).encode(),
            json.dumps([number]).encode() + b" " * 2000,
            b'{"a":' * 300 + str(number).encode(),
        )
        made.append(sorts[number % len(sorts)])
    return made
