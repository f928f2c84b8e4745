"""Which batches, or holdings, were ever marked: a mask by number, as a screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Marks:
    """Grows with the numbers; what is marked stays so."""

    __slots__ = ("_marked",)

    def __init__(self) -> None:
        self._marked = np.zeros(1024, np.bool_)

    def mark(self, numbers: NDArray[np.int64]) -> None:
        """Mark these, from 0 on."""
        top = int(numbers.max(initial=-1))
        if top >= len(self._marked):
            self._marked = np.concatenate([self._marked, np.zeros(max(top, len(self._marked)), np.bool_)])
        self._marked[numbers] = True

    def among(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of ``numbers`` that are marked, as they come."""
        known = numbers[(numbers >= 0) & (numbers < len(self._marked))]
        return known[self._marked[known]]
