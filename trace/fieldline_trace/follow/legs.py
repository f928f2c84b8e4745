"""What failed or made people ill, by hazard: what it came from, and what that reached.

A leg is what failed results and cases say of the same batches, or of one cluster. What a leg came from, and how many
batches a source reached, is kept until a batch in the answer is touched, so that an entry costs what it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.record import ADDED
from fieldline_schemas.times import FOREVER, NEVER, Interval
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.batch_steps import steps_of_batch
from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.facts import Doubt, Facts
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results, Tested
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.lineage import LineageIndex, Seed, Trace
from fieldline_trace.lineage.listed import listed
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.recall.reach import ScopeSeed
from fieldline_trace.reference import Reference
from fieldline_trace.reference.products import even
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.rules import common_source, shared_environment, test_failed
from fieldline_trace.risk.rules.common_source import Leg, Source
from fieldline_trace.risk.rules.shared_environment import Environment

RULES: Final = (common_source.NAME, shared_environment.NAME)
LEGS_AT_MOST: Final = 50
"""So many legs of one occurrence are explained, the latest."""
BINARY_DIGITS: Final = 5
"""To so many the count of all batches is taken: it moves with every entry, and what rests on it should not."""
_DEPTHS: Final[tuple[int | None, ...]] = (3, 9, 27, None)
"""Sources are followed so far, each time until they are known to reach too many."""
_GROUND: Final = frozenset(("harvested", "landed", "milked"))
"""What is taken so comes from a plot, a pond, a herd."""


class _Said(NamedTuple):
    """What one event says of a leg."""

    seeds: frozenset[Seed]
    cluster: str
    event: tuple[int, int]
    at: int
    strain: str
    firm: bool
    screening: bool
    historical: bool


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

    results: dict[int, list[_Said] | None] = field(default_factory=dict)
    """By identity; None: to be read anew."""
    seeds: set[int] = field(default_factory=set)
    """Batches that anything was said of, as it was said."""
    back: dict[frozenset[Seed], _Back] = field(default_factory=dict)
    forth: dict[int, _Forth] = field(default_factory=dict)
    occurrences: list[_Occurrence] | None = None
    """None: to be told anew."""


class Legs:
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
        self._results, self._facts, self._catalogue, self._unit_seeds = results, facts, catalogue, unit_seeds
        self._lying = Lying(index)
        self._groups: dict[str, _Group] = {}
        self._rests: dict[int, set[str]] = {}
        """Batch -> hazards whose answers rest on it, or did."""
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
            self._groups[key].occurrences = None
        return sorted({*_doubts(found), *self.touched(batches)})

    def touched(self, batches: Iterable[int]) -> list[Doubt]:
        """Something of the lineage of batches changed."""
        resting = [batch for batch in batches if batch in self._rests] if self._rests else []
        which, found = np.array(resting, np.int64), []
        for key in {key for batch in resting for key in self._rests[batch]}:
            group = self._groups[key]
            back = {seeds: one for seeds, one in group.back.items() if not np.isin(which, one.rests_on).any()}
            forth = {batch: one for batch, one in group.forth.items() if not np.isin(which, one.rests_on).any()}
            if len(back) < len(group.back) or len(forth) < len(group.forth):
                group.back, group.forth, group.occurrences = back, forth, None
                found.append(key)
        return _doubts(found)

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
                [source for _, source in one.sources],
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
                if self._catalogue.is_pool(batch) and source.reached(most) <= most
                for environment in self._environment(batch, source, one.came_from)
            ]
            yield from shared_environment.shared_environment(
                key, one.since, one.legs, environments, within=self._reference.environment, collapse=most
            )

    def _occurrences(self, key: str, names: Names) -> list[_Occurrence]:
        group = self._groups.setdefault(key, _Group())
        if group.occurrences is not None:
            return group.occurrences
        said = list(self._said(key, group, names))
        group.seeds = {seed.batch for one in said for seed in one.seeds}
        merged = _merged(said, lambda seed: self._index.canonical(seed.batch))
        found, kept, weighed = [], dict[frozenset[Seed], _Back](), set[int]()
        for run in _runs([self._leg(one, names) for one in merged], self._reference.sources.within):
            since = next((_day(leg.at) for leg, _ in run if leg.at), "")
            run = run[-LEGS_AT_MOST:]
            backs = [kept.setdefault(seeds, self._back(key, group, seeds)) for _, seeds in run]
            met: dict[int, dict[int, int]] = {}
            for at, back in enumerate(backs):
                for batch, hops in back.hops.items():
                    met.setdefault(batch, {})[at] = hops
            sources = [
                (batch, Source(names.batch_key(batch), hops, self._reached(key, group, batch)))
                for batch, hops in sorted(met.items())
                if len(hops) > 1
            ]
            weighed.update(batch for batch, _ in sources)
            legs = [replace(leg, after=_after(backs, at)) for at, (leg, _) in enumerate(run)]
            found.append(_Occurrence(since, legs, sources, [back.hops.keys() for back in backs]))
        group.back, group.occurrences = kept, found
        group.forth = {batch: one for batch, one in group.forth.items() if batch in weighed}
        return found

    # Legs

    def _said(self, key: str, group: _Group, names: Names) -> Iterator[_Said]:
        for identity in sorted(group.results):
            said = group.results[identity]
            if said is None:
                said = group.results[identity] = list(self._said_by(identity, key, names))
            yield from said
        for fact in self._facts.about(("hazard", key), kind=IllnessCase):
            case = fact.event
            assert isinstance(case, IllnessCase)
            eaten = frozenset(
                Seed(number, names.site_number(one.site))
                for one in case.exposures
                if (number := names.batch_number(one.batch)) is not None
            )
            if eaten:
                yield _Said(
                    eaten,
                    case.cluster or case.case,
                    (fact.identity, fact.number),
                    next((m for m in map(_middle, (case.onset or case.at, case.at)) if m), 0),
                    even(case.strain or ""),
                    self._facts.firm(fact),
                    False,
                    fact.historical,
                )

    def _said_by(self, identity: int, key: str, names: Names) -> Iterator[_Said]:
        """One result, as far as it fails for this hazard."""
        facts = self._results.facts(identity)
        standing = {one.number: one for one in self._results.standing(identity)}
        confirmed = any(one.verdict == "failed" for one in (*facts.deciding, *facts.confirming))
        for one in test_failed.fails(facts.variants, facts.superseded_by, facts.deciding):
            tested = standing[one.number]
            seeds = self._seeds(identity, one.batches, "" if one.whole_lot else one.site, one.sample, names)
            if seeds and hazard_key(one.hazard_class, one.hazard) == key:
                yield _Said(
                    seeds,
                    "",
                    (one.identity, one.number),
                    next((at for at in map(_middle, self._dates(tested)) if at), 0),
                    even(tested.strain),
                    one.firm,
                    one.screening and not confirmed,
                    one.historical,
                )

    def _dates(self, tested: Tested) -> list[Interval]:
        samplings = self._results.samplings(tested.sample) if tested.sample else []
        return [*(one.at for one in samplings), tested.at]

    def _seeds(self, identity: int, batches: Iterable[str], site: str, sample: str, names: Names) -> frozenset[Seed]:
        where = names.site_number(site) if site else None
        found = set()
        for batch in batches:
            number = names.batch_number(batch)
            if number is not None:
                seed = ScopeSeed(number, where or 0, where is None, -1)
                found |= {Seed(one.batch, where) for one in self._unit_seeds.found(identity, seed, sample)}
        return frozenset(found)

    def _leg(self, said: Sequence[_Said], names: Names) -> tuple[Leg, frozenset[Seed]]:
        seeds = frozenset(seed for one in said for seed in one.seeds)
        clusters = sorted({one.cluster for one in said} - {""})
        named = clusters or sorted({names.batch_key(self._index.canonical(seed.batch)) for seed in seeds})
        leg = Leg(
            ", ".join(named),
            tuple(sorted({one.event for one in said})),
            min((one.at for one in said if one.at), default=0),
            frozenset(one.strain for one in said) - {""},
            firm=all(one.firm for one in said),
            screening=all(one.screening for one in said),
            historical=all(one.historical for one in said),
        )
        return leg, seeds

    # Lineage

    def _back(self, key: str, group: _Group, seeds: frozenset[Seed]) -> _Back:
        if (kept := group.back.get(seeds)) is not None:
            return kept
        trace = self._index.backward(sorted(seeds, key=lambda seed: (seed.batch, seed.site or 0)))
        hops = {self._index.canonical(seed.batch): 0 for seed in seeds}
        shown = listed(self._index, trace, self._catalogue.is_pool)
        for batch, away in zip(shown.batch.tolist(), shown.hops.tolist(), strict=True):
            if away < hops.get(batch, 1 << 30):
                hops[batch] = away
        rests_on = self._resting_on(key, trace, {seed.batch for seed in seeds} | hops.keys())
        return _Back(rests_on, hops, frozenset(batch for batch, away in hops.items() if not away))

    def _reached(self, key: str, group: _Group, batch: int) -> Callable[[int], int]:
        def reached(most: int) -> int:
            kept = group.forth.get(batch)
            if kept is None or (not kept.whole and kept.reached <= most):
                steps: list[int | None] = list(_DEPTHS)
                depth: int | None = 1
                trace = self._index.forward([Seed(batch)], depth=depth)
                while (found := len(_batches_in(trace) - {batch})) <= most and steps:
                    depth = steps.pop(0)
                    trace = self._index.forward([Seed(batch)], depth=depth)
                kept = group.forth[batch] = _Forth(self._resting_on(key, trace, {batch}), found, depth is None)
            return kept.reached

        return reached

    def _resting_on(self, key: str, trace: Trace, own: Collection[int]) -> NDArray[np.int64]:
        """The batches that an answer rests on, from now on known as such."""
        batches = self._index.batches_of(trace.closure())
        batches = np.unique(np.concatenate([batches[batches >= 0], np.fromiter(own, np.int64, len(own))]))
        for batch in batches.tolist():
            self._rests.setdefault(batch, set()).add(key)
        return batches

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
                    drawn[leg] = min(_middle(step.at), drawn.get(leg, 1 << 62))
                    events.setdefault(leg, set()).add((step.identity, step.number))
                    ground = ground or taken
        if len(drawn) > 1:
            cited = {leg: tuple(sorted(found)) for leg, found in events.items()}
            yield Environment(source, "ground" if ground else "input", drawn, cited)


def hazard_key(hazard_class: str, hazard: str) -> str:
    """How findings are told apart."""
    return f"{hazard_class}|{even(hazard)}"


def _doubts(keys: Iterable[str]) -> list[Doubt]:
    return [(rule, key) for key in sorted(keys) for rule in RULES]


def _merged(said: Iterable[_Said], batch_of: Callable[[Seed], int]) -> list[list[_Said]]:
    """What speaks of one batch, or of one cluster, together."""
    members: list[_Said] = []
    leader: list[int] = []
    first: dict[object, int] = {}

    def lead(one: int) -> int:
        while leader[one] != one:
            leader[one] = one = leader[leader[one]]
        return one

    for number, one in enumerate(said):
        members.append(one)
        leader.append(number)
        for about in (*map(batch_of, one.seeds), *([one.cluster] if one.cluster else [])):
            leader[lead(first.setdefault(about, number))] = lead(number)
    groups: dict[int, list[_Said]] = {}
    for number, one in enumerate(members):
        groups.setdefault(lead(number), []).append(one)
    return list(groups.values())


def _runs(legs: Iterable[tuple[Leg, frozenset[Seed]]], within: int) -> list[list[tuple[Leg, frozenset[Seed]]]]:
    """Legs that follow one another within that many microseconds; one alone is none."""
    runs: list[list[tuple[Leg, frozenset[Seed]]]] = []
    for one in sorted(legs, key=lambda one: (one[0].at, one[0].name, one[0].events)):
        if runs and one[0].at - runs[-1][-1][0].at <= within:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [run for run in runs if len(run) > 1]


def _after(backs: Sequence[_Back], at: int) -> frozenset[int]:
    """The legs whose own batches this one came from, but for those that came from it as well."""
    mine = backs[at]
    return frozenset(
        other
        for other, back in enumerate(backs)
        if other != at
        and any(batch in mine.hops for batch in back.own)
        and not any(batch in back.hops for batch in mine.own)
    )


def _batches_in(trace: Trace) -> set[int]:
    return set(trace.batch[trace.batch >= 0].tolist())


def _day(at: int) -> str:
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)).date().isoformat()


def _middle(at: Interval) -> int:
    """A time as one number; 0 where it is open to a side."""
    return 0 if at.lo <= NEVER or at.hi >= FOREVER else (at.lo + at.hi) // 2
