"""Deadlines of subjects: until when something is awaited, and what is to be judged once that time has come."""

from __future__ import annotations

import heapq
from typing import Final

from fieldline_trace.follow.facts import Doubt

ROUND_TO: Final = 60_000_000
"""Deadlines are rounded up to whole minutes, so that the clock ticks once for many of them."""


class Waiting:
    """Deadlines in microseconds. One that is moot by the time it comes costs a judgement and nothing else."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str, str, Doubt]] = []
        self._known: set[tuple[int, Doubt]] = set()
        self.now = 0
        """Latest tick."""

    def until(self, deadline: int, doubt: Doubt) -> int:
        """Judge ``doubt`` again once ``deadline`` has come; the deadline as it counts, rounded up."""
        due = -(-deadline // ROUND_TO) * ROUND_TO
        if due > self.now and (due, doubt) not in self._known:
            self._known.add((due, doubt))
            heapq.heappush(self._heap, (due, doubt[0], str(doubt[1]), doubt))
        return due

    def tick(self, now: int) -> list[Doubt]:
        """Time has passed; what to judge."""
        self.now = max(self.now, now)
        due = []
        while self._heap and self._heap[0][0] <= self.now:
            deadline, _, _, doubt = heapq.heappop(self._heap)
            self._known.discard((deadline, doubt))
            due.append(doubt)
        return due

    @property
    def next(self) -> int | None:
        """The earliest deadline ahead; None where nothing is awaited."""
        return self._heap[0][0] if self._heap else None
