"""Kernels that put rows' links in and take them out, and keep what is derived of each holding.

The module is long because putting in, taking out and deriving anew must agree on every count, read side by side.
"""

from __future__ import annotations

from typing import Final

from fieldline_schemas.record import ADDED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.record import TIMELESS as TIMELESS_STEP
from fieldline_schemas.times import FOREVER

from fieldline_trace.lineage.kernels.columns import (
    ADDED_TO,
    BATCHES_NOTED,
    BORN_HERE,
    BORN_OFTEN,
    BORN_ONCE,
    CHANGED,
    FAR,
    FEW_INS,
    FEW_OUTS,
    FILLED_LATER,
    GENERAL,
    GROUPS_NOTED,
    I4,
    I8,
    IN_BASE,
    INS,
    LOT,
    LOT_GAPS,
    MANY,
    MANY_BIRTHS,
    MANY_LINKS,
    MORE_INS,
    MORE_OUTS,
    NEAR_BY,
    NO_BIRTH,
    NO_FILLING,
    NODES_NOTED,
    NOTED,
    OUT_BASE,
    OUTS,
    PLAIN,
    POOL_CHANGED,
    REDERIVED,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESSLY,
    TO_DERIVE,
    UNDRAWN,
    UNEXPLAINED,
    UNFILLED,
    Batches,
    Groups,
    Nodes,
    Notes,
    Rows,
    Sides,
    Tables,
)
from fieldline_trace.lineage.kernels.columns import RECEIVED as DATED_BY_RECEIPT
from fieldline_trace.lineage.kernels.compiled import inlined, kernel
from fieldline_trace.lineage.kernels.ends import in_end, out_end
from fieldline_trace.lineage.kernels.links import (
    ADDITION,
    BASIS,
    BIRTH,
    DEAD,
    MOVE,
    RECEIPT,
    TIMELESS,
    flags_of,
    other_of,
    packed,
    row_of,
)
from fieldline_trace.lineage.kernels.parts import asserting
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.kernels.taking import holding_of, new_node
from fieldline_trace.lineage.terms import DECLARED

MOST_AHEAD: Final = 8
"""Of so many ends of a step to come memory is fetched."""
GOES: Final = 0x80
"""In a row's shape while its links are taken out."""


@inlined
def _note_node(counts: I8, nodes: Nodes, notes: Notes, node: int, what: int) -> None:
    """``what``: NOTED, or with it REDERIVED."""
    if nodes.hot[node]["flags"] & NOTED == 0:
        notes.nodes[counts[NODES_NOTED]] = node
        counts[NODES_NOTED] += 1
    nodes.hot[node]["flags"] |= what


@inlined
def _note_batch(counts: I8, notes: Notes, batch: int, what: int) -> None:
    if notes.batch[batch] == 0:
        notes.batches[counts[BATCHES_NOTED]] = batch
        counts[BATCHES_NOTED] += 1
    notes.batch[batch] |= what


@inlined
def _note_group(counts: I8, notes: Notes, group: int, what: int) -> None:
    if notes.group[group] == 0:
        notes.groups[counts[GROUPS_NOTED]] = group
        counts[GROUPS_NOTED] += 1
    notes.group[group] |= what


@inlined
def _note_pool(counts: I8, nodes: Nodes, notes: Notes, node: int) -> None:
    """Note for the lots beside it that a general pool came or went, or is drawn on now, or no longer."""
    if nodes.hot[node]["flags"] & GENERAL and nodes.group[node] >= 0:
        _note_group(counts, notes, nodes.group[node], POOL_CHANGED)


@inlined
def _comes_or_goes(counts: I8, nodes: Nodes, batches: Batches, notes: Notes, node: int, more: int) -> None:
    batches.hot[nodes.hot[node]["batch"]]["held"] += more
    _note_batch(counts, notes, nodes.hot[node]["batch"], CHANGED)
    _note_pool(counts, nodes, notes, node)


@inlined
def counted_as(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, known: I8, tables: Tables, node: int) -> int:
    """The holding that a holding counts as: the same, or by same_batch the one of another batch."""
    batch = nodes.hot[node]["batch"]
    root = batches.root[batch]
    if root == batch:
        return node
    return holding_of(counts, nodes, batches, groups, known, tables, root, nodes.hot[node]["site"], True)


@inlined
def _add_out(counts: I8, nodes: Nodes, outs: Sides, node: int, link: int) -> None:
    at = counts[OUTS]
    counts[OUTS] = at + 1
    outs.link[at] = link
    since = at - counts[OUT_BASE]
    outs.owner[since] = node
    outs.next[since] = nodes.hot[node]["outs"]
    nodes.hot[node]["outs"] = at
    nodes.hot[node]["flags"] |= MORE_OUTS


@inlined
def _add_in(counts: I8, nodes: Nodes, ins: Sides, node: int, link: int) -> None:
    at = counts[INS]
    counts[INS] = at + 1
    ins.link[at] = link
    since = at - counts[IN_BASE]
    ins.owner[since] = node
    ins.next[since] = nodes.hot[node]["ins"]
    nodes.hot[node]["ins"] = at
    nodes.hot[node]["flags"] |= MORE_INS


@kernel
def _is_first(counts: I8, nodes: Nodes, rows: Rows, ins: Sides, node: int, row: int) -> bool:
    """Whether no other event than that of a row filled a holding at a known time, once one event at most did."""
    event = asserting(rows.event[row])
    at, end = nodes.hot[node]["in_start"], in_end(nodes.hot, node)
    if at == end:
        at, end = nodes.hot[node]["ins"], -2
    while at >= 0:
        link = ins.link[at]
        if link & (DEAD | RECEIPT | TIMELESS | ADDITION) == 0:
            return asserting(rows.event[row_of(link)]) == event
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.hot[node]["ins"], -2
        else:
            at = ins.next[at - counts[IN_BASE]]
    return True


@inlined
def _was_filled(counts: I8, nodes: Nodes, rows: Rows, known: I8, ins: Sides, node: int, row: int, flags: int) -> None:
    """What one more filling or receipt changes in what is derived of a holding."""
    if flags & BIRTH:
        nodes.hot[node]["flags"] |= BORN_HERE
    elif flags & RECEIPT == 0:
        nodes.hot[node]["flags"] |= FILLED_LATER
    if flags & ADDITION:
        nodes.hot[node]["flags"] |= ADDED_TO
        return
    if flags & TIMELESS:
        nodes.hot[node]["flags"] |= DATED_BY_RECEIPT if flags & RECEIPT else TIMELESSLY
        return
    when = rows.when[row, 1]
    if known[when, 1] < known[nodes.hot[node]["content"], 1]:
        nodes.hot[node]["content"] = when
    if flags & RECEIPT:
        nodes.hot[node]["flags"] |= DATED_BY_RECEIPT
        return
    if nodes.hot[node]["first"] == UNFILLED:
        nodes.hot[node]["first"] = when
        return
    if known[when, 0] < known[nodes.hot[node]["first"], 0]:
        nodes.hot[node]["first"] = when
    if nodes.hot[node]["flags"] & MANY == 0 and not _is_first(counts, nodes, rows, ins, node, row):
        nodes.hot[node]["flags"] |= MANY


@inlined
def _was_drawn(nodes: Nodes, rows: Rows, known: I8, node: int, row: int, flags: int) -> None:
    if flags & BASIS == DECLARED:
        # It asks for no explanation: nobody says that something was taken.
        return
    when = UNFILLED if flags & TIMELESS else rows.when[row, 0]
    if known[when, 1] < known[nodes.hot[node]["drawn"], 1]:
        nodes.hot[node]["drawn"] = when
    if flags & MOVE and known[when, 1] < known[nodes.hot[node]["shipped"], 1]:
        nodes.hot[node]["shipped"] = when


@inlined
def _was_born(batches: Batches, rows: Rows, batch: int, row: int) -> None:
    before = batches.hot[batch]["birth"]
    if before == NO_BIRTH:
        batches.hot[batch]["birth"] = row
    elif before >= 0 and asserting(rows.event[before]) != asserting(rows.event[row]):
        batches.hot[batch]["birth"] = MANY_BIRTHS


@inlined
def _settle(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, known: I8, notes: Notes, node: int) -> None:
    """Bring a holding's flags, and its batch's and group's counts, to what now stands of it."""
    _note_node(counts, nodes, notes, node, NOTED)
    batch, flags = nodes.hot[node]["batch"], nodes.hot[node]["flags"]
    group = nodes.group[node] if len(nodes.group) else -1
    new = flags & ~(UNEXPLAINED | SHIPS_UNFILLED | SHIPS_UNEXPLAINED | PLAIN)
    if flags & TIMELESSLY == 0:
        first = known[nodes.hot[node]["first"], 0]
        if known[nodes.hot[node]["drawn"], 1] < first:
            new |= UNEXPLAINED
        if nodes.hot[node]["shipped"] != UNDRAWN:
            if first == NO_FILLING:
                new |= SHIPS_UNFILLED
            if known[nodes.hot[node]["shipped"], 1] < first:
                new |= SHIPS_UNEXPLAINED
    if new & (MANY | TIMELESSLY | DATED_BY_RECEIPT | ADDED_TO | UNEXPLAINED | GENERAL) == 0:
        new |= PLAIN
    changed = (flags ^ new) & ~PLAIN
    if changed & UNEXPLAINED:
        more = 1 if new & UNEXPLAINED else -1
        batches.hot[batch]["unexplained"] += more
        if group >= 0 and flags & LOT:
            groups.unexplained[group] += more
    if changed & SHIPS_UNFILLED:
        batches.hot[batch]["ships_unfilled"] += 1 if new & SHIPS_UNFILLED else -1
    if changed & SHIPS_UNEXPLAINED:
        batches.hot[batch]["ships_unexplained"] += 1 if new & SHIPS_UNEXPLAINED else -1
    nodes.hot[node]["flags"] = new
    if changed:
        _note_batch(counts, notes, batch, CHANGED)
    if group >= 0:
        _note_group(counts, notes, group, CHANGED)
        if flags & LOT:
            groups.content[group] = min(groups.content[group], known[nodes.hot[node]["content"], 1])


@inlined
def _fetch_what_is_derived(nodes: Nodes, batches: Batches, known: I8, node: int) -> None:
    """Memory that one more link of a holding will be compared with."""
    prefetch(batches.root, nodes.hot[node]["batch"])
    prefetch(batches.hot, nodes.hot[node]["batch"])
    prefetch(known, 2 * nodes.hot[node]["content"])
    prefetch(known, 2 * nodes.hot[node]["first"])
    prefetch(known, 2 * nodes.hot[node]["drawn"])


@kernel
def attach(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: I8,
    tables: Tables,
    outs: Sides,
    ins: Sides,
    notes: Notes,
    which: I8,
) -> None:
    """Put in the links of rows that have none, and note what that touches. All columns have room."""
    for position in range(len(which)):
        row = which[position]
        if position + FAR < len(which):
            ahead = which[position + FAR]
            for i in range(rows.start[ahead], min(rows.start[ahead + 1], rows.start[ahead] + MOST_AHEAD)):
                prefetch(nodes.hot, rows.ends[i])
            ahead = which[position + NEAR_BY]
            for i in range(rows.start[ahead], min(rows.start[ahead + 1], rows.start[ahead] + MOST_AHEAD)):
                _fetch_what_is_derived(nodes, batches, known, rows.ends[i])
        shape, basis = rows.shape[row] & SHAPE_MASK, rows.basis[row]
        start, end = rows.start[row], rows.start[row + 1]
        middle = start + rows.inputs[row]
        flags = basis
        if rows.shape[row] & TIMELESS_STEP:
            flags |= TIMELESS
        if shape == MOVED:
            flags |= MOVE
        if shape == ADDED:
            flags |= ADDITION
        if shape == RECEIVED:
            flags |= RECEIPT
            start = middle
        if shape == DRAWN:
            end = middle
        m, n = middle - start, end - middle
        step = -1
        if shape in (MADE, ADDED) and m > 1 and n > 1:
            step = new_node(counts, nodes, -1, -1)
        for i in range(start, middle):
            source = counted_as(counts, nodes, batches, groups, known, tables, rows.ends[i])
            if nodes.hot[source]["ends"] == 0:
                _comes_or_goes(counts, nodes, batches, notes, source, 1)
            nodes.hot[source]["ends"] += 1
            if nodes.hot[source]["drawn"] == UNDRAWN:
                _note_pool(counts, nodes, notes, source)
            _was_drawn(nodes, rows, known, source, row, flags)
            _settle(counts, nodes, batches, groups, known, notes, source)
            if n == 0:
                _add_out(counts, nodes, outs, source, packed(-1, row, flags))
            elif step >= 0:
                _add_out(counts, nodes, outs, source, packed(-2 - step, row, flags))
                _add_in(counts, nodes, ins, step, packed(source, row, flags))
        for i in range(middle, end):
            target = counted_as(counts, nodes, batches, groups, known, tables, rows.ends[i])
            batch, born = nodes.hot[target]["batch"], 0
            if nodes.hot[target]["ends"] == 0:
                _comes_or_goes(counts, nodes, batches, notes, target, 1)
            nodes.hot[target]["ends"] += 1
            if shape == MADE and nodes.hot[target]["flags"] & LOT:
                born = BIRTH
                birth = batches.hot[batch]["birth"]
                _was_born(batches, rows, batch, row)
                # What goes into a lot is in all its holdings.
                if m > 0 or batches.hot[batch]["birth"] != birth or nodes.hot[target]["flags"] & BORN_HERE == 0:
                    _note_batch(counts, notes, batch, CHANGED)
            _was_filled(counts, nodes, rows, known, ins, target, row, flags | born)
            _settle(counts, nodes, batches, groups, known, notes, target)
            if m == 0:
                _add_in(counts, nodes, ins, target, packed(-1, row, flags | born))
            elif step >= 0:
                _add_out(counts, nodes, outs, step, packed(target, row, flags | born))
                _add_in(counts, nodes, ins, target, packed(-2 - step, row, flags | born))
            else:
                first, last = start, middle
                if shape == MOVED:
                    first = start + i - middle
                    last = first + 1
                for j in range(first, last):
                    source = counted_as(counts, nodes, batches, groups, known, tables, rows.ends[j])
                    _add_out(counts, nodes, outs, source, packed(target, row, flags | born))
                    _add_in(counts, nodes, ins, target, packed(source, row, flags | born))


@kernel
def _bury(counts: I8, nodes: Nodes, rows: Rows, outs: Sides, ins: Sides, node: int) -> None:
    """Mark a node's links of rows that go dead, take those that came since the last packing off its lists, and bury the
    step nodes that they lead to: one pass, however many rows go."""
    hot = nodes.hot[node]
    for incoming in range(2):
        side = ins if incoming else outs
        heads = nodes.hot["ins"] if incoming else nodes.hot["outs"]
        base = counts[IN_BASE] if incoming else counts[OUT_BASE]
        start = hot["in_start"] if incoming else hot["out_start"]
        end = in_end(nodes.hot, node) if incoming else out_end(nodes.hot, node)
        for at in range(start, end):
            link = side.link[at]
            if link & DEAD == 0 and rows.shape[row_of(link)] & GOES:
                side.link[at] = link | DEAD
                if other_of(link) < -1:
                    _bury_step(counts, nodes, outs, ins, -2 - other_of(link))
        before, at = -1, heads[node]
        while at >= 0:
            link, after = side.link[at], side.next[at - base]
            if rows.shape[row_of(link)] & GOES:
                side.link[at] = link | DEAD
                if other_of(link) < -1:
                    _bury_step(counts, nodes, outs, ins, -2 - other_of(link))
                if before < 0:
                    heads[node] = after
                else:
                    side.next[before - base] = after
            else:
                before = at
            at = after


@kernel
def _bury_step(counts: I8, nodes: Nodes, outs: Sides, ins: Sides, step: int) -> None:
    """Mark all links of a step node dead: they are of one row."""
    hot = nodes.hot[step]
    for incoming in range(2):
        side = ins if incoming else outs
        heads = nodes.hot["ins"] if incoming else nodes.hot["outs"]
        base = counts[IN_BASE] if incoming else counts[OUT_BASE]
        start = hot["in_start"] if incoming else hot["out_start"]
        end = in_end(nodes.hot, step) if incoming else out_end(nodes.hot, step)
        if start < end and side.link[start] & DEAD:
            return
        for at in range(start, end):
            side.link[at] |= DEAD
        at = heads[step]
        heads[step] = -1
        while at >= 0:
            side.link[at] |= DEAD
            at = side.next[at - base]


@kernel
def detach(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: I8,
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
        rows.shape[row] |= GOES
        for i in range(start, end):
            node = counted_as(counts, nodes, batches, groups, known, tables, rows.ends[i])
            nodes.hot[node]["ends"] -= 1
            if nodes.hot[node]["ends"] == 0:
                _comes_or_goes(counts, nodes, batches, notes, node, -1)
            _note_node(counts, nodes, notes, node, NOTED | REDERIVED)
            if nodes.hot[node]["flags"] & LOT:
                if len(nodes.group) and nodes.group[node] >= 0:
                    _note_group(counts, notes, nodes.group[node], TO_DERIVE)
                if i >= middle and shape == MADE:
                    _note_batch(counts, notes, nodes.hot[node]["batch"], TO_DERIVE)
    for i in range(counts[NODES_NOTED]):
        node = notes.nodes[i]
        if nodes.hot[node]["flags"] & REDERIVED:
            nodes.hot[node]["flags"] &= ~REDERIVED
            _bury(counts, nodes, rows, outs, ins, node)
            _derive(counts, nodes, rows, known, outs, ins, notes, node)
            _settle(counts, nodes, batches, groups, known, notes, node)
    for i in range(counts[BATCHES_NOTED]):
        batch = notes.batches[i]
        if notes.batch[batch] & TO_DERIVE:
            notes.batch[batch] = CHANGED
            _derive_birth(counts, nodes, batches, rows, ins, batch)
    for i in range(counts[GROUPS_NOTED]):
        group = notes.groups[i]
        if notes.group[group] & TO_DERIVE:
            notes.group[group] &= ~TO_DERIVE
            _derive_content(nodes, groups, known, group)
    for row in which:
        rows.shape[row] &= ~GOES


@kernel
def _derive(counts: I8, nodes: Nodes, rows: Rows, known: I8, outs: Sides, ins: Sides, notes: Notes, node: int) -> None:
    """What stands of a holding, from its entries."""
    was_drawn = nodes.hot[node]["drawn"] != UNDRAWN
    nodes.hot[node]["content"] = UNFILLED
    nodes.hot[node]["first"] = UNFILLED
    nodes.hot[node]["drawn"] = UNDRAWN
    nodes.hot[node]["shipped"] = UNDRAWN
    nodes.hot[node]["flags"] &= ~(MANY | TIMELESSLY | DATED_BY_RECEIPT | FILLED_LATER | ADDED_TO | BORN_HERE)
    at, end = nodes.hot[node]["in_start"], in_end(nodes.hot, node)
    if at == end:
        at, end = nodes.hot[node]["ins"], -2
    while at >= 0:
        link = ins.link[at]
        if link & DEAD == 0:
            _was_filled(counts, nodes, rows, known, ins, node, row_of(link), flags_of(link))
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.hot[node]["ins"], -2
        else:
            at = ins.next[at - counts[IN_BASE]]
    at, end = nodes.hot[node]["out_start"], out_end(nodes.hot, node)
    if at == end:
        at, end = nodes.hot[node]["outs"], -2
    while at >= 0:
        link = outs.link[at]
        if link & DEAD == 0:
            _was_drawn(nodes, rows, known, node, row_of(link), flags_of(link))
        if end >= 0:
            at += 1
            if at == end:
                at, end = nodes.hot[node]["outs"], -2
        else:
            at = outs.next[at - counts[OUT_BASE]]
    if was_drawn and nodes.hot[node]["drawn"] == UNDRAWN:
        _note_pool(counts, nodes, notes, node)


@kernel
def _derive_birth(counts: I8, nodes: Nodes, batches: Batches, rows: Rows, ins: Sides, batch: int) -> None:
    batches.hot[batch]["birth"] = NO_BIRTH
    head = batches.hot[batch]["head"]
    node = head
    while node >= 0:
        at, end = nodes.hot[node]["in_start"], in_end(nodes.hot, node)
        if at == end:
            at, end = nodes.hot[node]["ins"], -2
        while at >= 0:
            link = ins.link[at]
            if link & (DEAD | BIRTH) == BIRTH:
                _was_born(batches, rows, batch, row_of(link))
            if end >= 0:
                at += 1
                if at == end:
                    at, end = nodes.hot[node]["ins"], -2
            else:
                at = ins.next[at - counts[IN_BASE]]
        node = nodes.hot[node]["next"]
        if node == head:
            break


@kernel
def _derive_content(nodes: Nodes, groups: Groups, known: I8, group: int) -> None:
    least = FOREVER
    node = groups.head[group]
    while node >= 0:
        least = min(least, known[nodes.hot[node]["content"], 1])
        node = nodes.next_in_group[node]
    groups.content[group] = least


@inlined
def _range(nodes: Nodes, incoming: bool, node: int) -> tuple[int, int]:
    if incoming:
        return int(nodes.hot[node]["in_start"]), in_end(nodes.hot, node)
    return int(nodes.hot[node]["out_start"]), out_end(nodes.hot, node)


@kernel
def pack(nodes: Nodes, count: int, incoming: bool, side: Sides, base: int, end: int, start: I4, link: I8) -> int:
    """Write all living links of one side, by node, to ``link`` and tell the nodes where; how many.

    Each node's stay in the order they came in. ``start``: zeros, room for count + 1. There is room for one node more.
    """
    for node in range(count):
        at, stop = _range(nodes, incoming, node)
        while at < stop:
            if side.link[at] & DEAD == 0:
                start[node + 1] += 1
            at += 1
    for at in range(base, end):
        if side.link[at] & DEAD == 0:
            start[side.owner[at - base] + 1] += 1
    for node in range(count):
        start[node + 1] += start[node]
    total = int(start[count])
    for node in range(count):
        at, stop = _range(nodes, incoming, node)
        while at < stop:
            if side.link[at] & DEAD == 0:
                link[start[node]] = side.link[at]
                start[node] += 1
            at += 1
    for at in range(base, end):
        if side.link[at] & DEAD == 0:
            node = side.owner[at - base]
            link[start[node]] = side.link[at]
            start[node] += 1
    before = 0
    for node in range(count):
        hot, few = nodes.hot[node], min(start[node] - before, MANY_LINKS)
        if incoming:
            hot["in_start"], hot["ins"] = before, -1
            hot["flags"] = hot["flags"] & ~(MORE_INS | MANY_LINKS << FEW_INS) | few << FEW_INS
        else:
            hot["out_start"], hot["outs"] = before, -1
            hot["flags"] = hot["flags"] & ~(MORE_OUTS | MANY_LINKS << FEW_OUTS) | few << FEW_OUTS
        before = start[node]
    if incoming:
        nodes.hot[count]["in_start"] = total
    else:
        nodes.hot[count]["out_start"] = total
    return total


@kernel
def _tell_lot(nodes: Nodes, batches: Batches, batch: int) -> None:
    """Keep at each holding of a lot what a trace reads of the lot."""
    lot = batches.hot[batch]
    head = lot["head"]
    if head < 0 or nodes.hot[head]["flags"] & LOT == 0:
        return
    born, node = -1, head
    while True:
        if nodes.hot[node]["flags"] & BORN_HERE:
            born = node if born == -1 else -2
        node = nodes.hot[node]["next"]
        if node == head:
            break
    flags = LOT_GAPS if lot["unexplained"] else 0
    if lot["birth"] != NO_BIRTH:
        flags |= BORN_OFTEN if lot["birth"] == MANY_BIRTHS else BORN_ONCE
    while True:
        of = nodes.hot[node]
        of["born"] = born
        of["flags"] = (of["flags"] & ~(LOT_GAPS | BORN_OFTEN | BORN_ONCE)) | flags
        node = of["next"]
        if node == head:
            break


@kernel
def touched(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, notes: Notes, found: I4) -> int:
    """Write to ``found`` all holdings that the notes name or that their changes can matter to, and clear the notes.

    A change of a batch (a birth, a gap, a holding more) matters to all its holdings, one of a lot to the general pool
    beside it, a pool's first draw to the lots beside it.
    """
    for i in range(counts[BATCHES_NOTED]):
        notes.batch[notes.batches[i]] = 0
        _tell_lot(nodes, batches, notes.batches[i])
        head = batches.hot[notes.batches[i]]["head"]
        node = head
        while node >= 0:
            _note_node(counts, nodes, notes, node, NOTED)
            group = nodes.group[node] if len(nodes.group) else -1
            if group >= 0 and nodes.hot[node]["flags"] & LOT:
                _note_group(counts, notes, group, CHANGED)
            node = nodes.hot[node]["next"]
            if node == head:
                break
    for i in range(counts[GROUPS_NOTED]):
        group = notes.groups[i]
        if groups.pool[group] >= 0:
            _note_node(counts, nodes, notes, groups.pool[group], NOTED)
            if notes.group[group] & POOL_CHANGED:
                node = groups.head[group]
                while node >= 0:
                    _note_node(counts, nodes, notes, node, NOTED)
                    node = nodes.next_in_group[node]
        notes.group[group] = 0
    n = 0
    for i in range(counts[NODES_NOTED]):
        node = notes.nodes[i]
        nodes.hot[node]["flags"] &= ~NOTED
        if nodes.hot[node]["batch"] >= 0:
            found[n] = node
            n += 1
    counts[NODES_NOTED] = 0
    counts[BATCHES_NOTED] = 0
    counts[GROUPS_NOTED] = 0
    return n
