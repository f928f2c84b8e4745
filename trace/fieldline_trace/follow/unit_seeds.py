"""Scopes and findings that name a unit are about what it held then: their seeds follow what is said of it later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.follow.units import Units
from fieldline_trace.lineage.terms import POOLED
from fieldline_trace.recall.reach import ScopeSeed


class UnitSeeds:
    """Who asked for which unit's content, as of when."""

    def __init__(self, units: Units, is_unit: Container[int]) -> None:
        self._units, self._is_unit = units, is_unit
        self._times: dict[tuple[int | str, int], Interval] = {}
        """(event number or sample, unit) -> when."""
        self._acts: dict[int, tuple[ScopeSeed, ...]] = {}
        """Identity of an act that opened a scope -> the seeds that it names."""
        self._acts_on: dict[int, set[int]] = defaultdict(set)
        self._results_on: dict[int, set[int]] = defaultdict(set)
        """Unit -> identities of the results that are about it."""

    def note(self, by: int | str, units: Iterable[int], at: Interval, received_at: int) -> None:
        """``by`` (event number, or the name of a sample) speaks of units as of ``at``; of an unknown time, as of its
        receipt. Of several, the hull counts."""
        lo = received_at if at.lo == NEVER else at.lo
        hi = received_at if at.hi == FOREVER else at.hi
        for unit in units:
            if unit in self._is_unit:
                known = self._times.get((by, unit), Interval(max(lo, hi), min(lo, hi)))
                self._times[by, unit] = Interval(min(known.lo, lo, hi), max(known.hi, lo, hi))

    def named(self, identity: int, seeds: Sequence[ScopeSeed]) -> list[ScopeSeed]:
        """What the seeds that an act names come to now; it is told anew when that changes (``acts_on``)."""
        if any(seed.batch in self._is_unit for seed in seeds):
            self._acts[identity] = tuple(seeds)
            for seed in seeds:
                self._acts_on[seed.batch].add(identity)
        return self.opened(seeds)

    def found(self, identity: int, seed: ScopeSeed, sample: str) -> list[ScopeSeed]:
        """What one seed of a result comes to now."""
        if seed.batch not in self._is_unit:
            return [seed]
        self._results_on[seed.batch].add(identity)
        return self.opened([seed], sample)

    def acts_on(self, units: Iterable[int]) -> dict[int, list[ScopeSeed]]:
        """Acts whose seeds name any of ``units``: identity -> what they come to now."""
        touched = {identity for unit in units for identity in self._acts_on.get(unit, ())}
        return {identity: self.opened(self._acts[identity]) for identity in sorted(touched)}

    def results_on(self, units: Iterable[int]) -> set[int]:
        """Identities of the results that are about any of ``units``."""
        return {identity for unit in units for identity in self._results_on.get(unit, ())}

    def opened(self, seeds: Iterable[ScopeSeed], sample: str = "") -> list[ScopeSeed]:
        """Seeds, with what units held in place of the units: what was surely in, or where nothing was, what may have
        been."""
        found: dict[ScopeSeed, None] = {}
        for seed in seeds:
            if seed.batch not in self._is_unit:
                found[seed] = None
                continue
            when = self._times.get((seed.event, seed.batch)) or self._times.get((sample, seed.batch))
            content = self._units.content(seed.batch, *(when or (NEVER, FOREVER)))
            sure = [leaf for leaf, basis in content.items() if basis < POOLED]
            found.update(dict.fromkeys(seed._replace(batch=leaf) for leaf in sorted(sure or content)))
        return list(found)
