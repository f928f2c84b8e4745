"""Until when batches keep, as events say: columns of what was said, looked up seldom. 24 bytes a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from fieldline_schemas.record import Columns
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.follow.standing import State

_TAIL: Final = 65_536
"""So many of the latest statements are looked at one by one; all before them are sorted by batch."""


class ShelfLives:
    """What was said, found by batch or by event."""

    def __init__(self) -> None:
        self._said = np.empty((3, 256), np.int64)
        """Batch, event, until when (microseconds)."""
        self._count = 0
        self._order = np.empty(0, np.int64)
        self._sorted = np.empty(0, np.int64)
        """Positions of the first statements in order of batch, and the batches in that order."""

    def add(self, columns: Columns, block: int) -> NDArray[np.int64]:
        """What one entry says; the batches that it says it of."""
        count, start = len(columns.expiry_batch), self._count
        if count:
            if start + count > self._said.shape[1]:
                grown = np.empty((3, 2 * (start + count)), np.int64)
                grown[:, :start] = self._said[:, :start]
                self._said = grown
            here = self._said[:, start : start + count]
            here[0], here[1] = columns.expiry_batch, columns.expiry_event.astype(np.int64) | (block << 16)
            here[2] = columns.expiry[:, 1]
            self._count = start + count
        return columns.expiry_batch

    def said_by(self, events: Iterable[int]) -> set[int]:
        """The batches whose shelf life any of ``events`` says. Looks at every statement."""
        if not self._count:
            return set()
        wanted = np.isin(self._said[1, : self._count], np.fromiter(events, np.int64))
        return set(self._said[0, : self._count][wanted].tolist())

    def until(self, batches: Iterable[int], state: Callable[[int], State]) -> int:
        """The latest end that standing events say of any of ``batches``; ``FOREVER`` where none says one."""
        found = [
            int(self._said[2, at])
            for batch in batches
            for at in self._of(batch).tolist()
            if state(int(self._said[1, at])) is not State.WITHDRAWN
        ]
        return max(found, default=FOREVER)

    def is_said(self, batches: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mask: of which of ``batches`` anything was said."""
        if not self._count:
            return np.zeros(len(batches), np.bool_)
        self._sort()
        mask = np.isin(batches, self._said[0, len(self._order) : self._count])
        if len(self._sorted):
            at = np.minimum(np.searchsorted(self._sorted, batches), len(self._sorted) - 1)
            mask |= self._sorted[at] == batches
        return mask

    def _of(self, batch: int) -> NDArray[np.int64]:
        self._sort()
        lo, hi = np.searchsorted(self._sorted, [batch, batch + 1])
        tail = np.flatnonzero(self._said[0, len(self._order) : self._count] == batch) + len(self._order)
        return np.concatenate([self._order[lo:hi], tail])

    def _sort(self) -> None:
        if self._count - len(self._order) > _TAIL:
            self._order = np.argsort(self._said[0, : self._count], kind="stable")
            self._sorted = self._said[0, self._order]
