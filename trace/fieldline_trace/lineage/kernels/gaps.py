"""Kernels that answer what is a gap, and what dates and feeds it."""

from __future__ import annotations

from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    I4,
    I8,
    IN_BASE,
    LOT,
    NO_BIRTH,
    OUT_BASE,
    RECEIVED,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESSLY,
    UNDRAWN,
    UNEXPLAINED,
    UNFILLED,
    Batches,
    Groups,
    Nodes,
    Records,
    Rows,
    Sides,
)
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.ends import in_end, out_end
from fieldline_trace.lineage.kernels.links import BASIS, DEAD, RECEIPT, TIMELESS, flags_of, row_of
from fieldline_trace.lineage.kernels.parts import asserting
from fieldline_trace.lineage.terms import DECLARED


@kernel
def is_start(hot: Records, lots: Records, node: int) -> bool:
    """Whether a lot whose making is not recorded starts here, and only here."""
    batch = hot[node]["batch"]
    if lots[batch]["birth"] != NO_BIRTH:
        return False
    if lots[batch]["ships_unfilled"]:
        return bool(lots[batch]["ships_unfilled"] == 1 and hot[node]["flags"] & SHIPS_UNFILLED)
    return bool(lots[batch]["ships_unexplained"] == 1 and hot[node]["flags"] & SHIPS_UNEXPLAINED)


@kernel
def is_gap(hot: Records, lots: Records, node: int) -> bool:
    """Whether a lot's holding has an unexplained draw and is not where the lot starts."""
    return hot[node]["flags"] & (UNEXPLAINED | LOT) == UNEXPLAINED | LOT and not is_start(hot, lots, node)


@kernel
def is_fed_by_pool(hot: Records, lots: Records, node: int) -> bool:
    """Whether it is a gap of a lot that is nowhere else."""
    return lots[hot[node]["batch"]]["held"] == 1 and is_gap(hot, lots, node)


@kernel
def is_drawn_on(pools: I4, hot: Records, group: int) -> bool:
    """Whether the group has a general pool that something was drawn of."""
    pool = pools[group]
    return bool(pool >= 0 and hot[pool]["drawn"] != UNDRAWN)


@kernel
def pool_is_fed(nodes: Nodes, batches: Batches, groups: Groups, group: int) -> bool:
    """Whether any lot of the group feeds its general pool."""
    if not is_drawn_on(groups.pool, nodes.hot, group):
        return False
    node = groups.head[group]
    while node >= 0:
        if nodes.hot[node]["first"] != UNFILLED or nodes.hot[node]["flags"] & (TIMELESSLY | RECEIVED):
            return True
        if nodes.hot[node]["flags"] & UNEXPLAINED and not is_fed_by_pool(nodes.hot, batches.hot, node):
            return True
        node = nodes.next_in_group[node]
    return False


@kernel
def receipts(counts: I8, nodes: Nodes, rows: Rows, known: I8, ins: Sides, node: int) -> tuple[int, int]:
    """Least lo and least hi of the receipts of a holding that has some."""
    lo, hi = FOREVER, FOREVER
    at, end, base = nodes.hot[node]["in_start"], in_end(nodes.hot, node), counts[IN_BASE]
    if at == end:
        at, end = nodes.hot[node]["ins"], -1
    while at >= 0 and at != end:
        if flags_of(ins.link[at]) & (RECEIPT | DEAD) == RECEIPT:
            if flags_of(ins.link[at]) & TIMELESS:
                lo = NEVER
            else:
                lo = min(lo, known[rows.when[row_of(ins.link[at]), 1], 0])
                hi = min(hi, known[rows.when[row_of(ins.link[at]), 1], 1])
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.hot[node]["ins"], -1
        else:
            at = ins.next[at - base]
    return lo, hi


@kernel
def unexplained(
    counts: I8, nodes: Nodes, rows: Rows, known: I8, outs: Sides, node: int, latest: bool
) -> tuple[int, int]:
    """The latest end of a holding's unexplained draws, or with the earliest end the event, the first of several."""
    found, event = NEVER if latest else FOREVER + 1, -1
    first = known[nodes.hot[node]["first"], 0]
    at, end, base = nodes.hot[node]["out_start"], out_end(nodes.hot, node), counts[OUT_BASE]
    if at == end:
        at, end = nodes.hot[node]["outs"], -1
    while at >= 0 and at != end:
        link = outs.link[at]
        if link & DEAD == 0 and link & BASIS != DECLARED:
            hi = FOREVER if link & TIMELESS else known[rows.when[row_of(link), 0], 1]
            if hi < first:
                if latest:
                    found = max(found, hi)
                elif hi <= found:
                    by = asserting(rows.event[row_of(link)])
                    event = by if hi < found or by < event else event
                    found = hi
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.hot[node]["outs"], -1
        else:
            at = outs.next[at - base]
    return found, event
