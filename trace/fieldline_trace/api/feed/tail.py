"""The end of the feed, read once for all who read it.

One task reads each new position when the judge says that it wrote it, and keeps the last items. A reader holds nothing
but its place among them: who was away begins in the tables and comes over when it has caught up; who is so slow that
its place is no longer kept is let go, and resumes by the id of what it got last. So a hundred readers cost one, and no
reader can make another, or the memory, wait.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable
from typing import Final

from fieldline_schemas.messages import Sentence

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.feed.shown import shown
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible import Grids, granted
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow import stored
from fieldline_trace.follow.pages import page, reached
from fieldline_trace.follow.told import FeedItem
from fieldline_trace.store import Connection, Pool, borrowed
from fieldline_trace.store.ledger_read import listening

PAGE: Final = 500
"""Alerts, and scopes, that are read from the tables at once."""
KEPT: Final = 10_000
"""Items that are kept for all readers; past them a reader is too slow."""
POSITION_SECONDS: Final = 1.0
"""Positions in which nothing changed are told so often; those with changes, at once."""
REST_SECONDS: Final = 0.02
"""Between two readings, so that what is judged in quick succession is read at once."""
BEHIND_SECONDS: Final = 10.0
"""How long an item waits for a follower that is behind it; then its readers are let go, and resume."""
LOOK_SECONDS: Final = 1.0
"""How often the tables are looked at though nobody was notified."""
Eyes = tuple[str, str, str, tuple[str, ...]]
"""What of a caller decides what it may see."""


_END: Final = 1 << 40
"""After whatever a position has."""


class Tail:
    """The feed of one process: ``run`` reads, any number of tasks iterate over what ``open`` gives."""

    def __init__(self, pool: Pool, desk: Callable[[Connection], Desk], grids: Grids, *, kept: int = KEPT) -> None:
        self._pool = pool
        self._desk = desk
        self._grids = grids
        self._most = kept
        self._items: list[FeedItem] = []
        self._first = 0
        """How many items were let go before those that are kept."""
        self._since = 0
        """Of the positions after this one, up to ``position``, all items are kept."""
        self.position = -1
        """Up to where the tables were read; -1 before the first time."""
        self._told, self._told_at = -1, 0.0
        """The last position that was told, and when."""
        self._cut: dict[tuple[Eyes, tuple[int, int]], asyncio.Task[FeedItem | None]] = {}
        self._changed = asyncio.Condition()
        self._closed = False

    async def run(self) -> None:
        """Read what is new until ``close``. Waits out a PostgreSQL that is away."""
        pause = 0.1
        while not self._closed:
            try:
                async with listening(self._pool, "judged") as heard:
                    while not self._closed:
                        await self._read()
                        pause = 0.1
                        await heard(LOOK_SECONDS)
                        await asyncio.sleep(REST_SECONDS)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)

    async def close(self) -> None:
        """End: every reader's iteration ends, too."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def open(self, caller: Caller, after: tuple[int, int] | None = None) -> AsyncIterator[FeedItem]:
        """What came after the point ``after`` (None: what comes from now on), without end, as ``caller`` may see it.

        The iteration ends where the process stops, and where the reader is too slow: resume after the last item that it
        gave. ``Conflict`` where the ledger has not come as far as ``after``.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self.position >= 0 or self._closed)
        if after is None:
            return self._from(caller, (self.position, _END))
        if after[0] > self.position:
            async with borrowed(self._pool) as conn:
                if after[0] > await stored.position(conn):
                    raise Conflict(Sentence("feed_ahead", position=after[0], last=self.position))
        return self._from(caller, after)

    async def _from(self, caller: Caller, point: tuple[int, int]) -> AsyncIterator[FeedItem]:
        while point < (here := (self._since, _END)) and not self._closed:
            async for item in self._stored(caller, point, self._since):
                yield item
            point = here
        async for item in self._kept(caller, point):
            yield item

    async def _stored(self, caller: Caller, point: tuple[int, int], until: int) -> AsyncIterator[FeedItem]:
        """The items after ``point`` that the tables have up to position ``until``, and that these were all."""
        after, told = point[0] - 1, list[FeedItem]()
        while after < until:
            async with borrowed(self._pool) as conn:
                told, after = await page(conn, after, until, PAGE)
            for item in told:
                if item.point > point and (seen := await self._seen(caller, item)) is not None:
                    yield seen
        if until and (last := reached(told, until)).point > point:
            yield last

    async def _kept(self, caller: Caller, point: tuple[int, int]) -> AsyncIterator[FeedItem]:
        """The kept items after ``point``, and those that come."""
        at = self._first + bisect_right(self._items, point, key=lambda item: item.point)
        while True:
            async with self._changed:
                while not self._closed and at >= self._first + len(self._items):
                    await self._changed.wait()
            if self._closed or at < self._first:
                return  # the end; or the reader was too slow
            item = self._items[at - self._first]
            at += 1
            if item.point > point and (seen := await self._seen(caller, item)) is not None:
                yield seen

    async def _seen(self, caller: Caller, item: FeedItem) -> FeedItem | None:
        """The item as the caller may see it; worked out once for all readers with the same eyes."""
        if item.kind == "position" or granted("feed", caller) is Grant.ALL:
            return item
        which = (caller.role, caller.grid, caller.sender, caller.operators), item.point
        task = self._cut.get(which)
        if task is None:
            task = self._cut[which] = asyncio.create_task(self._look(caller, item))
            while len(self._cut) > self._most:
                del self._cut[next(iter(self._cut))]
        try:
            return await asyncio.shield(task)
        except Exception:
            self._cut.pop(which, None)
            raise

    async def _look(self, caller: Caller, item: FeedItem) -> FeedItem | None:
        """Once what it is seen by is as far as the item is: a follower may be behind the tables. ``Unavailable`` where
        that takes long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + BEHIND_SECONDS
        while True:
            async with borrowed(self._pool) as conn:
                desk = self._desk(conn)
                if desk.world.position >= item.position:
                    return await shown(desk, self._grids, caller, item)
            if loop.time() > until:
                raise Unavailable(Sentence("judge_behind", judged=desk.world.position, position=item.position))
            await asyncio.sleep(REST_SECONDS)

    async def _read(self) -> None:
        """Keep what the judge wrote since the last time."""
        now, first = asyncio.get_running_loop().time(), self.position < 0
        new: list[FeedItem] = []
        async with borrowed(self._pool) as conn:
            until = await stored.position(conn)
            at = until if first else self.position
            while at < until:
                told, at = await page(conn, at, until, PAGE)
                new += told
        if first:
            self._since = self._told = until
        elif at > self._told and (new or now - self._told_at >= POSITION_SECONDS):
            new.append(reached(new, at))
            self._told, self._told_at = at, now
        async with self._changed:
            self.position = at
            self._items += new
            self._let_go(len(self._items) - self._most)
            if new or first:
                self._changed.notify_all()

    def _let_go(self, over: int) -> None:
        """Drop the first ``over`` items, and what else there is of the last of these positions."""
        if over <= 0:
            return
        self._since = self._items[over - 1].position
        while over < len(self._items) and self._items[over].position == self._since:
            over += 1
        del self._items[:over]
        self._first += over
