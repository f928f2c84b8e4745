"""Serial items: batches of one, linked from their lot as such, so that its recall covers them wherever they go.

GTIN and serial number are the item, whether its lot is said or not: keys that agree in both count as one batch. The lot
as such is a place of its own (``NOWHERE``): what entered the lot where it was made is there, what reached a part of it
later is not, and nobody holds it. From there a link leads to each holding that a record names of the item: timeless,
so it leaves no gap where nothing else tells how the item came there, and no birth, so that lots stay lots. Where an
item was made, its lot was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import MADE, MOVED, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.follow.derived import Derived
from fieldline_trace.follow.opened import PARTS
from fieldline_trace.follow.variants import Holding, StepRow
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.parts import NOWHERE

LOTS: Final = PARTS
"""The slot for links from lots to the items that an event names."""
_EVER = (NEVER, FOREVER, NEVER, FOREVER)
_Name = tuple[str, str]
"""GTIN and serial number, as in a canonical key."""


class Joined(NamedTuple):
    """Keys that turned out to be one item."""

    batches: NDArray[np.int64]
    holdings: NDArray[np.int64]
    """Those that count as others by it, and those that others count as."""

    @staticmethod
    def of(several: Iterable[Joined]) -> Joined:
        """All of several."""
        each = list(several)
        return (
            Joined(*(np.concatenate([np.empty(0, np.int64), *column]) for column in zip(*each, strict=True)))
            if each
            else _NOTHING
        )


_NOTHING = Joined(np.empty(0, np.int64), np.empty(0, np.int64))


class Items:
    """All items, and the links from their lots."""

    def __init__(self, index: LineageIndex) -> None:
        self._index = index
        self._names: dict[int, _Name] = {}
        self._numbers: dict[_Name, list[int]] = {}
        """Batch numbers of one item, the one known first before all."""
        self._lots: dict[_Name, set[int]] = {}
        self._lot: dict[int, int] = {}
        """Item -> lot that its own key names."""
        self._named: dict[Holding, dict[int, int]] = {}
        """(item, site) -> event that names it there -> basis."""
        self._sites: dict[int, set[int]] = defaultdict(set)
        self._told: dict[int, set[Holding]] = {}
        """Event -> holdings of items that it names."""
        self._shown: dict[int, set[Holding]] = {}
        """Event -> those of them that the link goes by, each by one event."""
        self._changed: set[int] = set()

    def know(self, number: int, key: str, lot: int | None, key_of: Callable[[int], str]) -> Joined:
        """One more key of an item. ``lot``: number of the lot that it names. What counts as one from now on."""
        name = _name_of(key)
        numbers = self._numbers.setdefault(name, [])
        numbers.append(number)
        self._names[number] = name
        lots = self._lots.setdefault(name, set())
        if lot is not None:
            self._lot[number] = lot
            if lot not in lots:
                lots.add(lot)
                for one in numbers:
                    for site in self._sites.get(one, ()):
                        self._changed.update(event for event in self._named[one, site] if event in self._shown)
        if len(numbers) == 1:
            return _NOTHING
        touched = self._index.join(numbers, -numbers[0], [key_of(one).encode() for one in numbers])
        return Joined(np.array(numbers, np.int64), touched.holdings)

    def known_as(self, key: str) -> list[int]:
        """Numbers of an item by any of its keys, whether that was ever said or not."""
        return self._numbers.get(_name_of(key), [])

    def first(self, batch: int) -> int:
        """The number under which an item goes; any other batch's own."""
        name = self._names.get(batch)
        return batch if name is None else self._numbers[name][0]

    def is_made(self, step: StepRow) -> bool:
        """Whether an item whose lot is known is an output of the step, so the lot is too."""
        return step.shape & SHAPE_MASK == MADE and any(batch in self._lot for batch, _ in step.outs)

    def widened(self, step: StepRow) -> StepRow:
        """The step, its items by the number that they go under; where an item is made, its lot is."""
        ins = tuple((self.first(batch), site) for batch, site in step.ins)
        outs = tuple((self.first(batch), site) for batch, site in step.outs)
        if self.is_made(step):
            lots = {(self._lot[batch], site): None for batch, site in step.outs if batch in self._lot}
            outs += tuple(one for one in lots if one not in outs)
        return step._replace(ins=ins, outs=outs)

    def say(self, event: int, standing: Sequence[tuple[StepRow, int]]) -> None:
        """Let these be the steps that stand of an event."""
        for one in self._told.pop(event, ()):
            self._name(one, event, None)
        told: dict[Holding, int] = {}
        for step, basis in standing:
            for one in (*step.ins, *step.outs):
                if one[0] in self._names:
                    told[one] = min(basis, told.get(one, basis))
        for one, basis in told.items():
            self._name(one, event, basis)
        if told:
            self._told[event] = set(told)

    def _name(self, one: Holding, event: int, basis: int | None) -> None:
        named = self._named.setdefault(one, {})
        before = self._shown_by(named)
        if basis is None:
            del named[event]
        else:
            named[event] = basis
            self._sites[one[0]].add(one[1])
        now = self._shown_by(named)
        if before is not None:
            self._changed.add(before)
        if now is not None:
            self._changed.add(now)
        if before != now:
            if before is not None:
                self._shown[before].discard(one)
            if now is not None:
                self._shown.setdefault(now, set()).add(one)
        if not named:
            del self._named[one]
            self._sites[one[0]].discard(one[1])

    @staticmethod
    def _shown_by(named: dict[int, int]) -> int | None:
        """Of the events that name it there, the one that it is linked by: the firmest, the first of equals."""
        return min(named, key=lambda event: (named[event], event), default=None)

    def settle(self, derived: Derived) -> None:
        """Put the links from lots as they are now into ``derived``."""
        for event in self._changed:
            derived.put(event, LOTS, sorted(self._links(event)), lowered=False)
        self._changed.clear()

    def _links(self, event: int) -> Iterator[tuple[StepRow, int]]:
        by: dict[tuple[int, int], list[Holding]] = defaultdict(list)
        shown = self._shown.get(event)
        if shown is not None and not shown:
            del self._shown[event]
        for one in sorted(shown or ()):
            for lot in self._lots[self._names[one[0]]]:
                by[lot, self._named[one][event]].append(one)
        for (lot, basis), items in by.items():
            # The lot as such is filled by itself, so that it has no gap.
            as_such = (lot, NOWHERE)
            yield StepRow(MOVED | TIMELESS, (as_such,) * (len(items) + 1), (as_such, *items), _EVER), basis


def _name_of(key: str) -> _Name:
    return key[3:17], key[key.rindex("/21/") + 4 :]
