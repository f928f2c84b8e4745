"""Kernel that follows what holdings hold to all that it is in.

The module is long because one compiled function does it all: handing its arrays on to others costs more than the walk.

Breadth first, a layer a link. A node's word says how it is reached: not at all but for times (``UNTIMED``), possibly or
definitely, and whether whenever (``…_EVER``) or by its labels: the least ``lo`` of all exposures, the least ``hi`` of
definite ones. A link carries on what its source's labels and times allow. What improves a node queues it for the next
layer; what would improve one that still waits in this layer is put off, so that the layers are exact.

One long function: its arrays are unpacked once, and there is one place where a node is raised.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage.kernels.columns import (
    ADDED_TO,
    BESIDE_POOL,
    BROUGHT,
    BROUGHT_SURELY,
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
    MAYBE,
    MAYBE_EVER,
    NEXT,
    OF_ITSELF,
    OF_SOURCE,
    OUT_BASE,
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
    Records,
    Rows,
    Scratch,
    Sides,
)
from fieldline_trace.lineage.kernels.compiled import kernel
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
    RECEIPT,
    TIMELESS,
    flags_of,
    other_of,
    row_of,
)
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.terms import INFERRED, POOLED

_T = TypeVar("_T", bound=np.generic)

_LINKS, _HUB, _GAPS, _POOL, _FED, _DONE, _PUT_OFF = 0, 1, 2, 3, 4, 5, 6


@kernel
def longer(array: NDArray[_T], size: int) -> NDArray[_T]:
    """A copy with room for ``size``."""
    new = np.empty(size, array.dtype)
    new[: len(array)] = array
    return new


@kernel
def clear(slots: int, scratch: Scratch, hot: Records) -> None:
    """Keep the state of each slot, and leave words and batches as they were before."""
    for s in range(slots):
        v = scratch.node[s]
        scratch.state[s] = hot[v]["word"] & 31
        hot[v]["word"] = 0
        if hot[v]["batch"] >= 0:
            scratch.led[hot[v]["batch"]] = 0


@kernel
def forward(
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
    slot_node, slot_lo, slot_hi, slot_any = scratch.node, scratch.lo, scratch.hi, scratch.any
    slot_hops, slot_row, slot_from = scratch.hops, scratch.row, scratch.source
    queue, following, steps = scratch.queue, scratch.following, scratch.steps
    links, following_link, hot, lots = outs.link, outs.next, nodes.hot, batches.hot
    when = rows.when
    base, in_base = counts[OUT_BASE], counts[IN_BASE]
    off_node, off_level = np.empty(64, np.int32), np.empty(64, np.int32)
    off_lo, off_hi = np.empty(64, np.int64), np.empty(64, np.int64)
    off_ever, off_brought = np.empty(64, np.uint8), np.empty(64, np.uint8)
    off_row, off_from, off_basis = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.uint8)
    slots, met = 0, 0
    here = 0
    for v in seeds:
        if hot[v]["word"] == 0:
            hot[v]["word"] = (slots << SLOT) | MAYBE | MAYBE_EVER | SURE | SURE_EVER | THIS
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
        u, u_from, at, end, w, level_of_chain, chain_row, chain_basis = 0, 0, 0, 0, 0, 0, 0, 0
        general, u_content, u_first, u_many, u_lo, u_hi = False, 0, 0, False, 0, 0
        while True:
            # One raise: node v to level, by a filling from flo to fhi or whenever.
            v, x, level, flo, fhi, ever, brought, row, basis = -1, 0, 0, 0, 0, True, True, -1, 0
            if phase == _LINKS:
                if at == end:
                    at, end = hot[u]["outs"], -2
                if at < 0:
                    phase = _DONE
                    if u_from >= 0:
                        continue
                    batch = hot[u]["batch"]
                    if lots[batch]["unexplained"] and hot[u]["flags"] & LOT and bases >> INFERRED & 1:
                        level = 2 if w & MAYBE else 1
                        if led[batch] & GAP_LEVEL < level * GAPS:
                            led[batch] = led[batch] & HUB_LEVEL | level * GAPS
                            phase, chain, level_of_chain = _GAPS, lots[batch]["head"], level
                            if level == 2 and hot[u]["flags"] & ADDED_TO and is_gap(nodes, batches, u):
                                led[batch] |= LEADER
                                leader[batch] = u
                            continue
                        if led[batch] & LEADER and level == 2 and leader[batch] != u:
                            led[batch] &= ~LEADER
                            phase, chain, level_of_chain = _GAPS, leader[batch], level
                            continue
                    if hot[u]["flags"] & (GENERAL | BESIDE_POOL):
                        phase = _POOL
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
                if v >= 0:
                    x = hot[v]["word"]
                    if x & SURE_EVER and (flags & BIRTH == 0 or led[hot[v]["batch"]] & HUB_LEVEL == 3):
                        continue
                # What of u is in it.
                level = 1
                if w & MAYBE:
                    if w & SURE_EVER or flags & TIMELESS or not times or w & MAYBE_EVER:
                        level = 2
                    else:
                        d_hi = known[when[row, 0], 1]
                        if u_lo <= d_hi or (d_hi < u_content and w & BROUGHT):
                            level = 2
                    sure = w & SURE and basis == 0 and level == 2
                    if sure and (
                        w & SURE_EVER
                        or flags & TIMELESS
                        or u_hi <= known[when[row, 0], 0]
                        or (not u_many and known[when[row, 0], 1] >= u_first and w & BROUGHT_SURELY)
                    ):
                        level = 3
                if level >= 2:
                    met |= 1 << basis
                if v < -1:
                    # A step node: it stands in this layer, and hands on whenever.
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
                        slot_from[s] = u
                        if level == 3:
                            x |= SURE | SURE_EVER | MAYBE | MAYBE_EVER
                        elif level == 2:
                            x |= MAYBE | MAYBE_EVER
                        else:
                            x |= UNTIMED
                        hot[v]["word"] = x
                        if x & THIS == 0:
                            hot[v]["word"] = x | THIS
                            steps[stacked] = v
                            stacked += 1
                    continue
                if flags & BIRTH:
                    batch = hot[v]["batch"]
                    w_hub = level if level < 3 or lots[batch]["birth"] >= 0 else 2
                    if led[batch] & HUB_LEVEL < w_hub:
                        led[batch] += w_hub - (led[batch] & HUB_LEVEL)
                        chain = lots[batch]["head"]
                        # All holdings of the lot; those that nothing reached before here, the others one by one.
                        new = UNTIMED
                        if w_hub == 3:
                            new = MAYBE | MAYBE_EVER | SURE | SURE_EVER
                        elif w_hub == 2:
                            new = MAYBE | MAYBE_EVER
                        source = u_from if u_from >= 0 else u
                        idle = lots[batch]["unexplained"] == 0
                        while chain >= 0 and hot[chain]["word"] == 0:
                            near = hot[chain]
                            if near["ends"] > 0:
                                slot_node[slots], slot_hops[slots] = chain, hops
                                slot_row[slots], slot_from[slots] = row, source
                                hot[chain]["word"] = slots << SLOT | new
                                slots += 1
                                if (
                                    near["out_start"] < near["out_end"]
                                    or near["outs"] >= 0
                                    or near["flags"] & BESIDE_POOL
                                    or not idle
                                ):
                                    hot[chain]["word"] |= next_bit
                                    following[there] = chain
                                    there += 1
                            chain = near["next"]
                        if chain >= 0:
                            phase, level_of_chain, chain_row, chain_basis = _HUB, w_hub, row, basis
                        x = hot[v]["word"]
                    if level == w_hub:
                        continue
                if flags & TIMELESS == 0 and hot[v]["flags"] & PLAIN == 0:
                    if level < 3 and (x & MAYBE_EVER or (x and level == 1)):
                        continue
                    ever, brought = False, flags & ADDITION == 0
                    flo, fhi = known[when[row, 1], 0], known[when[row, 1], 1]
            elif phase == _HUB:
                v = chain
                if v < 0:
                    phase = _LINKS
                    continue
                chain = hot[v]["next"]
                if hot[v]["ends"] == 0:
                    continue
                level, row, basis = level_of_chain, chain_row, chain_basis
            elif phase == _GAPS:
                v = chain
                if v < 0:
                    phase = _POOL if hot[u]["flags"] & (GENERAL | BESIDE_POOL) else _DONE
                    continue
                chain = hot[v]["next"]
                if v == u or not is_gap(nodes, batches, v):
                    continue
                level, row, basis = level_of_chain, OF_ITSELF, INFERRED
                if hot[v]["flags"] & RECEIVED:
                    flo, fhi = receipts(counts, nodes, rows, known, ins, v)
                    ever = False
            elif phase == _POOL:
                # A lot is in the general pool beside it as it came.
                phase = _DONE
                group = nodes.group[u]
                if not bases >> POOLED & 1:
                    continue
                if hot[u]["flags"] & GENERAL:
                    if groups.unexplained[group]:
                        phase, chain = _FED, groups.head[group]
                    continue
                if not is_drawn_on(groups, nodes, group):
                    continue
                pool = groups.pool[group]
                if hot[pool]["word"] & MAYBE_EVER:
                    met |= 1 << POOLED
                    continue
                basis = POOLED
                ever, brought = False, False
                flo, fhi = FOREVER, FOREVER
                came = False
                k, k_end = hot[u]["in_start"], hot[u]["in_end"]
                if k == k_end:
                    k, k_end = hot[u]["ins"], -1
                while k >= 0:
                    link = ins.link[k]
                    flags = flags_of(link)
                    if flags & DEAD == 0:
                        came = True
                        if flags & (TIMELESS | RECEIPT) == TIMELESS:
                            row, ever = row_of(link), True
                        else:
                            f_lo, f_hi = NEVER, FOREVER
                            if flags & TIMELESS == 0:
                                f = when[row_of(link), 1]
                                f_lo, f_hi = known[f, 0], known[f, 1]
                            early = flags & ADDITION != 0 and w & BROUGHT != 0 and f_hi < u_content
                            if w & MAYBE and (w & MAYBE_EVER or not times or u_lo <= f_hi or early):
                                brought = brought or flags & ADDITION == 0
                                if row < 0 or f_lo < flo:
                                    row = row_of(link)
                                flo, fhi, level = min(flo, f_lo), min(fhi, f_hi), 2
                    if k_end >= 0:
                        k += 1
                        if k == k_end:
                            k, k_end = hot[u]["ins"], -1
                    else:
                        k = ins.next[k - in_base]
                if hot[u]["flags"] & UNEXPLAINED and not is_fed_by_pool(nodes, batches, u):
                    came, ever = True, True
                    if row < 0:
                        row = OF_SOURCE
                if not came:
                    continue
                if level < 2:
                    level = 2 if ever and w & MAYBE else 1
                v = pool
            elif phase == _FED:
                v = chain
                if v < 0:
                    phase = _DONE
                    continue
                chain = nodes.next_in_group[v]
                if hot[v]["flags"] & UNEXPLAINED == 0 or not is_fed_by_pool(nodes, batches, v):
                    continue
                row, basis, level = OF_ITSELF, POOLED, 1
                if w & MAYBE:
                    level = 2
                    if times and w & MAYBE_EVER == 0:
                        last = last_unexplained(counts, nodes, rows, known, outs, v)
                        if u_lo > last and (last >= u_content or w & BROUGHT == 0):
                            level = 1
                if hot[v]["flags"] & RECEIVED:
                    flo, fhi = receipts(counts, nodes, rows, known, ins, v)
                    ever = False
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
                        prefetch(links, hot[queue[i + 8]]["out_start"])
                        k = hot[queue[i + 5]]["out_start"]
                        for ahead in range(k, min(k + 4, hot[queue[i + 5]]["out_end"])):
                            v = other_of(links[ahead])
                            if v >= 0:
                                prefetch(hot, v)
                        k = hot[queue[i + 3]]["out_start"]
                        for ahead in range(k, min(k + 4, hot[queue[i + 3]]["out_end"])):
                            v = other_of(links[ahead])
                            if v >= 0:
                                prefetch(lots, hot[v]["batch"])
                        k = hot[queue[i]]["out_start"]
                        for ahead in range(k, min(k + 4, hot[queue[i]]["out_end"])):
                            v = other_of(links[ahead])
                            if v >= 0:
                                v = lots[hot[v]["batch"]]["head"]
                                prefetch(hot, v)
                    hot[u]["word"] &= ~this_bit
                    u_from = -1
                else:
                    phase = _PUT_OFF
                    continue
                w = hot[u]["word"]
                s = w >> SLOT
                at, end = hot[u]["out_start"], hot[u]["out_end"]
                phase = _LINKS
                if u_from < 0 and w & SURE_EVER == 0:
                    u_lo, u_hi = slot_lo[s], slot_hi[s]
                    u_content, u_first = hot[u]["content"], hot[u]["first"]
                    u_many = hot[u]["flags"] & MANY != 0
                    general = hot[u]["flags"] & GENERAL != 0
                    if general and is_drawn_on(groups, nodes, nodes.group[u]):
                        u_content = min(u_content, groups.content[nodes.group[u]])
                        if w & SURE and not u_many:
                            u_many = pool_is_fed(nodes, batches, groups, nodes.group[u])
                continue
            else:
                if off == put_off:
                    break
                v, level, ever = off_node[off], off_level[off], off_ever[off] != 0
                flo, fhi, row, basis = off_lo[off], off_hi[off], off_row[off], off_basis[off]
                u_from, brought = off_from[off], off_brought[off] != 0
                u = u_from
                off += 1
            # Raise it.
            if level >= 2:
                met |= 1 << basis
            x = hot[v]["word"]
            s = x >> SLOT
            new = x
            if level == 1:
                if x == 0:
                    new = UNTIMED
            elif ever:
                new |= MAYBE | MAYBE_EVER
                if level == 3:
                    new |= SURE | SURE_EVER
            else:
                new |= MAYBE
                if brought and x & MAYBE_EVER == 0:
                    new |= BROUGHT
                if level == 3:
                    new |= SURE
                    if brought and x & SURE_EVER == 0:
                        new |= BROUGHT_SURELY
            better = new != x
            if not ever and level >= 2 and not better:
                better = (x & MAYBE_EVER == 0 and flo < slot_lo[s]) or (
                    level == 3 and x & SURE_EVER == 0 and fhi < slot_hi[s]
                )
            if not better:
                if level >= 2 and not ever and x & (MAYBE | MAYBE_EVER) == MAYBE and fhi < slot_any[s]:
                    slot_any[s] = fhi
                continue
            source = u_from if u_from >= 0 else u
            if x & this_bit:
                if put_off == len(off_node):
                    size = 2 * put_off
                    off_node, off_level = longer(off_node, size), longer(off_level, size)
                    off_row, off_from = longer(off_row, size), longer(off_from, size)
                    off_lo, off_hi = longer(off_lo, size), longer(off_hi, size)
                    off_ever, off_basis = longer(off_ever, size), longer(off_basis, size)
                    off_brought = longer(off_brought, size)
                off_node[put_off], off_level[put_off], off_ever[put_off] = v, level, ever
                off_lo[put_off], off_hi[put_off], off_row[put_off] = flo, fhi, row
                off_from[put_off], off_basis[put_off], off_brought[put_off] = source, basis, brought
                put_off += 1
                continue
            if x == 0:
                s = slots
                slots += 1
                slot_node[s] = v
                new |= s << SLOT
            if level >= 2 and not ever:
                if x & MAYBE == 0:
                    slot_lo[s], slot_any[s], slot_hi[s] = flo, fhi, FOREVER
                elif x & MAYBE_EVER == 0:
                    slot_lo[s], slot_any[s] = min(slot_lo[s], flo), min(slot_any[s], fhi)
                if level == 3:
                    slot_hi[s] = min(slot_hi[s], fhi) if x & SURE else fhi
            if (new & SURE and not x & SURE) or (new & MAYBE and not x & MAYBE) or x == 0:
                slot_hops[s] = hops
                slot_row[s] = row
                slot_from[s] = source
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
