"""Which event asserts a step that goes by a part number (``lineage.parts``)."""

from __future__ import annotations

from fieldline_trace.lineage.kernels.compiled import kernel

EVENT_BITS = 47
_EVENT = (1 << EVENT_BITS) - 1


@kernel
def asserting(number: int) -> int:
    """The event itself, or the one that it is a part of."""
    return (-2 - number) & _EVENT if number < -1 else number
