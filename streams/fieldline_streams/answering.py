"""Answers from a follower's state, for whichever runtime has one: the judge's own, or a replica's.

An answer is for all that the ledger held when it was asked for, so it waits until the follower has come there; while
PostgreSQL or the follower is away it is tried again, and who asks need not know.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_trace.api.answers import Desk, Question
from fieldline_trace.api.caller import HERE, Caller
from fieldline_trace.api.feed import Tail
from fieldline_trace.api.moments import OF_A_POSITION, position_of
from fieldline_trace.api.ports import NOW, Answered, Moment
from fieldline_trace.api.sent import Sent
from fieldline_trace.api.visible import Grids, answer_for
from fieldline_trace.capture import Deployment, Door, Receipt
from fieldline_trace.errors import Conflict, FieldlineError, Rejected, Unavailable
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.stored import Stopped, stopped
from fieldline_trace.follow.world import World
from fieldline_trace.follow.worlds import Worlds
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable
from fieldline_trace.store.condition import condition
from fieldline_trace.store.ledger_read import head

from fieldline_streams.watching import tell

T = TypeVar("T")

ANSWER_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0)
"""Seconds between tries of an answer while PostgreSQL or the follower is away; then it is unavailable."""
CAUGHT_UP_SECONDS = 60.0
"""How long an answer waits for the follower to reach what was in the ledger when it was asked for."""
REPLACED_SECONDS = 1.0
"""How often who waits for the follower looks whether it is still the one that is followed."""
FOLLOWER_PAUSES = (0.1, 0.5, 1.0, 5.0)
"""Seconds before a follower that failed is loaded again; the last repeats."""


class Followed(Protocol):
    """A follower's state. ``position``: up to where it and what the judge wrote agree."""

    world: World
    names: NameBook
    position: int

    async def reached(self, position: int) -> None:
        """Wait until ``position`` is reached."""


class Answering(ABC):
    """What the door is over; a runtime says what it follows by, and what takes events in.

    ``doors``: connections of the door's own, for keys and readings, so that no answer under way keeps anybody waiting
    at it.
    """

    follower = "judge"
    """What the metrics call the follower."""

    def __init__(self, pool: Pool, doors: Pool, settings: Settings, metrics: Metrics, deployment: Deployment) -> None:
        self.settings = settings
        self.metrics = metrics
        self.pool = pool
        self.doors = doors
        self.deployment = deployment
        self.trouble = ""
        """What keeps the follower from following; empty: nothing."""
        self._stopped: Stopped | None = None
        """The entry that the judge stands before, as far as anybody had to wait for it."""
        self._grids = Grids()
        self._worlds = Worlds(settings.worlds_kept)
        self.feed = Tail(
            pool,
            lambda conn: Desk(conn, self.followed.world, self.followed.names),
            self._grids,
            kept=settings.feed_items,
        )
        """What the judge writes, for all who read along."""

    @property
    @abstractmethod
    def followed(self) -> Followed:
        """Whose state answers are made of."""

    @abstractmethod
    async def rebuilt(self) -> dict[str, Any]:
        """Empty what followers wrote and derive it again: ``{"position", "alerts", "scopes", "differed"}``."""

    @abstractmethod
    async def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> Sequence[Receipt | Sent]:
        """Receipts of ``raws``, in their order, once they are safe. ``Unavailable`` where they could not be taken."""

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

    async def ready(self) -> dict[str, Any]:
        """What says that this works: PostgreSQL answers, and how far the follower is behind. ``Unavailable`` where it
        does not."""
        with outages_as_unavailable():
            async with borrowed(self.pool) as conn:
                found = await condition(conn)
        if self.trouble:
            raise Unavailable(Sentence("judge_stopped", why=self.trouble))
        tell(self.metrics, found)
        self.metrics.follower_position.labels(self.follower).set(self.followed.position)
        stopped = {"stopped_before": found.stopped_at} if found.stopped_at else {}
        return {"ready": True, "position": found.position, "judged": self.followed.position, **stopped}

    async def _patiently(self, tried: Callable[[], Awaitable[T]]) -> T:
        """What ``tried`` gives, once PostgreSQL and the follower are there."""
        for pause in ANSWER_PAUSES:
            try:
                return await tried()
            except Unavailable as away:
                if away.position is not None:
                    raise
                # PostgreSQL or the follower is coming back; who asks need not know.
                await asyncio.sleep(pause)
        return await tried()

    async def _answer(self, asked: Question, caller: Caller, moment: Moment) -> Answered:
        position, _ = await self._reached(moment)
        with outages_as_unavailable():
            if asked.name == "rebuild":
                return _answered(await self.rebuilt(), self.followed.world, None)
            async with borrowed(self.pool) as conn:
                world, names = self.followed.world, self.followed.names
                earlier = moment.position is not None or moment.as_of is not None
                if not earlier and world.position < position:  # it fell over an entry meanwhile, and is loaded anew
                    behind = Sentence("judge_behind", judged=self.followed.position, position=position)
                    raise Unavailable(behind)
                if earlier and position != world.position:
                    world, names = await self._worlds.at(conn, position)
                desk = Desk(conn, world, names, deployment=self.deployment)
                shown = await answer_for(desk, asked, caller, self._grids)
                return _answered(shown.said, world, None if earlier else self._stopped, shown.whose)

    async def _reached(self, moment: Moment) -> tuple[int, int]:
        with outages_as_unavailable():
            # No connection is held while waiting for the follower.
            async with borrowed(self.pool) as conn:
                last = await head(conn, settled=True)
                if moment.position is not None or moment.as_of is not None:
                    return await position_of(conn, last, moment)
        await self._caught_up(last.position)
        if moment.at_least > self.followed.position:
            with contextlib.suppress(TimeoutError):
                await self._follows_to(moment.at_least, moment.wait)
            if moment.at_least > self.followed.position:
                raise await self._not_reached(moment.at_least)
        return self.followed.world.position, self.followed.world.received_at

    async def _not_reached(self, position: int) -> FieldlineError:
        """The error of a position that the follower has not come to, or that there is not yet."""
        async with borrowed(self.pool) as conn:
            written = (await head(conn)).position
        if position > written:
            return Conflict(Sentence("position_ahead", position=position, last=written), written)
        judged = self.followed.position
        if self._stopped is not None:
            entry = self._stopped.position
            return Unavailable(Sentence("judge_stands", position=position, judged=judged, entry=entry), judged)
        return Unavailable(Sentence("position_not_reached", position=position, judged=judged), judged)

    async def _caught_up(self, position: int) -> None:
        if self.trouble:
            raise Unavailable(Sentence("judge_stopped", why=self.trouble))
        try:
            await self._follows_to(position, CAUGHT_UP_SECONDS)
        except TimeoutError:
            raise Unavailable(Sentence("judge_behind", judged=self.followed.position, position=position)) from None

    async def _follows_to(self, position: int, seconds: float) -> None:
        """Wait until the follower is there, or as far as it can come, whichever follower it is by then: one that failed
        is replaced, and never comes to tell who waits for it. ``TimeoutError`` where it takes longer than
        ``seconds``."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._stopped is not None:
            self._stopped = await self._stands()
        while True:
            followed = self.followed
            goal = position if self._stopped is None else min(position, self._stopped.position - 1)
            try:
                await asyncio.wait_for(followed.reached(goal), min(until - loop.time(), REPLACED_SECONDS))
                return
            except TimeoutError:
                if loop.time() >= until:
                    raise
            self._stopped = await self._stands()

    async def _stands(self) -> Stopped | None:
        async with borrowed(self.pool) as conn:
            with outages_as_unavailable():
                return await stopped(conn)


def _answered(said: dict[str, Any], world: World, stopped: Stopped | None, whose: tuple[str, ...] = ()) -> Answered:
    before = 0 if stopped is None else stopped.position
    return Answered(said, said["position"], world.received_at, whose, before)
