"""Runs the kernels and makes answers of what they leave."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Trace
from fieldline_trace.lineage.kernels.backward import backward
from fieldline_trace.lineage.kernels.forward import forward
from fieldline_trace.lineage.kernels.telling import tell
from fieldline_trace.lineage.storage import Storage

_NO_END = 2**62
_NONE = np.empty(0, np.uint8)


class Closures:
    """Answers over one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def answer(
        self,
        ahead: bool,
        seeds: NDArray[np.int32],
        times: bool,
        depth: int | None,
        bases: Collection[int],
        cut: NDArray[np.uint8] = _NONE,
    ) -> Trace:
        """All that what the seeds hold is in, or without ``ahead`` all that is in it. ``cut``: by row, whether its
        links are not followed; empty for none."""
        s = self._storage
        allowed = sum(1 << basis for basis in bases)
        end = _NO_END if depth is None else depth
        kernel = forward if ahead else backward
        while True:
            columns = s.counts, s.nodes, s.batches, s.groups, s.rows, s.known, s.outs, s.ins, s.scratch
            slots = kernel(*columns, seeds, allowed, times, end, cut)
            if slots >= 0:
                break
            s.room_to_say_more()
        told, sure, excluded = tell(s.counts, s.nodes, s.rows, s.known, s.outs, s.ins, s.scratch, slots, ahead)
        holding, batch, site, hops, event, source, lo, hi = told
        return Trace(holding, batch, site, sure[0], sure[1], hops, event, source, lo, hi, excluded)
