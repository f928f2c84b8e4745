"""An API replica: the door over a follower of its own that writes nothing, and over Kafka for what is handed in.

Any number of them run beside each other; each answer names the position that it is for, and who has to read what it
just wrote asks with `at_least`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fieldline_schemas.messages import Sentence
from fieldline_trace.api.ports import Intake
from fieldline_trace.api.sent import Sent
from fieldline_trace.capture import Deployment, Door, Receipt
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow.replica import REPLICA, Replica
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, connect

from fieldline_streams.answering import FOLLOWER_PAUSES, Answering
from fieldline_streams.embedded.runtime import DOOR_CONNECTIONS, closed
from fieldline_streams.kafka.intake_http import KafkaIntake
from fieldline_streams.kafka.running import Running

_log = logging.getLogger(__name__)


class ReplicaRuntime(Answering):
    """Answers, tells the feed, and hands on to Kafka what comes in. Made by :func:`opened_replica`."""

    follower = REPLICA

    def __init__(
        self, pool: Pool, doors: Pool, settings: Settings, metrics: Metrics, deployment: Deployment, intake: Intake
    ) -> None:
        super().__init__(pool, doors, settings, metrics, deployment)
        self._replica = Replica(pool, metrics)
        self._intake = intake
        self._stopping = asyncio.Event()

    @property
    def followed(self) -> Replica:
        """Whose state answers are made of."""
        return self._replica

    async def rebuilt(self) -> dict[str, Any]:
        """``Conflict``: a replica writes nothing."""
        raise Conflict(Sentence("rebuild_elsewhere"))

    async def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> Sequence[Receipt | Sent]:
        """A receipt for each once Kafka has it."""
        return await self._intake.take(raws, door, history=history)

    async def run_replica(self) -> None:
        """Follow the judge; loaded again after a failure."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._replica.run(self._stopping)
            except Exception as error:
                failures += 1
                self.trouble = type(error).__name__  # its words are for the log
                _log.exception("the replica failed at position %s", self._replica.position)
                with contextlib.suppress(TimeoutError):
                    pause = FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1]
                    await asyncio.wait_for(self._stopping.wait(), pause)
                anew = Replica(self.pool, self.metrics)
                with contextlib.suppress(Unavailable):
                    await anew.load()
                self._replica, self.trouble = anew, ""

    async def load(self) -> None:
        """Come to where the judge is."""
        await self._replica.load()

    async def close(self) -> None:
        """Follow no more, and let the feed's readers go."""
        self._stopping.set()
        await self.feed.close()


@asynccontextmanager
async def opened_replica(settings: Settings) -> AsyncIterator[ReplicaRuntime]:
    """A replica on the PostgreSQL and the Kafka of ``settings``, come to where the judge is. ``Unavailable`` where one
    of them is not reached."""
    async with AsyncExitStack() as stack:
        running = Running(settings)
        await running.open()
        stack.push_async_callback(running.close)
        assert settings.database_url is not None
        doors = await connect(
            settings.database_url, size=DOOR_CONNECTIONS, statement_seconds=settings.statement_seconds
        )
        stack.push_async_callback(closed, doors)
        intake = KafkaIntake(running.producer, settings, running.deployment, running.pool, running.metrics)
        runtime = ReplicaRuntime(running.pool, doors, settings, running.metrics, running.deployment, intake)
        await runtime.load()
        tasks = [
            asyncio.create_task(runtime.feed.run(), name="feed"),
            asyncio.create_task(runtime.run_replica(), name="replica"),
        ]
        try:
            yield runtime
        finally:
            await runtime.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
