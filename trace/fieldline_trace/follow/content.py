"""Units and items beside the index: which events name one, what that comes to, and what is laid for it as derived
steps."""

from __future__ import annotations

from collections.abc import Iterable, Set

import numpy as np
from fieldline_schemas.batch_key import lot_of_item
from fieldline_schemas.record import UNITS, Columns
from numpy.typing import NDArray

from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.derived import Derived, Laid
from fieldline_trace.follow.items import Items, Joined
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.opened import PARTS, WHOLE, Slots, slot_of
from fieldline_trace.follow.units import Changes, Standing, Units
from fieldline_trace.follow.variants import StepRow, steps_of
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.terms import RECORDED


class Content:
    """Keeps from the index the steps of events that name a unit, and lays what the units held in their place; links
    items from their lots."""

    def __init__(self, index: LineageIndex, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.items = Items(index)
        self.units = Units(catalogue.units, catalogue.items)
        self._told: set[int] = set()
        """Events that named a unit or an item at some time."""
        self._pending = False

    def know(self, numbers: NDArray[np.int64], names: Names) -> Joined:
        """Come to know batches before their first use; what counts as one since keys turned out to be one item."""
        catalogue, joined = self._catalogue, list[Joined]()
        for number, key in catalogue.know(numbers, names.batch_key):
            lot = lot_of_item(key)
            of = names.batch_number(lot) if lot is not None else None
            if of is not None:
                catalogue.know(np.array([of]), names.batch_key)
            joined.append(self.items.know(number, key, of, names.batch_key))
            self._pending = True
        return Joined.of(joined)

    def keeps(self, steps: Iterable[StepRow]) -> bool:
        """Whether an event of these steps is laid here, and not by itself: it names a unit, or makes an item."""
        units = self._catalogue.units
        if not self._catalogue.special:
            return False
        return any(
            any(batch in units for batch, _ in (*step.ins, *step.outs)) or self.items.is_made(step) for step in steps
        )

    def say(self, event: int, standing: Standing) -> bool:
        """Let this be what stands of an event; whether it is laid here."""
        special = self._catalogue.special
        if event not in self._told:
            named = (batch for step, _ in standing for batch, _ in (*step.ins, *step.outs))
            if not special.any_of(named):
                return False
            self._told.add(event)
        self._pending = True
        kept = self.keeps(step for step, _ in standing)
        self.items.say(event, standing)
        self.units.say(event, [(self.items.widened(step), basis) for step, basis in standing], laid=kept)
        return kept

    def take(self, columns: Columns, block: int, others: Set[int]) -> NDArray[np.bool_] | None:
        """The events of one entry that name a unit or an item, all as recorded but ``others`` (indexes), which are said
        by themselves. Mask over the steps that are the index's by themselves; None: all are."""
        special = self._catalogue.special
        mask = None
        if others:
            mask = ~np.isin(columns.step_event, np.array(sorted(others), columns.step_event.dtype))
        if not special:
            return mask
        of_step = (columns.step_shape & UNITS) != 0
        for batches, start in ((columns.in_batch, columns.in_start), (columns.out_batch, columns.out_start)):
            at = np.flatnonzero(special.mask(batches))
            if len(at):
                of_step[np.searchsorted(start, at, side="right") - 1] = True
        kept = [
            index
            for index in np.unique(columns.step_event[of_step]).tolist()
            if index not in others
            and self.say(block << 16 | index, [(step, RECORDED) for step in steps_of(columns, index)])
        ]
        if not kept:
            return mask
        opened = np.isin(columns.step_event, np.array(kept, columns.step_event.dtype))
        return ~opened if mask is None else mask & ~opened

    @property
    def pending(self) -> bool:
        """Whether anything was said since ``settle``."""
        return self._pending

    def settle(self, derived: Derived) -> Changes:
        """Put what is said now into ``derived``; what changed."""
        self._pending = False
        changes = self.units.settle()
        self.items.settle(derived)
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
