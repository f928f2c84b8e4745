"""Capture lanes: take what was handed in by many at once to the ledger in micro-batches.

A commit costs the same for one event as for hundreds, whoever said them. So an event waits a moment for company, and no
longer: the window counts from the first that came, and what all senders handed in by then goes together. Two lanes run
side by side, so that a micro-batch need not wait for the commit of the one before; one sender's own go one after
another, unless there are so many that they fill micro-batches of their own.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from fieldline_schemas.messages import Sentence
from fieldline_trace.capture import Deployment, Door, Handed, Keys, Receipt, take_all
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


@dataclass(slots=True)
class _HandedIn:
    events: list[Handed]
    sender: str
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
        self._events: Counter[str] = Counter()
        """Events that wait, by who handed them in."""
        self._busy: Counter[str] = Counter()
        """Micro-batches under way, by whose events are in them."""
        self._collecting = False
        """Whether a lane waits for company for what it takes next."""
        self._changed = asyncio.Condition()
        self._closed = False

    async def hand_in(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt]:
        """Receipts of ``raws``, in their order, once they are durable.

        ``Unavailable`` where they could not be taken: try again.
        """
        futures = []
        loop = asyncio.get_running_loop()
        for start in range(0, len(raws), self._most):
            part = [Handed(raw, door, history) for raw in raws[start : start + self._most]]
            async with self._changed:
                await self._changed.wait_for(lambda: self._closed or self._events.total() < QUEUED * self._most)
                if self._closed:
                    raise Unavailable(Sentence("service_stopping"))
                handed = _HandedIn(part, door.sender, loop.time(), loop.create_future())
                self._waiting.append(handed)
                self._events[door.sender] += len(part)
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
                patience = first.since + self._window - asyncio.get_running_loop().time()
                self._collecting = True
            senders: set[str] = set()
            try:
                if patience > 0 and not self._full() and not self._closed:
                    await asyncio.sleep(patience)
                batch = self._next_batch()
                senders = {handed.sender for handed in batch}
                async with self._changed:
                    self._collecting = False
                    self._busy.update(senders)
                    self._changed.notify_all()
                await self._take(batch)
            finally:
                async with self._changed:
                    self._busy.subtract(senders)
                    self._busy += Counter()  # what is at 0 goes
                    self._changed.notify_all()

    def _full(self) -> bool:
        """Whether a micro-batch waits."""
        return self._events.total() >= self._most

    def _free(self, sender: str) -> bool:
        """Whether a lane may take what ``sender`` handed in."""
        return sender not in self._busy or self._events[sender] >= self._most

    def _ready(self) -> _HandedIn | None:
        """The first that a lane may take now: one collects at a time, or two would part what could go together."""
        if not self._collecting:
            for handed in self._waiting:
                if self._free(handed.sender):
                    return handed
        return None

    def _next_batch(self) -> list[_HandedIn]:
        """What waits and may be taken, in order, up to the size of a micro-batch. What one sender handed in keeps its
        order."""
        batch: list[_HandedIn] = []
        rest: deque[_HandedIn] = deque()
        size = 0
        free = {sender for sender in self._events if self._free(sender)}
        while self._waiting:
            handed = self._waiting.popleft()
            if handed.receipts.cancelled():
                self._leaves(handed)
            elif handed.sender not in free:
                rest.append(handed)
            elif batch and size + len(handed.events) > self._most:
                rest.append(handed)
                break
            else:
                batch.append(handed)
                size += len(handed.events)
                self._leaves(handed)
        rest.extend(self._waiting)
        self._waiting = rest
        return batch

    def _leaves(self, handed: _HandedIn) -> None:
        self._events[handed.sender] -= len(handed.events)
        if not self._events[handed.sender]:
            del self._events[handed.sender]

    async def _take(self, batch: list[_HandedIn]) -> None:
        if not batch:
            return
        try:
            receipts = await self._until_taken([one for handed in batch for one in handed.events])
        except Exception as error:
            # Whoever handed it in is told; the lane goes on with the next.
            for handed in batch:
                if not handed.receipts.done():
                    handed.receipts.set_exception(error)
            return
        at = 0
        for handed in batch:
            if not handed.receipts.done():
                handed.receipts.set_result(receipts[at : at + len(handed.events)])
            at += len(handed.events)

    async def _until_taken(self, events: list[Handed]) -> list[Receipt]:
        for pause in RETRY_SECONDS:
            try:
                return await self._once(events)
            except Unavailable:
                self._metrics.capture_retries.inc()
                await asyncio.sleep(pause)
        return await self._once(events)

    async def _once(self, events: list[Handed]) -> list[Receipt]:
        self._metrics.capture_events.observe(len(events))
        with self._metrics.capture_seconds.time(), outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                return await take_all(
                    conn, events, keys=self._keys, event_bytes=self._event_bytes, persons=self._persons
                )
