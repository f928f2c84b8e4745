"""Micro-batches under way: one is written while the next is made ready, and each is written in its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class TakenFromUs(Exception):
    """Partitions are being taken from us, or the worker ends: the micro-batch is somebody else's."""


class Turn:
    """The turn of one micro-batch to be written: after the one before, under the lock, where partitions are still as
    they were when it was fetched (``ours``). Once it has come it stays until it is over."""

    def __init__(self, writing: asyncio.Lock, before: asyncio.Task[None] | None, ours: Callable[[], bool]) -> None:
        self._writing = writing
        self._before = before
        self._ours = ours
        self._came = False

    async def come(self) -> bool:
        """Wait for it; whether there was one before. ``TakenFromUs`` where that failed, or partitions changed."""
        if self._came:
            return False
        one_before = self._before is not None
        if self._before is not None:
            await asyncio.wait([self._before])
            if self._before.cancelled() or self._before.exception() is not None:
                raise TakenFromUs
            self._before = None
        await self._writing.acquire()
        self._came = True
        if not self._ours():
            raise TakenFromUs
        return one_before

    def over(self) -> None:
        """Let others have theirs."""
        if self._came:
            self._came = False
            self._writing.release()


class UnderWay:
    """What is not written yet, in order. Each waits for the one before by its turn."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def last(self) -> asyncio.Task[None] | None:
        """What the next one has to wait for."""
        return self._tasks[-1] if self._tasks else None

    def begin(self, write: Coroutine[Any, Any, None]) -> None:
        """Have one more under way."""
        self._tasks.append(asyncio.create_task(write, name="lane: micro-batch"))

    async def finished(self, most: int | None = None) -> None:
        """Wait for all of it, or for the first ``most``. What one raised is raised, once those behind it have given
        up."""
        waited = self._tasks[:most]
        if not waited:
            return
        await asyncio.wait(waited)
        del self._tasks[: len(waited)]
        raised = [error for task in waited if (error := task.exception()) is not None]
        if raised:
            await self.ended()
            raise next((error for error in raised if not isinstance(error, TakenFromUs)), raised[0])

    async def ended(self, *, cut_off: bool = False) -> None:
        """Wait for all of it, whatever becomes of it; ``cut_off``: now."""
        waited, self._tasks = self._tasks, []
        if cut_off:
            for task in waited:
                task.cancel()
        await asyncio.gather(*waited, return_exceptions=True)
