"""Kernel that puts what a trace left in its slots into the columns of an answer."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    I1,
    I8,
    MAYBE,
    MAYBE_EVER,
    RECEIVED,
    SURE,
    Nodes,
    Rows,
    Scratch,
    Sides,
)
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.gaps import receipts
from fieldline_trace.lineage.kernels.parts import asserting


@kernel
def tell(
    counts: I8,
    nodes: Nodes,
    rows: Rows,
    known: I8,
    ins: Sides,
    scratch: Scratch,
    slots: int,
    dated: bool,
    columns: I8,
    state: I1,
    excluded: I8,
) -> tuple[int, int]:
    """How many members and excluded holdings there are, the nearest first, step nodes left out.

    ``columns``: (8, slots): holding, batch, site, hops, event (or what stands in place of
    a row), source, exposed lo and hi. ``dated``: exposure goes by
    the labels of ``forward`` where it has them, else by when the holding was first filled.
    """
    hot = nodes.hot
    farthest = 0
    for s in range(slots):
        farthest = max(farthest, scratch.hops[s])
    place = np.zeros(farthest + 2, np.int64)
    left = 0
    for s in range(slots):
        v = scratch.node[s]
        if hot[v]["batch"] >= 0:
            if scratch.state[s] & MAYBE:
                place[scratch.hops[s] + 1] += 1
            else:
                excluded[left] = v
                left += 1
    for hops in range(farthest + 1):
        place[hops + 1] += place[hops]
    members = place[farthest + 1]
    for s in range(slots):
        v = scratch.node[s]
        if hot[v]["batch"] < 0 or scratch.state[s] & MAYBE == 0:
            continue
        at = place[scratch.hops[s]]
        place[scratch.hops[s]] = at + 1
        state[at] = scratch.state[s]
        columns[0, at], columns[1, at], columns[2, at] = v, hot[v]["batch"], nodes.site[v]
        columns[3, at], columns[4, at], columns[5, at] = scratch.hops[s], scratch.row[s], scratch.source[s]
        if dated and scratch.state[s] & MAYBE_EVER == 0:
            columns[6, at] = scratch.lo[s]
            columns[7, at] = scratch.hi[s] if scratch.state[s] & SURE else scratch.any[s]
        else:
            lo = hot[v]["first"]
            if hot[v]["flags"] & RECEIVED:
                lo = min(lo, receipts(counts, nodes, rows, known, ins, v)[0])
            columns[6, at] = lo if lo <= FOREVER else NEVER
            columns[7, at] = hot[v]["content"]
    for at in range(members):
        row = columns[4, at]
        if row >= 0:
            columns[4, at] = asserting(rows.event[row])
    return members, left
