"""Comparing a stored record with one that was packed anew from its events."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.record import SKEWED, Columns, Record
from numpy.typing import NDArray

from .pack import AHEAD_US

_DOUBT_US = 600 * 1_000_000
"""Capture tells what lies ahead a moment before the entry gets its time of receipt. What lay this close to the limit by
that time may have been told either way."""


def differing_event(stored: Record, made: Record, received_at: int) -> int | None:
    """The place of the first event of which two records of one entry say something else, -1 where it is none in
    particular, None where they agree. ``received_at``: the entry's, microseconds, by which ``made`` was packed."""
    if stored == made:
        return None
    mine, theirs = made.columns(), stored.columns()
    wrong = np.zeros(made.count, bool)
    for name in ("kinds", "senders", "operators", "sites", "identities", "locations", "others"):
        left, right = getattr(mine, name), getattr(theirs, name)
        if left.shape != right.shape:
            return -1
        wrong |= left != right
    if mine.flags.shape != theirs.flags.shape or not np.array_equal(mine.step_event, theirs.step_event):
        return -1
    limit = received_at + AHEAD_US
    near = (mine.times > limit - _DOUBT_US) & (mine.times <= limit)
    doubtful = np.zeros(made.count, bool)
    doubtful[mine.step_event[near.any(axis=1)]] = True
    bits = mine.flags ^ theirs.flags
    wrong |= (bits & ~np.uint8(SKEWED)) != 0
    wrong |= (bits != 0) & ~doubtful & _has_steps(mine.step_event, made.count)
    if mine.step_shape.shape != theirs.step_shape.shape or mine.times.shape != theirs.times.shape:
        return -1
    wrong[mine.step_event[mine.step_shape != theirs.step_shape]] = True
    moved = mine.step_event[(mine.times != theirs.times).any(axis=1)]
    wrong[moved[~doubtful[moved]]] = True
    for start, batch, site in (("in_start", "in_batch", "in_site"), ("out_start", "out_batch", "out_site")):
        left, right = getattr(mine, start), getattr(theirs, start)
        if not np.array_equal(left, right):
            return -1
        differs = np.zeros(int(left[-1]), bool)
        for name in (batch, site):
            if getattr(mine, name).shape != getattr(theirs, name).shape:
                return -1
            differs |= getattr(mine, name) != getattr(theirs, name)
        steps = np.searchsorted(left, np.flatnonzero(differs), side="right") - 1
        wrong[mine.step_event[steps]] = True
    places = {place for place, _ in set(made.variant_of) ^ set(stored.variant_of)}
    places |= {place for place, _, _ in set(made.details) ^ set(stored.details)}
    places |= {place for place, _ in set(made.processes) ^ set(stored.processes)}
    if stored.weighed is not None:
        places |= {place for place, *_ in set(made.weighed or ()) ^ set(stored.weighed)}
    for names in (("planned_event", "planned"), ("expiry_event", "expiry_batch", "expiry")):
        left, right = _rows(mine, names), _rows(theirs, names)
        if left is None or right is None:
            return -1
        places |= {row[0] for row in set(left) ^ set(right)}
    if any(place >= made.count for place in places):
        return -1
    wrong[list(places)] = True
    if wrong.any():
        return int(np.argmax(wrong))
    return None if _told_alike(stored, made) else -1


def _told_alike(stored: Record, made: Record) -> bool:
    """Whether all is equal that cannot have been told either way: so that no column, however new, goes unseen."""
    either = {"flags", "times"} | ({"weighed"} if stored.weighed is None else set())
    names = [name for name in Record.__struct_fields__ if name not in either]
    return all(getattr(stored, name) == getattr(made, name) for name in names)


def _rows(columns: Columns, names: tuple[str, ...]) -> list[tuple[int, ...]] | None:
    """Columns of one table as rows; None where they have not the same length."""
    parts = [getattr(columns, name) for name in names]
    if len({len(part) for part in parts}) > 1:
        return None
    return [tuple(row) for row in np.column_stack(parts).tolist()] if len(parts[0]) else []


def _has_steps(step_event: NDArray[np.uint16], count: int) -> NDArray[np.bool_]:
    has = np.zeros(count, bool)
    has[step_event] = True
    return has
