"""Compile every kernel now, so that nobody waits for it later: ``python -m fieldline_trace.lineage.warm``."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.record import DRAWN, MADE, MOVED

from fieldline_trace.lineage.answers import Seed, StepColumns
from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.lineage.terms import RECORDED, WITHDRAWN


def warm() -> None:
    """Put a few steps in, take one back, and ask both ways: each kernel is met once."""
    index = LineageIndex()
    count = 4
    index.know_all(
        np.arange(count), np.zeros(count, np.int64), np.array([False, False, True, False]), np.arange(count) == 2
    )
    ones = np.ones(3, np.int64)
    steps = StepColumns(
        event=np.arange(3),
        shape=np.array([MADE, MOVED, DRAWN], np.uint8),
        times=np.tile(np.arange(4), (3, 1)),
        in_start=np.array([0, 1, 2, 3]),
        in_batch=np.array([0, 1, 2]),
        in_site=ones,
        out_start=np.array([0, 1, 2, 2]),
        out_batch=np.array([1, 1]),
        out_site=np.array([1, 2]),
    )
    index.apply(steps)
    index.set_basis([1], WITHDRAWN)
    index.set_basis([1], RECORDED)
    index.forward([Seed(0)])
    index.backward([Seed(1, 2)])
    index.gaps()
    lying = Lying(index)
    lying.links(lying.at_site(1))


if __name__ == "__main__":
    warm()
