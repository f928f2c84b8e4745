"""Kernel that takes steps in: holdings, groups and intervals get their numbers, steps their rows."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.times import FOREVER

from fieldline_trace.lineage.kernels.columns import (
    BESIDE_POOL,
    ENDS,
    FAR,
    GENERAL,
    GENERAL_POOL,
    GROUPED,
    GROUPS,
    I1,
    I4,
    I8,
    IN_BASE,
    INTERVALS,
    KNOWN,
    LOT,
    NEAR,
    NEAR_BY,
    NODES,
    OUT_BASE,
    POOL,
    ROWS,
    TABLED,
    UNDRAWN,
    UNEXPLAINED,
    UNFILLED,
    Batches,
    Groups,
    Nodes,
    Products,
    Rows,
    Tables,
)
from fieldline_trace.lineage.kernels.compiled import inlined, kernel
from fieldline_trace.lineage.kernels.prefetch import prefetch


@inlined
def _spot(a: int, b: int, size: int) -> int:
    """Where to look for a pair first: multiplied and folded, all in 64 bits."""
    x = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(32)
    return int(np.int64(x & np.uint64(size - 1)))


@inlined
def new_node(counts: I8, nodes: Nodes, batch: int, site: int) -> int:
    n = int(counts[NODES])
    counts[NODES] = n + 1
    nodes.hot[n]["word"] = 0
    nodes.hot[n]["batch"] = batch
    nodes.hot[n]["site"] = site
    nodes.hot[n]["born"] = -1
    nodes.hot[n]["next"] = -1
    if len(nodes.group):
        nodes.group[n] = -1
        nodes.next_in_group[n] = -1
    nodes.hot[n]["ends"] = 0
    nodes.hot[n]["content"] = UNFILLED
    nodes.hot[n]["first"] = UNFILLED
    nodes.hot[n]["drawn"] = UNDRAWN
    nodes.hot[n]["shipped"] = UNDRAWN
    nodes.hot[n]["flags"] = 0
    nodes.hot[n]["outs"] = -1
    nodes.hot[n]["ins"] = -1
    nodes.hot[n]["out_start"] = counts[OUT_BASE]
    nodes.hot[n]["in_start"] = counts[IN_BASE]
    return n


@inlined
def _group_of(counts: I8, groups: Groups, table: I4, product: int, site: int) -> int:
    at = _spot(product, site, len(table))
    while table[at]:
        g = int(table[at]) - 1
        if groups.product[g] == product and groups.site[g] == site:
            return g
        at = (at + 1) & (len(table) - 1)
    g = int(counts[GROUPS])
    counts[GROUPS] = g + 1
    table[at] = g + 1
    groups.product[g] = product
    groups.site[g] = site
    groups.pool[g] = -1
    groups.head[g] = -1
    groups.unexplained[g] = 0
    groups.content[g] = FOREVER
    return g


@inlined
def holding_of(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    known: I8,
    tables: Tables,
    batch: int,
    site: int,
    create: bool,
) -> int:
    """The number of the holding of the batch as it is named; -1 where there is none and none is to be created."""
    before = batches.hot[batch]["head"]
    n, near, at = int(before), 0, -1
    while n >= 0 and near < NEAR:
        n = int(nodes.hot[n]["next"])
        if nodes.hot[n]["site"] == site:
            return n
        near += 1
        if n == before:
            break
    if near == NEAR:
        table = tables.node
        at = _spot(batch, site, len(table))
        while table[at]:
            n = int(table[at]) - 1
            if nodes.hot[n]["batch"] == batch and nodes.hot[n]["site"] == site:
                return n
            at = (at + 1) & (len(table) - 1)
    if not create:
        return -1
    n = new_node(counts, nodes, batch, site)
    if at >= 0:
        tables.node[at] = n + 1
        counts[TABLED] += 1
    nodes.hot[n]["next"] = nodes.hot[before]["next"] if before >= 0 else n
    if before >= 0:
        nodes.hot[before]["next"] = n
    batches.hot[batch]["head"] = n
    kind = batches.hot[batch]["kind"]
    if kind & POOL == 0:
        nodes.hot[n]["flags"] |= LOT
    if kind & GROUPED:
        _group(counts, nodes, batches, groups, known, tables, n)
    return n


@kernel
def _group(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, known: I8, tables: Tables, n: int) -> None:
    """Put a holding into the group that it is of."""
    batch = batches.hot[nodes.hot[n]["batch"]]
    g = _group_of(counts, groups, tables.group, batch["product"], nodes.hot[n]["site"])
    nodes.group[n] = g
    if batch["kind"] & POOL == 0:
        nodes.next_in_group[n] = groups.head[g]
        groups.head[g] = n
        if groups.pool[g] >= 0:
            nodes.hot[n]["flags"] |= BESIDE_POOL
        if nodes.hot[n]["flags"] & UNEXPLAINED:
            groups.unexplained[g] += 1
        groups.content[g] = min(groups.content[g], known[nodes.hot[n]["content"], 1])
    else:
        nodes.hot[n]["flags"] |= GENERAL
        groups.pool[g] = n
        lot = groups.head[g]
        while lot >= 0:
            nodes.hot[lot]["flags"] |= BESIDE_POOL
            lot = nodes.next_in_group[lot]


@kernel
def know(batches: Batches, products: Products, numbers: I8, of_product: I8, pools: I1, generals: I1, found: I4) -> int:
    """Note what batches are that were not known. How many, written to ``found`` (room for all batches), are now to
    stand in groups, since the first general pool of their product came up.
    """
    count = 0
    for i in range(len(numbers)):
        b, p = numbers[i], of_product[i]
        if batches.hot[b]["kind"]:
            continue
        kind = KNOWN | (POOL if pools[i] else 0) | (GENERAL_POOL if generals[i] else 0)
        batches.hot[b]["product"] = p
        if p >= 0 and (generals[i] or not pools[i]):
            if generals[i] and not products.grouped[p]:
                products.grouped[p] = 1
                c = products.newest[p] - 1
                while c >= 0:
                    batches.hot[c]["kind"] |= GROUPED
                    found[count] = c
                    count += 1
                    c = batches.same_product[c] - 1
            batches.same_product[b] = products.newest[p]
            products.newest[p] = b + 1
            if products.grouped[p]:
                kind |= GROUPED
        batches.hot[b]["kind"] = kind
    return count


@kernel
def group_all(counts: I8, nodes: Nodes, batches: Batches, groups: Groups, known: I8, tables: Tables, which: I4) -> None:
    """Put all holdings of batches into groups. Every column has room for it."""
    for batch in which:
        head = batches.hot[batch]["head"]
        node = head
        while node >= 0:
            _group(counts, nodes, batches, groups, known, tables, node)
            node = nodes.hot[node]["next"]
            if node == head:
                break


@inlined
def _interval(counts: I8, known: I8, tables: Tables, lo: int, hi: int) -> int:
    """The number of an interval; another one than before, perhaps, where it was not named lately."""
    table = tables.moment if lo == hi else tables.span
    at = _spot(lo, hi, len(table))
    i = int(table[at]) - 1
    if i >= 0 and known[i, 0] == lo and known[i, 1] == hi:
        return i
    i = int(counts[INTERVALS])
    counts[INTERVALS] = i + 1
    table[at] = i + 1
    known[i, 0] = lo
    known[i, 1] = hi
    return i


@inlined
def _fetch_batch(nodes: Nodes, batches: Batches, named: I8, at: int) -> None:
    """Memory that the batches named from ``at`` on are found by."""
    if at + 2 * FAR < len(named):
        prefetch(batches.hot, named[at + 2 * FAR])
        newest = batches.hot[named[at + FAR]]["head"]
        if newest >= 0:
            prefetch(nodes.hot, newest)
        newest = batches.hot[named[at + NEAR_BY]]["head"]
        if newest >= 0:
            prefetch(nodes.hot, nodes.hot[newest]["next"])


@kernel
def take(
    counts: I8,
    nodes: Nodes,
    batches: Batches,
    groups: Groups,
    rows: Rows,
    known: I8,
    tables: Tables,
    event: I8,
    shape: I1,
    basis: I1,
    times: I8,
    in_start: I8,
    in_batch: I8,
    in_site: I8,
    out_start: I8,
    out_batch: I8,
    out_site: I8,
) -> None:
    """Append one row a step, with its ends; no links yet. Every column has room for it, every batch is known."""
    for s in range(len(event)):
        row = counts[ROWS]
        counts[ROWS] = row + 1
        rows.event[row] = event[s]
        rows.basis[row] = basis[s]
        rows.shape[row] = shape[s]
        rows.when[row, 0] = _interval(counts, known, tables, times[s, 0], times[s, 1])
        rows.when[row, 1] = _interval(counts, known, tables, times[s, 2], times[s, 3])
        rows.inputs[row] = in_start[s + 1] - in_start[s]
        end = counts[ENDS]
        rows.start[row] = end
        for i in range(in_start[s], in_start[s + 1]):
            _fetch_batch(nodes, batches, in_batch, i)
            rows.ends[end] = holding_of(counts, nodes, batches, groups, known, tables, in_batch[i], in_site[i], True)
            end += 1
        for i in range(out_start[s], out_start[s + 1]):
            _fetch_batch(nodes, batches, out_batch, i)
            rows.ends[end] = holding_of(counts, nodes, batches, groups, known, tables, out_batch[i], out_site[i], True)
            end += 1
        counts[ENDS] = end
        rows.start[row + 1] = end


@kernel
def rehash(table: I4, numbers: I8, a: I8, b: I8) -> None:
    """Fill an empty, larger table anew with numbered pairs."""
    for i in range(len(numbers)):
        at = _spot(a[i], b[i], len(table))
        while table[at]:
            at = (at + 1) & (len(table) - 1)
        table[at] = numbers[i] + 1
