"""What legs came from, what that reached, and which sources and environments they have in common.

What a leg came from, and how many batches a source reached, is kept until a batch in the answer is touched, so that an
entry costs what it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import ADDED, SHAPE_MASK
from fieldline_schemas.registry import code_of
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.batch_steps import steps_of_batch
from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.facts import Doubt, Facts
from fieldline_trace.follow.legs import Legs, Said, day, hazard_key, merged, runs
from fieldline_trace.follow.marks import Marks
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.spans import middle
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.lineage import LineageIndex, Seed, Trace
from fieldline_trace.lineage.listed import listed
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.reference import Reference
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.explaining import widest
from fieldline_trace.risk.rules import common_source, shared_environment
from fieldline_trace.risk.rules.common_source import Leg, Source
from fieldline_trace.risk.rules.shared_environment import Environment

RULES: Final = (common_source.NAME, shared_environment.NAME)
LEGS_AT_MOST: Final = 50
"""So many legs of one occurrence are explained, the latest."""
BINARY_DIGITS: Final = 5
"""To so many the count of all batches is taken: it moves with every entry, and what rests on it should not."""
WEIGHED: Final = 200
"""Of so many sources of one occurrence, the nearest, is asked how much they reached."""
_DEPTHS: Final[tuple[int | None, ...]] = (2, 3, 5, 9, 27, None)
"""Sources are followed so far, each time until they are known to reach too many."""
_GROUND: Final = frozenset(("harvested", "landed", "milked"))
"""What is taken so comes from a plot, a pond, a herd."""
_GROUND_CODES: Final = np.array([code_of(kind) for kind in _GROUND], np.uint8)


class _Back(NamedTuple):
    """What seeds came from."""

    rests_on: NDArray[np.int64]
    hops: dict[int, int]
    """Batch -> links between, the least."""
    own: frozenset[int]
    """The batches of the seeds, as they count."""


class _Forth(NamedTuple):
    """What a batch reached."""

    rests_on: NDArray[np.int64]
    reached: int
    whole: bool


class _Occurrence(NamedTuple):
    """Legs that follow one another."""

    since: str
    """Day of the first, empty where none is dated."""
    legs: list[Leg]
    sources: list[tuple[int, Source]]
    """What at least two of them came from, by batch."""
    came_from: list[Collection[int]]
    """By leg, what it came from, its own batches among it."""


@dataclass(slots=True)
class _Group:
    """One hazard."""

    results: dict[int, list[Said] | None] = field(default_factory=dict)
    """By identity; None: to be read anew."""
    seeds: set[int] = field(default_factory=set)
    """Batches that anything was said of, as it was said."""
    legs: dict[tuple[Said, ...], tuple[Leg, frozenset[Seed]]] = field(default_factory=dict)
    """By what was said together; as long as the batches count as they did."""
    back: dict[frozenset[Seed], _Back] = field(default_factory=dict)
    above: dict[int, _Back] = field(default_factory=dict)
    """What widespread sources came from, by batch."""
    forth: dict[int, _Forth] = field(default_factory=dict)
    occurrences: list[_Occurrence] | None = None
    """None: to be told anew."""
    rests_on: NDArray[np.int64] | None = None
    """All that these answers rest on; None: to be put together."""

    def resting(self) -> NDArray[np.int64]:
        """All batches that the answers rest on, in order."""
        if self.rests_on is None:
            backward = [one.rests_on for one in (*self.back.values(), *self.above.values())]
            forward = [one.rests_on for one in self.forth.values()]
            self.rests_on = np.unique(np.concatenate([_NONE, *backward, *forward]))
        return self.rests_on

    def forget(self, touched: NDArray[np.int64]) -> bool:
        """Drop the answers that rest on what was touched; whether any did."""
        if not np.isin(touched, self.resting()).any():
            return False
        self.back = {seeds: one for seeds, one in self.back.items() if not np.isin(touched, one.rests_on).any()}
        self.above = {batch: one for batch, one in self.above.items() if not np.isin(touched, one.rests_on).any()}
        self.forth = {batch: one for batch, one in self.forth.items() if not np.isin(touched, one.rests_on).any()}
        self.rests_on = self.occurrences = None
        return True


class CommonSources:
    """By hazard (``CLASS|HAZARD``)."""

    def __init__(
        self,
        reference: Reference,
        index: LineageIndex,
        rows: EventRows,
        bases: Bases,
        results: Results,
        facts: Facts,
        catalogue: Catalogue,
        unit_seeds: UnitSeeds,
    ) -> None:
        self._reference, self._index, self._rows, self._bases = reference, index, rows, bases
        self._results, self._catalogue = results, catalogue
        self._legs = Legs(index, results, facts, unit_seeds)
        self._lying = Lying(index)
        self._groups: dict[str, _Group] = {}
        self._resting = Marks()
        """By batch, whether an answer rests on it, or did: a screen."""
        self._batches = 0

    # What comes in, and what it puts in doubt

    def result(self, identity: int) -> list[Doubt]:
        """A result, its sample, or what amends it changed."""
        keys = {hazard_key(one.hazard_class, one.hazard) for one in self._results.said(identity)}
        for key in keys:
            group = self._groups.setdefault(key, _Group())
            group.results[identity] = group.occurrences = None
        return _doubts(keys)

    def case(self, key: str) -> list[Doubt]:
        """A case of this hazard changed."""
        self._groups.setdefault(key, _Group()).occurrences = None
        return _doubts([key])

    def regrouped(self, batches: Collection[int]) -> list[Doubt]:
        """Batches count as others now."""
        found = [key for key, group in self._groups.items() if not group.seeds.isdisjoint(batches)]
        for key in found:
            self._groups[key].legs, self._groups[key].occurrences = {}, None
        return sorted({*_doubts(found), *self.touched(batches)})

    def touched(self, batches: Iterable[int]) -> list[Doubt]:
        """Something of the lineage of batches changed."""
        which = self._resting.among(np.fromiter(batches, np.int64))
        if not len(which):
            return []
        return _doubts([key for key, group in self._groups.items() if group.forget(which)])

    def counted(self) -> list[Doubt]:
        """There may be more batches than there were."""
        batches = self._catalogue.count
        dropped = max(0, batches.bit_length() - BINARY_DIGITS)
        batches = batches >> dropped << dropped
        if batches == self._batches:
            return []
        self._batches = batches
        return _doubts(key for key, group in self._groups.items() if group.back)

    # What the rules find

    def common_source(self, key: str, names: Names) -> Iterator[Finding]:
        """What legs have in common, an occurrence at a time."""
        for one in self._occurrences(key, names):
            yield from common_source.common_source(
                key,
                one.since,
                one.legs,
                self._narrow(key, one.sources),
                self._batches,
                collapse=self._reference.collapse,
                signal=self._reference.sources,
            )

    def shared_environment(self, key: str, names: Names) -> Iterator[Finding]:
        """Which plots, water and soil legs have in common."""
        most = self._reference.collapse
        for one in self._occurrences(key, names):
            environments = [
                environment
                for batch, source in one.sources
                if self._catalogue.is_pool(batch) and self._grows(batch) and source.reached(most) <= most
                for environment in self._environment(batch, source, one.came_from)
            ]
            yield from shared_environment.shared_environment(
                key, one.since, one.legs, environments, within=self._reference.environment, collapse=most
            )

    def _narrow(self, key: str, sources: Sequence[tuple[int, Source]]) -> list[Source]:
        """The nearest of the sources that are not widespread, and that nothing widespread came from: most of what many
        have in common is that, and is left out without a look at all that it reached."""
        group, most = self._groups[key], widest(self._batches, self._reference.collapse)
        wide: set[int] = set()
        found: list[Source] = []
        weighed = 0
        for batch, source in sorted(sources, key=lambda one: (min(one[1].hops.values()), one[1].key)):
            if batch in wide:
                continue
            if weighed == WEIGHED:
                break
            weighed += 1
            if source.reached(most) <= most:
                found.append(source)
                continue
            if batch not in group.above:
                group.above[batch], group.rests_on = self._came_from(frozenset([Seed(batch)])), None
            wide |= group.above[batch].hops.keys()
        return found

    def _occurrences(self, key: str, names: Names) -> list[_Occurrence]:
        group = self._groups.setdefault(key, _Group())
        if group.occurrences is not None:
            return group.occurrences
        said = list(self._legs.said(key, group.results, names))
        group.seeds = {seed.batch for one in said for seed in one.seeds}
        together = map(tuple, merged(said, lambda seed: self._index.canonical(seed.batch)))
        group.legs = {each: group.legs.get(each) or self._legs.leg(each, names) for each in together}
        found, kept, weighed = [], dict[frozenset[Seed], _Back](), set[int]()
        for run in runs(group.legs.values(), self._reference.sources.within):
            since = next((day(leg.at) for leg, _ in run if leg.at), "")
            run = run[-LEGS_AT_MOST:]
            backs = [kept.setdefault(seeds, group.back.get(seeds) or self._came_from(seeds)) for _, seeds in run]
            met: dict[int, dict[int, int]] = {}
            for at, back in enumerate(backs):
                for batch, hops in back.hops.items():
                    met.setdefault(batch, {})[at] = hops
            sources = [
                (batch, Source(names.batch_key(batch), hops, self._reached(group, batch)))
                for batch, hops in sorted(met.items())
                if len(hops) > 1
            ]
            weighed.update(batch for batch, _ in sources)
            legs = [replace(leg, after=after) for (leg, _), after in zip(run, _after(backs), strict=True)]
            found.append(_Occurrence(since, legs, sources, [back.hops.keys() for back in backs]))
        group.back, group.occurrences, group.rests_on = kept, found, None
        group.forth = {batch: one for batch, one in group.forth.items() if batch in weighed}
        group.above = {batch: one for batch, one in group.above.items() if batch in weighed}
        return found

    # Lineage

    def _came_from(self, seeds: frozenset[Seed]) -> _Back:
        trace = self._index.backward(sorted(seeds, key=lambda seed: (seed.batch, seed.site or 0)))
        hops = {self._index.canonical(seed.batch): 0 for seed in seeds}
        shown = listed(self._index, trace, self._catalogue.is_pool)
        for batch, away in zip(shown.batch.tolist(), shown.hops.tolist(), strict=True):
            if away < hops.get(batch, 1 << 30):
                hops[batch] = away
        rests_on = self._resting_on(trace, {seed.batch for seed in seeds} | hops.keys())
        return _Back(rests_on, hops, frozenset(batch for batch, away in hops.items() if not away))

    def _reached(self, group: _Group, batch: int) -> Callable[[int], int]:
        def reached(most: int) -> int:
            kept = group.forth.get(batch)
            if kept is None or (not kept.whole and kept.reached <= most):
                steps: list[int | None] = list(_DEPTHS)
                depth: int | None = 1
                trace = self._index.forward([Seed(batch)], depth=depth)
                while (found := len(_batches_in(trace) - {batch})) <= most and steps:
                    depth = steps.pop(0)
                    trace = self._index.forward([Seed(batch)], depth=depth)
                kept = group.forth[batch] = _Forth(self._resting_on(trace, {batch}), found, depth is None)
                group.rests_on = None
            return kept.reached

        return reached

    def _resting_on(self, trace: Trace, own: Collection[int]) -> NDArray[np.int64]:
        """The batches that an answer rests on, in order; from now on known as such."""
        batches = self._index.batches_of(trace.closure())
        batches = np.unique(np.concatenate([batches[batches >= 0], np.fromiter(own, np.int64, len(own))]))
        self._resting.mark(batches)
        return batches

    def _grows(self, batch: int) -> bool:
        """Whether anything was harvested from it, or it was brought to anything: a screen."""
        links = self._lying.links(self._lying.of_batches([batch]))
        links = links.select(~links.incoming & (links.event >= 0))
        taken = np.isin(self._rows.kinds(links.event), _GROUND_CODES) | self._bases.is_tracked(links.event)
        return bool((((links.shape & SHAPE_MASK) == ADDED) | taken).any())

    def _environment(self, batch: int, source: Source, came_from: Sequence[Collection[int]]) -> Iterator[Environment]:
        """A pool as what was grown with it, for the legs that came from what was harvested from it, or from where it
        was brought to."""
        drawn: dict[int, int] = {}
        events: dict[int, set[tuple[int, int]]] = {}
        ground = False
        for step in steps_of_batch(self._lying, self._rows, self._bases, batch):
            taken = bool(step.kinds & _GROUND)
            if step.incoming or not (taken or step.shape == ADDED):
                continue
            grown = {self._index.holding(one)[0] for one in self._lying.outputs(step.row)}
            for leg in source.hops:
                if not grown.isdisjoint(came_from[leg]):
                    drawn[leg] = min(middle(step.at), drawn.get(leg, 1 << 62))
                    events.setdefault(leg, set()).add((step.identity, step.number))
                    ground = ground or taken
        if len(drawn) > 1:
            cited = {leg: tuple(sorted(found)) for leg, found in events.items()}
            yield Environment(source, "ground" if ground else "input", drawn, cited)


def _doubts(keys: Iterable[str]) -> list[Doubt]:
    return [(rule, key) for key in sorted(keys) for rule in RULES]


def _after(backs: Sequence[_Back]) -> list[frozenset[int]]:
    """By leg, the legs whose own batches it came from, but for those that came from it as well."""
    owners: dict[int, list[int]] = {}
    for at, back in enumerate(backs):
        for batch in back.own:
            owners.setdefault(batch, []).append(at)
    return [
        frozenset(
            other
            for batch in owners.keys() & mine.hops.keys()
            for other in owners[batch]
            if other != at and mine.own.isdisjoint(backs[other].hops)
        )
        for at, mine in enumerate(backs)
    ]


def _batches_in(trace: Trace) -> set[int]:
    return set(trace.batch[trace.batch >= 0].tolist())


_NONE: Final = np.empty(0, np.int64)
