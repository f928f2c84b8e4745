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

from fieldline_schemas.record import AGGREGATED, DISAGGREGATED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.times import NEVER

from fieldline_trace.follow.loads import Add, Load, LookId, Place, Whereabouts
from fieldline_trace.follow.opened import Asked, Slots, asked_of, opened, times_of
from fieldline_trace.follow.spans import NONE, Moments
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
        self._is_unit, self._is_item = units, items
        self._loads: dict[int, Load] = {}
        self._holders: dict[int, set[int]] = {}
        """Child -> units that it was ever put into."""
        self._seen: dict[int, dict[int, Place]] = {}
        """Child of which there is only one -> each time that it was named."""
        self._events: dict[int, _Event] = {}
        self._looks: dict[LookId, Look] = {}
        self._numbers = count()
        self._dirty: dict[tuple[int, int], tuple[int, int]] = {}
        self._taken: dict[int, dict[int, dict[int, list[tuple[int, int]]]]] = {}
        """Unit -> child -> event that takes it out -> by when, and where."""
        self._doubted: set[tuple[int, int]] = set()
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
                self._take(event, step, basis, more=False)
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
                self._take(event, step, basis, more=True)
        for one, look in looks.items():
            if look not in self._looks:
                self._look(look, event, one)
        self._changes.leaves[event] = None

    def _take(self, event: int, step: StepRow, basis: int, *, more: bool) -> None:
        (d_lo, d_hi), (f_lo, f_hi) = times_of(step)
        shape = step.shape & SHAPE_MASK
        if shape != RECEIVED:
            for batch, site in step.ins:
                self._name(batch, Place(d_lo, d_hi, site, basis), more, left=shape == MOVED)
        if shape != DRAWN:
            for batch, site in step.outs:
                self._name(batch, Place(f_lo, f_hi, site, basis), more)
                if shape == MOVED and batch in self._is_unit:  # since it left it may be there
                    self._stand(batch, Place(min(d_lo, f_lo), f_hi, site, basis), more)
        if shape == AGGREGATED:
            for unit, site in step.outs:
                for child, _ in step.ins:
                    self._put(unit, child, Add(f_lo, f_hi, site, basis, event), more)
        elif shape == MADE:
            for unit, site in step.outs:
                if unit in self._is_unit:
                    self._put(unit, unit, Add(f_lo, f_hi, site, basis, event), more)
        elif shape == DISAGGREGATED:
            for unit, site in step.ins:
                for child, _ in step.outs or ((0, 0),):
                    self._end(event, unit, child, Place(d_lo, d_hi, site, basis), more)

    def _put(self, unit: int, child: int, add: Add, more: bool) -> None:
        tie = self._load(unit).tie(child)
        fresh = not tie.adds
        (tie.adds.append if more else tie.adds.remove)(add)
        if fresh or not tie.adds:
            self._tied(unit, child, more)
        self._retime(unit, child, add.lo)

    def _tied(self, unit: int, child: int, more: bool) -> None:
        """A child is put into a unit for the first time, or was never."""
        if child == unit:
            return
        load = self._loads[unit]
        holders = self._holders.setdefault(child, set())
        (holders.add if more else holders.discard)(unit)
        for number, place in self._seen.get(child, {}).items():
            self._sight(unit, child, number, place, more)
        if child in self._is_unit:
            (load.nested.add if more else load.nested.discard)(child)
            self._replaced(child, NEVER, None)
            for one in self._around(unit):
                self._doubted.update((one, taken) for taken in self._taken.get(one, ()))

    def _end(self, event: int, unit: int, child: int, end: Place, more: bool) -> None:
        load = self._load(unit)
        if child:
            ends = load.tie(child).ends
            (ends.add if more else ends.remove)(end.lo, end.hi, end.basis)
            self._retime(unit, child, end.lo)
            taken = self._taken.setdefault(unit, {}).setdefault(child, {}).setdefault(event, [])
            (taken.append if more else taken.remove)((end.hi, end.site))
            self._doubted.add((unit, child))
            return
        concerned = load.may_hold(end.lo, end.hi)
        (load.ends.add if more else load.ends.remove)(end.lo, end.hi, end.basis)
        for one in concerned:
            self._retime(unit, one, end.lo)

    def _retime(self, unit: int, child: int, lo: int) -> None:
        """Something was said of a child that matters from ``lo`` on."""
        load = self._loads[unit]
        start = load.ties[child].start
        until = load.retime(child)
        key = unit, child
        before = self._dirty.get(key)
        self._dirty[key] = (lo, until) if before is None else (min(lo, before[0]), max(until, before[1]))
        if start != load.ties[child].start:
            self._doubted.update((one, child) for one in self._around(unit) if child in self._taken.get(one, ()))

    def _load(self, unit: int) -> Load:
        found = self._loads.get(unit)
        if found is None:
            found = self._loads[unit] = Load()
        return found

    # Where children and units were seen

    def _name(self, batch: int, place: Place, more: bool, *, left: bool = False) -> None:
        if batch in self._is_unit:
            self._stand(batch, place, more, left=left)
        elif batch not in self._is_item:
            return
        seen = self._seen.setdefault(batch, {})
        number = next(self._numbers) if more else next(one for one, at in seen.items() if at == place)
        if more:
            seen[number] = place
        for unit in self._holders.get(batch, ()):
            self._sight(unit, batch, number, place, more)
        if not more:
            del seen[number]

    def _stand(self, unit: int, place: Place, more: bool, *, left: bool = False) -> None:
        places = self._load(unit).places
        (places.add if more else places.remove)(place, left=left)
        self._replaced(unit, place.lo, place.site if more and not left else None)

    def _sight(self, unit: int, child: int, number: int, place: Place, more: bool) -> None:
        """A child of a unit was seen once more, or not."""
        seen = self._loads[unit].seen.setdefault(place.site, Moments())
        (seen.add if more else seen.remove)((child, number), place.lo, place.hi)
        self._judge(unit, child, number, place, more and self._elsewhere(unit, place))

    def _judge(self, unit: int, child: int, number: int, place: Place, elsewhere: bool) -> None:
        """Seen where the unit was not, a child is out of it."""
        load = self._loads[unit]
        strays = load.strays.setdefault(place.site, set())
        if elsewhere == ((child, number) in strays):
            return
        (strays.add if elsewhere else strays.remove)((child, number))
        seen = load.ties[child].seen
        (seen.add if elsewhere else seen.remove)(place.lo, place.hi, place.basis)
        self._retime(unit, child, place.lo)

    def _replaced(self, unit: int, lo: int, site: int | None) -> None:
        """Where a unit was from ``lo`` on is another now. ``site``: it was there as well; None: anything changed."""
        for one in self._within(unit):
            load = self._loads[one]
            for at, seen in load.seen.items():
                # That it was there as well tells nothing new of who was seen there and counted as with it.
                numbers = load.strays.get(at, ()) if at == site else seen.meeting(lo, NONE)
                for child, number in list(numbers):
                    place = self._seen[child][number]
                    self._judge(one, child, number, place, self._elsewhere(one, place))

    def _within(self, unit: int) -> Iterator[int]:
        """A unit and all that were ever put into it, by whatever way."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            if one in self._loads:
                yield one
                for child in self._loads[one].nested:
                    if child not in met:
                        met.add(child)
                        todo.append(child)

    def _around(self, unit: int) -> Iterator[int]:
        """A unit and all that it was ever put into, by whatever way."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            yield one
            for holder in self._holders.get(one, ()):
                if holder not in met:
                    met.add(holder)
                    todo.append(holder)

    def _elsewhere(self, unit: int, place: Place) -> bool:
        around = [self._loads[one].places for one in self._around(unit) if one in self._loads]
        return any(one.known(place.hi) for one in around) and not any(one.may_be_at(place) for one in around)

    # What was in

    def settle(self) -> Changes:
        """Bring all draws to what is said now; what changed since it was called last."""
        stale: dict[LookId, None] = {}
        for (unit, child), (lo, until) in self._dirty.items():
            load = self._loads[unit]
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
        for unit in {unit for unit, _ in self._dirty}:
            self._changes.units.update(self._around(unit))
        self._dirty.clear()
        for number in stale:
            self._open_anew(number)
        for unit, child in self._doubted:
            self._doubt(unit, child)
        self._doubted.clear()
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
            load, asked = self._load(unit), look.asked
            found = look.inside[unit] = load.content(asked.lo, asked.hi, asked.site)
            load.looks.add(number, asked.lo, asked.hi)
        return found

    def _weigh(self, look: Look, leaf: int) -> None:
        """A leaf is in by one way less, or on a weaker basis."""
        within = ((one, held.get(leaf)) for one, held in look.inside.items())
        ways = [max(basis, look.through[one]) for one, basis in within if basis is not None]
        if ways:
            look.leaves[leaf] = min(ways)
        else:
            del look.leaves[leaf]
        self._changed(look.event, leaf)

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
            self._loads[unit].looks.remove(number, look.asked.lo, look.asked.hi)

    def _doubt(self, unit: int, child: int) -> None:
        """Whether what is taken out of a unit was ever put in before."""
        start = min(
            (tie.start for one in self._within(unit) if (tie := self._loads[one].ties.get(child))), default=NONE
        )
        for event, times in list(self._taken[unit][child].items()):
            said = self.missing.pop(event, set())
            others = {one for one in said if one[:2] != (unit, child)}
            now = others | {(unit, child, site) for hi, site in times if hi < start}
            if now:
                self.missing[event] = now
            if now != said:
                self._changes.missing.add(event)
            if not times:
                del self._taken[unit][child][event]

    # What may be asked

    def knows(self, unit: int) -> bool:
        """Whether anything was ever put into a unit."""
        load = self._loads.get(unit)
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
        for step, _ in found.steps if found is not None and found.laid else ():
            for asked in asked_of(step, self._is_unit):
                inside = self._looks[found.looks[asked]].inside if found is not None else {}
                held = (self._loads[one].adds_in(leaf, asked.lo, asked.hi) for one in inside if leaf in inside[one])
                packed = {add.event for adds in held for add in adds}
                if packed:
                    yield step, asked.site, packed

    def content(self, unit: int, lo: int, hi: int) -> dict[int, int]:
        """What a unit held then, wherever: batch -> basis. Where nothing was in then, what was in last before that."""
        return self.held(unit, lo, hi).content

    def held(self, unit: int, lo: int, hi: int) -> Held:
        """The same, with where it was, and whether that is what was in then."""
        found, load = self._content(Asked(unit, 0, lo, hi)), self._loads.get(unit)
        now = bool(found)
        last = load.last_until(lo, hi) if load is not None and not now else None
        if last is not None:
            found = self._content(Asked(unit, 0, last, last))
        places = (self._loads[one].places.last(hi) for one in self._holding(unit, lo, hi) if one in self._loads)
        place = max((one for one in places if one is not None), default=Whereabouts(NEVER, 0, 0))
        return Held(found, now, self.knows(unit), place)

    def _holding(self, unit: int, lo: int, hi: int) -> Iterator[int]:
        """The unit and those that it may be in."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            yield one
            for holder in self._holders.get(one, set()) - met:
                if self._loads[holder].held(one, lo, hi, 0) is not None:
                    met.add(holder)
                    todo.append(holder)

    def _content(self, asked: Asked) -> dict[int, int]:
        number = (-1, next(self._numbers))
        leaves = self._look(number, -1, asked).leaves
        self._forget(number)
        self._changes.leaves.pop(-1, None)
        return leaves
