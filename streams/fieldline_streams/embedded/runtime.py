"""The embedded runtime: PostgreSQL, capture, judge and clock in one process, on one data directory.

Whatever runs here can be killed at any instant. The lock goes with the process, PostgreSQL is found again or recovered
by the next start, and the judge begins where its own last transaction ended: there is nothing else to repair.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_trace.api.answers import Desk, Question
from fieldline_trace.api.caller import HERE, Caller
from fieldline_trace.api.feed import Tail
from fieldline_trace.api.moments import OF_A_POSITION, position_of
from fieldline_trace.api.ports import NOW, Answered, Moment
from fieldline_trace.api.receipts import outcome_of, receipt_said
from fieldline_trace.api.visible import Grids, answer_for
from fieldline_trace.capture import Deployment, Door, Receipt
from fieldline_trace.errors import Conflict, FieldlineError, Rejected, Unavailable
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.rebuild import rebuild
from fieldline_trace.follow.world import World
from fieldline_trace.follow.worlds import Worlds
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed, connect, open_store, outages_as_unavailable
from fieldline_trace.store.ledger_read import head

from fieldline_streams.embedded.clock import tick_when_due
from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.embedded.lanes import Lanes

_log = logging.getLogger(__name__)
T = TypeVar("T")

JUDGE_PAUSES = (0.1, 0.5, 1.0, 5.0)
"""Seconds before a judge that failed is loaded again; the last repeats."""
ANSWER_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0)
"""Seconds between tries of an answer while PostgreSQL or the judge is away; then it is unavailable."""
WATCH_SECONDS = 1.0
"""How often the embedded PostgreSQL is looked after."""
DOOR_CONNECTIONS = 3
"""Connections that the door has for itself."""
CAUGHT_UP_SECONDS = 60.0
"""How long an answer waits for the judge to reach what was in the ledger when it was asked for."""


class Runtime:
    """Hands events in and answers questions, in this process. Made by :func:`opened`."""

    def __init__(self, pool: Pool, doors: Pool, settings: Settings, metrics: Metrics, judge: Judge) -> None:
        self.settings = settings
        self.metrics = metrics
        self.pool = pool
        self.doors = doors
        """Connections of the door's own, for keys and readings, so that no answer under way keeps anybody waiting at
        it."""
        self._judge = judge
        self._deployment = Deployment(settings.data_dir, settings.event_bytes)
        self._lanes = Lanes(
            pool,
            metrics,
            window_ms=settings.capture_window_ms,
            most=settings.capture_events,
            deployment=self._deployment,
        )
        self._grids = Grids()
        self._worlds = Worlds(settings.worlds_kept)
        self.feed = Tail(
            pool, lambda conn: Desk(conn, self._judge.world, self._judge.names), self._grids, kept=settings.feed_items
        )
        """What the judge writes, for all who read along."""
        self._judging = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._stop_judge = asyncio.Event()
        self._trouble = ""

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

    async def answer(
        self, question: str, arguments: Mapping[str, Any], caller: Caller, moment: Moment = NOW
    ) -> Answered:
        """The answer to ``question`` for ``moment``, cut to what ``caller`` may see."""
        asked = Question.named(question, arguments)
        if (moment.position is not None or moment.as_of is not None) and question not in OF_A_POSITION:
            raise Rejected(Fault.by("answered_as_of_now", "position", question=question))
        with self.metrics.answer_seconds.labels(question).time():
            return await self._patiently(lambda: self._answer(asked, caller, moment))

    async def ask(self, question: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The same for whoever runs this process, who may see all."""
        return (await self.answer(question, arguments, HERE)).said

    async def reached(self, moment: Moment) -> tuple[int, int]:
        """The position that an answer for ``moment`` would be for, and when that was received, microseconds."""
        return await self._patiently(lambda: self._reached(moment))

    async def _patiently(self, tried: Callable[[], Awaitable[T]]) -> T:
        """What ``tried`` gives, once PostgreSQL and the judge are there."""
        for pause in ANSWER_PAUSES:
            try:
                return await tried()
            except Unavailable as away:
                if away.position is not None:
                    raise
                # PostgreSQL or the judge is coming back; who asks need not know.
                await asyncio.sleep(pause)
        return await tried()

    async def _answer(self, asked: Question, caller: Caller, moment: Moment) -> Answered:
        position, _ = await self._reached(moment)
        with outages_as_unavailable():
            if asked.name == "rebuild":
                return self._answered(await self._rebuild(), self._judge.world)
            async with borrowed(self.pool) as conn:
                world, names = self._judge.world, self._judge.names
                earlier = moment.position is not None or moment.as_of is not None
                if earlier and position != world.position:
                    world, names = await self._worlds.at(conn, position)
                desk = Desk(conn, world, names, deployment=self._deployment)
                shown = await answer_for(desk, asked, caller, self._grids)
                return self._answered(shown.said, world, shown.whose)

    def _answered(self, said: dict[str, Any], world: World, whose: tuple[str, ...] = ()) -> Answered:
        return Answered(said, said["position"], world.received_at, whose)

    async def _reached(self, moment: Moment) -> tuple[int, int]:
        with outages_as_unavailable():
            # No connection is held while waiting for the judge.
            async with borrowed(self.pool) as conn:
                last = await head(conn, settled=True)
                if moment.position is not None or moment.as_of is not None:
                    return await position_of(conn, last, moment)
        await self._caught_up(last.position)
        if moment.at_least > self._judge.position:
            try:
                await asyncio.wait_for(self._judge.reached(moment.at_least), moment.wait)
            except TimeoutError:
                raise await self._not_reached(moment.at_least) from None
        return self._judge.world.position, self._judge.world.received_at

    async def _not_reached(self, position: int) -> FieldlineError:
        """The error of a position that the judge has not come to, or that there is not yet."""
        async with borrowed(self.pool) as conn:
            written = (await head(conn)).position
        if position > written:
            return Conflict(Sentence("position_ahead", position=position, last=written), written)
        judged = self._judge.position
        return Unavailable(Sentence("position_not_reached", position=position, judged=judged), judged)

    async def ready(self) -> dict[str, Any]:
        """What says that this works: PostgreSQL answers, and how far the judge is behind. ``Unavailable`` where it
        does not."""
        with outages_as_unavailable():
            async with borrowed(self.pool) as conn:
                written = (await head(conn)).position
        if self._trouble:
            raise Unavailable(Sentence("judge_stopped", why=self._trouble))
        self.metrics.ledger_position.set(written)
        self.metrics.follower_position.labels("judge").set(self._judge.position)
        return {"ready": True, "position": written, "judged": self._judge.position}

    async def _caught_up(self, position: int) -> None:
        if self._trouble:
            raise Unavailable(Sentence("judge_stopped", why=self._trouble))
        try:
            await asyncio.wait_for(self._judge.reached(position), CAUGHT_UP_SECONDS)
        except TimeoutError:
            raise Unavailable(Sentence("judge_behind", judged=self._judge.position, position=position)) from None

    async def _rebuild(self) -> dict[str, Any]:
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
                    self._trouble = ""
                    await self._judge.run(self._stop_judge)
                    failures = 0
                except Exception as error:
                    failures += 1
                    self._trouble = type(error).__name__  # its words are for the log
                    _log.exception("the judge failed at position %s", self._judge.position)
            if failures:
                pause = JUDGE_PAUSES[min(failures, len(JUDGE_PAUSES)) - 1]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
            else:
                await asyncio.sleep(0)

    async def run_clock(self) -> None:
        """Ticks of the clock, each when the earliest deadline of the judge is due."""
        await tick_when_due(self.hand_in, lambda: self._judge.world.next_deadline, self._stopping)

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
        stack.push_async_callback(_closed, pool)
        doors = await connect(dsn, size=DOOR_CONNECTIONS, statement_seconds=settings.statement_seconds)
        stack.push_async_callback(_closed, doors)
        metrics = Metrics()
        judge = Judge(pool, metrics)
        await judge.load()
        runtime = Runtime(pool, doors, settings, metrics, judge)
        lanes = asyncio.create_task(runtime.run_lanes(), name="capture lanes")
        others = [
            asyncio.create_task(runtime.feed.run(), name="feed"),
            asyncio.create_task(runtime.run_judge(), name="judge"),
            asyncio.create_task(runtime.run_clock(), name="clock"),
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


async def _closed(pool: Pool) -> None:
    """Close ``pool``; connections that do not end by themselves (a listener, a broken one) are cut off after a
    moment."""
    try:
        await asyncio.wait_for(pool.close(), 5)
    except (TimeoutError, Unavailable):
        pool.terminate()
