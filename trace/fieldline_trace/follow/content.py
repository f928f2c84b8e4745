"""Units beside the index: which events name one, what that comes to, and what of it is laid as derived steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from fieldline_schemas.record import UNITS, Columns
from numpy.typing import NDArray

from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.derived import Derived, Laid
from fieldline_trace.follow.opened import PARTS, WHOLE, Slots, slot_of
from fieldline_trace.follow.units import Changes, Standing, Units
from fieldline_trace.follow.variants import StepRow, steps_of
from fieldline_trace.lineage.terms import RECORDED


class Content:
    """Keeps from the index the steps of events that name a unit, and lays what the units held in their place."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.units = Units(catalogue.units, catalogue.items)
        self._told: set[int] = set()
        """Events that named a unit or an item at some time."""
        self._pending = False

    def keeps(self, steps: Iterable[StepRow]) -> bool:
        """Whether an event of these steps is laid here, and not by itself: it names a unit."""
        units = self._catalogue.units
        return bool(units) and any(batch in units for step in steps for batch, _ in (*step.ins, *step.outs))

    def say(self, event: int, standing: Standing) -> bool:
        """Let this be what stands of an event; whether it is laid here."""
        special = self._catalogue.special
        if event not in self._told:
            named = (batch for step, _ in standing for batch, _ in (*step.ins, *step.outs))
            if not special.any_of(named):
                return False
            self._told.add(event)
        self._pending = True
        self.units.say(event, standing)
        return self.keeps(step for step, _ in standing)

    def take(self, columns: Columns, block: int, others: Sequence[int]) -> NDArray[np.bool_] | None:
        """The events of one entry that name a unit or an item, all as recorded but ``others`` (indexes), which are said
        by themselves. Mask over the steps that are not the index's; None: all are."""
        special = self._catalogue.special
        if not special:
            return None
        of_step = (columns.step_shape & UNITS) != 0
        for batches, start in ((columns.in_batch, columns.in_start), (columns.out_batch, columns.out_start)):
            at = np.flatnonzero(special.mask(batches))
            if len(at):
                of_step[np.searchsorted(start, at, side="right") - 1] = True
        if not of_step.any():
            return None
        concerned = np.unique(columns.step_event[of_step])
        kept = []
        for index in np.setdiff1d(concerned, np.array(others, concerned.dtype)).tolist():
            if self.say(block << 16 | index, [(step, RECORDED) for step in steps_of(columns, index)]):
                kept.append(index)
        if not kept:
            return None
        mask: NDArray[np.bool_] = np.isin(columns.step_event, np.array(kept, columns.step_event.dtype))
        return mask

    @property
    def pending(self) -> bool:
        """Whether anything was said since ``settle``."""
        return self._pending

    def settle(self, derived: Derived) -> Changes:
        """Put what is said now into ``derived``; what changed."""
        self._pending = False
        changes = self.units.settle()
        for event, leaves in changes.leaves.items():
            before = derived.slots(event)
            if leaves is None:
                slots: Slots = self.units.opened(event)
                every = {*(slot for slot in before if slot < PARTS), *slots}
            else:
                every = {*map(slot_of, leaves), WHOLE}
                # What shares a slot is put together.
                together = leaves | {leaf for slot in every for leaf in _leaves(before.get(slot, ()))}
                slots = self.units.opened(event, together)
            derived.put_many(event, {slot: sorted(slots.get(slot, {}).items()) for slot in every}, lowered=False)
        return changes


def _leaves(laid: Laid) -> Iterable[int]:
    return (batch for step, _ in laid for batch, _ in (*step.ins, *step.outs))
