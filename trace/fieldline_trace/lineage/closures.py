"""Runs the kernels and makes answers of what they leave."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Trace
from fieldline_trace.lineage.draws import Draws
from fieldline_trace.lineage.kernels.backward import backward
from fieldline_trace.lineage.kernels.columns import MAYBE, OF_ITSELF, OF_SOURCE, SURE
from fieldline_trace.lineage.kernels.forward import forward
from fieldline_trace.lineage.kernels.telling import tell
from fieldline_trace.lineage.storage import Storage
from fieldline_trace.lineage.terms import DEFINITE, POSSIBLE, RECORDED

_Kernel = Callable[..., tuple[int, int]]
_NO_END = 2**62


class _Asked(NamedTuple):
    kernel: _Kernel
    seeds: NDArray[np.int32]
    times: bool
    depth: int


class Closures:
    """Answers over one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._draws = Draws(storage)

    def forward(self, seeds: NDArray[np.int32], times: bool, depth: int | None, bases: Collection[int]) -> Trace:
        """All that what the seeds hold is in."""
        return self._answer(_Asked(forward, seeds, times, _NO_END if depth is None else depth), bases)

    def backward(self, seeds: NDArray[np.int32], times: bool, depth: int | None, bases: Collection[int]) -> Trace:
        """All that is in what the seeds hold."""
        return self._answer(_Asked(backward, seeds, times, _NO_END if depth is None else depth), bases)

    def _run(self, asked: _Asked, bases: int) -> tuple[int, int]:
        s = self._storage
        return asked.kernel(
            s.counts,
            s.nodes,
            s.batches,
            s.groups,
            s.rows,
            s.known,
            s.outs,
            s.ins,
            s.scratch,
            asked.seeds,
            bases,
            asked.times,
            asked.depth,
        )

    def _answer(self, asked: _Asked, bases: Collection[int]) -> Trace:
        allowed = sum(1 << basis for basis in bases)
        slots, met = self._run(asked, allowed)
        of_slot = self._strongest(asked, allowed, slots, met) if met & ~1 else None
        s = self._storage
        columns, state = np.empty((8, slots), np.int64), np.empty(slots, np.uint8)
        excluded = np.empty(slots, np.int64)
        members, left = tell(
            s.counts,
            s.nodes,
            s.rows,
            s.known,
            s.ins,
            s.scratch,
            slots,
            asked.kernel is forward,
            columns,
            state,
            excluded,
        )
        holding, batch, site, hops, event, source, lo, hi = columns[:, :members]
        basis = np.zeros(members, np.uint8)
        if of_slot is not None:
            node, weak = of_slot
            basis = weak[np.searchsorted(node, holding)]
            for at in np.flatnonzero((event == OF_ITSELF) | (event == OF_SOURCE)):
                event[at] = self._shown_by(int(source[at] if event[at] == OF_SOURCE else holding[at]))
        certainty = np.where(state[:members] & SURE, np.uint8(DEFINITE), np.uint8(POSSIBLE))
        return Trace(holding, batch, site, certainty, basis, hops, event, source, lo, hi, excluded[:left])

    def _strongest(
        self, asked: _Asked, allowed: int, slots: int, met: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Follow those chains alone that need no weaker links, the weakest basis left out, and so on.

        What the last of these runs that a possible member is in says of its hops and last link stands for it. The
        slots are left as the first run had them, but for that; nodes in order, and the basis of each.
        """
        scratch = self._storage.scratch
        kept = {name: column[:slots].copy() for name, column in scratch._asdict().items() if name in _OF_SLOTS}
        weakest = met.bit_length() - 1
        order = np.argsort(kept["node"])
        node = kept["node"][order]
        basis = np.full(slots, weakest, np.uint8)
        basis[(kept["state"] & SURE != 0) | (kept["hops"] == 0)] = RECORDED
        for least in range(weakest - 1, -1, -1):
            if not met >> least & 1 and least != RECORDED:
                continue
            count, _ = self._run(asked, allowed & (2 << least) - 1)
            still = np.flatnonzero(scratch.state[:count] & MAYBE)
            at = order[np.searchsorted(node, scratch.node[still])]
            possible = kept["state"][at] & SURE == 0
            at, still = at[possible], still[possible]
            basis[at] = least
            for name in ("hops", "row", "source"):
                kept[name][at] = getattr(scratch, name)[still]
        for name, column in kept.items():
            getattr(scratch, name)[:slots] = column
        return node, basis[order]

    def _shown_by(self, node: int) -> int:
        """The event with the first unexplained draw at the holding."""
        return self._draws.unexplained(node)[0][1]


_OF_SLOTS = ("node", "lo", "hi", "any", "hops", "row", "source", "state")
