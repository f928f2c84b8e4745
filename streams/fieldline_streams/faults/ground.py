"""The ground of a fault: a broker and a PostgreSQL of their own, topics and a database for each scene, and workers as
processes that can be killed, frozen and thawed."""

from __future__ import annotations

import asyncio
import json
import os
import re
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
    from fieldline_streams.faults.doors import Doors
    from fieldline_streams.faults.receivers import Receiver

SQL = parse("faults.sql", files(__package__).joinpath("faults.sql").read_text("utf-8"))
SENDER: Final = "trade"
HEADERS: Final = [("fieldline-sender", SENDER.encode()), ("fieldline-role", b"producer")]
GIVE_UP_SECONDS: Final = 300.0
"""How long nothing may move before a scene is given up."""
LOOK_SECONDS: Final = 0.1
NOTICE_SECONDS: Final = 2.0
"""How long a receiver may take to answer a notice."""
SESSION_SECONDS: Final = 6.0
"""How long a worker may be silent before others take its partitions."""


class Ground:
    """A broker and a PostgreSQL in ``folder``, the latter's files in ``database``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "data"
        self.postgres = EmbeddedPostgres(self.database)
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
        fresh = f"{re.sub('[^A-Za-z0-9]+', '_', name)[:30]}_{secrets.token_hex(3)}"
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

    async def forget(self, scene: Scene) -> None:
        """Make room: the scene's database is not looked at again."""
        name = (scene.settings.database_url or "").partition("?")[0].rpartition("/")[2]
        conn = await asyncpg.connect(self.postgres.dsn("postgres"))
        try:
            await conn.execute(f'drop database if exists "{name}" with (force)')
        finally:
            await conn.close()


class Scene:
    """One fault's topics, database and workers."""

    def __init__(self, ground: Ground, settings: Settings) -> None:
        self.ground = ground
        self.settings = settings
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        """How each worker is started: the command, and what its environment has beyond ours."""
        self.coming = 0
        """Messages that are there in the end."""
        self.produced = 0
        """Messages that the broker has acknowledged."""
        self.most_memory = 0
        """Most bytes that any one worker held."""
        self.revived = 0
        """Workers that ended by themselves and were started again, as whatever looks after them would."""
        self.receivers: list[Receiver] = []
        """Who is told of what the judge writes."""
        self.doors: Doors | None = None
        """Replicas, where events come in by HTTP."""

    def work(self, name: str, parts: str = "lane,judge,clock", *, deaf: bool = False) -> None:
        """Start the worker ``name``. ``deaf``: nobody hears what it publishes of the ledger."""
        module = "fieldline_streams.faults.deaf" if deaf else "fieldline_streams.cli"
        self.run(name, [module, "worker"], worker_id=name, worker_parts=parts)

    def run(self, name: str, command: list[str], **told: object) -> None:
        """Start a module of ours with the scene's settings and ``told``."""
        settings = self.settings.model_dump(include=self.settings.model_fields_set) | told
        self._commands[name] = (command, {f"FIELDLINE_{key.upper()}": str(value) for key, value in settings.items()})
        self.start(name)

    def start(self, name: str) -> None:
        """Start once more what was started under ``name``."""
        command, environment = self._commands[name]
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self.settings.data_dir / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", *command],
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
        self.start(name)

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

    async def produce(self, messages: Sequence[bytes], rate: float, *, ago: float = 0.0) -> None:
        """Hand ``messages`` in, ``rate`` a second at most; all are acknowledged when this returns. ``ago``: seconds
        before now that the broker is told they were made.

        To the broker, over all topics, unless there are doors. Each goes to the partition of a key of its own, so that
        none is in order with the next.
        """
        if self.doors is not None:
            await self.doors.hand_in(messages, rate)
            return
        topics = event_topics(self.settings)
        producer = await opened_producer(self.settings)
        began, step = time.monotonic(), max(1, int(rate / 10))
        try:
            for start in range(0, len(messages), step):
                waiting = []
                for number, message in enumerate(messages[start : start + step], start):
                    topic = topics[number % len(topics)]
                    made = int(1000 * (time.time() - ago))
                    key = str(number).encode()
                    waiting.append(await producer.send(topic, message, key=key, headers=HEADERS, timestamp_ms=made))
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

    async def until_captured(self, count: int) -> None:
        """Until so many messages are captured."""

        async def captured() -> int:
            return max(0, count - await self.captured())

        await until_none(captured)

    async def until_judged(self, count: int) -> None:
        """Until so many messages are captured and what the ledger then says is judged. ``TimeoutError`` where nothing
        moves for five minutes."""
        await self.until_captured(count)
        written, _ = await self.ledger()

        async def unjudged() -> int:
            return max(0, written - (await self.ledger())[1])

        await until_none(unjudged)

    async def watch(self) -> None:
        """Note how much memory the workers hold, and start again who ended by itself, until cancelled."""
        while True:
            for name, process in list(self.workers.items()):
                if process.poll() is not None:
                    self.revived += 1
                    self.start(name)
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

    async def captured(self) -> int:
        """Messages that are captured; where they come by HTTP, events that are. 0 while PostgreSQL is away."""
        if self.doors is None:
            row = await self._row(SQL["faults_read"], self.settings.kafka_group)
        else:
            row = await self._row(SQL["faults_stored"], SENDER)
        return 0 if row is None else int(row[0])

    async def judged(self) -> int:
        """How far the judge is; -1 while PostgreSQL is away."""
        return (await self.ledger())[1]

    async def idle(self) -> bool:
        """Whether nothing comes any more, and all that came is captured and judged."""
        written, judged = await self.ledger()
        return self.produced >= self.coming and judged >= written and await self.captured() >= self.coming

    async def ledger(self) -> tuple[int, int]:
        """The last position of the ledger, and how far the judge is; ``(0, -1)`` while PostgreSQL is away."""
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


async def until_none(left: Callable[[], Awaitable[int]]) -> None:
    """Look until nothing is left. ``TimeoutError`` where it has not become less for five minutes."""
    least, patience = await left(), time.monotonic() + GIVE_UP_SECONDS
    while least > 0:
        await asyncio.sleep(LOOK_SECONDS)
        if (now := await left()) < least:
            least, patience = now, time.monotonic() + GIVE_UP_SECONDS
        elif time.monotonic() > patience:
            raise TimeoutError(f"{now} are left, and nothing moves")


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
