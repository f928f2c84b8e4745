"""What units hold, in plain loops over all that stands: what ``follow.units`` is held to, and the text to read first.

- An ADD puts a child into a unit, from its time on. It is **surely ended** before a draw where a recorded end lies
  surely after it and surely before the draw: a DELETE of the child, a DELETE of all, or, of a child of which there is
  only one (a unit, a serial item), that it was seen where the unit was not. It is **possibly ended** where any end
  lies possibly between. Ends at the very time of the ADD or the draw end nothing: goods are packed, drawn, unpacked.
- A child is in a unit at a draw if an ADD of it lies possibly before the draw and is not surely ended. It is surely
  in if that ADD surely lies before the draw, or was at the place of the draw, and is not even possibly ended; then it
  is in on the ADD's own basis, else by inference. Of several ADDs, and of several ways through nested units, the
  firmest counts; a way is as weak as its weakest part.
- A unit that something was made into holds that, under its own key.
- A move is judged when it departed; where that is not known, when it arrived. What is timeless may be at any time.
- Every step that names a unit is a step of what the unit held: a move of each, a draw of each, an input of each.
- Whatever is packed or unpacked was there then, and what it held, if it is a unit. A DELETE of what was never added
  before is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fieldline_schemas.record import (
    ADDED,
    AGGREGATED,
    DISAGGREGATED,
    DRAWN,
    MADE,
    MOVED,
    RECEIVED,
    SHAPE_MASK,
    TIMELESS,
)
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage import INFERRED, RECORDED

Said = Mapping[int, Sequence[tuple[StepRow, int]]]
"""Event -> its steps, each with the basis that it stands on."""
Laid = dict[tuple[int, StepRow], int]
"""(event, step for the index) -> its basis."""


class Add(NamedTuple):
    unit: int
    child: int
    lo: int
    hi: int
    site: int
    basis: int


class Seen(NamedTuple):
    """Somebody named a batch at a site; an end of all has the batch 0."""

    batch: int
    lo: int
    hi: int
    site: int
    basis: int


@dataclass
class PlainUnits:
    said: Said
    units: frozenset[int]
    items: frozenset[int]

    def __post_init__(self) -> None:
        self.adds: list[Add] = []
        self.ends: dict[int, list[Seen]] = defaultdict(list)
        self.seen: list[Seen] = []
        self.stood: list[tuple[Seen, bool]] = []
        """Where units were named, and whether they left then."""
        for steps in self.said.values():
            for step, basis in steps:
                self._take(step, basis)

    def _take(self, step: StepRow, basis: int) -> None:
        d, f = _times(step)
        shape = step.shape & SHAPE_MASK
        drawn = [Seen(b, *d, s, basis) for b, s in step.ins] if shape != RECEIVED else []
        filled = [Seen(b, *f, s, basis) for b, s in step.outs] if shape != DRAWN else []
        self.seen += [*drawn, *filled]
        self.stood += [(one, shape == MOVED) for one in drawn] + [(one, False) for one in filled]
        if shape == MOVED:
            self.stood += [(one._replace(lo=min(d[0], f[0])), False) for one in filled]
        if shape == AGGREGATED:
            for unit, site in step.outs:
                self.adds += [Add(unit, child, *f, site, basis) for child, _ in step.ins]
        elif shape == DISAGGREGATED:
            for unit, site in step.ins:
                outs = [child for child, _ in step.outs] or [0]
                self.ends[unit] += [Seen(child, *d, site, basis) for child in outs]
        elif shape == MADE:
            self.adds += [Add(b, b, *f, s, basis) for b, s in step.outs if b in self.units]

    def sites(self, unit: int, lo: int, hi: int, met: frozenset[int] = frozenset()) -> set[int]:
        """Where a unit may have been, 0 for nowhere any longer; nothing where it was never named by then."""
        if unit in met:
            return set()
        named = [(one, left) for one, left in self.stood if one.batch == unit]
        found = {
            x.site
            for x, left in named
            if x.lo <= hi
            and (lo <= x.hi if left else not any(y.basis == RECORDED and x.hi < y.lo and y.hi < lo for y, _ in named))
        }
        if any(x.lo <= hi for x, _ in named):
            found.add(0)
        for one in self.adds:
            if one.child == unit and one.unit != unit:
                found |= self.sites(one.unit, lo, hi, met | {unit})
        return found

    def ends_of(self, unit: int, child: int) -> Iterator[Seen]:
        yield from (end for end in self.ends[unit] if end.batch in (0, child))
        if (child in self.units or child in self.items) and child != unit:
            for one in self.seen:
                if one.batch == child:
                    sites = self.sites(unit, one.lo, one.hi)
                    if sites and one.site not in sites:
                        yield one

    def held(self, unit: int, child: int, lo: int, hi: int, site: int) -> int | None:
        """The basis on which a child is directly in a unit; None where it is not."""
        found = []
        for add in self.adds:
            if (add.unit, add.child) != (unit, child) or add.lo > hi:
                continue
            ends = list(self.ends_of(unit, child))
            if any(e.basis == RECORDED and add.hi < e.lo and e.hi < lo for e in ends):
                continue
            firm = (add.hi <= lo or add.site == site) and not any(add.lo < e.hi and e.lo < hi for e in ends)
            found.append(add.basis if firm else INFERRED)
        return min(found, default=None)

    def content(self, unit: int, lo: int, hi: int, site: int) -> dict[int, int]:
        """What is in a unit, nested units opened: batch -> basis."""
        through = {unit: RECORDED}
        todo = [unit]
        leaves: dict[int, int] = {}
        while todo:
            one = todo.pop()
            for child in {add.child for add in self.adds if add.unit == one}:
                basis = self.held(one, child, lo, hi, site)
                if basis is None:
                    continue
                basis = max(basis, through[one])
                if child in self.units and child != one:
                    if basis < through.get(child, INFERRED + 1):
                        through[child] = basis
                        todo.append(child)
                else:
                    leaves[child] = min(basis, leaves.get(child, basis))
        return leaves

    def laid(self) -> Laid:
        """The steps for the index of all events that name a unit."""
        found: Laid = {}
        for event, steps in self.said.items():
            named = {b for step, _ in steps for b, _ in (*step.ins, *step.outs)}
            for step, basis in steps if named & self.units else ():
                for one, own in self._opened(step, basis):
                    key = event, one
                    found[key] = min(own, found.get(key, own))
        return found

    def missing(self) -> set[tuple[int, int, int, int]]:
        """(event, unit, child, site) of each DELETE of what was never added before."""
        found = set()
        for event, steps in self.said.items():
            for step, _ in steps:
                if step.shape & SHAPE_MASK == DISAGGREGATED:
                    for unit, site in step.ins:
                        for child, _ in step.outs:
                            if not any(add.lo <= _times(step)[0][1] for add in self._ever(unit, child)):
                                found.add((event, unit, child, site))
        return found

    def _ever(self, unit: int, child: int) -> Iterable[Add]:
        within, todo = {unit}, [unit]
        while todo:
            one = todo.pop()
            for add in self.adds:
                if add.unit == one and add.child in self.units and add.child not in within:
                    within.add(add.child)
                    todo.append(add.child)
        return [add for add in self.adds if add.unit in within and add.child == child]

    def _opened(self, step: StepRow, basis: int) -> Iterator[tuple[StepRow, int]]:
        shape = step.shape & SHAPE_MASK
        plain = step.shape & (SHAPE_MASK | TIMELESS)
        d, f = _times(step)

        def opened(batch: int, site: int, at: tuple[int, int]) -> dict[int, int]:
            if batch not in self.units:
                return {batch: basis}
            return {leaf: max(own, basis) for leaf, own in self.content(batch, *at, site).items()}

        if shape == AGGREGATED:
            for child, site in step.ins:
                for leaf, own in opened(child, site, f).items():
                    yield StepRow(RECEIVED, (), ((leaf, site),), step.times), own
        elif shape == DISAGGREGATED:
            for unit, site in step.ins:
                for child in [child for child, _ in step.outs] or [unit]:
                    for leaf, own in opened(child, site, d).items():
                        yield StepRow(RECEIVED, (), ((leaf, site),), step.times), own
        elif shape == MOVED:
            when = d if d[0] > NEVER else f
            for (batch, site), (_, to) in zip(step.ins, step.outs, strict=True):
                for leaf, own in opened(batch, site, when).items():
                    yield StepRow(plain, ((leaf, site),), ((leaf, to),), step.times), own
        elif shape == RECEIVED:
            for batch, site in step.outs:
                for leaf, own in opened(batch, site, f).items():
                    yield StepRow(plain, (), ((leaf, site),), step.times), own
        elif shape == DRAWN:
            for batch, site in step.ins:
                for leaf, own in opened(batch, site, d).items():
                    yield StepRow(plain, ((leaf, site),), (), step.times), own
        else:
            ins: dict[tuple[int, int], int] = {}
            outs = dict.fromkeys(step.outs, basis)
            for batch, site in step.ins:
                for leaf, own in opened(batch, site, d).items():
                    ins[leaf, site] = min(own, ins.get((leaf, site), own))
            if shape == ADDED:
                outs = {}
                for batch, site in step.outs:
                    for leaf, own in opened(batch, site, f).items():
                        outs[leaf, site] = min(own, outs.get((leaf, site), own))
            for drawn in sorted({*ins.values(), *([basis] if shape == MADE else [])}):
                for filled in sorted({*outs.values(), *([basis] if shape == MADE and not outs else [])}):
                    some = tuple(sorted(one for one, at in ins.items() if at == drawn))
                    others = tuple(sorted(one for one, at in outs.items() if at == filled))
                    yield StepRow(plain, some, others, step.times), max(drawn, filled)


def _times(step: StepRow) -> tuple[tuple[int, int], tuple[int, int]]:
    if step.shape & TIMELESS:
        return (NEVER, FOREVER), (NEVER, FOREVER)
    return (step.times[0], step.times[1]), (step.times[2], step.times[3])
