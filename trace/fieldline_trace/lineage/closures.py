"""Runs the kernels and makes answers of what they leave."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Trace
from fieldline_trace.lineage.draws import Draws
from fieldline_trace.lineage.kernels.backward import backward
from fieldline_trace.lineage.kernels.columns import MAYBE, MAYBE_EVER, OF_SOURCE, SURE
from fieldline_trace.lineage.kernels.forward import forward
from fieldline_trace.lineage.kernels.gaps import since
from fieldline_trace.lineage.storage import Storage
from fieldline_trace.lineage.terms import DEFINITE, POSSIBLE, RECORDED

_Kernel = Callable[..., tuple[int, int]]
_NO_END = 2**62


class _Pass(NamedTuple):
    """What one run of a kernel left, without step nodes."""

    node: NDArray[np.int64]
    state: NDArray[np.uint8]
    hops: NDArray[np.int64]
    row: NDArray[np.int64]
    source: NDArray[np.int64]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    any: NDArray[np.int64]
    met: int


class Closures:
    """Answers over one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._draws = Draws(storage)

    def forward(self, seeds: NDArray[np.int32], times: bool, depth: int | None, bases: Collection[int]) -> Trace:
        """All that what the seeds hold is in."""
        return self._answer(forward, seeds, times, depth, bases)

    def backward(self, seeds: NDArray[np.int32], times: bool, depth: int | None, bases: Collection[int]) -> Trace:
        """All that is in what the seeds hold."""
        return self._answer(backward, seeds, times, depth, bases)

    def _run(self, kernel: _Kernel, seeds: NDArray[np.int32], bases: int, times: bool, depth: int) -> _Pass:
        s, scratch = self._storage, self._storage.scratch
        n, met = kernel(
            s.counts, s.nodes, s.batches, s.groups, s.rows, s.known, s.outs, s.ins, scratch, seeds, bases, times, depth
        )
        node = scratch.node[:n]
        at = np.flatnonzero(s.nodes.batch[node] >= 0)
        return _Pass(
            node[at].astype(np.int64),
            scratch.state[at],
            scratch.hops[at].astype(np.int64),
            scratch.row[at].astype(np.int64),
            scratch.source[at].astype(np.int64),
            scratch.lo[at],
            scratch.hi[at],
            scratch.any[at],
            met,
        )

    def _answer(
        self, kernel: _Kernel, seeds: NDArray[np.int32], times: bool, depth: int | None, bases: Collection[int]
    ) -> Trace:
        end = _NO_END if depth is None else depth
        allowed = sum(1 << basis for basis in bases)
        full = self._run(kernel, seeds, allowed, times, end)
        member = full.state & MAYBE != 0
        order = np.flatnonzero(member)
        node, state = full.node[order], full.state[order]
        hops, row, source = full.hops[order], full.row[order], full.source[order]
        weakest = full.met.bit_length() - 1
        basis = np.full(len(order), max(weakest, RECORDED), np.uint8)
        basis[state & SURE != 0] = RECORDED
        basis[hops == 0] = RECORDED
        if full.met & ~1:
            # Which chains need no weaker links: follow those alone, the weakest basis left out, and so on.
            by_node = np.argsort(node)
            for least in range(weakest - 1, -1, -1):
                if not full.met >> least & 1 and least != RECORDED:
                    continue
                less = self._run(kernel, seeds, allowed & (2 << least) - 1, times, end)
                still = np.flatnonzero(less.state & MAYBE)
                at = by_node[np.searchsorted(node, less.node[still], sorter=by_node)]
                possible = state[at] & SURE == 0
                at, still = at[possible], still[possible]
                basis[at] = least
                hops[at], row[at], source[at] = less.hops[still], less.row[still], less.source[still]
        lo, hi = self._exposed(kernel, node, state, full, order)
        nearest = np.argsort(hops, kind="stable")
        via = self._events(node, row, source)
        at_batch = self._storage.nodes.batch[node]
        return Trace(
            holding=node[nearest],
            batch=at_batch[nearest].astype(np.int64),
            site=self._storage.nodes.site[node][nearest].astype(np.int64),
            certainty=np.where(state & SURE, DEFINITE, POSSIBLE).astype(np.uint8)[nearest],
            basis=basis[nearest],
            hops=hops[nearest],
            via_event=via[nearest],
            via_holding=source[nearest],
            exposed_lo=lo[nearest],
            exposed_hi=hi[nearest],
            excluded=full.node[~member],
        )

    def _exposed(
        self,
        kernel: _Kernel,
        node: NDArray[np.int64],
        state: NDArray[np.uint8],
        full: _Pass,
        order: NDArray[np.intp],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        s = self._storage
        lo, hi = np.empty(len(node), np.int64), np.empty(len(node), np.int64)
        since(s.counts, s.nodes, s.rows, s.known, s.ins, node, lo, hi)
        if kernel is forward:
            dated = state & MAYBE_EVER == 0
            lo[dated] = full.lo[order][dated]
            hi[dated] = np.where(state & SURE, full.hi[order], full.any[order])[dated]
        return lo, np.minimum(hi, FOREVER)

    def _events(self, node: NDArray[np.int64], row: NDArray[np.int64], source: NDArray[np.int64]) -> NDArray[np.int64]:
        events = np.where(row >= 0, self._storage.rows.event[np.maximum(row, 0)], -1)
        for at in np.flatnonzero(row < -1):
            where = int(source[at] if row[at] == OF_SOURCE else node[at])
            events[at] = self._draws.unexplained(where)[0][1]
        return events
