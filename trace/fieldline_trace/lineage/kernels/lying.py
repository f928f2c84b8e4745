"""Kernels that list the holdings of given batches, and the standing links of given holdings."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.kernels.columns import I1, I4, I8, IN_BASE, OUT_BASE, Batches, Nodes
from fieldline_trace.lineage.kernels.columns import Sides as Side
from fieldline_trace.lineage.kernels.compiled import kernel
from fieldline_trace.lineage.kernels.ends import in_end, out_end
from fieldline_trace.lineage.kernels.links import DEAD, other_of, row_of

_T = TypeVar("_T", bound=np.generic)


@kernel
def longer(array: NDArray[_T], size: int) -> NDArray[_T]:
    """A copy with room for ``size``."""
    new = np.empty(size, array.dtype)
    new[: len(array)] = array
    return new


@kernel
def holdings_of(nodes: Nodes, batches: Batches, which: I8) -> I4:
    """All holdings of ``which`` (batches that count as themselves) that something stands of, batch by batch in the
    order they came up."""
    found, n = np.empty(max(64, 2 * len(which)), np.int32), 0
    for batch in which:
        head = node = batches.hot[batch]["head"]
        while node >= 0:
            node = nodes.hot[node]["next"]
            if nodes.hot[node]["ends"] > 0:
                if n == len(found):
                    found = longer(found, 2 * n)
                found[n] = node
                n += 1
            if node == head:
                break
    return found[:n]


@kernel
def links_of(counts: I8, nodes: Nodes, outs: Side, ins: Side, which: I8) -> tuple[I4, I4, I4, I1]:
    """All living links of ``which``: position in it, row, node at the other end (-1: none), 1 where it comes in."""
    size, n = max(64, 4 * len(which)), 0
    at, row, other = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    incoming = np.empty(size, np.uint8)
    for i in range(len(which)):
        hot = nodes.hot[which[i]]
        for side in range(2):
            links = ins.link if side else outs.link
            after = ins.next if side else outs.next
            base = counts[IN_BASE] if side else counts[OUT_BASE]
            k, head = (hot["in_start"], hot["ins"]) if side else (hot["out_start"], hot["outs"])
            end = in_end(nodes.hot, which[i]) if side else out_end(nodes.hot, which[i])
            if k == end:
                k, end = head, -2
            while k >= 0:
                link = links[k]
                if link & DEAD == 0:
                    if n == size:
                        size *= 2
                        at, row, other = longer(at, size), longer(row, size), longer(other, size)
                        incoming = longer(incoming, size)
                    at[n], row[n], other[n], incoming[n] = i, row_of(link), other_of(link), side
                    n += 1
                if end >= 0:
                    k += 1
                    if k == end:
                        k, end = head, -2
                else:
                    k = after[k - base]
    return at[:n], row[:n], other[:n], incoming[:n]
