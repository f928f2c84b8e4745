"""Kernel that follows what is in holdings back to all that it came from.

The module is long because one compiled function does it all: handing its arrays on to others costs more than the walk.

As ``forward``, turned round: a node's labels are the greatest end that a filling may begin by to be in what was asked
(``hi`` of the draw, or ever where the draw came before anything was surely there), and the greatest that it must be
over by to be in it surely (``lo`` of the draw, or ever where one event filled the node and not after the draw). For
additions, which the draws' own times hold for, a node that has some keeps two labels more.
"""

from __future__ import annotations

from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.lineage.kernels.columns import (
    ADDED_EVER,
    ADDED_SURE_EVER,
    ADDED_TO,
    BESIDE_POOL,
    BORN_HERE,
    BORN_OFTEN,
    BORN_ONCE,
    EVER,
    FILLED_LATER,
    GAPS,
    GENERAL,
    HUB,
    HUBS,
    I1,
    I4,
    I8,
    IN_BASE,
    LEADER,
    LOT,
    MANY,
    MAYBE,
    MAYBE_EVER,
    MORE_INS,
    NO_ROW,
    OF_ITSELF,
    OF_SOURCE,
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
from fieldline_trace.lineage.kernels.ends import in_end
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
    TIMELESS,
    other_of,
    packed,
    row_of,
)
from fieldline_trace.lineage.kernels.prefetch import prefetch
from fieldline_trace.lineage.terms import INFERRED, POOLED


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
    slot_hi, slot_lo, slot_added_hi, slot_added_lo = scratch.hi, scratch.lo, scratch.any, scratch.more
    queue, following = scratch.queue, scratch.following
    say_link, say_from, say_level = scratch.link, scratch.source, scratch.level
    room, full = len(say_link), False
    say_hi, say_added_hi = scratch.said_lo, scratch.said_hi
    links, following_link, hot, lots = ins.link, ins.next, nodes.hot, batches.hot
    when, pools = rows.when, groups.pool
    base = counts[IN_BASE]
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
                hot[v]["word"] = x | MAYBE | SURE | EVER | QUEUED
                queue[here] = v
                here += 1
        while here > 0 and hops != depth:
            hops += 1
            said = 0
            for i in range(here):
                # Say where what is in u came from.
                if i + 16 < here:
                    prefetch(hot, queue[i + 16])
                    v = queue[i + 8]
                    prefetch(links, hot[v]["in_start"])
                    if hot[v]["born"] >= 0:
                        prefetch(hot, hot[v]["born"])
                    v = hot[queue[i + 4]]["born"]
                    if v >= 0:
                        prefetch(links, hot[v]["in_start"])
                u = queue[i]
                of = hot[u]
                w, fl = of["word"], of["flags"]
                of["word"] = w & ~QUEUED
                u_hi, u_lo, u_added_hi, u_added_lo = 0, 0, 0, 0
                if w & EVER != EVER:
                    s = (w >> SLOT) - 1
                    u_hi, u_lo, u_added_hi, u_added_lo = slot_hi[s], slot_lo[s], slot_added_hi[s], slot_added_lo[s]
                once = fl & BORN_ONCE != 0
                # First, at each holding that it was made at, the links that made the lot; then u's own.
                maker, last_maker, hub_level = -1, -1, 0
                if fl & (BORN_ONCE | BORN_OFTEN):
                    hub_level = 3 if w & SURE and once else 2 if w & MAYBE else 1
                    h = of["born"]
                    maker = h
                    if h < 0:
                        h = lots[of["batch"]]["head"]
                    x = hot[h]["word"]
                    if x >> HUB & 3 < hub_level:
                        if x & HUBS == 0:
                            hubs[led] = h
                            led += 1
                        hot[h]["word"] = x & ~(3 << HUB) | hub_level << HUB
                        if maker < 0:
                            maker, last_maker = hot[h]["next"], h
                        else:
                            last_maker = maker
                    else:
                        maker = -1
                own = not once or fl & FILLED_LATER != 0
                level = 0
                while maker >= 0 or own:
                    at = maker if maker >= 0 else u
                    making = maker >= 0
                    if making:
                        maker = -1 if maker == last_maker else hot[maker]["next"]
                        if hot[at]["flags"] & BORN_HERE == 0:
                            continue
                    else:
                        own = False
                    k, end, listed, step = int(hot[at]["in_start"]), in_end(hot, at), False, -1
                    back_k, back_end, back_listed = 0, 0, False
                    while True:
                        if not listed:
                            if k == end:
                                listed, k = True, -1
                                if hot[at]["flags"] & MORE_INS:
                                    k = int(hot[at]["ins"])
                                continue
                            link = links[k]
                            k += 1
                        else:
                            if k < 0:
                                if step < 0:
                                    break
                                # Back from a step node.
                                at, step, k, end, listed = step, -1, back_k, back_end, back_listed
                                continue
                            link = links[k]
                            k = following_link[k - base]
                        v = other_of(link)
                        if link & DEAD or v == -1:
                            continue
                        if step < 0:
                            if making:
                                if link & BIRTH == 0:
                                    continue
                            elif link & BIRTH and (once or w & SURE == 0):
                                continue
                        basis = link & BASIS
                        if not bases >> basis & 1:
                            left |= (1 << basis) & allowed
                            continue
                        if cutting and cut[row_of(link)]:
                            continue
                        if step < 0:
                            if making:
                                level = min(2, hub_level) if basis else hub_level
                            else:
                                level = 1
                                if w & MAYBE:
                                    ever, ever_sure, hi, lo = w & MAYBE_EVER, w & SURE_EVER, u_hi, u_lo
                                    if link & ADDITION:
                                        ever, ever_sure = w & ADDED_EVER, w & ADDED_SURE_EVER
                                        hi, lo = u_added_hi, u_added_lo
                                    untimed = link & TIMELESS != 0
                                    if ever or untimed or not times or known[when[row_of(link), 1], 0] <= hi:
                                        sure = ever_sure or untimed or known[when[row_of(link), 1], 1] <= lo
                                        level = 3 if sure and w & SURE and basis == 0 else 2
                                if link & BIRTH and level < 3:
                                    continue
                            if v < -1:
                                # A step node: it stands in this layer, and is led to whenever.
                                v = -2 - v
                                x = hot[v]["word"]
                                if level > (3 if x & SURE else 2 if x & MAYBE else 1 if x & STATE else 0):
                                    if x >> SLOT == 0:
                                        how[slots, 0] = v
                                        slots += 1
                                        x |= slots << SLOT
                                    hot[v]["word"] = x | (
                                        UNTIMED if level == 1 else MAYBE if level == 2 else MAYBE | SURE
                                    )
                                    back_k, back_end, back_listed = k, end, listed
                                    step, at = at, v
                                    k, end, listed = int(hot[v]["in_start"]), in_end(hot, v), False
                                continue
                        if said == room:
                            full = True
                            said = 0
                        say_link[said], say_from[said], say_level[said] = link, u, level
                        said += 1
                if fl & (UNEXPLAINED | GENERAL) == 0:
                    continue
                # What feeds it without a record: the lot's other holdings or the pool beside it, lots beside the pool.
                pick, lot, pool, level = -1, -1, -1, 1
                if fl & GENERAL:
                    if is_drawn_on(pools, hot, nodes.group[u]):
                        lot = groups.head[nodes.group[u]]
                elif is_gap(hot, lots, u):
                    if w & MAYBE:
                        level = 2
                        if times and w & MAYBE_EVER == 0 and fl & RECEIVED:
                            f_lo, f_hi = receipts(counts, nodes, rows, known, ins, u)
                            if f_lo > u_hi:
                                level = 1
                    if lots[of["batch"]]["held"] == 1:
                        if fl & BESIDE_POOL:
                            pool = groups.pool[nodes.group[u]]
                        if pool >= 0 and hot[pool]["ends"] == 0:
                            pool = -1
                    elif not bases >> INFERRED & 1:
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
                            if level == 2 and fl & ADDED_TO:
                                x |= LEADER
                                leader[h] = u
                            hot[h]["word"] = x
                            pick = of["next"]
                        elif x & LEADER and level == 2 and leader[h] != u:
                            hot[h]["word"] = x & ~LEADER
                            pick = leader[h]
                if (lot >= 0 or pool >= 0) and not bases >> POOLED & 1:
                    left |= (1 << POOLED) & allowed
                    lot, pool = -1, -1
                alone = pick >= 0 and of["next"] != pick
                while pick >= 0 or lot >= 0 or pool >= 0:
                    v, row, basis, to = -1, OF_SOURCE, INFERRED, level
                    dhi, added_hi, custom = FOREVER, FOREVER, False
                    if pick >= 0:
                        if pick != u and hot[pick]["ends"] > 0:
                            v = pick
                        pick = -1 if alone or pick == u else hot[pick]["next"]
                    elif pool >= 0:
                        v, pool, basis, custom = pool, -1, POOLED, True
                        dhi = unexplained(counts, nodes, rows, known, outs, u, True)[0]
                        added_hi = dhi
                        least = known[hot[v]["content"], 1]
                        if is_drawn_on(pools, hot, nodes.group[u]):
                            least = min(least, groups.content[nodes.group[u]])
                        if dhi < least:
                            dhi = FOREVER
                    else:
                        # A lot is in the general pool beside it as it came.
                        if hot[lot]["ends"] > 0:
                            came, basis, row, to, custom = False, POOLED, NO_ROW, 1, True
                            dhi, added_hi = NEVER, NEVER
                            k, end = int(hot[lot]["in_start"]), in_end(hot, lot)
                            if k == end:
                                k, end = int(hot[lot]["ins"]), -1
                            while k >= 0:
                                link = links[k]
                                if link & DEAD == 0:
                                    came = True
                                    f_lo, f_hi = NEVER, FOREVER
                                    if link & TIMELESS == 0:
                                        f = when[row_of(link), 1]
                                        f_lo, f_hi = known[f, 0], known[f, 1]
                                    ever, hi = w & MAYBE_EVER, u_hi
                                    if link & ADDITION:
                                        ever, hi = w & ADDED_EVER, u_added_hi
                                    if w & MAYBE and (ever or not times or f_lo <= hi):
                                        to, added_hi = 2, max(added_hi, f_hi)
                                        if f_hi < known[hot[lot]["content"], 1]:
                                            f_hi = FOREVER
                                        if f_hi > dhi:
                                            dhi, row = f_hi, row_of(link)
                                if end >= 0:
                                    k += 1
                                    if k == end:
                                        k, end = int(hot[lot]["ins"]), -1
                                else:
                                    k = following_link[k - base]
                            if hot[lot]["flags"] & UNEXPLAINED and not is_fed_by_pool(hot, lots, lot):
                                came, dhi, added_hi = True, FOREVER, FOREVER
                                if row == NO_ROW:
                                    row = OF_ITSELF
                                if w & MAYBE:
                                    to = 2
                            if came:
                                v = lot
                        lot = nodes.next_in_group[lot]
                    if v < 0:
                        continue
                    if said == room:
                        full = True
                        said = 0
                    say_link[said] = packed(v, row, basis | (CUSTOM if custom else TIMELESS))
                    say_from[said], say_level[said] = u, to
                    if custom:
                        say_hi[said], say_added_hi[said] = dhi, added_hi
                    said += 1
            there = 0
            for i in range(said):
                # Raise what was said.
                if i + 16 < said:
                    prefetch(hot, other_of(say_link[i + 16]))
                link, level = say_link[i], say_level[i]
                v = other_of(link)
                of = hot[v]
                x, fl = of["word"], of["flags"]
                most = MAYBE_EVER | ADDED_EVER if level < 3 else EVER
                if x & most == most or (level == 1 and x & STATE):
                    continue
                s = (x >> SLOT) - 1
                new = x
                added = fl & (ADDED_TO | GENERAL) != 0
                dhi, dlo, added_hi, added_lo = FOREVER, FOREVER, FOREVER, FOREVER
                if level == 1:
                    new |= UNTIMED
                else:
                    new |= MAYBE | (SURE if level == 3 else 0)
                    better = False
                    if (
                        fl & PLAIN
                        or link & TIMELESS
                        or (fl & (LOT | FILLED_LATER | RECEIVED) == LOT and fl & BORN_OFTEN == 0)
                    ):
                        # Any draw is of all that filled it.
                        new |= EVER if level == 3 else MAYBE_EVER | ADDED_EVER
                    else:
                        if link & CUSTOM:
                            dhi, added_hi = say_hi[i], say_added_hi[i]
                        else:
                            d = when[row_of(link), 0]
                            dlo, dhi = known[d, 0], known[d, 1]
                            d_end, added_hi, added_lo = dhi, dhi, dlo
                            least, many = known[of["content"], 1], fl & MANY != 0
                            if fl & GENERAL and is_drawn_on(pools, hot, nodes.group[v]):
                                least = min(least, groups.content[nodes.group[v]])
                                if level == 3 and not many:
                                    many = pool_is_fed(nodes, batches, groups, nodes.group[v])
                            if d_end < least:
                                dhi = FOREVER
                            if not many and d_end >= known[of["first"], 0]:
                                dlo = FOREVER
                        if not added:
                            added_hi, added_lo = dhi, dlo
                        if dhi >= FOREVER:
                            new |= MAYBE_EVER
                        elif x & MAYBE and x & MAYBE_EVER == 0:
                            better = dhi > slot_hi[s]
                        if added_hi >= FOREVER:
                            new |= ADDED_EVER
                        elif added and x & MAYBE and x & ADDED_EVER == 0:
                            better = better or added_hi > slot_added_hi[s]
                        if level == 3:
                            if dlo >= FOREVER:
                                new |= SURE_EVER
                            elif x & SURE and x & SURE_EVER == 0:
                                better = better or dlo > slot_lo[s]
                            if added_lo >= FOREVER:
                                new |= ADDED_SURE_EVER
                            elif added and x & SURE and x & ADDED_SURE_EVER == 0:
                                better = better or added_lo > slot_added_lo[s]
                    if not better and new == x:
                        continue
                if s < 0:
                    s = slots
                    slots += 1
                    how[s, 0] = v
                    slot_basis[s] = 255
                    new |= slots << SLOT
                if level >= 2 and new & EVER != EVER:
                    slot_hi[s] = max(slot_hi[s], dhi) if x & MAYBE else dhi
                    if added:
                        slot_added_hi[s] = max(slot_added_hi[s], added_hi) if x & MAYBE else added_hi
                    if level == 3:
                        slot_lo[s] = max(slot_lo[s], dlo) if x & SURE else dlo
                        if added:
                            slot_added_lo[s] = max(slot_added_lo[s], added_lo) if x & SURE else added_lo
                if new & ~x & (MAYBE | SURE) and slot_basis[s] >= stage:
                    slot_basis[s] = stage
                    how[s, 1], how[s, 2], how[s, 3] = hops, row_of(link), say_from[i]
                if new & QUEUED == 0:
                    waits = True
                    if fl & (LOT | FILLED_LATER | UNEXPLAINED | BORN_OFTEN) == LOT:
                        # Nothing is before it but what its lot's hub leads to, if it does not yet.
                        waits = fl & BORN_ONCE != 0
                        if waits and of["born"] == v:
                            waits = x >> HUB & 3 < (3 if new & SURE else 2 if new & MAYBE else 1)
                    if waits:
                        new |= QUEUED
                        following[there] = v
                        there += 1
                of["word"] = new
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
