"""The embedded runtime: PostgreSQL, capture, judge and clock in one process, on one data directory.

Whatever runs here can be killed at any instant. The lock goes with the process, PostgreSQL is found again or recovered
by the next start, and the judge begins where its own last transaction ended: there is nothing else to repair.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_trace.api.receipts import outcome_of, receipt_said
from fieldline_trace.capture import Deployment, Door, Receipt
from fieldline_trace.capture.unread import take_unread
from fieldline_trace.errors import Rejected, Unavailable
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.rebuild import rebuild
from fieldline_trace.metrics import Metrics
from fieldline_trace.notices.sending import Notices
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed, connect, open_store

from fieldline_streams.answering import FOLLOWER_PAUSES, Answering
from fieldline_streams.embedded.clock import CHANNEL, ROLE, SENDER, Due, tick_when_due, wall_clock
from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.embedded.lanes import Lanes

_log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
"""How often the embedded PostgreSQL is looked after."""
NOTICE_CONNECTIONS = 3
"""Connections that notices have for themselves, one of them to listen on."""
DOOR_CONNECTIONS = 3
"""Connections that the door has for itself."""


class Runtime(Answering):
    """Hands events in and answers questions, in this process. Made by :func:`opened`."""

    def __init__(self, pool: Pool, doors: Pool, settings: Settings, metrics: Metrics, judge: Judge) -> None:
        super().__init__(pool, doors, settings, metrics, Deployment(settings.data_dir, settings.event_bytes))
        self._judge = judge
        self._lanes = Lanes(
            pool,
            metrics,
            window_ms=settings.capture_window_ms,
            most=settings.capture_events,
            deployment=self.deployment,
        )
        self._judging = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._stop_judge = asyncio.Event()

    @property
    def followed(self) -> Judge:
        """The judge, whose state answers are made of."""
        return self._judge

    async def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt]:
        """Receipts of ``raws``, in their order, once they are durable. ``Unavailable`` where they could not be
        taken."""
        receipts = await self._lanes.hand_in(raws, door, history=history)
        for outcome, count in Counter(map(outcome_of, receipts)).items():
            self.metrics.events.labels(door.channel, outcome).inc(count)
        return receipts

    async def hand_in(
        self, raws: Sequence[bytes], *, sender: str, role: str, channel: str = "cli", history: bool = False
    ) -> list[dict[str, Any]]:
        """The same for whoever runs this process, under any name; receipts as JSON-ready values."""
        try:
            door = Door(sender, role, channel=channel)
        except ValueError as error:
            raise Rejected(Fault.by("contract_says", why=error)) from None
        return [receipt_said(receipt) for receipt in await self.take(raws, door, history=history)]

    async def rebuilt(self) -> dict[str, Any]:
        """Empty what followers wrote and derive it again from the ledger, with our own judge at rest."""
        self._stop_judge.set()
        async with self._judging:
            self._stop_judge.clear()
            rebuilt = await rebuild(self.pool)
            await self._load()
        return {
            "position": rebuilt.position,
            "alerts": rebuilt.alerts,
            "scopes": rebuilt.scopes,
            "differed": list(rebuilt.differed),
        }

    async def _load(self) -> None:
        self._judge = Judge(self.pool, self.metrics)
        await self._judge.load()

    # The tasks that run while it is open.

    async def run_lanes(self) -> None:
        """The capture lanes, until they are closed and empty."""
        await self._lanes.run()

    async def run_judge(self) -> None:
        """The judge; loaded again after a failure, and after a rebuild."""
        failures = 0
        while not self._stopping.is_set():
            async with self._judging:
                if self._stopping.is_set():
                    break
                try:
                    if failures:
                        await self._load()
                    self.trouble = ""
                    await self._judge.run(self._stop_judge)
                    failures = 0
                except Exception as error:
                    failures += 1
                    self.trouble = type(error).__name__  # its words are for the log
                    _log.exception("the judge failed", extra={"position": self._judge.position})
            if failures:
                pause = FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
            else:
                await asyncio.sleep(0)

    async def run_clock(self) -> None:
        """Ticks of the clock, each when the earliest deadline of the judge is due."""

        async def take(raw: bytes) -> None:
            await self.take([raw], Door(SENDER, ROLE, channel=CHANNEL))

        async def due() -> Due:
            return Due(self._judge.next_deadline, wall_clock())

        await tick_when_due(take, due, self._stopping)

    async def run_notices(self, pool: Pool) -> None:
        """Notices of what the judge writes, on connections of their own."""
        await Notices(pool, self.settings, self.metrics).run(self._stopping)

    async def run_watch(self, server: EmbeddedPostgres | None) -> None:
        """Start the embedded server again where it was killed; what waits for it waits a little longer."""
        while server is not None and not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), WATCH_SECONDS)
                return
            if server.pid is None:
                _log.warning("PostgreSQL is gone; starting it again")
                try:
                    await asyncio.to_thread(server.start)
                except Unavailable as error:
                    _log.warning("%s", error)

    async def close(self) -> None:
        """No more events; the lanes empty themselves, the judge ends between two entries."""
        self._stopping.set()
        await self.feed.close()
        await self._lanes.close()
        self._stop_judge.set()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime on the data directory of ``settings``, which it holds until the end.

    :class:`~fieldline_streams.embedded.directory.DirectoryInUse` where another process holds it; ``Unavailable`` where
    PostgreSQL does not start.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(DataDirectory(settings.data_dir).held())
        dsn = settings.database_url
        server: EmbeddedPostgres | None = None
        if dsn is None:
            server = EmbeddedPostgres(settings.data_dir, start_seconds=settings.postgres_start_seconds)
            dsn = await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.stop)
        pool = await open_store(dsn, size=settings.pool_size, statement_seconds=settings.statement_seconds)
        stack.push_async_callback(closed, pool)
        doors = await connect(dsn, size=DOOR_CONNECTIONS, statement_seconds=settings.statement_seconds)
        stack.push_async_callback(closed, doors)
        notices = await connect(dsn, size=NOTICE_CONNECTIONS, statement_seconds=settings.statement_seconds)
        stack.push_async_callback(closed, notices)
        metrics = Metrics()
        judge = Judge(pool, metrics)
        await judge.load()
        runtime = Runtime(pool, doors, settings, metrics, judge)
        async with borrowed(pool) as conn:
            while await take_unread(conn, event_bytes=settings.event_bytes, persons=runtime.deployment.persons):
                pass  # some at a time
        lanes = asyncio.create_task(runtime.run_lanes(), name="capture lanes")
        others = [
            asyncio.create_task(runtime.feed.run(), name="feed"),
            asyncio.create_task(runtime.run_judge(), name="judge"),
            asyncio.create_task(runtime.run_clock(), name="clock"),
            asyncio.create_task(runtime.run_notices(notices), name="notices"),
        ]
        watch = asyncio.create_task(runtime.run_watch(server), name="watch of PostgreSQL")
        try:
            yield runtime
        finally:
            await runtime.close()
            # What was taken in gets its receipts. The judge may be cut off anywhere: what it did not write, the next
            # one will.
            await asyncio.gather(lanes, watch, return_exceptions=True)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)


async def closed(pool: Pool) -> None:
    """Close ``pool``; connections that do not end by themselves (a listener, a broken one) are cut off after a
    moment."""
    try:
        await asyncio.wait_for(pool.close(), 5)
    except (TimeoutError, Unavailable):
        pool.terminate()
