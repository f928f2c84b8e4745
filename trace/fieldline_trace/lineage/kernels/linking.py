"""Kernels that put rows' links in and take them out, and keep what is derived of each holding."""

from __future__ import annotations

from fieldline_schemas.record import DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.record import TIMELESS as TIMELESS_STEP
from fieldline_schemas.times import FOREVER

from fieldline_trace.lineage.kernels.columns import (
    BASED,
    BATCHES_NOTED,
    BIRTH,
    CHANGED,
    DEAD,
    GENERAL,
    GROUPS_NOTED,
    I1,
    I4,
    I8,
    IN_BASE,
    INS,
    LOT,
    MANY,
    MANY_BIRTHS,
    MOVE,
    NO_BIRTH,
    NO_DRAW,
    NO_FILLING,
    NODES_NOTED,
    OUT_BASE,
    OUTS,
    POOL_CHANGED,
    RECEIPT,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESS,
    TIMELESSLY,
    TO_DERIVE,
    UNEXPLAINED,
    Batches,
    Groups,
    Nodes,
    Notes,
    Rows,
    Sides,
    Tables,
    Times,
)
from fieldline_trace.lineage.kernels.columns import RECEIVED as DATED_BY_RECEIPT
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.taking import holding_of, new_node


@kernel
def _note_node(counts: I8, notes: Notes, node: int, what: int) -> None:
    if notes.node[node] == 0:
        notes.nodes[counts[NODES_NOTED]] = node
        counts[NODES_NOTED] += 1
    notes.node[node] |= what


@kernel
def _note_batch(counts: I8, notes: Notes, batch: int, what: int) -> None:
    if notes.batch[batch] == 0:
        notes.batches[counts[BATCHES_NOTED]] = batch
        counts[BATCHES_NOTED] += 1
    notes.batch[batch] |= what


@kernel
def _note_group(counts: I8, notes: Notes, group: int, what: int) -> None:
    if notes.group[group] == 0:
        notes.groups[counts[GROUPS_NOTED]] = group
        counts[GROUPS_NOTED] += 1
    notes.group[group] |= what


@kernel
def _note_pool(counts: I8, nodes: Nodes, notes: Notes, node: int) -> None:
    """Note for the lots beside it that a general pool came or went, or is drawn on now, or no longer."""
    if nodes.flags[node] & GENERAL and nodes.group[node] >= 0:
        _note_group(counts, notes, nodes.group[node], POOL_CHANGED)


@kernel
def _comes_or_goes(counts: I8, nodes: Nodes, batches: Batches, notes: Notes, node: int, more: int) -> None:
    batches.held[nodes.batch[node]] += more
    _note_batch(counts, notes, nodes.batch[node], CHANGED)
    _note_pool(counts, nodes, notes, node)


@kernel
def counted_as(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, tables: Tables, node: int) -> int:
    """The holding that a holding counts as: the same, or by same_batch the one of another batch."""
    batch = nodes.batch[node]
    root = batches.root[batch]
    if root == batch:
        return node
    return holding_of(counts, nodes, batches, groups, tables, root, nodes.site[node], True)


@kernel
def _add(counts: I8, side: Sides, place: int, heads: I4, node: int, other: int, row: int, flags: int) -> None:
    at = counts[place]
    counts[place] = at + 1
    side.other[at] = other
    side.row[at] = row
    side.flags[at] = flags
    since = at - counts[OUT_BASE if place == OUTS else IN_BASE]
    side.owner[since] = node
    side.next[since] = heads[node]
    heads[node] = at


@kernel
def _was_filled(nodes: Nodes, rows: Rows, known: Times, node: int, row: int, flags: int) -> None:
    """What one more filling or receipt changes in what is derived of a holding."""
    if flags & TIMELESS:
        nodes.flags[node] |= DATED_BY_RECEIPT if flags & RECEIPT else TIMELESSLY
        return
    lo, hi = known.lo[rows.filled[row]], known.hi[rows.filled[row]]
    nodes.content[node] = min(nodes.content[node], hi)
    if flags & RECEIPT:
        nodes.flags[node] |= DATED_BY_RECEIPT
        return
    nodes.first[node] = min(nodes.first[node], lo)
    before = nodes.filled_by[node]
    if before < 0:
        nodes.filled_by[node] = row
    elif rows.event[before] != rows.event[row]:
        nodes.flags[node] |= MANY


@kernel
def _was_drawn(nodes: Nodes, rows: Rows, known: Times, node: int, row: int, flags: int) -> None:
    hi = FOREVER if flags & TIMELESS else known.hi[rows.drawn[row]]
    nodes.drawn[node] = min(nodes.drawn[node], hi)
    if flags & MOVE:
        nodes.shipped[node] = min(nodes.shipped[node], hi)


@kernel
def _was_born(batches: Batches, rows: Rows, batch: int, row: int) -> None:
    before = batches.birth[batch]
    if before == NO_BIRTH:
        batches.birth[batch] = row
    elif before >= 0 and rows.event[before] != rows.event[row]:
        batches.birth[batch] = MANY_BIRTHS


@kernel
def _settle(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, notes: Notes, node: int) -> None:
    """Bring a holding's flags, and its batch's and group's counts, to what now stands of it."""
    _note_node(counts, notes, node, CHANGED)
    batch, group, flags = nodes.batch[node], nodes.group[node], nodes.flags[node]
    new = flags & ~(UNEXPLAINED | SHIPS_UNFILLED | SHIPS_UNEXPLAINED)
    if flags & TIMELESSLY == 0:
        first = nodes.first[node]
        if nodes.drawn[node] < first:
            new |= UNEXPLAINED
        if nodes.shipped[node] != NO_DRAW:
            if first == NO_FILLING:
                new |= SHIPS_UNFILLED
            if nodes.shipped[node] < first:
                new |= SHIPS_UNEXPLAINED
    changed = flags ^ new
    if changed & UNEXPLAINED:
        more = 1 if new & UNEXPLAINED else -1
        batches.unexplained[batch] += more
        if group >= 0 and flags & LOT:
            groups.unexplained[group] += more
    if changed & SHIPS_UNFILLED:
        batches.ships_unfilled[batch] += 1 if new & SHIPS_UNFILLED else -1
    if changed & SHIPS_UNEXPLAINED:
        batches.ships_unexplained[batch] += 1 if new & SHIPS_UNEXPLAINED else -1
    nodes.flags[node] = new
    if changed:
        _note_batch(counts, notes, batch, CHANGED)
    if group >= 0:
        _note_group(counts, notes, group, CHANGED)
        if flags & LOT:
            groups.content[group] = min(groups.content[group], nodes.content[node])


@kernel
def attach(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: Times,
    tables: Tables,
    outs: Sides,
    ins: Sides,
    notes: Notes,
    which: I8,
) -> None:
    """Put in the links of rows that have none, and note what that touches. All columns have room."""
    for row in which:
        shape, basis = rows.shape[row] & SHAPE_MASK, rows.basis[row]
        start, end = rows.start[row], rows.start[row + 1]
        middle = start + rows.inputs[row]
        flags = basis
        if rows.shape[row] & TIMELESS_STEP:
            flags |= TIMELESS
        if shape == MOVED:
            flags |= MOVE
        if shape == RECEIVED:
            flags |= RECEIPT
            start = middle
        if shape == DRAWN:
            end = middle
        m, n = middle - start, end - middle
        step = -1
        if shape == MADE and m > 1 and n > 1:
            step = new_node(counts, nodes, -1, -1)
        for i in range(start, middle):
            source = counted_as(counts, nodes, batches, groups, tables, rows.ends[i])
            if nodes.ends[source] == 0:
                _comes_or_goes(counts, nodes, batches, notes, source, 1)
            nodes.ends[source] += 1
            if nodes.drawn[source] == NO_DRAW:
                _note_pool(counts, nodes, notes, source)
            _was_drawn(nodes, rows, known, source, row, flags)
            _settle(counts, nodes, batches, groups, notes, source)
            if n == 0:
                _add(counts, outs, OUTS, nodes.outs, source, -1, row, flags)
            elif step >= 0:
                _add(counts, outs, OUTS, nodes.outs, source, -2 - step, row, flags)
                _add(counts, ins, INS, nodes.ins, step, source, row, flags)
        for i in range(middle, end):
            target = counted_as(counts, nodes, batches, groups, tables, rows.ends[i])
            batch, born = nodes.batch[target], 0
            if nodes.ends[target] == 0:
                _comes_or_goes(counts, nodes, batches, notes, target, 1)
            nodes.ends[target] += 1
            if shape == MADE and nodes.flags[target] & LOT:
                born = BIRTH
                birth = batches.birth[batch]
                _was_born(batches, rows, batch, row)
                if batches.birth[batch] != birth:
                    _note_batch(counts, notes, batch, CHANGED)
            _was_filled(nodes, rows, known, target, row, flags)
            _settle(counts, nodes, batches, groups, notes, target)
            if m == 0:
                _add(counts, ins, INS, nodes.ins, target, -1, row, flags | born)
            elif step >= 0:
                _add(counts, outs, OUTS, nodes.outs, step, target, row, flags | born)
                _add(counts, ins, INS, nodes.ins, target, -2 - step, row, flags | born)
            else:
                first, last = start, middle
                if shape == MOVED:
                    first = start + i - middle
                    last = first + 1
                for j in range(first, last):
                    source = counted_as(counts, nodes, batches, groups, tables, rows.ends[j])
                    _add(counts, outs, OUTS, nodes.outs, source, target, row, flags | born)
                    _add(counts, ins, INS, nodes.ins, target, source, row, flags | born)


@kernel
def _bury(counts: I8, side: Sides, base: int, heads: I4, node: int, row: int) -> int:
    """Mark the node's entries of the row dead; the step node that they lead to, or -1."""
    step = -1
    at = -1
    if node < counts[BASED]:
        for at in range(side.start[node], side.start[node + 1]):
            if side.row[at] == row:
                side.flags[at] |= DEAD
                if side.other[at] < -1:
                    step = -2 - side.other[at]
    at = heads[node]
    while at >= 0:
        if side.row[at] == row:
            side.flags[at] |= DEAD
            if side.other[at] < -1:
                step = -2 - side.other[at]
        at = side.next[at - base]
    return step


@kernel
def detach(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: Times,
    tables: Tables,
    outs: Sides,
    ins: Sides,
    notes: Notes,
    which: I8,
) -> None:
    """Take out the links of rows that have them, and derive anew what they touched."""
    for row in which:
        shape = rows.shape[row] & SHAPE_MASK
        start, end = rows.start[row], rows.start[row + 1]
        middle = start + rows.inputs[row]
        if shape == RECEIVED:
            start = middle
        if shape == DRAWN:
            end = middle
        step = -1
        for i in range(start, end):
            node = counted_as(counts, nodes, batches, groups, tables, rows.ends[i])
            if i < middle:
                step = max(step, _bury(counts, outs, counts[OUT_BASE], nodes.outs, node, row))
            else:
                _bury(counts, ins, counts[IN_BASE], nodes.ins, node, row)
            nodes.ends[node] -= 1
            if nodes.ends[node] == 0:
                _comes_or_goes(counts, nodes, batches, notes, node, -1)
            _note_node(counts, notes, node, TO_DERIVE)
            if nodes.flags[node] & LOT:
                if nodes.group[node] >= 0:
                    _note_group(counts, notes, nodes.group[node], TO_DERIVE)
                if i >= middle and shape == MADE:
                    _note_batch(counts, notes, nodes.batch[node], TO_DERIVE)
        if step >= 0:
            _bury(counts, ins, counts[IN_BASE], nodes.ins, step, row)
            _bury(counts, outs, counts[OUT_BASE], nodes.outs, step, row)
    for i in range(counts[NODES_NOTED]):
        node = notes.nodes[i]
        if notes.node[node] & TO_DERIVE:
            notes.node[node] = CHANGED
            _derive(counts, nodes, rows, known, outs, ins, notes, node)
            _settle(counts, nodes, batches, groups, notes, node)
    for i in range(counts[BATCHES_NOTED]):
        batch = notes.batches[i]
        if notes.batch[batch] & TO_DERIVE:
            notes.batch[batch] = CHANGED
            _derive_birth(counts, nodes, batches, rows, ins, batch)
    for i in range(counts[GROUPS_NOTED]):
        group = notes.groups[i]
        if notes.group[group] & TO_DERIVE:
            notes.group[group] &= ~TO_DERIVE
            _derive_content(nodes, groups, group)


@kernel
def _derive(
    counts: I8, nodes: Nodes, rows: Rows, known: Times, outs: Sides, ins: Sides, notes: Notes, node: int
) -> None:
    """What stands of a holding, from its entries."""
    was_drawn = nodes.drawn[node] != NO_DRAW
    nodes.content[node] = FOREVER
    nodes.first[node] = NO_FILLING
    nodes.drawn[node] = NO_DRAW
    nodes.shipped[node] = NO_DRAW
    nodes.filled_by[node] = -1
    nodes.flags[node] &= ~(MANY | TIMELESSLY | DATED_BY_RECEIPT)
    if node < counts[BASED]:
        for at in range(ins.start[node], ins.start[node + 1]):
            if ins.flags[at] & DEAD == 0:
                _was_filled(nodes, rows, known, node, ins.row[at], ins.flags[at])
        for at in range(outs.start[node], outs.start[node + 1]):
            if outs.flags[at] & DEAD == 0:
                _was_drawn(nodes, rows, known, node, outs.row[at], outs.flags[at])
    at = nodes.ins[node]
    while at >= 0:
        if ins.flags[at] & DEAD == 0:
            _was_filled(nodes, rows, known, node, ins.row[at], ins.flags[at])
        at = ins.next[at - counts[IN_BASE]]
    at = nodes.outs[node]
    while at >= 0:
        if outs.flags[at] & DEAD == 0:
            _was_drawn(nodes, rows, known, node, outs.row[at], outs.flags[at])
        at = outs.next[at - counts[OUT_BASE]]
    if was_drawn and nodes.drawn[node] == NO_DRAW:
        _note_pool(counts, nodes, notes, node)


@kernel
def _derive_birth(counts: I8, nodes: Nodes, batches: Batches, rows: Rows, ins: Sides, batch: int) -> None:
    batches.birth[batch] = NO_BIRTH
    node = batches.head[batch]
    while node >= 0:
        if node < counts[BASED]:
            for at in range(ins.start[node], ins.start[node + 1]):
                if ins.flags[at] & (DEAD | BIRTH) == BIRTH:
                    _was_born(batches, rows, batch, ins.row[at])
        at = nodes.ins[node]
        while at >= 0:
            if ins.flags[at] & (DEAD | BIRTH) == BIRTH:
                _was_born(batches, rows, batch, ins.row[at])
            at = ins.next[at - counts[IN_BASE]]
        node = nodes.next[node]


@kernel
def _derive_content(nodes: Nodes, groups: Groups, group: int) -> None:
    least = FOREVER
    node = groups.head[group]
    while node >= 0:
        least = min(least, nodes.content[node])
        node = nodes.next_in_group[node]
    groups.content[group] = least


@kernel
def pack(
    counts: I8, heads: I4, side: Sides, base: int, end: int, nodes: int, start: I4, other: I4, row: I4, flags: I1
) -> int:
    """Write all living entries into ``start`` (room for nodes + 1, zeros), ``other``, ``row``, ``flags``; how many.

    Each node's stay in the order they came in.
    """
    based = counts[BASED]
    for node in range(based):
        for at in range(side.start[node], side.start[node + 1]):
            if side.flags[at] & DEAD == 0:
                start[node + 1] += 1
    for at in range(base, end):
        if side.flags[at] & DEAD == 0:
            start[side.owner[at - base] + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    total = int(start[nodes])
    for node in range(based):
        for at in range(side.start[node], side.start[node + 1]):
            if side.flags[at] & DEAD == 0:
                to = start[node]
                start[node] = to + 1
                other[to] = side.other[at]
                row[to] = side.row[at]
                flags[to] = side.flags[at]
    for at in range(base, end):
        if side.flags[at] & DEAD == 0:
            node = side.owner[at - base]
            to = start[node]
            start[node] = to + 1
            other[to] = side.other[at]
            row[to] = side.row[at]
            flags[to] = side.flags[at]
    for node in range(nodes, 0, -1):
        start[node] = start[node - 1]
    start[0] = 0
    heads[:nodes] = -1
    return total


@kernel
def touched(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, notes: Notes, found: I4) -> int:
    """Write to ``found`` all holdings that the notes name or that their changes can matter to, and clear the notes.

    A change of a batch (a birth, a gap, a holding more) matters to all its holdings, one of a lot to the general pool
    beside it, a pool's first draw to the lots beside it.
    """
    for i in range(counts[BATCHES_NOTED]):
        notes.batch[notes.batches[i]] = 0
        node = batches.head[notes.batches[i]]
        while node >= 0:
            _note_node(counts, notes, node, CHANGED)
            group = nodes.group[node]
            if group >= 0 and nodes.flags[node] & LOT:
                _note_group(counts, notes, group, CHANGED)
            node = nodes.next[node]
    for i in range(counts[GROUPS_NOTED]):
        group = notes.groups[i]
        if groups.pool[group] >= 0:
            _note_node(counts, notes, groups.pool[group], CHANGED)
            if notes.group[group] & POOL_CHANGED:
                node = groups.head[group]
                while node >= 0:
                    _note_node(counts, notes, node, CHANGED)
                    node = nodes.next_in_group[node]
        notes.group[group] = 0
    n = 0
    for i in range(counts[NODES_NOTED]):
        node = notes.nodes[i]
        notes.node[node] = 0
        if nodes.batch[node] >= 0:
            found[n] = node
            n += 1
    counts[NODES_NOTED] = 0
    counts[BATCHES_NOTED] = 0
    counts[GROUPS_NOTED] = 0
    return n
