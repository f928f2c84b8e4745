"""Units and items beside the index: which events name one, what that comes to, and what is laid for it as derived
steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set

import numpy as np
from fieldline_schemas.batch_key import lot_of_item
from fieldline_schemas.record import UNITS, Columns
from numpy.typing import NDArray

from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.derived import Derived, Laid
from fieldline_trace.follow.items import Items, Joined
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.opened import PARTS, WHOLE, Slots, slot_of
from fieldline_trace.follow.processes import Processes
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.units import Changes, Standing, Units
from fieldline_trace.follow.variants import StepRow, steps_of
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.terms import RECORDED


class Content:
    """Keeps from the index the steps of events that name a unit, and lays what the units held in their place; links
    items from their lots."""

    def __init__(
        self, index: LineageIndex, catalogue: Catalogue, rows: EventRows, state: Callable[[int], State]
    ) -> None:
        """``state``: how an event stands."""
        self._rows = rows
        self.processes = Processes(state)
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
        if self.processes.knows(event):
            self._told.add(event)
            self.processes.restated([event])
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

    def take(
        self, columns: Columns, block: int, others: Set[int], processes: Sequence[tuple[int, str]] = ()
    ) -> NDArray[np.bool_] | None:
        """The events of one entry that name a unit or an item, or are parts of processes, all as recorded.

        Args:
            others: indexes of events that are said by themselves.
            processes: (index, process) of those that are parts of one.

        Returns:
            Mask over the steps that are the index's by themselves; None: all are.
        """
        for index, process in processes:
            number = block << 16 | index
            self.processes.note(self._rows.find(int(columns.identities[index]))[0], number, process)
            self._pending = True
        special = self._catalogue.special
        mask = None
        if others:
            mask = ~np.isin(columns.step_event, np.array(sorted(others), columns.step_event.dtype))
        if not (special or processes):
            return mask
        of_step = (columns.step_shape & UNITS) != 0
        for batches, start in ((columns.in_batch, columns.in_start), (columns.out_batch, columns.out_start)):
            at = np.flatnonzero(special.mask(batches))
            if len(at):
                of_step[np.searchsorted(start, at, side="right") - 1] = True
        concerned = {*columns.step_event[of_step].tolist(), *(index for index, _ in processes)}
        kept = [
            index
            for index in sorted(concerned)
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
        self.processes.restated(changes.leaves)
        self.processes.settle(derived, self._made, self._variants)
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

    def _made(self, event: int) -> Iterable[tuple[StepRow, int]]:
        """What an event made, what units held in place of them."""
        steps = self.units.steps(event)
        if self.keeps(step for step, _ in steps):
            return self.units.opened(event).get(WHOLE, {}).items()
        return steps

    def _variants(self, event: int) -> list[int]:
        """All events under an event's identity."""
        return self._rows.find(self._rows.identity(event))

    def restated(self, events: Iterable[int]) -> None:
        """These events stand otherwise now."""
        if self.processes:
            self.processes.restated(self._variants(event)[0] for event in events)
            self._pending = True


def _leaves(laid: Laid) -> Iterable[int]:
    return (batch for step, _ in laid for batch, _ in (*step.ins, *step.outs))
