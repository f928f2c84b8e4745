"""Kernel that follows what holdings hold to all that it is in.

The module is long because one compiled function does it all: handing its arrays on to others costs more than the walk.

Breadth first, a layer a link. A node's word says how it is reached: not at all but for times (``UNTIMED``), possibly or
definitely, and whether whenever (``…_EVER``) or by its labels: the least ``lo`` of all exposures, the least ``hi`` of
definite ones. Each layer goes twice: first the nodes that wait say where their links lead and how surely, as their
labels and times allow; then what was said raises nodes, and what is raised waits for the next layer. So the layers are
exact, and what the second half reads can be fetched ahead.

The walk goes by recorded links alone first, then by weaker ones too, each basis that was met and passed over in its
turn. A member's basis, hops and last link are those of the first walk that it is in.
"""

from __future__ import annotations

from typing import Final

from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    ADDED_TO,
    BESIDE_POOL,
    BORN_ONCE,
    BROUGHT,
    BROUGHT_SURELY,
    FEW_OUTS,
    GAPS,
    GENERAL,
    HUB,
    HUBS,
    I1,
    I4,
    I8,
    IN_BASE,
    LEADER,
    LOT_GAPS,
    MANY,
    MANY_LINKS,
    MAYBE,
    MAYBE_EVER,
    MORE_OUTS,
    NO_ROW,
    OF_ITSELF,
    OF_SOURCE,
    OUT_BASE,
    PLAIN,
    QUEUED,
    RECEIVED,
    SLOT,
    STATE,
    SURE,
    SURE_EVER,
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
from fieldline_trace.lineage.kernels.ends import in_end, out_end
from fieldline_trace.lineage.kernels.gaps import (
    is_drawn_on,
    is_fed_by_pool,
    is_gap,
    pool_is_fed,
    receipts,
    unexplained,
)
from fieldline_trace.lineage.kernels.links import (
    ADDITION,
    BASIS,
    BIRTH,
    CUSTOM,
    DEAD,
    RECEIPT,
    TIMELESS,
    other_of,
    packed,
    row_of,
)
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.terms import INFERRED, POOLED

_LEADS_ON: Final = MANY_LINKS << FEW_OUTS | MORE_OUTS | GENERAL | BESIDE_POOL | LOT_GAPS
"""Of a node that has any of these flags something may come."""


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
    allowed: int,
    times: bool,
    depth: int,
    cut: I1,
) -> int:
    """How many slots of ``scratch`` the answer takes; the words of their nodes say how they are reached.

    -1 where a layer says more than ``scratch`` has room for: words are then left as they were.

    ``allowed``: a bit for each basis; ``cut``: by row, not 0 where its links are not followed, or empty.
    """
    how, slot_basis, leader, hubs = scratch.how, scratch.basis, scratch.leader, scratch.hubs
    slot_lo, slot_hi, slot_any = scratch.lo, scratch.hi, scratch.any
    queue, following = scratch.queue, scratch.following
    say_link, say_from, say_level = scratch.link, scratch.source, scratch.level
    room, full = len(say_link), False
    say_lo, say_hi, say_brought = scratch.said_lo, scratch.said_hi, scratch.said_brought
    links, following_link, hot, lots = outs.link, outs.next, nodes.hot, batches.hot
    in_links, following_in = ins.link, ins.next
    when, pools = rows.when, groups.pool
    base, in_base = counts[OUT_BASE], counts[IN_BASE]
    cutting = len(cut) > 0
    slots, stage = 0, 0
    while True:
        bases, left, led, here, hops = allowed & ((2 << stage) - 1), 0, 0, 0, 0
        for v in seeds:
            x = hot[v]["word"]
            if x & STATE == 0:
                if x == 0:
                    how[slots, 0], how[slots, 1], how[slots, 2], how[slots, 3] = v, 0, NO_ROW, -1
                    slot_basis[slots] = 0
                    slots += 1
                    x = slots << SLOT
                hot[v]["word"] = x | MAYBE | MAYBE_EVER | SURE | SURE_EVER | QUEUED
                queue[here] = v
                here += 1
        while here > 0 and hops != depth:
            hops += 1
            said = 0
            for i in range(here):
                # Say where the links of u lead.
                if i + 16 < here:
                    prefetch(hot, queue[i + 16])
                    prefetch(links, hot[queue[i + 8]]["out_start"])
                u = queue[i]
                of = hot[u]
                w, fl = of["word"], of["flags"]
                of["word"] = w & ~QUEUED
                whenever = w & SURE_EVER != 0
                u_lo, u_hi, u_content, u_first, u_many = 0, 0, 0, 0, False
                if not whenever:
                    s = (w >> SLOT) - 1
                    u_lo, u_hi = slot_lo[s], slot_hi[s]
                    u_content, u_first, u_many = known[of["content"], 1], known[of["first"], 0], fl & MANY != 0
                    if fl & GENERAL and is_drawn_on(pools, hot, nodes.group[u]):
                        u_content = min(u_content, groups.content[nodes.group[u]])
                        if w & SURE and not u_many:
                            u_many = pool_is_fed(nodes, batches, groups, nodes.group[u])
                k, end, listed, step, level = int(of["out_start"]), out_end(hot, u), False, -1, 0
                back_k, back_end, back_listed, back_fl = 0, 0, False, 0
                while True:
                    if not listed:
                        if k == end:
                            if fl & MORE_OUTS:
                                listed, k = True, int(hot[u if step < 0 else step]["outs"])
                                continue
                            k = -1
                            listed = True
                            continue
                        link = links[k]
                        k += 1
                    else:
                        if k < 0:
                            if step < 0:
                                break
                            # Back from a step node.
                            step, k, end, listed, fl = -1, back_k, back_end, back_listed, back_fl
                            continue
                        link = links[k]
                        k = following_link[k - base]
                    v = other_of(link)
                    if link & DEAD or v == -1:
                        continue
                    basis = link & BASIS
                    if not bases >> basis & 1:
                        left |= (1 << basis) & allowed
                        continue
                    if cutting and cut[row_of(link)]:
                        continue
                    if step < 0:
                        if whenever:
                            level = 2 if basis else 3
                        else:
                            level = 1
                            if w & MAYBE:
                                d = when[row_of(link), 0]
                                early = w & BROUGHT and known[d, 1] < u_content
                                if w & MAYBE_EVER or link & TIMELESS or not times or u_lo <= known[d, 1] or early:
                                    alone = w & BROUGHT_SURELY and not u_many and known[d, 1] >= u_first
                                    sure = link & TIMELESS or u_hi <= known[d, 0] or alone
                                    level = 3 if sure and w & SURE and basis == 0 else 2
                        if v < -1:
                            # A step node: it stands in this layer, and hands on whenever.
                            v = -2 - v
                            x = hot[v]["word"]
                            if level > (3 if x & SURE else 2 if x & MAYBE else 1 if x & STATE else 0):
                                if x >> SLOT == 0:
                                    how[slots, 0] = v
                                    slots += 1
                                    x |= slots << SLOT
                                hot[v]["word"] = x | (UNTIMED if level == 1 else MAYBE if level == 2 else MAYBE | SURE)
                                back_k, back_end, back_listed, back_fl = k, end, listed, fl
                                step, k, end, listed = v, int(hot[v]["out_start"]), out_end(hot, v), False
                                fl = hot[v]["flags"]
                            continue
                    if said == room:
                        full = True
                        said = 0
                    say_link[said], say_from[said], say_level[said] = link, u, level
                    said += 1
                if fl & (LOT_GAPS | GENERAL | BESIDE_POOL) == 0:
                    continue
                # What is fed without a record: gaps of the lot, the pool beside it, lots beside the pool.
                level, pick, to_pool = 2 if w & MAYBE else 1, -1, False
                if fl & LOT_GAPS:
                    if not bases >> INFERRED & 1:
                        left |= (1 << INFERRED) & allowed
                    else:
                        h = of["born"]
                        if h < 0:
                            h = lots[of["batch"]]["head"]
                        x = hot[h]["word"]
                        if x >> GAPS & 3 < level:
                            if x & HUBS == 0:
                                hubs[led] = h
                                led += 1
                            x = x & ~(3 << GAPS) | level << GAPS
                            if level == 2 and fl & ADDED_TO and is_gap(hot, lots, u):
                                x |= LEADER
                                leader[h] = u
                            hot[h]["word"] = x
                            pick = of["next"]
                        elif x & LEADER and level == 2 and leader[h] != u:
                            hot[h]["word"] = x & ~LEADER
                            pick = leader[h]
                group = nodes.group[u] if fl & (GENERAL | BESIDE_POOL) else -1
                lot = -1
                if group >= 0:
                    if fl & GENERAL:
                        if groups.unexplained[group]:
                            lot = groups.head[group]
                    else:
                        to_pool = is_drawn_on(pools, hot, group)
                    if not bases >> POOLED & 1 and (lot >= 0 or to_pool):
                        left |= (1 << POOLED) & allowed
                        lot, to_pool = -1, False
                once = pick >= 0 and of["next"] != pick
                while pick >= 0 or lot >= 0 or to_pool:
                    v, row, basis, to = -1, OF_ITSELF, INFERRED, level
                    flo, fhi, ever, brought = 0, 0, True, True
                    if pick >= 0:
                        if pick != u and is_gap(hot, lots, pick):
                            v = pick
                        pick = -1 if once or pick == u else hot[pick]["next"]
                    elif lot >= 0:
                        if hot[lot]["flags"] & UNEXPLAINED and is_fed_by_pool(hot, lots, lot):
                            v, basis = lot, POOLED
                            if times and w & (MAYBE | MAYBE_EVER) == MAYBE:
                                last = unexplained(counts, nodes, rows, known, outs, v, True)[0]
                                if u_lo > last and (last >= u_content or w & BROUGHT == 0):
                                    to = 1
                        lot = nodes.next_in_group[lot]
                    else:
                        # A lot is in the general pool beside it as it came.
                        to_pool, basis, row = False, POOLED, NO_ROW
                        came, ever, brought, to, flo, fhi = False, False, False, 1, FOREVER, FOREVER
                        k, end = int(of["in_start"]), in_end(hot, u)
                        if k == end:
                            k, end = int(of["ins"]), -1
                        while k >= 0:
                            link = in_links[k]
                            if link & DEAD == 0:
                                came = True
                                if link & (TIMELESS | RECEIPT) == TIMELESS:
                                    row, ever = row_of(link), True
                                else:
                                    f_lo, f_hi = NEVER, FOREVER
                                    if link & TIMELESS == 0:
                                        f = when[row_of(link), 1]
                                        f_lo, f_hi = known[f, 0], known[f, 1]
                                    early = f_hi < u_content and link & ADDITION and w & BROUGHT
                                    if w & MAYBE and (w & MAYBE_EVER or not times or u_lo <= f_hi or early):
                                        brought = brought or link & ADDITION == 0
                                        if row == NO_ROW or f_lo < flo:
                                            row = row_of(link)
                                        flo, fhi, to = min(flo, f_lo), min(fhi, f_hi), 2
                            if end >= 0:
                                k += 1
                                if k == end:
                                    k, end = int(of["ins"]), -1
                            else:
                                k = following_in[k - in_base]
                        if fl & UNEXPLAINED and not is_fed_by_pool(hot, lots, u):
                            came, ever = True, True
                            if row == NO_ROW:
                                row = OF_SOURCE
                        if ever:
                            to = level
                        if came:
                            v = groups.pool[group]
                    if v < 0:
                        continue
                    if row == OF_ITSELF and hot[v]["flags"] & RECEIVED:
                        flo, fhi = receipts(counts, nodes, rows, known, ins, v)
                        ever = False
                    if said == room:
                        full = True
                        said = 0
                    say_link[said] = packed(v, row, basis | (TIMELESS if ever else CUSTOM))
                    say_from[said], say_level[said] = u, to
                    if not ever:
                        say_lo[said], say_hi[said], say_brought[said] = flo, fhi, brought
                    said += 1
            there, i = 0, 0
            while i < said:
                # Raise what was said.
                if i + 16 < said:
                    prefetch(hot, other_of(say_link[i + 16]))
                    if say_link[i + 8] & BIRTH:
                        prefetch(hot, hot[other_of(say_link[i + 8])]["next"])
                link, source, level, which = say_link[i], say_from[i], say_level[i], i
                i += 1
                v = other_of(link)
                of = hot[v]
                x, fl = of["word"], of["flags"]
                whole, ever, brought, flo, fhi = False, True, True, 0, 0
                if link & BIRTH:
                    to = level if level < 3 or fl & BORN_ONCE else 2
                    h = of["born"]
                    if h < 0:
                        h = lots[of["batch"]]["head"]
                    w = hot[h]["word"]
                    if w >> HUB & 3 < to:
                        if w & HUBS == 0:
                            hubs[led] = h
                            led += 1
                        hot[h]["word"] = w & ~(3 << HUB) | to << HUB
                        whole = True
                        if level > to:
                            # Where it was made it is surely, as by any other filling.
                            if said == room:
                                full = True
                                said = 0
                            say_link[said], say_from[said], say_level[said] = link & ~BIRTH, source, level
                            said += 1
                            level = to
                    elif level == to:
                        continue
                if not whole:
                    if x & SURE_EVER or (level < 3 and x & MAYBE_EVER) or (level == 1 and x & STATE):
                        continue
                    if link & TIMELESS == 0 and fl & PLAIN == 0:
                        ever = False
                        if link & CUSTOM:
                            flo, fhi, brought = say_lo[which], say_hi[which], say_brought[which] != 0
                        else:
                            f = when[row_of(link), 1]
                            flo, fhi, brought = known[f, 0], known[f, 1], link & ADDITION == 0
                c = v
                while True:
                    of = hot[c]
                    if not whole or of["ends"] > 0:
                        x = of["word"]
                        new, better = x, False
                        s = (x >> SLOT) - 1
                        if level == 1:
                            if x & STATE == 0:
                                new |= UNTIMED
                        elif ever:
                            new |= MAYBE | MAYBE_EVER | (SURE | SURE_EVER if level == 3 else 0)
                        else:
                            new |= MAYBE
                            if brought and x & MAYBE_EVER == 0:
                                new |= BROUGHT
                            if level == 3:
                                new |= SURE
                                if brought and x & SURE_EVER == 0:
                                    new |= BROUGHT_SURELY
                            if x & MAYBE and x & MAYBE_EVER == 0:
                                better = flo < slot_lo[s]
                                slot_any[s] = min(slot_any[s], fhi)
                            if level == 3 and x & SURE and x & SURE_EVER == 0:
                                better = better or fhi < slot_hi[s]
                        if better or new != x:
                            if s < 0:
                                s = slots
                                slots += 1
                                how[s, 0] = c
                                slot_basis[s] = 255
                                new |= slots << SLOT
                            if not ever and level >= 2:
                                if x & MAYBE == 0:
                                    slot_lo[s], slot_any[s] = flo, fhi
                                elif x & MAYBE_EVER == 0:
                                    slot_lo[s] = min(slot_lo[s], flo)
                                if level == 3:
                                    slot_hi[s] = min(slot_hi[s], fhi) if x & SURE else fhi
                                elif x & SURE == 0:
                                    slot_hi[s] = FOREVER
                            if new & ~x & (MAYBE | SURE) and slot_basis[s] >= stage:
                                slot_basis[s] = stage
                                how[s, 1], how[s, 2], how[s, 3] = hops, row_of(link), source
                            if new & QUEUED == 0 and of["flags"] & _LEADS_ON:
                                new |= QUEUED
                                following[there] = c
                                there += 1
                            of["word"] = new
                    c = of["next"]
                    if not whole or c == v:
                        break
            queue, following = following, queue
            here = there
            if full:
                here, left = 0, 0
        for i in range(led):
            hot[hubs[i]]["word"] &= ~HUBS
        if full:
            for s in range(slots):
                hot[how[s, 0]]["word"] = 0
            return -1
        if left == 0:
            return slots
        stage += 1
        while not left >> stage & 1:
            stage += 1
        for s in range(slots):
            hot[how[s, 0]]["word"] = (s + 1) << SLOT
