"""Numbers of parts of events, and the place that is none.

What followers work out from what an event says (the content that a unit moved, what a contaminated window joins) goes
into the index as steps of that event, but comes and goes by itself. So each such part has a number of its own, below
-1, that tells which event asserts it: answers name the event, and all parts of one event, and the event itself, count
as one event.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Trace
from fieldline_trace.lineage.kernels.parts import EVENT_BITS

NOWHERE: Final = 0xFFFFFF
"""Site number of nodes that are no holding of anyone: a lot as such, from which its serial items come."""
SLOTS: Final = 1 << 15
"""Parts that one event may have."""
_EVENT: Final = (1 << EVENT_BITS) - 1


def part_of(event: int, slot: int) -> int:
    """The number of a part of an event. ``slot``: 0 to ``SLOTS`` - 1."""
    return -2 - (slot << EVENT_BITS | event)


def asserting(number: int) -> int:
    """The event that asserts what stands under ``number``: itself, or the one that it is a part of."""
    return (-2 - number) & _EVENT if number < -1 else number


def asserting_all(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """``asserting`` for many."""
    events: NDArray[np.int64] = np.where(numbers < -1, (-2 - numbers) & _EVENT, numbers)
    return events


def visible(trace: Trace) -> NDArray[np.bool_]:
    """Mask over an answer: which members are holdings of someone."""
    mask: NDArray[np.bool_] = trace.site != NOWHERE
    return mask
