"""The capture lane: takes what was handed in by many at once to the ledger in micro-batches.

A commit costs the same for one event as for hundreds. So the lane waits a moment for company, and no longer: its
window is the delay that it adds to an event that comes alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from fieldline_trace.capture import Door, Keys, Receipt, take
from fieldline_trace.errors import Unavailable
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable

RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)
"""How long the lane waits before it tries a micro-batch again while PostgreSQL is away. After the last it gives the
batch back."""


@dataclass(slots=True)
class _HandedIn:
    raws: Sequence[bytes]
    door: Door
    history: bool
    receipts: asyncio.Future[list[Receipt]]


class Lane:
    """One writer to the ledger. ``hand_in`` may be called by any number of tasks while ``run`` runs."""

    def __init__(self, pool: Pool, metrics: Metrics, *, window_ms: float, most: int) -> None:
        self._pool = pool
        self._metrics = metrics
        self._window = window_ms / 1000
        self._most = most
        self._waiting: deque[_HandedIn] = deque()
        self._events = 0
        self._come = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._keys = Keys()
        self._closed = False

    async def hand_in(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt]:
        """Receipts of ``raws``, in their order, once they are durable. ``Unavailable`` where they could not be taken:
        try again."""
        futures = []
        for start in range(0, len(raws), self._most):
            await self._room.wait()
            if self._closed:
                raise Unavailable("the service is stopping: hand it in again when it is back")
            part = raws[start : start + self._most]
            handed = _HandedIn(part, door, history, asyncio.get_running_loop().create_future())
            self._waiting.append(handed)
            self._events += len(part)
            if self._events > 20 * self._most:
                self._room.clear()
            self._come.set()
            futures.append(handed.receipts)
        done = await asyncio.gather(*futures)
        return [receipt for receipts in done for receipt in receipts]

    async def run(self) -> None:
        """Take micro-batches until ``close`` was called and all that was handed in before has its receipt."""
        while not (self._closed and not self._waiting):
            await self._come.wait()
            if self._window and self._events < self._most and not self._closed:
                await asyncio.sleep(self._window)
            batch = self._next_batch()
            if batch:
                await self._take(batch)
            if not self._waiting and not self._closed:
                self._come.clear()

    def close(self) -> None:
        """Take no more; ``run`` ends when what is there has been taken."""
        self._closed = True
        self._come.set()
        self._room.set()

    def _next_batch(self) -> list[_HandedIn]:
        """What waits from the door of the first, in order, up to the size of a micro-batch. Others keep their order."""
        if not self._waiting:
            return []
        batch: list[_HandedIn] = []
        rest: deque[_HandedIn] = deque()
        size = 0
        first = self._waiting[0]
        while self._waiting:
            handed = self._waiting.popleft()
            if handed.receipts.cancelled():
                self._events -= len(handed.raws)
            elif (handed.door, handed.history) != (first.door, first.history):
                rest.append(handed)
            elif batch and size + len(handed.raws) > self._most:
                rest.append(handed)
                break
            else:
                batch.append(handed)
                size += len(handed.raws)
        rest.extend(self._waiting)
        self._waiting = rest
        self._events -= size
        if self._events <= 20 * self._most:
            self._room.set()
        return batch

    async def _take(self, batch: list[_HandedIn]) -> None:
        raws = [raw for handed in batch for raw in handed.raws]
        try:
            receipts = await self._until_taken(raws, batch[0].door, batch[0].history)
        except Exception as error:
            # Whoever handed it in is told; the lane goes on with the next.
            for handed in batch:
                if not handed.receipts.done():
                    handed.receipts.set_exception(error)
            return
        at = 0
        for handed in batch:
            if not handed.receipts.done():
                handed.receipts.set_result(receipts[at : at + len(handed.raws)])
            at += len(handed.raws)

    async def _until_taken(self, raws: list[bytes], door: Door, history: bool) -> list[Receipt]:
        for pause in RETRY_SECONDS:
            try:
                return await self._once(raws, door, history)
            except Unavailable:
                self._metrics.capture_retries.inc()
                await asyncio.sleep(pause)
        return await self._once(raws, door, history)

    async def _once(self, raws: list[bytes], door: Door, history: bool) -> list[Receipt]:
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                return await take(conn, raws, door, history=history, keys=self._keys)
