"""A scope's members with what the scope itself knows of each: state, strongest support, last cause. Moves from one to
another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.terms import DECLARED
from fieldline_trace.recall.changes import NONE, ChangeSet
from fieldline_trace.recall.members import (
    DESCENDANT,
    GONE,
    INCLUDED,
    RELEASED,
    SAME_WINDOW,
    SUPPORTED,
    UNSUPPORTED,
    WEAKENED,
    MemberTable,
)
from fieldline_trace.risk.alerts import Cause

_T = TypeVar("_T", np.uint8, np.int64, np.bool_)
Counted = Callable[[int], tuple[int, int]]
"""For a holding, the one that it counts as now (keys may be one batch), and the batch of that."""


class Rows(NamedTuple):
    """Members in columns of equal length, ordered by holding."""

    table: MemberTable
    state: NDArray[np.uint8]
    peak: NDArray[np.int64]
    """The strongest support of each since the scope holds fast to it."""
    held: NDArray[np.bool_]
    """Held: it stays so whatever becomes of its support or its role, until it is released."""
    code: NDArray[np.uint8]
    event: NDArray[np.int64]
    """Last cause of each: index of its code, event number."""

    @staticmethod
    def none() -> Rows:
        """No members."""
        return Rows(
            MemberTable.empty(),
            np.empty(0, np.uint8),
            np.empty(0, np.int64),
            np.empty(0, np.bool_),
            np.empty(0, np.uint8),
            np.empty(0, np.int64),
        )

    def take(self, where: NDArray[np.intp] | NDArray[np.bool_]) -> Rows:
        """The rows at ``where`` (mask or positions)."""
        state, peak, held = self.state[where], self.peak[where], self.held[where]
        return Rows(self.table.take(where), state, peak, held, self.code[where], self.event[where])


def supported_by(old: Rows, new: MemberTable, *, keep: bool, hold: bool, declared: bool = False) -> Rows:
    """What becomes of ``old`` where the evidence supports ``new``; what leaves is left out.

    Args:
        keep: hold fast to what is supported less, or no longer.
        hold: the scope is open, so the lot, and what was recorded as made of it, is held.
        declared: so is what a declared window alone puts in, since the scope is about one.
    """
    both = MemberTable.joined([new, old.table])
    was, now = positions(old.table.holding, both.holding), positions(new.holding, both.holding)
    is_new, is_old = now >= 0, was >= 0
    state = at(old.state, was, NONE)
    strength = at(new.strength(), now, 0)
    held_to = is_old & (keep | (state == WEAKENED) | (state == UNSUPPORTED))
    peak = np.where(held_to, np.maximum(at(old.peak, was, 0), strength), strength)
    peak = np.where(is_new, peak, at(old.peak, was, 0))
    after = np.where(strength < peak, np.uint8(WEAKENED), np.uint8(SUPPORTED))
    after[state == RELEASED] = RELEASED
    recorded = peak % 2 == 1
    stays = (state == UNSUPPORTED) | (keep & recorded & (state != RELEASED))
    after[~is_new] = np.where(stays[~is_new], np.uint8(UNSUPPORTED), np.uint8(GONE))
    held = (
        at(old.held, was, 0)
        | (after == UNSUPPORTED)
        | (is_new & by_default(both, declared=declared) if hold else np.False_)
    )
    held &= after != RELEASED
    rows = Rows(both, after, peak, held, at(old.code, was, 0), at(old.event, was, -1))
    return rows.take(after != GONE)


def by_default(table: MemberTable, *, declared: bool = False) -> NDArray[np.bool_]:
    """Mask: what an open scope holds unless it was released: the lot, what was recorded as made of it, and what a
    person put in. With ``declared``, also what a declared window alone puts in, of which nobody recorded that it has
    it."""
    about = (table.role <= DESCENDANT) | (table.role == SAME_WINDOW)
    said: NDArray[np.bool_] = about & (~table.inferred if declared else table.basis < DECLARED)
    said |= table.role == INCLUDED
    return said


def difference(old: Rows, new: Rows, cause: Cause, code: int) -> tuple[Rows, ChangeSet]:
    """``new`` with ``cause`` where a member stands otherwise than in ``old``, and what changed."""
    both = MemberTable.joined([new.table, old.table])
    was, now = positions(old.table.holding, both.holding), positions(new.table.holding, both.holding)
    before, after = _standing(old, was), _standing(new, now)
    state = np.where(now >= 0, after[:, 3], np.uint8(GONE))
    stands_otherwise = (before != after).any(axis=1)
    changed = stands_otherwise.copy()
    kept = (was >= 0) & (now >= 0)
    for name in ("batch", "hops", "via", "lo", "hi"):
        column: NDArray[np.int64] = getattr(both, name)
        changed[kept] |= column[kept] != getattr(old.table, name)[was[kept]]
    there = now >= 0
    marked = new._replace(
        code=np.where(stands_otherwise[there], np.uint8(code), new.code),
        event=np.where(stands_otherwise[there], np.int64(cause.event), new.event),
    )
    rows = np.flatnonzero(changed)
    causes = (cause,) if len(rows) else ()
    return marked, ChangeSet(before[rows], both.take(rows), state[rows], np.zeros(len(rows), np.uint16), causes)


def recounted(rows: Rows, moved: Mapping[int, int], counted: Counted) -> tuple[Rows, dict[int, int]]:
    """Move rows to what their holdings count as now: keys became one batch, or were parted.

    Args:
        moved: holdings that were moved before, and where to; they come back once the keys are parted.

    Returns: the rows, and ``moved`` for the next time.
    """
    place = {holding: row for row, holding in enumerate(rows.table.holding.tolist())}
    new_moved = {h: to for h, to in moved.items() if counted(h)[0] == to}
    back = sorted(h for h, to in moved.items() if h not in new_moved and h not in place and to in place)
    away = {h: counted(h) for h in place if counted(h)[0] != h}
    if not back and not away:
        return rows, new_moved
    count = len(place)
    rows = rows.take(np.array([*range(count), *(place[moved[h]] for h in back)], np.intp))
    holding, batch = rows.table.holding.copy(), rows.table.batch.copy()
    for row, h in enumerate(back, start=count):
        holding[row], batch[row] = h, counted(h)[1]
    for h, (to, of) in away.items():
        holding[place[h]], batch[place[h]] = to, of
        new_moved[h] = to
    # Of rows that are one now the firmest stays; what was released of one of them is not released of the others.
    order = np.lexsort((rows.state, -rows.peak, rows.state == RELEASED, holding))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(holding[order]) != 0]))
    merged = rows._replace(table=replace(rows.table, holding=holding, batch=batch)).take(order[starts])
    return merged._replace(held=np.logical_or.reduceat(rows.held[order], starts)), new_moved


def positions(of: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of ``among`` its position in the sorted ``of``; -1 where it is not there."""
    if not len(of):
        return np.full(len(among), -1, np.int64)
    found = np.minimum(np.searchsorted(of, among), len(of) - 1)
    return np.where(of[found] == among, found, -1)


def at(column: NDArray[_T], where: NDArray[np.int64], missing: int) -> NDArray[_T]:
    """The values of ``column`` at ``where``; ``missing`` where the position is -1."""
    out = np.full(len(where), missing, column.dtype)
    there = where >= 0
    out[there] = column[where[there]]
    return out


def _standing(rows: Rows, where: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Role, certainty, basis and state of each; all ``NONE`` where it is no member."""
    table = rows.table
    columns = (table.role, table.certainty, table.basis, rows.state)
    return np.stack([at(column, where, NONE) for column in columns], axis=1)
