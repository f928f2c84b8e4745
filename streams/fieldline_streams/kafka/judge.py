"""The judge among workers: an agent on the topic `ledger`, whose one partition says whose turn it is.

What the topic carries only wakes: entries are read from PostgreSQL, at the start, at each message, and each second that
is quiet. So the agent itself can lose nothing, and nothing that the judge does can reach it. Two judges at once, as
after a process was frozen, do no harm: what a judge writes is bound to the position that it moves, so one of them is
refused; it then lets go of all it has, and loads again when it is its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import faust
from aiokafka import TopicPartition
from fieldline_schemas.topics import LEDGER
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow.judge import Judge
from mode import Service

from fieldline_streams.answering import FOLLOWER_PAUSES
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import topic_name

_log = logging.getLogger(__name__)

QUIET_SECONDS = 1.0
"""How long the ledger is not looked at where nobody wakes us."""
STANDBY_SECONDS = 1.0
"""How long a judge that was overtaken stands back before it looks whether it is still its turn."""


class Bench:
    """Where the judge of a worker sits: it judges while it is its turn, until the worker ends."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._woken = asyncio.Event()
        self._turn = False
        self.judge: Judge | None = None
        """The judge at work; None on standby."""

    def wake(self) -> None:
        """There is something in the ledger."""
        self._woken.set()

    def turn(self, ours: bool) -> None:
        """Whether it is this worker's turn."""
        if ours != self._turn:
            _log.info("this worker judges" if ours else "another worker judges")
        self._turn = ours
        self._woken.set()

    async def run(self) -> None:
        """Judge while it is our turn; whatever goes wrong is tried again."""
        failures = 0
        while not self._running.stopping.is_set():
            if not self._turn:
                await self._rest(QUIET_SECONDS)
                continue
            try:
                await self._judge()
                failures = 0
            except Conflict as overtaken:
                _log.warning("standing back: %s", overtaken)
                await self._rest_all(STANDBY_SECONDS)
            except Unavailable as away:
                failures += 1
                _log.warning("the judge is loaded later: %s", away)
                await self._rest_all(FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1])
            except Exception:
                failures += 1
                _log.exception("the judge failed")
                await self._rest_all(FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1])
            finally:
                self.judge = None

    async def _judge(self) -> None:
        """Load, and judge until it is not our turn."""
        judge = Judge(self._running.pool, self._running.metrics)
        await judge.load()
        self.judge = judge
        failures = 0
        while self._turn and not self._running.stopping.is_set():
            self._woken.clear()
            try:
                if not await judge.step():
                    await self._rest(QUIET_SECONDS)
                failures = 0
            except Unavailable as away:
                # What was applied is kept, and written when PostgreSQL is there again.
                failures += 1
                _log.warning("judging waits: %s", away)
                await self._rest_all(FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1])

    async def _rest(self, seconds: float) -> None:
        """Until somebody wakes us."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()

    async def _rest_all(self, seconds: float) -> None:
        """Until the worker ends."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._running.stopping.wait(), seconds)


def add_judge(app: faust.App, running: Running) -> Bench:
    """Let the worker of ``app`` judge when it is its turn."""
    bench = Bench(running)
    name = topic_name(running.settings, LEDGER)
    seat = TopicPartition(name, 0)
    topic = app.topic(name, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")

    @app.agent(topic, name="judge")
    async def judge(said: Any) -> None:
        async for _ in said:
            bench.wake()

    def assigned(_: Any, /, *said: Any, signal: Any, **__: Any) -> None:
        bench.turn(seat in said[0])

    def revoked(_: Any, /, *said: Any, signal: Any, **__: Any) -> None:
        if seat in said[0]:
            bench.turn(False)

    app.on_partitions_assigned.connect(assigned)
    app.on_partitions_revoked.connect(revoked)

    @app.service
    class JudgeBench(Service):
        """Runs the judge."""

        @Service.task
        async def run(self) -> None:
            await bench.run()

        async def on_stop(self) -> None:
            bench.wake()

    return bench
