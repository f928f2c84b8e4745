"""Kernels that answer what is a gap, and what dates and feeds it."""

from __future__ import annotations

from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    BASED,
    DEAD,
    I8,
    IN_BASE,
    LOT,
    NO_BIRTH,
    NO_DRAW,
    OUT_BASE,
    RECEIPT,
    RECEIVED,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESS,
    TIMELESSLY,
    UNEXPLAINED,
    Batches,
    Groups,
    Nodes,
    Rows,
    Sides,
    Times,
)
from fieldline_trace.lineage.kernels.compiled import kernel


@kernel
def is_start(nodes: Nodes, batches: Batches, node: int) -> bool:
    """Whether a lot whose making is not recorded starts here, and only here."""
    batch = nodes.batch[node]
    if batches.birth[batch] != NO_BIRTH:
        return False
    if batches.ships_unfilled[batch]:
        return bool(batches.ships_unfilled[batch] == 1 and nodes.flags[node] & SHIPS_UNFILLED)
    return bool(batches.ships_unexplained[batch] == 1 and nodes.flags[node] & SHIPS_UNEXPLAINED)


@kernel
def is_gap(nodes: Nodes, batches: Batches, node: int) -> bool:
    """Whether a lot's holding has an unexplained draw and is not where the lot starts."""
    return nodes.flags[node] & (UNEXPLAINED | LOT) == UNEXPLAINED | LOT and not is_start(nodes, batches, node)


@kernel
def is_fed_by_pool(nodes: Nodes, batches: Batches, node: int) -> bool:
    """Whether it is a gap of a lot that is nowhere else."""
    return batches.held[nodes.batch[node]] == 1 and is_gap(nodes, batches, node)


@kernel
def is_drawn_on(groups: Groups, nodes: Nodes, group: int) -> bool:
    """Whether the group has a general pool that something was drawn of."""
    pool = groups.pool[group]
    return bool(pool >= 0 and nodes.drawn[pool] != NO_DRAW)


@kernel
def pool_is_fed(nodes: Nodes, batches: Batches, groups: Groups, group: int) -> bool:
    """Whether any lot of the group feeds its general pool."""
    if not is_drawn_on(groups, nodes, group):
        return False
    node = groups.head[group]
    while node >= 0:
        if nodes.filled_by[node] >= 0 or nodes.flags[node] & (TIMELESSLY | RECEIVED):
            return True
        if nodes.flags[node] & UNEXPLAINED and not is_fed_by_pool(nodes, batches, node):
            return True
        node = nodes.next_in_group[node]
    return False


@kernel
def receipts(counts: I8, nodes: Nodes, rows: Rows, known: Times, ins: Sides, node: int) -> tuple[int, int]:
    """Least lo and least hi of the receipts of a holding that has some."""
    lo, hi = FOREVER, FOREVER
    at, end, base = 0, 0, counts[IN_BASE]
    if node < counts[BASED]:
        at, end = ins.start[node], ins.start[node + 1]
    if at == end:
        at, end = nodes.ins[node], -1
    while at >= 0 and at != end:
        if ins.flags[at] & (RECEIPT | DEAD) == RECEIPT:
            if ins.flags[at] & TIMELESS:
                lo = NEVER
            else:
                lo = min(lo, known.lo[rows.filled[ins.row[at]]])
                hi = min(hi, known.hi[rows.filled[ins.row[at]]])
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.ins[node], -1
        else:
            at = ins.next[at - base]
    return lo, hi


@kernel
def last_unexplained(counts: I8, nodes: Nodes, rows: Rows, known: Times, outs: Sides, node: int) -> int:
    """The latest end of its unexplained draws."""
    last = NEVER
    at, end, base = 0, 0, counts[OUT_BASE]
    if node < counts[BASED]:
        at, end = outs.start[node], outs.start[node + 1]
    if at == end:
        at, end = nodes.outs[node], -1
    while at >= 0 and at != end:
        if outs.flags[at] & DEAD == 0:
            hi = FOREVER
            if outs.flags[at] & TIMELESS == 0:
                hi = known.hi[rows.drawn[outs.row[at]]]
            if hi < nodes.first[node]:
                last = max(last, hi)
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.outs[node], -1
        else:
            at = outs.next[at - base]
    return last


@kernel
def since(counts: I8, nodes: Nodes, rows: Rows, known: Times, ins: Sides, holdings: I8, lo: I8, hi: I8) -> None:
    """When each holding was first filled, as far as its fillings and receipts date that."""
    for i in range(len(holdings)):
        node = holdings[i]
        least = nodes.first[node]
        if nodes.flags[node] & RECEIVED:
            least = min(least, receipts(counts, nodes, rows, known, ins, node)[0])
        lo[i] = least if least <= FOREVER else NEVER
        hi[i] = nodes.content[node]
