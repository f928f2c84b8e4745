"""Memory for columns that are read at random: zeros that begin with a cache line, in huge pages where they are large.

A trace misses the cache at nearly every node; with pages of 4 KiB it misses the table of pages as well.
"""

from __future__ import annotations

import mmap
from math import prod
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T", bound=np.generic)
_HUGE: Final = 1 << 21


def fresh(shape: tuple[int, ...], kind: np.dtype[_T]) -> NDArray[_T]:
    """An array of zeros."""
    count = prod(shape)
    size = count * kind.itemsize
    if size < _HUGE or not hasattr(mmap, "MADV_HUGEPAGE"):
        raw = np.zeros(size + 64, np.uint8)
        skip = -raw.ctypes.data % 64
    else:
        area = mmap.mmap(-1, size + 2 * _HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        area.madvise(mmap.MADV_HUGEPAGE)
        raw = np.frombuffer(area, np.uint8)
        skip = -raw.ctypes.data % _HUGE
    array: NDArray[_T] = raw[skip : skip + size].view(kind).reshape(shape)
    return array
