"""Steps that followers work out from what stands, and lay into the index under the event that asserts them.

What a unit held when it was shipped, what a contaminated window joins, which lot an item comes of: such steps come and
go while the event that asserts them stays. Each slot of an event is laid and taken back by itself, so that one more
child of a unit costs one more step. What is laid is a function of what was put, never of the order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.follow.bases import BASIS, step_columns
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.parts import SLOTS, asserting_all, part_of
from fieldline_trace.lineage.terms import WITHDRAWN

Laid = tuple[tuple[StepRow, int], ...]
"""Steps, each with its own basis."""
_NOTHING: Final[Mapping[int, Laid]] = {}


def weaker(one: int, other: int) -> int:
    """The weaker of two bases."""
    return max(one, other)


def slot_of(batch: int, site: int = 0) -> int:
    """The slot for steps about a holding: never 0, which is for what concerns an event as a whole. Several holdings
    may share one: what a slot holds is put together."""
    return 1 + (batch * 0x9E3779B1 + site * 0x85EBCA6B) % (SLOTS - 1)


class Derived:
    """What is laid for each event, and the index kept to it. Nothing reaches the index before ``flush``."""

    def __init__(self, index: LineageIndex, state: Callable[[int], State]) -> None:
        """``state``: how an event stands."""
        self._index, self._state = index, state
        self._put: dict[int, dict[int, Laid]] = {}
        self._lowered: set[int] = set()
        """Events whose steps are lowered to how the event stands."""
        self._in_index: dict[tuple[int, int], Laid] = {}
        self._changed: dict[tuple[int, int], None] = {}
        self.laid = step_columns(0, [])
        """What the last ``flush`` laid, by asserting event."""

    def put(self, event: int, slot: int, steps: Sequence[tuple[StepRow, int]] = (), *, lowered: bool = True) -> None:
        """Let ``steps``, each with its basis, be what is derived in this slot of ``event``; none: nothing.

        Args:
            lowered: no step stands firmer than its event; of a withdrawn one none stands. One for all of an event.
        """
        self.put_many(event, {slot: steps}, lowered=lowered)

    def put_many(self, event: int, slots: Mapping[int, Sequence[tuple[StepRow, int]]], *, lowered: bool = True) -> None:
        """``put`` for several slots of one event."""
        laid = self._put.setdefault(event, {})
        (self._lowered.add if lowered else self._lowered.discard)(event)
        for slot, steps in slots.items():
            new = tuple(steps)
            if laid.get(slot, ()) == new:
                continue
            if new:
                laid[slot] = new
            else:
                del laid[slot]
            self._changed[event, slot] = None
        if not laid:
            del self._put[event]

    def slots(self, event: int) -> Mapping[int, Laid]:
        """What is put for an event, by slot, with the steps' own bases."""
        return self._put.get(event, _NOTHING)

    def clear(self, event: int) -> None:
        """Nothing is derived of the event any longer."""
        for slot in self._put.pop(event, ()):
            self._changed[event, slot] = None

    def restated(self, events: Iterable[int]) -> None:
        """These events stand otherwise now."""
        for event in events:
            if event in self._lowered:
                for slot in self._put.get(event, ()):
                    self._changed[event, slot] = None

    def flush(self, of: Container[int] | None = None) -> list[NDArray[np.int64]]:
        """Bring the index to what is put, of these events or of all; the holdings touched."""
        if not self._changed:
            return []
        changed = [one for one in self._changed if of is None or one[0] in of]
        gone: list[int] = []
        numbers: list[int] = []
        steps: list[StepRow] = []
        bases: list[int] = []
        for event, slot in changed:
            del self._changed[event, slot]
            new = self._standing(event, self._put.get(event, _NOTHING).get(slot, ()))
            old = self._in_index.get((event, slot), ())
            if new == old:
                continue
            part = part_of(event, slot)
            if old:
                gone.append(part)
                del self._in_index[event, slot]
            if new:
                self._in_index[event, slot] = new
                for step, basis in new:
                    numbers.append(part)
                    steps.append(step)
                    bases.append(basis)
        touched = []
        if gone:
            touched.append(self._index.set_basis(gone, WITHDRAWN).holdings)
        columns = step_columns(np.array(numbers, np.int64), steps)
        self.laid = columns._replace(event=asserting_all(columns.event))
        if numbers:
            touched.append(self._index.apply(columns, np.array(bases, np.uint8)).holdings)
        return touched

    def _standing(self, event: int, steps: Laid) -> Laid:
        if not steps or event not in self._lowered:
            return steps
        least = BASIS[self._state(event)]
        if least == WITHDRAWN:
            return ()
        return tuple((step, weaker(basis, least)) for step, basis in steps)
