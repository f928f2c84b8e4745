"""The events that a trace rests on: those that brought members in, and all else that is said of them on that way."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from fieldline_schemas.record import RECEIVED, SHAPE_MASK
from fieldline_schemas.times import NEVER

from fieldline_trace.lineage import LineageIndex, Trace
from fieldline_trace.lineage.lying import Lying


def evidence_of(index: LineageIndex, found: Trace, *, forward: bool, naming: Collection[int]) -> list[int]:
    """Numbers of the standing events that say how material got from one member to another, that members were seen, or
    that they left for a place that is not named, and where it all began (not ``forward``); units' too, as far as
    members were in them.

    ``naming``: the events that name what was asked for itself. Backward, what units did with it later than the last of
    them tells nothing of where it came from. What came into a member from elsewhere, or left it for elsewhere, is
    another trace's.
    """
    lying = Lying(index)
    links = lying.links(found.holding.astype(np.int64))
    rows, first, inverse = np.unique(links.row, return_index=True, return_inverse=True)
    filling, drawing = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    filling[inverse[links.incoming]] = True
    drawing[inverse[~links.incoming]] = True
    inputs, outputs = lying.counts(rows)
    seen = (links.shape[first] & SHAPE_MASK) == RECEIVED
    left = outputs == 0
    along = (filling & drawing) | seen | left
    if not forward:
        along |= inputs == 0
        asked = found.hops[links.at] == 0
        names = np.isin(links.event, np.fromiter(naming, np.int64))
        last = int(links.lo[asked & names].max(initial=NEVER))
        after = (asked & ~names & (links.lo > last))[first]
        along &= ~(after & (seen | left))
    numbers = np.unique(np.concatenate((links.event[first][along], found.via_event.astype(np.int64))))
    events: list[int] = numbers[numbers >= 0].tolist()
    return events
