"""One worker from its start to its end: the Faust application, run until a signal or a part that cannot go on."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import IO

from fieldline_trace.errors import FieldlineError, Unavailable
from fieldline_trace.settings import Settings

from fieldline_streams.kafka.app import WorkerApp, create_app

_log = logging.getLogger(__name__)

_YOUNG = 100_000
"""New objects before the collector looks through them: more than a micro-batch has, none of which is garbage."""

STOP_SECONDS = 30.0
"""How long a worker may take to end after it was told to; then its parts are cut off. Nothing is lost by it."""


@contextmanager
def named(settings: Settings) -> Iterator[Settings]:
    """The settings with a name for this worker, which it holds for as long as this lasts: the one that is set, or the
    host's with the lowest number that no other worker on the data directory has.

    A worker that comes back under its name within ``kafka_session_seconds`` goes on with its partitions at once.
    ``Unavailable`` where another one holds the name that is set.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
    host = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in socket.gethostname())[:50]
    names = (f"{host}-{number}" for number in count(1)) if settings.worker_id is None else iter((settings.worker_id,))
    for name in names:
        with (settings.data_dir / f"worker-{name}.lock").open("ab") as file:
            if _held(file):
                yield settings.model_copy(update={"worker_id": name})
                return
    raise Unavailable(f"another worker on {settings.data_dir} is named {settings.worker_id}: FIELDLINE_WORKER_ID")


def _held(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def work(settings: Settings, told: Callable[[Settings], None] = lambda _: None) -> None:
    """Run a worker until SIGTERM or SIGINT; ``told`` hears under which name, once it has begun.

    ``Unavailable`` where PostgreSQL or Kafka is not reached at the start, or where a part of it has ended: it is to be
    started again then.
    """
    with named(settings) as ours:
        app = create_app(ours)
        stop = app.running.stopping
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            await app.start()
            _keep_what_is_there()
            told(ours)
            await _ended(app)
        finally:
            try:
                await asyncio.wait_for(app.stop(), STOP_SECONDS)
            except TimeoutError:
                _log.warning("not all parts of the worker ended within %g s", STOP_SECONDS)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        if app.crashed:
            raise _why(app) from app.crash_reason


def _keep_what_is_there() -> None:
    """What a worker has when it has begun stays until it ends: the collector need not look through it each time, nor
    in the middle of each micro-batch, which was a tenth of capture."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)


async def _ended(app: WorkerApp) -> None:
    """Until the worker is told to stop, or one of its parts has failed."""
    waits = [asyncio.create_task(app.running.stopping.wait()), asyncio.create_task(app.wait_until_stopped())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _why(app: WorkerApp) -> FieldlineError:
    reason = app.crash_reason
    said = str(reason) if isinstance(reason, FieldlineError) else repr(reason)
    return Unavailable(f"the worker ended, since a part of it failed: {said}")
