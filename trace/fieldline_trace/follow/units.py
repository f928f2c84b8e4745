"""What units held whenever something was drawn from them, kept as statements come, change and go. Pure.

Whatever the order in which they come, the answer is that of all statements that stand (``content``; a test holds it to
a plain model). A statement of a child concerns only the draws between its time and when the child was surely out
again, so what comes in order costs nothing but itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from fieldline_schemas.times import NEVER

from fieldline_trace.follow.loads import LookId, Whereabouts
from fieldline_trace.follow.opened import Asked, Slots, asked_of, opened
from fieldline_trace.follow.spans import NONE
from fieldline_trace.follow.timelines import Timelines
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage.terms import POOLED, RECORDED, WITHDRAWN

Standing = Sequence[tuple[StepRow, int]]
"""Steps, each with the basis that it stands on."""


@dataclass(slots=True)
class Look:
    """A draw from a unit, and what it held then."""

    event: int
    asked: Asked
    inside: dict[int, dict[int, int]] = field(default_factory=dict)
    """The unit and those nested in it -> what is directly in each."""
    through: dict[int, int] = field(default_factory=dict)
    """The same units -> the basis on which each is in."""
    leaves: dict[int, int] = field(default_factory=dict)
    """What all of them hold: batch -> basis."""


@dataclass(slots=True)
class _Event:
    """What stands of one event."""

    steps: Standing
    looks: dict[Asked, LookId]
    laid: bool


class Held(NamedTuple):
    """What a unit held, and where it was."""

    content: dict[int, int]
    """Batch -> basis."""
    now: bool
    """Then; else that was in last before."""
    known: bool
    """Anything was ever put in."""
    place: Whereabouts

    @property
    def sure(self) -> list[int]:
        """What was surely in."""
        return sorted(batch for batch, basis in self.content.items() if basis < POOLED)


@dataclass(slots=True)
class Changes:
    """What changed since it was asked last."""

    leaves: dict[int, set[int] | None] = field(default_factory=dict)
    """Event -> the batches whose part in it changed; None: all of it."""
    units: set[int] = field(default_factory=set)
    """Units of whose content something is said otherwise, and all that they were ever put into."""
    missing: set[int] = field(default_factory=set)
    """Events that take out what was never put in, or no longer do."""


class Units:
    """All units. ``units`` and ``items``: the batch numbers that are units, and serial items, kept by others."""

    def __init__(self, units: Container[int], items: Container[int]) -> None:
        self._is_unit = units
        self._said = Timelines(units, items)
        self._events: dict[int, _Event] = {}
        self._looks: dict[LookId, Look] = {}
        self._numbers = count()
        self.missing: dict[int, set[tuple[int, int, int]]] = {}
        """Event -> (unit, child, site) that it takes out there and that was never put in before."""
        self._changes = Changes()

    # What is said

    def say(self, event: int, steps: Standing, *, laid: bool = True) -> None:
        """Let these be all that stands of ``event``. ``laid``: it comes to what it says of units; otherwise it only
        tells where items were seen."""
        before = self._events.pop(event, None)
        if before is not None:
            for step, basis in before.steps:
                self._said.take(event, step, basis, more=False)
        looks: dict[Asked, LookId] = {}
        asked = dict.fromkeys(one for step, _ in steps for one in asked_of(step, self._is_unit))
        for one in asked:
            known = before.looks.get(one) if before is not None else None
            looks[one] = (event, next(self._numbers)) if known is None else known
        for one, look in before.looks.items() if before is not None else ():
            if one not in looks:
                self._forget(look)
        if steps:
            self._events[event] = _Event(steps, looks, laid)
            for step, basis in steps:
                self._said.take(event, step, basis, more=True)
        for one, look in looks.items():
            if look not in self._looks:
                self._look(look, event, one)
        self._changes.leaves[event] = None

    # What was in

    def settle(self) -> Changes:
        """Bring all draws to what is said now; what changed since it was called last."""
        stale: dict[LookId, None] = {}
        for (unit, child), (lo, until) in self._said.dirty.items():
            load = self._said.loads[unit]
            # What is opened by the way is up to date, and looks at this unit from now on.
            for number in list(load.looks.meeting(lo, until)):
                look = self._looks[number]
                asked, held = look.asked, look.inside[unit]
                basis, before = load.held(child, asked.lo, asked.hi, asked.site), held.get(child)
                if number in stale or before == basis:
                    continue
                if basis is not None:
                    held[child] = basis
                else:
                    del held[child]
                if basis is not None and (before is None or basis < before):
                    self._open(number, look, [(unit, child)])
                elif child in self._is_unit and child != unit:
                    stale[number] = None  # what was reached by this way alone is not easily told
                else:
                    self._weigh(look, child)
        for unit in {unit for unit, _ in self._said.dirty}:
            self._changes.units.update(self._said.around(unit))
        self._said.dirty.clear()
        for number in stale:
            self._open_anew(number)
        for unit, child in self._said.doubted:
            self._doubt(unit, child)
        self._said.doubted.clear()
        changes, self._changes = self._changes, Changes()
        return changes

    def _changed(self, event: int, child: int) -> None:
        leaves = self._changes.leaves.setdefault(event, set())
        if leaves is not None:
            leaves.add(child)

    def _open(self, number: LookId, look: Look, ways: list[tuple[int, int]]) -> None:
        """More is in than was, or on a firmer basis: go on from these (unit, child)."""
        while ways:
            unit, child = ways.pop()
            basis = max(look.inside[unit][child], look.through[unit])
            if child not in self._is_unit or child == unit:
                if basis < look.leaves.get(child, WITHDRAWN):
                    look.leaves[child] = basis
                    self._changed(look.event, child)
            elif basis < look.through.get(child, WITHDRAWN):
                look.through[child] = basis
                ways += [(child, one) for one in self._inside(number, look, child)]

    def _inside(self, number: LookId, look: Look, unit: int) -> dict[int, int]:
        """What is directly in a unit at a draw, which looks at it from now on."""
        found = look.inside.get(unit)
        if found is None:
            load, asked = self._said.load(unit), look.asked
            found = look.inside[unit] = load.content(asked.lo, asked.hi, asked.site)
            load.looks.add(number, asked.lo, asked.hi)
        return found

    def _weigh(self, look: Look, leaf: int) -> None:
        """A leaf is in by one way less, or on a weaker basis."""
        ways = [max(look.inside[one][leaf], look.through[one]) for one in self._with(look, leaf)]
        if ways:
            look.leaves[leaf] = min(ways)
        else:
            del look.leaves[leaf]
        self._changed(look.event, leaf)

    def _with(self, look: Look, leaf: int) -> list[int]:
        """The units of a draw that a leaf is directly in; one that is a leaf, too, is so in itself alone."""
        nested = leaf in self._is_unit
        return [one for one, held in look.inside.items() if leaf in held and (one == leaf or not nested)]

    def _look(self, number: LookId, event: int, asked: Asked) -> Look:
        look = self._looks[number] = Look(event, asked)
        look.through[asked.unit] = RECORDED
        self._open(number, look, [(asked.unit, one) for one in self._inside(number, look, asked.unit)])
        return look

    def _open_anew(self, number: LookId) -> None:
        before = self._looks[number]
        self._forget(number)
        now = self._look(number, before.event, before.asked)
        for child in before.leaves.keys() | now.leaves.keys():
            if before.leaves.get(child) != now.leaves.get(child):
                self._changed(before.event, child)

    def _forget(self, number: LookId) -> None:
        look = self._looks.pop(number)
        for unit in look.inside:
            self._said.loads[unit].looks.remove(number, look.asked.lo, look.asked.hi)

    def _doubt(self, unit: int, child: int) -> None:
        """Whether what is taken out of a unit was ever put in before."""
        start = min(
            (tie.start for one in self._said.within(unit) if (tie := self._said.loads[one].ties.get(child))),
            default=NONE,
        )
        for event, times in list(self._said.taken[unit][child].items()):
            said = self.missing.pop(event, set())
            others = {one for one in said if one[:2] != (unit, child)}
            now = others | {(unit, child, site) for hi, site in times if hi < start}
            if now:
                self.missing[event] = now
            if now != said:
                self._changes.missing.add(event)
            if not times:
                del self._said.taken[unit][child][event]

    # What may be asked

    def knows(self, unit: int) -> bool:
        """Whether anything was ever put into a unit."""
        load = self._said.loads.get(unit)
        return load is not None and any(tie.adds for tie in load.ties.values())

    def steps(self, event: int) -> Standing:
        """What stands of an event that names a unit or an item."""
        found = self._events.get(event)
        return found.steps if found is not None else ()

    def opened(self, event: int, only: Set[int] | None = None) -> Slots:
        """The steps for the index that an event comes to; nothing where it names no unit."""
        found = self._events.get(event)
        if found is None or not found.laid:
            return {}
        looks = found.looks
        return opened(found.steps, self._is_unit, lambda asked: self._looks[looks[asked]].leaves, only)

    def packings(self, event: int, leaf: int) -> Iterator[tuple[StepRow, int, set[int]]]:
        """The draws of an event that ``leaf`` was in: the step, its site, and the events that packed it."""
        found = self._events.get(event)
        if found is None or not found.laid:
            return
        for step, _ in found.steps:
            for asked in asked_of(step, self._is_unit):
                look = self._looks[found.looks[asked]]
                loads = (self._said.loads[one] for one in self._with(look, leaf))
                held = [load.adds_in(leaf, asked.lo, asked.hi) for load in loads]
                packed = {add.event for adds in held for add in adds}
                if packed:
                    yield step, asked.site, packed

    def content(self, unit: int, lo: int, hi: int) -> dict[int, int]:
        """What a unit held then, wherever: batch -> basis. Where nothing was in then, what was in last before that."""
        return self.held(unit, lo, hi).content

    def held(self, unit: int, lo: int, hi: int) -> Held:
        """The same, with where it was, and whether that is what was in then."""
        found, load = self._content(Asked(unit, 0, lo, hi)), self._said.loads.get(unit)
        now = bool(found)
        last = load.last_until(lo, hi) if load is not None and not now else None
        if last is not None:
            found = self._content(Asked(unit, 0, last, last))
        places = (
            self._said.loads[one].places.last(hi) for one in self._holding(unit, lo, hi) if one in self._said.loads
        )
        place = max((one for one in places if one is not None), default=Whereabouts(NEVER, 0, 0))
        return Held(found, now, self.knows(unit), place)

    def _holding(self, unit: int, lo: int, hi: int) -> Iterator[int]:
        """The unit and those that it may be in."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            yield one
            for holder in self._said.holders.get(one, set()) - met:
                if self._said.loads[holder].held(one, lo, hi, 0) is not None:
                    met.add(holder)
                    todo.append(holder)

    def _content(self, asked: Asked) -> dict[int, int]:
        number = (-1, next(self._numbers))
        leaves = self._look(number, -1, asked).leaves
        self._forget(number)
        self._changes.leaves.pop(-1, None)
        return leaves
