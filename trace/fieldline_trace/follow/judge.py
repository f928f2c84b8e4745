"""The judge: the one follower that writes. Alerts, scope versions and its own position go in one transaction.

An entry that it falls over is a flaw of ours, and stops it: what is behind could be judged wrongly. It judges all that
is before, stands there, says so to all who answer and watch (``follower_stopped``), and tries the entry again now and
then, and wherever it is loaded anew, as by a release that is mended.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from fieldline_trace.errors import EntryFails, Unavailable
from fieldline_trace.follow import stored
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.replay import AT_ONCE, apply_all, replay
from fieldline_trace.follow.world import World
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable
from fieldline_trace.store.ledger_read import entries_after, listening

_log = logging.getLogger(__name__)
RETRY_SECONDS: Final = 600.0
"""How long it stands before an entry that it falls over until it tries that again."""


class Judge:
    """Applies the ledger as it grows. One at a time is active; a second one gets ``Conflict`` from ``step``."""

    def __init__(self, pool: Pool, metrics: Metrics | None = None) -> None:
        self._pool, self._metrics = pool, metrics
        self.world, self.names = World(), NameBook()
        self.position = 0
        """The last position whose outcome is written. ``world`` is never behind it."""
        self._unwritten: list[Outcome] = []
        self._failed: EntryFails | None = None
        """What we stand before."""
        self._retry_at = 0.0
        self._spoilt = False
        """Whether ``world`` is one that fell over an entry."""
        self._noted = 0
        """The entry that all are told of; 0: none."""
        self._moved = asyncio.Condition()
        self._stop = asyncio.Event()

    @property
    def next_deadline(self) -> int | None:
        """When the clock should tick next, microseconds; None where nothing is awaited."""
        return self.world.next_deadline

    async def load(self) -> None:
        """Replay the ledger up to the judge's stored position; nothing is written."""
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                written = await stored.position(conn)
                stopped = await stored.stopped(conn)
                self.world, self.names, self._unwritten = World(), NameBook(), []
                async for _ in replay(conn, self.world, self.names, written):
                    pass
        self.position, self._spoilt = self.world.position, False
        self._noted = 0 if stopped is None else stopped.position
        await self._tell()

    async def step(self) -> int:
        """Apply what has come since, and write it; how many entries that was, 0 where there was none.

        ``Unavailable`` where PostgreSQL is away: what was applied is kept and written by the next step.
        ``Conflict`` where another judge is active.
        """
        if self._spoilt:
            await self.load()
        try:
            return await self._step()
        except EntryFails as failed:
            _log.error(
                "the judge falls over entry %d, and stands before it",
                failed.position, exc_info=failed.__cause__, extra={"position": failed.position},
            )  # fmt: skip
            self._failed, self._retry_at = failed, time.monotonic() + RETRY_SECONDS
            # Nobody is answered from a world that fell over something.
            self.world, self.names, self._unwritten, self.position, self._spoilt = World(), NameBook(), [], 0, True
            return 0

    async def _step(self) -> int:
        if self._failed is not None and time.monotonic() >= self._retry_at:
            self._failed = None
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                if not self._unwritten:
                    if self._noted and self.position >= self._noted:  # here, also where we ended before it was said
                        await stored.went_on(conn, self._noted)
                        self._noted = 0
                    if self._failed is not None and self._noted != self._failed.position:
                        await stored.stops(conn, self._failed.position, self._failed.why)
                        self._noted = self._failed.position
                    entries = await entries_after(conn, self.world.position, AT_ONCE)
                    if self._failed is not None:
                        entries = [entry for entry in entries if entry.position < self._failed.position]
                    async for outcome in apply_all(conn, self.world, self.names, entries):
                        self._unwritten.append(outcome)
                await stored.write(conn, self.world, self.position, self._unwritten)
        done, self._unwritten = self._unwritten, []
        if done:
            self.position = done[-1].position
            self._count(done)
            await self._tell()
        return len(done)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Follow the ledger until ``stop`` is set, or ``self.stop`` called. Waits out a PostgreSQL that is away."""
        pause = 0.1
        while not self._stopped(stop):
            try:
                async with listening(self._pool) as heard:
                    while not self._stopped(stop):
                        if not await self.step():
                            await heard(1.0)
                        pause = 0.1
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)

    def stop(self) -> None:
        """Let ``run`` return after the step at hand."""
        self._stop.set()

    async def reached(self, position: int) -> None:
        """Wait until what the ledger says up to ``position`` is applied and written."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.position >= position)

    def _stopped(self, stop: asyncio.Event | None) -> bool:
        return self._stop.is_set() or (stop is not None and stop.is_set())

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    def _count(self, outcomes: list[Outcome]) -> None:
        if self._metrics is None:
            return
        self._metrics.follower_position.labels(stored.JUDGE).set(self.position)
        now = time.time()
        for outcome in outcomes:
            self._metrics.judge_seconds.observe(max(0.0, now - outcome.at / 1_000_000))
            for change in outcome.alerts:
                self._metrics.alerts.labels(change.finding.rule, change.change).inc()
