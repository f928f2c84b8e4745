"""What is said of all units: what was put in and taken out, and where they and what is in them were seen. Pure.

Each statement is turned into what it means for single units, and what that may change is noted: which child of which
unit, from when until when.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import count

from fieldline_schemas.record import AGGREGATED, DISAGGREGATED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.times import NEVER

from fieldline_trace.follow.loads import Add, Load, Place
from fieldline_trace.follow.opened import times_of
from fieldline_trace.follow.spans import NONE, Moments
from fieldline_trace.follow.variants import StepRow


class Timelines:
    """The timelines of all units. ``units`` and ``items``: the batch numbers that are units, and serial items."""

    def __init__(self, units: Container[int], items: Container[int]) -> None:
        self._is_unit, self._is_item = units, items
        self.loads: dict[int, Load] = {}
        self.holders: dict[int, set[int]] = {}
        """Child -> units that it was ever put into."""
        self._seen: dict[int, dict[int, Place]] = {}
        """Child of which there is only one -> each time that it was named."""
        self._numbers = count()
        self.dirty: dict[tuple[int, int], tuple[int, int]] = {}
        """(unit, child) of which something is said otherwise -> from when, until when that matters."""
        self.taken: dict[int, dict[int, dict[int, list[tuple[int, int]]]]] = {}
        """Unit -> child -> event that takes it out -> by when, and where."""
        self.doubted: set[tuple[int, int]] = set()
        """(unit, child) in ``taken`` that may have been put in, or not, otherwise than before."""

    def take(self, event: int, step: StepRow, basis: int, *, more: bool) -> None:
        """A step of an event stands on this basis, or (not ``more``) no longer."""
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
        tie = self.load(unit).tie(child)
        fresh = not tie.adds
        (tie.adds.append if more else tie.adds.remove)(add)
        if fresh or not tie.adds:
            self._tied(unit, child, more)
        self._retime(unit, child, add.lo)

    def _tied(self, unit: int, child: int, more: bool) -> None:
        """A child is put into a unit for the first time, or was never."""
        if child == unit:
            return
        load = self.loads[unit]
        holders = self.holders.setdefault(child, set())
        (holders.add if more else holders.discard)(unit)
        for number, place in self._seen.get(child, {}).items():
            self._sight(unit, child, number, place, more)
        if child in self._is_unit:
            (load.nested.add if more else load.nested.discard)(child)
            self._replaced(child, NEVER, None)
            for one in self.around(unit):
                self.doubted.update((one, taken) for taken in self.taken.get(one, ()))

    def _end(self, event: int, unit: int, child: int, end: Place, more: bool) -> None:
        load = self.load(unit)
        if child:
            ends = load.tie(child).ends
            (ends.add if more else ends.remove)(end.lo, end.hi, end.basis)
            self._retime(unit, child, end.lo)
            taken = self.taken.setdefault(unit, {}).setdefault(child, {}).setdefault(event, [])
            (taken.append if more else taken.remove)((end.hi, end.site))
            self.doubted.add((unit, child))
            return
        concerned = load.may_hold(end.lo, end.hi)
        (load.ends.add if more else load.ends.remove)(end.lo, end.hi, end.basis)
        for one in concerned:
            self._retime(unit, one, end.lo)

    def _retime(self, unit: int, child: int, lo: int) -> None:
        """Something was said of a child that matters from ``lo`` on."""
        load = self.loads[unit]
        start = load.ties[child].start
        until = load.retime(child)
        key = unit, child
        before = self.dirty.get(key)
        self.dirty[key] = (lo, until) if before is None else (min(lo, before[0]), max(until, before[1]))
        if start != load.ties[child].start:
            self.doubted.update((one, child) for one in self.around(unit) if child in self.taken.get(one, ()))

    def load(self, unit: int) -> Load:
        """A unit's timeline, begun where there is none."""
        found = self.loads.get(unit)
        if found is None:
            found = self.loads[unit] = Load()
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
        for unit in self.holders.get(batch, ()):
            self._sight(unit, batch, number, place, more)
        if not more:
            del seen[number]

    def _stand(self, unit: int, place: Place, more: bool, *, left: bool = False) -> None:
        places = self.load(unit).places
        (places.add if more else places.remove)(place, left=left)
        self._replaced(unit, place.lo, place.site if more and not left else None)

    def _sight(self, unit: int, child: int, number: int, place: Place, more: bool) -> None:
        """A child of a unit was seen once more, or not."""
        seen = self.loads[unit].seen.setdefault(place.site, Moments())
        (seen.add if more else seen.remove)((child, number), place.lo, place.hi)
        self._judge(unit, child, number, place, more and self._elsewhere(unit, place))

    def _judge(self, unit: int, child: int, number: int, place: Place, elsewhere: bool) -> None:
        """Seen where the unit was not, a child is out of it."""
        load = self.loads[unit]
        strays = load.strays.setdefault(place.site, set())
        if elsewhere == ((child, number) in strays):
            return
        (strays.add if elsewhere else strays.remove)((child, number))
        seen = load.ties[child].seen
        (seen.add if elsewhere else seen.remove)(place.lo, place.hi, place.basis)
        self._retime(unit, child, place.lo)

    def _replaced(self, unit: int, lo: int, site: int | None) -> None:
        """Where a unit was from ``lo`` on is another now. ``site``: it was there as well; None: anything changed."""
        for one in self.within(unit):
            load = self.loads[one]
            for at, seen in load.seen.items():
                # That it was there as well tells nothing new of who was seen there and counted as with it.
                numbers = load.strays.get(at, ()) if at == site else seen.meeting(lo, NONE)
                for child, number in list(numbers):
                    place = self._seen[child][number]
                    self._judge(one, child, number, place, self._elsewhere(one, place))

    def within(self, unit: int) -> Iterator[int]:
        """A unit and all that were ever put into it, by whatever way."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            if one in self.loads:
                yield one
                for child in self.loads[one].nested:
                    if child not in met:
                        met.add(child)
                        todo.append(child)

    def around(self, unit: int) -> Iterator[int]:
        """A unit and all that it was ever put into, by whatever way."""
        met, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            yield one
            for holder in self.holders.get(one, ()):
                if holder not in met:
                    met.add(holder)
                    todo.append(holder)

    def _elsewhere(self, unit: int, place: Place) -> bool:
        around = [self.loads[one].places for one in self.around(unit) if one in self.loads]
        return any(one.known(place.hi) for one in around) and not any(one.may_be_at(place) for one in around)
