"""Shipments on their way: which ones should have arrived by now, and have not.

A shipment has arrived where its batch was received, seen, packed or unpacked at its destination, by an event that
stands and does not lie before the departure. Where an arrival is planned, it is not late before that.
Both are kept in columns and compared only when a deadline passes, so an ordinary move costs no thought.
"""

from __future__ import annotations

import heapq
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

import numpy as np
from fieldline_schemas.record import AGGREGATED, DISAGGREGATED, MOVED, RECEIVED, SHAPE_MASK, Columns
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

_SITE_BITS: Final = 24
_SHIP: Final = ("batch", "site", "to_site", "departed", "deadline", "event")
_RECEIPT: Final = ("batch", "site", "arrived", "event")


@dataclass(frozen=True, slots=True, order=True)
class Overdue:
    """One shipment that has not arrived by its deadline."""

    event: int
    batch: int
    site: int
    to_site: int
    departed: int
    deadline: int


class _Log:
    """Columns of int64 that only grow."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._columns = {name: np.empty(256, np.int64) for name in names}
        self.count = 0

    def add(self, **new: NDArray[np.int64]) -> None:
        size = len(next(iter(new.values())))
        if self.count + size > len(next(iter(self._columns.values()))):
            room = 2 * (self.count + size)
            self._columns = {name: np.resize(column, room) for name, column in self._columns.items()}
        for name, values in new.items():
            self._columns[name][self.count : self.count + size] = values
        self.count += size

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        return self._columns[name][: self.count]


class Transit:
    """Shipments whose arrival nobody has stated, and receipts."""

    def __init__(self, shipped: int, received: int, grace: int, round_to: int) -> None:
        """``shipped``, ``received``: codes of the kinds; ``grace``, ``round_to``: microseconds."""
        self._shipped, self._received, self._grace, self._round = shipped, received, grace, round_to
        self._ships, self._receipts = _Log(_SHIP), _Log(_RECEIPT)
        self._deadlines: list[int] = []
        """Heap of the deadlines ahead, each once in an entry."""
        self._checked_to = 0
        """Deadline up to which shipments were checked, microseconds."""
        self.overdue: dict[int, dict[tuple[int, int, int], Overdue]] = {}
        """Event number -> (batch, site, to_site) -> what is overdue."""

    def add(self, columns: Columns, numbers: NDArray[np.int64], flagged: NDArray[np.bool_], received_at: int) -> None:
        """The shipments and receipts of one entry.

        Args:
            numbers: the event number of each step.
            flagged: mask over steps: imported history, which has no deadlines.
        """
        shape = columns.step_shape & SHAPE_MASK
        kind = columns.kinds[columns.step_event]
        fills = ((shape == MOVED) & (kind == self._received)) | (shape == RECEIVED)
        there = (shape == AGGREGATED) | (shape == DISAGGREGATED)
        leaves = (shape == MOVED) & (kind == self._shipped) & (columns.times[:, 3] >= FOREVER) & ~flagged
        if fills.any():
            step, at = _ends(columns.out_start, fills)
            batch, site = columns.out_batch[at], columns.out_site[at].astype(np.int64)
            self._receipts.add(batch=batch, site=site, arrived=columns.times[step, 3], event=numbers[step])
        if there.any():
            step, at = _ends(columns.in_start, there)
            batch, site = columns.in_batch[at], columns.in_site[at].astype(np.int64)
            self._receipts.add(batch=batch, site=site, arrived=columns.times[step, 3], event=numbers[step])
        unpacked = shape == DISAGGREGATED  # a unit that was unpacked somewhere had come there
        if unpacked.any():
            step, at = _ends(columns.in_start, unpacked)
            batch, site = columns.in_batch[at], columns.in_site[at].astype(np.int64)
            self._receipts.add(batch=batch, site=site, arrived=columns.times[step, 1], event=numbers[step])
        if leaves.any():
            step, at = _ends(columns.in_start, leaves)
            into = columns.out_start[step].astype(np.int64) + (at - columns.in_start[step])
            departed = columns.times[step]
            known = np.where(departed[:, 1] < FOREVER, departed[:, 1], received_at)
            planned = np.full(len(columns.kinds), NEVER)
            planned[columns.planned_event] = np.where(columns.planned[:, 1] < FOREVER, columns.planned[:, 1], NEVER)
            due = np.maximum(np.maximum(known, planned[columns.step_event[step]]), received_at) + self._grace
            self._ships.add(
                batch=columns.in_batch[at],
                site=columns.in_site[at].astype(np.int64),
                to_site=columns.out_site[into].astype(np.int64),
                departed=departed[:, 0],
                deadline=(rounded := -(-due // self._round) * self._round),
                event=numbers[step],
            )
            for deadline in np.unique(rounded).tolist():
                heapq.heappush(self._deadlines, deadline)

    def next_deadline(self) -> int | None:
        """The earliest deadline that no tick has passed, microseconds."""
        while self._deadlines and self._deadlines[0] <= self._checked_to:
            heapq.heappop(self._deadlines)
        return self._deadlines[0] if self._deadlines else None

    def pass_time(self, now: int, gone: Set[int]) -> set[int]:
        """Shipments whose deadline has come: the events that have become overdue. ``gone``: withdrawn events."""
        deadline = self._ships["deadline"]
        due = (deadline > self._checked_to) & (deadline <= now)
        self._checked_to = max(self._checked_to, now)
        return self._check(np.flatnonzero(due), gone)

    def again(self, batches: Set[int], gone: Set[int]) -> set[int]:
        """Check shipments of ``batches`` again; the events whose state may be another now."""
        ships = self._ships
        some = np.isin(ships["batch"], np.array(sorted(batches), np.int64)) & (ships["deadline"] <= self._checked_to)
        rows = np.flatnonzero(some)
        before = {event for event in ships["event"][rows].tolist() if event in self.overdue}
        for event in before:
            del self.overdue[event]
        return before | self._check(rows, gone)

    def moved_by(self, events: Set[int]) -> set[int]:
        """Batches that ``events`` shipped or received."""
        wanted = np.array(sorted(events), np.int64)
        logs = (self._ships, self._receipts)
        return {int(b) for log in logs for b in log["batch"][np.isin(log["event"], wanted)].tolist()}

    def late_batches(self) -> set[int]:
        """Batches with an overdue shipment."""
        return {key[0] for legs in self.overdue.values() for key in legs}

    def _check(self, rows: NDArray[np.intp], gone: Set[int]) -> set[int]:
        if not len(rows):
            return set()
        ships, receipts = self._ships, self._receipts
        where = (ships["batch"][rows] << _SITE_BITS) | ships["to_site"][rows]
        here = (receipts["batch"] << _SITE_BITS) | receipts["site"]
        some = np.isin(here, where)
        if gone:
            some &= ~np.isin(receipts["event"], np.array(sorted(gone), np.int64))
        latest: dict[int, int] = {}
        for key, arrived in zip(here[some].tolist(), receipts["arrived"][some].tolist(), strict=True):
            latest[key] = max(arrived, latest.get(key, arrived))
        late = set()
        for row, key in zip(rows.tolist(), where.tolist(), strict=True):
            one = Overdue(
                *(int(ships[name][row]) for name in ("event", "batch", "site", "to_site", "departed", "deadline"))
            )
            if one.event not in gone and latest.get(key, one.departed - 1) < one.departed:
                self.overdue.setdefault(one.event, {})[one.batch, one.site, one.to_site] = one
                late.add(one.event)
        return late


def _ends(start: NDArray[np.uint32], steps: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each end of the steps in the mask: its step, and its place among all ends."""
    chosen = np.flatnonzero(steps)
    size = (start[chosen + 1] - start[chosen]).astype(np.int64)
    step = np.repeat(chosen, size)
    first = np.repeat(start[chosen].astype(np.int64), size)
    within = np.arange(len(step)) - np.repeat(np.cumsum(size) - size, size)
    return step, first + within
