"""A follower that writes nothing: the state of the judge, again, in a process that answers.

It applies the same ledger with the same pure functions, so it comes to the same alerts and scopes, and needs none of
them told. It never goes further than the judge has written, so whatever an answer takes from the state, and whatever it
reads of versions in the tables, are of one position.
"""

from __future__ import annotations

import asyncio

from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow import stored
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.replay import AT_ONCE, apply_all
from fieldline_trace.follow.world import World
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable
from fieldline_trace.store.ledger_read import entries_after, listening

REPLICA = "replica"
"""What metrics call it."""


class Replica:
    """Follows the judge. Any number of them may."""

    def __init__(self, pool: Pool, metrics: Metrics | None = None) -> None:
        self._pool, self._metrics = pool, metrics
        self.world, self.names = World(), NameBook()
        self.position = 0
        """The last position that is applied, all entries up to it at once."""
        self._moved = asyncio.Condition()

    async def load(self) -> None:
        """Apply all that the judge has."""
        while await self.step():
            pass

    async def step(self) -> int:
        """Apply some of what the judge has written since; how many entries that was.

        ``Unavailable`` where PostgreSQL is away. ``Conflict`` where the judge stands before us, as after a restore of
        an older backup: what is known here is of no use then.
        """
        done = 0
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                judged = await stored.position(conn)
                if judged < self.world.position:
                    raise Conflict(f"the judge stands at {judged}, this replica at {self.world.position}")
                if judged > self.world.position:
                    entries = await entries_after(conn, self.world.position, AT_ONCE)
                    until = [entry for entry in entries if entry.position <= judged]
                    async for _ in apply_all(conn, self.world, self.names, until):
                        done += 1
                        await asyncio.sleep(0)  # an entry takes milliseconds: let who is answered have theirs
        if done:
            self.position = self.world.position
            if self._metrics is not None:
                self._metrics.follower_position.labels(REPLICA).set(self.position)
            async with self._moved:
                self._moved.notify_all()
        return done

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until ``stop`` is set. Waits out a PostgreSQL that is away."""
        pause = 0.1
        while not stop.is_set():
            try:
                async with listening(self._pool, "judged") as heard:
                    while not stop.is_set():
                        if not await self.step():
                            await heard(1.0)
                        pause = 0.1
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)

    async def reached(self, position: int) -> None:
        """Wait until ``position`` is applied."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.position >= position)
