"""``make stack``: all that a deployment has, on one machine: broker, PostgreSQL, workers, and the API.

``python -m fieldline_streams.stack`` runs it in the foreground until an interrupt, or ``… stack stop`` from elsewhere.
What a process of it says goes to a file in ``logs``; one that ends is started again. The folder keeps all data, so the
next start goes on where this one ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fieldline_trace.api.http.credentials import make_first
from fieldline_trace.errors import FieldlineError, Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, borrowed, open_store

from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.kafka.broker import Broker, free_ports
from fieldline_streams.kafka.topics import create

WORKERS: Final = 2
REPLICAS: Final = 2
STOP_SECONDS: Final = 60.0
PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before a process that ended is started again, each time it ends within a minute; the last repeats."""
EXIT_IN_USE: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack: its name, the command it runs, and what its environment has beyond ours."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]


class Stack:
    """The stack in ``folder``; ``say`` hears what a person should know."""

    def __init__(self, folder: Path, say: Callable[[str], None] = print) -> None:
        self.directory = DataDirectory(folder)
        self.folder = self.directory.path
        self._say = say
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM. ``Unavailable`` where a part of it does not start, or it runs already."""
        loop = asyncio.get_running_loop()
        with self.directory.held():
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop.set)
            postgres, broker = EmbeddedPostgres(self.folder), Broker(self.folder / "kafka")
            try:
                dsn, bootstrap = await asyncio.gather(
                    asyncio.to_thread(postgres.start), asyncio.to_thread(broker.start)
                )
                settings = Settings(database_url=dsn, kafka=bootstrap, data_dir=self.folder)
                await create(settings)
                key = await _first_key(dsn)
                parts = self._parts(settings)
                self._tell(settings, parts, key)
                async with asyncio.TaskGroup() as kept:
                    for part in parts:
                        kept.create_task(self._keep(part))
            finally:
                await asyncio.gather(asyncio.to_thread(broker.stop), asyncio.to_thread(postgres.stop))
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(number)

    def stop(self) -> bool:
        """End the stack that runs in the folder; False where none does."""
        if not self.directory.in_use():
            return False
        os.kill(int((self.folder / "fieldline.lock").read_text()), signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.directory.in_use():
            if time.monotonic() > deadline:
                raise Unavailable(f"the stack in {self.folder} does not end")
            time.sleep(0.05)
        return True

    def _parts(self, settings: Settings) -> list[Part]:
        shared = {
            "FIELDLINE_KAFKA": settings.kafka or "",
            "FIELDLINE_DATABASE_URL": settings.database_url or "",
            "FIELDLINE_DATA_DIR": str(self.folder),
        }
        fieldline = [sys.executable, "-m", "fieldline_streams.cli"]
        workers = [
            Part(f"worker-{number}", [*fieldline, "worker"], shared | {"FIELDLINE_WORKER_ID": f"stack-{number}"})
            for number in range(1, WORKERS + 1)
        ]
        replicas = [
            Part(f"replica-{number}", [*fieldline, "serve"], shared | {"FIELDLINE_PORT": str(port)})
            for number, port in enumerate(free_ports(REPLICAS), 1)
        ]
        return workers + replicas

    def _tell(self, settings: Settings, parts: Sequence[Part], key: str | None) -> None:
        self._say(f"Kafka       {settings.kafka}")
        self._say(f"PostgreSQL  {settings.database_url}")
        for part in parts:
            port = part.environment.get("FIELDLINE_PORT")
            where = f"http://127.0.0.1:{port}" if port else "captures, judges, notifies, ticks"
            self._say(f"{part.name:11} {where}")
        if key is not None:
            self._say(f"key         {key} (the first administrator's, shown this once)")
        self._say("ask         FIELDLINE_URL=… FIELDLINE_KEY=… fieldline keys whoami, with a replica's address")
        self._say(f"logs        {self.folder / 'logs'}")
        self._say("stop        ctrl-c here, or elsewhere: python -m fieldline_streams.stack stop")

    async def _keep(self, part: Part) -> None:
        """Run a part until the stack ends; start it again where it ends before."""
        log = self.folder / "logs" / f"{part.name}.log"
        log.parent.mkdir(exist_ok=True)
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            with log.open("ab") as file:
                process = await asyncio.create_subprocess_exec(
                    *part.command,
                    env=os.environ | part.environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,  # an interrupt at the terminal is for us to pass on
                )
            await self._until_it_ends(process)
            if process.returncode is not None and not self._stop.is_set():
                self._say(f"{part.name} ended with code {process.returncode}, and is started again: {log}")
                failures = failures + 1 if time.monotonic() - began < PAUSES[-1] else 1
                await self._pause(PAUSES[min(failures, len(PAUSES)) - 1])

    async def _until_it_ends(self, process: Process) -> None:
        ended, stop = asyncio.create_task(process.wait()), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(ended, STOP_SECONDS)
                except TimeoutError:
                    process.kill()
                    await process.wait()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


async def _first_key(dsn: str) -> str | None:
    """The first administrator's key, where there is none yet. Brings the database up to this release."""
    pool = await open_store(dsn)
    try:
        async with borrowed(pool) as conn:
            first = await make_first(conn, now=time.time_ns() // 1000)
        return None if first is None else first.key
    finally:
        await pool.close()


def main(arguments: Sequence[str]) -> int:
    """``run`` (or nothing) or ``stop``; 3 where it cannot be done."""
    stack = Stack(Settings().data_dir / "stack", lambda said: print(said, flush=True))
    try:
        if list(arguments) == ["stop"]:
            print("stopped" if stack.stop() else f"no stack runs in {stack.folder}")
        elif list(arguments) in ([], ["run"]):
            asyncio.run(stack.run())
        else:
            print("usage: python -m fieldline_streams.stack [run|stop]", file=sys.stderr)
            return 2
    except FieldlineError as error:
        print(error, file=sys.stderr)
        return EXIT_IN_USE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
