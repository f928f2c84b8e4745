"""Between which times an operator may act: its licences and what bars it, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER, Interval
from numpy.typing import NDArray

_Times = NDArray[np.int64]


class Bounds(NamedTuple):
    """Intervals (n, 2), microseconds, from the earliest to the latest that they may mean."""

    licensed: _Times
    """None: no licence is on record, and nothing is said of one."""
    barred: _Times

    @classmethod
    def of(cls, licences: Sequence[Interval], barred: Sequence[Interval]) -> Bounds:
        """Of what stands."""
        return cls(
            *(np.array([(one.lo, one.hi) for one in said], np.int64).reshape(-1, 2) for said in (licences, barred))
        )

    def outside(self, times: _Times) -> NDArray[np.bool_]:
        """Which of ``times`` (n, 2) lie in what bars, or in no licence at all; never one that is not dated."""
        lo, hi = times[:, :1], times[:, 1:]
        bad = ((self.barred[:, 0] <= lo) & (hi <= self.barred[:, 1])).any(axis=1)
        if len(self.licensed):
            bad |= ~((self.licensed[:, 0] <= hi) & (lo <= self.licensed[:, 1])).any(axis=1)
        dated: NDArray[np.bool_] = (times[:, 0] > NEVER) & (times[:, 1] < FOREVER)
        return bad & dated
