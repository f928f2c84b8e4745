"""One side of a link in eight bytes: the node at the other end (28 bits), the row (27 bits), flags (9 bits).

So an index has room for 134 million holdings and as many steps.
"""

from __future__ import annotations

from typing import Final

from fieldline_trace.lineage.kernels.compiled import kernel

# Flags; the low three bits are the link's basis.
BASIS: Final = 7
BIRTH: Final = 8
TIMELESS: Final = 16
MOVE: Final = 32
RECEIPT: Final = 64
DEAD: Final = 128
ADDITION: Final = 256
CUSTOM: Final = RECEIPT
"""In a trace, of a link that leads somewhere: its times stand apart."""

MOST_NODES: Final = 1 << 27
MOST_ROWS: Final = 1 << 27
_ROW: Final = MOST_ROWS - 1
_FLAGS: Final = 9


@kernel
def packed(other: int, row: int, flags: int) -> int:
    """A link's side. ``other``: -1 where nothing is there; a step node s as -2 - s."""
    return (other << 36) | (row << _FLAGS) | flags


@kernel
def other_of(link: int) -> int:
    """The node at the other end."""
    return link >> 36


@kernel
def row_of(link: int) -> int:
    """The row that says it."""
    return (link >> _FLAGS) & _ROW


@kernel
def flags_of(link: int) -> int:
    """Its flags."""
    return link & 511
