"""Kernel that puts what a trace left in its slots into the columns of an answer."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    I1,
    I8,
    MAYBE,
    MAYBE_EVER,
    NO_ROW,
    OF_ITSELF,
    OF_SOURCE,
    RECEIVED,
    STATE,
    SURE,
    Nodes,
    Rows,
    Scratch,
    Sides,
)
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.gaps import receipts, unexplained
from fieldline_trace.lineage.kernels.parts import asserting
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.terms import DEFINITE, POSSIBLE


@kernel
def tell(
    counts: I8,
    nodes: Nodes,
    rows: Rows,
    known: I8,
    outs: Sides,
    ins: Sides,
    scratch: Scratch,
    slots: int,
    dated: bool,
) -> tuple[I8, I1, I8]:
    """The columns of an answer, the nearest first, step nodes left out; words are left as they were before the trace.

    (8, members): holding, batch, site, hops, event, source, exposed lo and hi; (2, members): certainty and basis; what
    only times exclude. ``dated``: exposure goes by the labels of ``forward`` where it has them, else by when the
    holding was first filled.
    """
    hot, how = nodes.hot, scratch.how
    member = np.empty(slots, np.uint8)
    farthest, left = 0, 0
    for s in range(slots):
        if s + 16 < slots:
            prefetch(hot, how[s + 16, 0])
        of = hot[how[s, 0]]
        state = of["word"] & STATE
        member[s] = 0
        if of["batch"] >= 0:
            if state & MAYBE:
                member[s] = state
                farthest = max(farthest, how[s, 1])
            else:
                left += 1
    place = np.zeros(farthest + 2, np.int64)
    for s in range(slots):
        if member[s]:
            place[how[s, 1] + 1] += 1
    for hops in range(farthest + 1):
        place[hops + 1] += place[hops]
    columns, how_sure = np.empty((8, place[farthest + 1]), np.int64), np.empty((2, place[farthest + 1]), np.uint8)
    excluded = np.empty(left, np.int64)
    left = 0
    for s in range(slots):
        if s + 16 < slots:
            prefetch(rows.event, how[s + 16, 2])
        v, state = how[s, 0], member[s]
        of = hot[v]
        of["word"] = 0
        if state == 0:
            if of["batch"] >= 0:
                excluded[left] = v
                left += 1
            continue
        hops, row = how[s, 1], how[s, 2]
        at = place[hops]
        place[hops] = at + 1
        how_sure[0, at] = DEFINITE if state & SURE else POSSIBLE
        how_sure[1, at] = scratch.basis[s]
        columns[0, at], columns[1, at], columns[2, at], columns[3, at] = v, of["batch"], of["site"], hops
        columns[5, at] = how[s, 3]
        if row < OF_SOURCE:
            columns[4, at] = asserting(rows.event[row])
        elif row == NO_ROW:
            columns[4, at] = -1
        else:
            shown = v if row == OF_ITSELF else how[s, 3]
            columns[4, at] = unexplained(counts, nodes, rows, known, outs, shown, False)[1]
        if dated and state & MAYBE_EVER == 0:
            columns[6, at] = scratch.lo[s]
            columns[7, at] = scratch.hi[s] if state & SURE else scratch.any[s]
        else:
            lo = known[of["first"], 0]
            if of["flags"] & RECEIVED:
                lo = min(lo, receipts(counts, nodes, rows, known, ins, v)[0])
            columns[6, at] = lo if lo <= FOREVER else NEVER
            columns[7, at] = known[of["content"], 1]
    return columns, how_sure, excluded
