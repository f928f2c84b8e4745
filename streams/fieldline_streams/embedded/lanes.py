"""Capture lanes: take what was handed in by many at once to the ledger in micro-batches.

A commit costs the same for one event as for hundreds. So an event waits a moment for company, and no longer: the
window counts from the first that came. Two lanes run side by side, so that one sender's micro-batch need not wait for
another's commit; one sender's own go one after another, unless there are so many that they fill micro-batches of their
own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fieldline_schemas.messages import Sentence
from fieldline_trace.capture import Deployment, Door, Keys, Receipt, take
from fieldline_trace.capture.reading import EVENT_BYTES_MAX
from fieldline_trace.errors import Unavailable
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable

RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)
"""How long a lane waits before it tries a micro-batch again while PostgreSQL is away. After the last it gives it
back."""
LANES = 2
"""More would only queue for the head of the ledger."""
QUEUED = 20
"""Micro-batches that may wait; who hands in more waits until there is room."""


class _From(NamedTuple):
    door: Door
    history: bool


@dataclass(slots=True)
class _HandedIn:
    raws: Sequence[bytes]
    source: _From
    since: float
    receipts: asyncio.Future[list[Receipt]]


class Lanes:
    """The writers to the ledger of one process. ``hand_in`` may be called by any number of tasks while ``run`` runs."""

    def __init__(
        self, pool: Pool, metrics: Metrics, *, window_ms: float, most: int, deployment: Deployment | None = None
    ) -> None:
        self._pool = pool
        self._persons = None if deployment is None else deployment.persons
        self._event_bytes = EVENT_BYTES_MAX if deployment is None else deployment.event_bytes
        self._metrics = metrics
        self._window = window_ms / 1000
        self._most = most
        self._keys = Keys()
        self._waiting: deque[_HandedIn] = deque()
        self._events: dict[_From, int] = {}
        """Events that wait, by who handed them in."""
        self._busy: set[_From] = set()
        self._changed = asyncio.Condition()
        self._closed = False

    async def hand_in(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt]:
        """Receipts of ``raws``, in their order, once they are durable.

        ``Unavailable`` where they could not be taken: try again.
        """
        source, futures = _From(door, history), []
        loop = asyncio.get_running_loop()
        for start in range(0, len(raws), self._most):
            part = raws[start : start + self._most]
            async with self._changed:
                await self._changed.wait_for(lambda: self._closed or sum(self._events.values()) < QUEUED * self._most)
                if self._closed:
                    raise Unavailable(Sentence("service_stopping"))
                handed = _HandedIn(part, source, loop.time(), loop.create_future())
                self._waiting.append(handed)
                self._events[source] = self._events.get(source, 0) + len(part)
                self._changed.notify_all()
            futures.append(handed.receipts)
        done = await asyncio.gather(*futures)
        return [receipt for receipts in done for receipt in receipts]

    async def run(self) -> None:
        """Take micro-batches until ``close`` was called and all that was handed in before has its receipt."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(self._run_one())

    async def close(self) -> None:
        """Take no more; ``run`` ends when what is there has been taken."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def _run_one(self) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._ready() is not None or (self._closed and not self._waiting))
                first = self._ready()
                if first is None:
                    return
                source, patience = first.source, first.since + self._window - asyncio.get_running_loop().time()
                self._busy.add(source)
            try:
                if patience > 0 and self._events[source] < self._most and not self._closed:
                    await asyncio.sleep(patience)
                await self._take(self._next_batch(source), source)
            finally:
                async with self._changed:
                    self._busy.discard(source)
                    self._changed.notify_all()

    def _ready(self) -> _HandedIn | None:
        """The first that a lane may take now."""
        for handed in self._waiting:
            if handed.source not in self._busy or self._events[handed.source] >= self._most:
                return handed
        return None

    def _next_batch(self, source: _From) -> list[_HandedIn]:
        """What waits from ``source``, in order, up to the size of a micro-batch. Others keep their order."""
        batch: list[_HandedIn] = []
        rest: deque[_HandedIn] = deque()
        size = 0
        while self._waiting:
            handed = self._waiting.popleft()
            if handed.source != source:
                rest.append(handed)
            elif handed.receipts.cancelled():
                self._leaves(handed)
            elif batch and size + len(handed.raws) > self._most:
                rest.append(handed)
                break
            else:
                batch.append(handed)
                size += len(handed.raws)
                self._leaves(handed)
        rest.extend(self._waiting)
        self._waiting = rest
        return batch

    def _leaves(self, handed: _HandedIn) -> None:
        left = self._events[handed.source] - len(handed.raws)
        if left:
            self._events[handed.source] = left
        else:
            del self._events[handed.source]

    async def _take(self, batch: list[_HandedIn], source: _From) -> None:
        if not batch:
            return
        raws = [raw for handed in batch for raw in handed.raws]
        try:
            receipts = await self._until_taken(raws, source)
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

    async def _until_taken(self, raws: list[bytes], source: _From) -> list[Receipt]:
        for pause in RETRY_SECONDS:
            try:
                return await self._once(raws, source)
            except Unavailable:
                self._metrics.capture_retries.inc()
                await asyncio.sleep(pause)
        return await self._once(raws, source)

    async def _once(self, raws: list[bytes], source: _From) -> list[Receipt]:
        self._metrics.capture_events.observe(len(raws))
        with self._metrics.capture_seconds.time(), outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                return await take(
                    conn,
                    raws,
                    source.door,
                    history=source.history,
                    keys=self._keys,
                    event_bytes=self._event_bytes,
                    persons=self._persons,
                )
