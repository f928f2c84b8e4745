"""Moves from site to site, as an index has them: what units moved is in it as moves of what they held."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.record import MOVED, SHAPE_MASK
from numpy.typing import NDArray

from fieldline_trace.lineage.contacts import Moves
from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.kernels.columns import ROWS
from fieldline_trace.lineage.terms import WITHDRAWN


def moves_of(index: LineageIndex, since: int, until: int) -> tuple[NDArray[np.int64], Moves]:
    """Batches, and their moves that stand and may lie within (microseconds). Looks at every step once."""
    storage = index.storage
    rows, count = storage.rows, int(storage.counts[ROWS])
    which = np.flatnonzero((rows.shape[:count] & SHAPE_MASK == MOVED) & (rows.basis[:count] < WITHDRAWN))
    when = storage.known[rows.when[which]]
    may = (when[:, 0, 1] >= since) & (when[:, 1, 0] <= until)
    which, when = which[may], when[may]
    if index.parted:
        events = np.fromiter(index.parted, np.int64)
        parts = np.array([row for rows_of in index.parted.values() for row in rows_of], np.int64)
        own = ~np.isin(rows.event[which], events) | np.isin(which, parts)
        which, when = which[own], when[own]
    sources = rows.ends[rows.start[which]]
    targets = rows.ends[rows.start[which] + rows.inputs[which]]
    hot = storage.nodes.hot
    sites = hot["site"][sources].astype(np.int64), hot["site"][targets].astype(np.int64)
    batches: NDArray[np.int64] = hot["batch"][sources].astype(np.int64)
    known = (sites[0] > 0) & (sites[1] > 0) & (sites[0] != sites[1])
    columns = (*sites, when[:, 0, 0], when[:, 0, 1], when[:, 1, 0], when[:, 1, 1])
    return batches[known], Moves(*(np.ascontiguousarray(column[known]) for column in columns))
