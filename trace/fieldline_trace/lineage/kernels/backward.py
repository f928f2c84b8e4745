"""Kernel that follows what is in holdings back to all that it came from.

The module is long because one compiled function does it all: handing its arrays on to others costs more than the walk.

As ``forward``, turned round: a node's labels are the greatest end that a filling may begin by to be in what was asked
(``hi`` of the draw, or ever where the draw came before anything was surely there), and the greatest that it must be
over by to be in it surely (``lo`` of the draw, or ever where one event filled the node and not after the draw).
"""

from __future__ import annotations

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    ADDED_EVER,
    ADDED_SURE_EVER,
    ADDED_TO,
    EVER,
    FILLED_LATER,
    GAP_LEVEL,
    GAPS,
    GENERAL,
    HUB_LEVEL,
    I4,
    I8,
    IN_BASE,
    LEADER,
    LOT,
    MANY,
    MANY_BIRTHS,
    MAYBE,
    MAYBE_EVER,
    NEXT,
    NO_BIRTH,
    OF_ITSELF,
    OF_SOURCE,
    PLAIN,
    RECEIVED,
    SLOT,
    SURE,
    SURE_EVER,
    THIS,
    UNEXPLAINED,
    UNTIMED,
    Batches,
    Groups,
    Nodes,
    Rows,
    Scratch,
    Sides,
)
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.forward import clear, longer
from fieldline_trace.lineage.kernels.gaps import (
    is_drawn_on,
    is_fed_by_pool,
    is_gap,
    last_unexplained,
    pool_is_fed,
    receipts,
)
from fieldline_trace.lineage.kernels.links import (
    ADDITION,
    BASIS,
    BIRTH,
    DEAD,
    TIMELESS,
    flags_of,
    other_of,
    row_of,
)
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.terms import INFERRED, POOLED

_LINKS, _HUB, _GAPS, _LOTS, _FED, _DONE, _PUT_OFF = 0, 1, 2, 3, 4, 5, 6


@kernel
def backward(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: I8,
    outs: Sides,
    ins: Sides,
    scratch: Scratch,
    seeds: I4,
    bases: int,
    times: bool,
    depth: int,
) -> tuple[int, int]:
    """How many slots of ``scratch`` the answer takes, seeds first, and a bit for each basis that it rests on."""
    led, leader = scratch.led, scratch.leader
    slot_node, slot_hi, slot_lo = scratch.node, scratch.hi, scratch.lo
    slot_added_hi, slot_added_lo = scratch.any, scratch.more
    slot_hops, slot_row, slot_from = scratch.hops, scratch.row, scratch.source
    queue, following, steps = scratch.queue, scratch.following, scratch.steps
    links, following_link, hot, lots = ins.link, ins.next, nodes.hot, batches.hot
    when = rows.when
    base = counts[IN_BASE]
    off_node, off_level = np.empty(64, np.int32), np.empty(64, np.int32)
    off_hi, off_lo = np.empty(64, np.int64), np.empty(64, np.int64)
    off_added_hi, off_added_lo = np.empty(64, np.int64), np.empty(64, np.int64)
    off_row, off_from, off_basis = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.uint8)
    slots, met = 0, 0
    here = 0
    for v in seeds:
        if hot[v]["word"] == 0:
            hot[v]["word"] = (slots << SLOT) | MAYBE | SURE | EVER | THIS
            slot_node[slots] = v
            slot_hops[slots] = 0
            slot_row[slots] = -1
            slot_from[slots] = -1
            queue[here] = v
            slots += 1
            here += 1
    hops, this_bit, next_bit = 0, THIS, NEXT
    while here > 0 and hops != depth:
        hops += 1
        there, put_off, stacked, i = 0, 0, 0, 0
        phase, chain, off = _DONE, -1, 0
        u, u_from, at, end, w, level_of_chain = 0, 0, 0, 0, 0, 0
        one, u_hi, u_lo, u_added_hi, u_added_lo = False, 0, 0, 0, 0
        while True:
            # One raise: node v to level, by a draw of `row` at v, or one that ends dhi, or whenever.
            v, level, row, basis = -1, 0, -1, 0
            dhi, dlo, added_hi, added_lo, timed = FOREVER, FOREVER, FOREVER, FOREVER, False
            if phase == _HUB:
                # The links that made the lot, at any of its holdings.
                if at == end and chain >= 0:
                    at, end = hot[chain]["ins"], -2
                if at < 0:
                    if chain >= 0:
                        chain = hot[chain]["next"]
                    while chain >= 0 and hot[chain]["ends"] == 0:
                        chain = hot[chain]["next"]
                    if chain >= 0:
                        at, end = hot[chain]["in_start"], hot[chain]["in_end"]
                    else:
                        phase, at, end = _LINKS, hot[u]["in_start"], hot[u]["in_end"]
                    continue
                k = at
                if end >= 0:
                    at += 1
                else:
                    at = following_link[at - base]
                link = links[k]
                flags, v, row = flags_of(link), other_of(link), row_of(link)
                basis = flags & BASIS
                if flags & (DEAD | BIRTH) != BIRTH or v == -1 or not bases >> basis & 1:
                    continue
                level = min(2, level_of_chain) if basis else level_of_chain
                timed = flags & TIMELESS == 0
            elif phase == _LINKS:
                if at == end:
                    at, end = hot[u]["ins"], -2
                if at < 0:
                    phase = _DONE
                    if u_from >= 0:
                        continue
                    if hot[u]["flags"] & LOT:
                        if hot[u]["flags"] & UNEXPLAINED and is_gap(nodes, batches, u):
                            level = 1
                            if w & MAYBE:
                                level = 2
                                if times and w & MAYBE_EVER == 0 and hot[u]["flags"] & RECEIVED:
                                    f_lo, f_hi = receipts(counts, nodes, rows, known, ins, u)
                                    if f_lo > u_hi:
                                        level = 1
                            batch = hot[u]["batch"]
                            if lots[batch]["held"] == 1:
                                phase, level_of_chain = _FED, level
                            elif led[batch] & GAP_LEVEL < level * GAPS and bases >> INFERRED & 1:
                                led[batch] = led[batch] & HUB_LEVEL | level * GAPS
                                phase, chain, level_of_chain = _GAPS, lots[batch]["head"], level
                                if level == 2 and hot[u]["flags"] & ADDED_TO:
                                    led[batch] |= LEADER
                                    leader[batch] = u
                            elif led[batch] & LEADER and level == 2 and leader[batch] != u:
                                led[batch] &= ~LEADER
                                phase, chain, level_of_chain = _GAPS, leader[batch], level
                    elif (
                        hot[u]["flags"] & GENERAL and bases >> POOLED & 1 and is_drawn_on(groups, nodes, nodes.group[u])
                    ):
                        phase, chain = _LOTS, groups.head[nodes.group[u]]
                    continue
                k = at
                if end >= 0:
                    at += 1
                else:
                    at = following_link[at - base]
                link = links[k]
                flags, v, row = flags_of(link), other_of(link), row_of(link)
                basis = flags & BASIS
                if flags & DEAD or v == -1 or not bases >> basis & 1:
                    continue
                if flags & BIRTH and (one or w & SURE == 0):
                    continue
                if v >= 0 and hot[v]["word"] & EVER == EVER:
                    continue
                timed = flags & TIMELESS == 0
                level = 1
                if flags & ADDITION:
                    if w & MAYBE and (w & ADDED_EVER or not timed or not times or known[when[row, 1], 0] <= u_added_hi):
                        level = 2
                        if (
                            w & SURE
                            and basis == 0
                            and (w & ADDED_SURE_EVER or not timed or known[when[row, 1], 1] <= u_added_lo)
                        ):
                            level = 3
                elif w & MAYBE and (w & MAYBE_EVER or not timed or not times or known[when[row, 1], 0] <= u_hi):
                    level = 2
                    if w & SURE and basis == 0 and (w & SURE_EVER or not timed or known[when[row, 1], 1] <= u_lo):
                        level = 3
                if flags & BIRTH and level < 3:
                    continue
            elif phase == _GAPS:
                v = chain
                if v < 0:
                    phase = _DONE
                    continue
                chain = hot[v]["next"]
                if v == u or hot[v]["ends"] == 0:
                    continue
                level, row, basis = level_of_chain, OF_SOURCE, INFERRED
            elif phase == _FED:
                phase = _DONE
                group = nodes.group[u]
                if group < 0 or not bases >> POOLED & 1 or groups.pool[group] < 0:
                    continue
                if hot[groups.pool[group]]["ends"] == 0:
                    continue
                v, level, row, basis = groups.pool[group], level_of_chain, OF_SOURCE, POOLED
                dhi = last_unexplained(counts, nodes, rows, known, outs, u)
                least = hot[v]["content"]
                if is_drawn_on(groups, nodes, group):
                    least = min(least, groups.content[group])
                added_hi = dhi
                if dhi < least:
                    dhi = FOREVER
            elif phase == _LOTS:
                v = chain
                if v < 0:
                    phase = _DONE
                    continue
                chain = nodes.next_in_group[v]
                if hot[v]["word"] & (MAYBE_EVER | ADDED_EVER) == MAYBE_EVER | ADDED_EVER:
                    met |= 1 << POOLED
                    continue
                if hot[v]["ends"] == 0:
                    continue
                basis, dhi, added_hi = POOLED, NEVER, NEVER
                came = False
                k, k_end = hot[v]["in_start"], hot[v]["in_end"]
                if k == k_end:
                    k, k_end = hot[v]["ins"], -1
                while k >= 0:
                    link = links[k]
                    if link & DEAD == 0:
                        came = True
                        f_lo, f_hi = NEVER, FOREVER
                        if link & TIMELESS == 0:
                            f = when[row_of(link), 1]
                            f_lo, f_hi = known[f, 0], known[f, 1]
                        ever, until = w & MAYBE_EVER != 0, u_hi
                        if link & ADDITION:
                            ever, until = w & ADDED_EVER != 0, u_added_hi
                        if w & MAYBE and (ever or not times or f_lo <= until):
                            level, added_hi = 2, max(added_hi, f_hi)
                            if f_hi < hot[v]["content"]:
                                f_hi = FOREVER
                            if f_hi > dhi:
                                dhi, row = f_hi, row_of(link)
                    if k_end >= 0:
                        k += 1
                        if k == k_end:
                            k, k_end = hot[v]["ins"], -1
                    else:
                        k = following_link[k - base]
                if hot[v]["flags"] & UNEXPLAINED and not is_fed_by_pool(nodes, batches, v):
                    came, dhi, added_hi = True, FOREVER, FOREVER
                    if row < 0:
                        row = OF_ITSELF
                    if w & MAYBE:
                        level = 2
                if not came:
                    continue
                level = max(level, 1)
            elif phase == _DONE:
                # The next node of this layer: a step node that was reached, else one that waits.
                if stacked > 0:
                    stacked -= 1
                    u = steps[stacked]
                    hot[u]["word"] &= ~THIS
                    u_from = slot_from[hot[u]["word"] >> SLOT]
                elif i < here:
                    u = queue[i]
                    i += 1
                    # What the next nodes will need, fetched while this one is worked on.
                    if i + 12 < here:
                        prefetch(hot, queue[i + 12])
                        k = queue[i + 8]
                        prefetch(links, hot[k]["in_start"])
                        prefetch(lots, hot[k]["batch"])
                        k = queue[i + 5]
                        prefetch(hot, lots[hot[k]["batch"]]["head"])
                        for ahead in range(hot[k]["in_start"], min(hot[k]["in_start"] + 4, hot[k]["in_end"])):
                            v = other_of(links[ahead])
                            if v >= 0:
                                prefetch(hot, v)
                                prefetch(when, 2 * row_of(links[ahead]))
                        k = queue[i + 2]
                        prefetch(links, hot[lots[hot[k]["batch"]]["head"]]["in_start"])
                        for ahead in range(hot[k]["in_start"], min(hot[k]["in_start"] + 4, hot[k]["in_end"])):
                            v = other_of(links[ahead])
                            if v >= 0:
                                prefetch(lots, hot[v]["batch"])
                                prefetch(known, 2 * when[row_of(links[ahead]), 0])
                    hot[u]["word"] &= ~this_bit
                    u_from = -1
                else:
                    phase = _PUT_OFF
                    continue
                w = hot[u]["word"]
                s = w >> SLOT
                u_hi, u_lo, one = slot_hi[s], slot_lo[s], False
                u_added_hi, u_added_lo = slot_added_hi[s], slot_added_lo[s]
                at, end = hot[u]["in_start"], hot[u]["in_end"]
                phase = _LINKS
                if u_from < 0 and hot[u]["flags"] & LOT:
                    batch = hot[u]["batch"]
                    one = lots[batch]["birth"] >= 0
                    if lots[batch]["birth"] != NO_BIRTH:
                        level = 3 if w & SURE and one else 2 if w & MAYBE else 1
                        if led[batch] & HUB_LEVEL < level:
                            led[batch] += level - (led[batch] & HUB_LEVEL)
                            phase, chain, level_of_chain = _HUB, lots[batch]["head"], level
                            at, end = hot[chain]["in_start"], hot[chain]["in_end"]
                continue
            else:
                if off == put_off:
                    break
                v, level, row, basis = off_node[off], off_level[off], off_row[off], off_basis[off]
                dhi, dlo, u_from = off_hi[off], off_lo[off], off_from[off]
                added_hi, added_lo = off_added_hi[off], off_added_lo[off]
                off += 1
            source = u_from if u_from >= 0 else u
            if level >= 2:
                met |= 1 << basis
            if v < -1:
                # A step node: it stands in this layer, and is led to whenever.
                v = -2 - v
                x = hot[v]["word"]
                has = 3 if x & SURE else 2 if x & MAYBE else 1 if x & UNTIMED else 0
                if level > has:
                    if x == 0:
                        x = slots << SLOT
                        slot_node[slots] = v
                        slot_row[slots] = -1
                        slots += 1
                    s = x >> SLOT
                    slot_hops[s] = hops
                    slot_from[s] = source
                    if level == 3:
                        x |= SURE | MAYBE | EVER
                    elif level == 2:
                        x |= MAYBE | MAYBE_EVER | ADDED_EVER
                    else:
                        x |= UNTIMED
                    if x & THIS == 0:
                        x |= THIS
                        steps[stacked] = v
                        stacked += 1
                    hot[v]["word"] = x
                continue
            # Raise it.
            x = hot[v]["word"]
            most = MAYBE_EVER | ADDED_EVER if level < 3 else EVER
            if x & most == most or (level == 1 and x):
                continue
            at_v, batch = hot[v]["flags"], hot[v]["batch"]
            if at_v & PLAIN or (at_v & (LOT | FILLED_LATER | RECEIVED) == LOT and lots[batch]["birth"] != MANY_BIRTHS):
                # Nothing fills it but what its lot's hub leads to, at any time.
                timed, dlo, dhi, added_lo, added_hi = False, FOREVER, FOREVER, FOREVER, FOREVER
            if timed and level >= 2:
                dlo, dhi = known[when[row, 0], 0], known[when[row, 0], 1]
                d_end, added_hi, added_lo = dhi, dhi, dlo
                least, many = hot[v]["content"], hot[v]["flags"] & MANY != 0
                if hot[v]["flags"] & GENERAL and is_drawn_on(groups, nodes, nodes.group[v]):
                    least = min(least, groups.content[nodes.group[v]])
                    if level == 3 and not many:
                        many = pool_is_fed(nodes, batches, groups, nodes.group[v])
                if d_end < least:
                    dhi = FOREVER
                if not many and d_end >= hot[v]["first"]:
                    dlo = FOREVER
            added = at_v & (ADDED_TO | GENERAL) != 0
            if not added:
                added_hi, added_lo = dhi, dlo
            s = x >> SLOT
            new = x
            better = False
            if level == 1:
                new |= UNTIMED
                better = True
            else:
                new |= MAYBE
                if dhi >= FOREVER:
                    new |= MAYBE_EVER
                if added_hi >= FOREVER:
                    new |= ADDED_EVER
                if level == 3:
                    new |= SURE
                    if dlo >= FOREVER:
                        new |= SURE_EVER
                    if added_lo >= FOREVER:
                        new |= ADDED_SURE_EVER
                better = new != x or (x & MAYBE_EVER == 0 and dhi > slot_hi[s])
                better = better or (added and x & ADDED_EVER == 0 and added_hi > slot_added_hi[s])
                if level == 3 and not better:
                    better = x & SURE_EVER == 0 and dlo > slot_lo[s]
                    better = better or (added and x & ADDED_SURE_EVER == 0 and added_lo > slot_added_lo[s])
            if not better:
                continue
            if x & this_bit:
                if put_off == len(off_node):
                    size = 2 * put_off
                    off_node, off_level = longer(off_node, size), longer(off_level, size)
                    off_row, off_from = longer(off_row, size), longer(off_from, size)
                    off_hi, off_lo = longer(off_hi, size), longer(off_lo, size)
                    off_basis = longer(off_basis, size)
                    off_added_hi, off_added_lo = longer(off_added_hi, size), longer(off_added_lo, size)
                off_node[put_off], off_level[put_off] = v, level
                off_hi[put_off], off_lo[put_off], off_row[put_off] = dhi, dlo, row
                off_added_hi[put_off], off_added_lo[put_off] = added_hi, added_lo
                off_from[put_off], off_basis[put_off] = source, basis
                put_off += 1
                continue
            if x == 0:
                s = slots
                slots += 1
                slot_node[s] = v
                new |= s << SLOT
            if level >= 2:
                slot_hi[s] = max(slot_hi[s], dhi) if x & MAYBE else dhi
                if level == 3:
                    slot_lo[s] = max(slot_lo[s], dlo) if x & SURE else dlo
                if added:
                    slot_added_hi[s] = max(slot_added_hi[s], added_hi) if x & MAYBE else added_hi
                    if level == 3:
                        slot_added_lo[s] = max(slot_added_lo[s], added_lo) if x & SURE else added_lo
            if (new & SURE and not x & SURE) or (new & MAYBE and not x & MAYBE) or x == 0:
                slot_hops[s] = hops
                slot_row[s] = row
                slot_from[s] = source
            if at_v & (LOT | FILLED_LATER | UNEXPLAINED) == LOT and lots[batch]["birth"] != MANY_BIRTHS:
                # Nothing is before it but what its lot's hub leads to, if it does not yet.
                led_at = led[batch] & HUB_LEVEL
                if led_at == 3 or (new & SURE == 0 and led_at == 2) or lots[batch]["birth"] == NO_BIRTH:
                    hot[v]["word"] = new
                    continue
            if new & next_bit == 0:
                new |= next_bit
                following[there] = v
                there += 1
            hot[v]["word"] = new
        queue, following = following, queue
        here = there
        this_bit, next_bit = next_bit, this_bit
    clear(slots, scratch, hot)
    return slots, met
