"""What failed results and cases of illness say of the batches that they are about: legs, each to be explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import NamedTuple

from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.times import Interval

from fieldline_trace.follow.facts import Facts
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results, Tested
from fieldline_trace.follow.spans import first_known
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.lineage import LineageIndex, Seed
from fieldline_trace.recall.reach import ScopeSeed
from fieldline_trace.reference.limits import CHINA, day_of
from fieldline_trace.reference.products import even
from fieldline_trace.risk.rules import test_failed
from fieldline_trace.risk.rules.common_source import Leg


class Said(NamedTuple):
    """What one event says of a leg."""

    seeds: frozenset[Seed]
    cluster: str
    event: tuple[int, int]
    at: int
    hazard: str
    strain: str
    firm: bool
    screening: bool
    historical: bool


class Legs:
    """Reads results and cases, by hazard (``CLASS|HAZARD``)."""

    def __init__(self, index: LineageIndex, results: Results, facts: Facts, unit_seeds: UnitSeeds) -> None:
        self._index, self._results, self._facts, self._unit_seeds = index, results, facts, unit_seeds

    def said(self, key: str, results: MutableMapping[int, list[Said] | None], names: Names) -> Iterator[Said]:
        """All that is said of a hazard.

        Args:
            results: by identity, what each says; None: it is read, and put there.
        """
        for identity in sorted(results):
            said = results[identity]
            if said is None:
                said = results[identity] = list(self._said_by(identity, key, names))
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
                yield Said(
                    eaten,
                    case.cluster or case.case,
                    (fact.identity, fact.number),
                    first_known((case.onset or case.at, case.at)),
                    case.hazard or "",
                    case.strain or "",
                    self._facts.firm(fact),
                    False,
                    fact.historical,
                )

    def _said_by(self, identity: int, key: str, names: Names) -> Iterator[Said]:
        """One result, as far as it fails for this hazard."""
        facts = self._results.facts(identity)
        standing = {one.number: one for one in self._results.standing(identity)}
        confirmed = any(one.verdict == "failed" for one in (*facts.deciding, *facts.confirming))
        for one in test_failed.fails(facts.variants, facts.superseded_by, facts.deciding):
            tested = standing[one.number]
            seeds = self._seeds(identity, one.batches, "" if one.whole_lot else one.site, one.sample, names)
            if seeds and hazard_key(one.hazard_class, one.hazard) == key:
                yield Said(
                    seeds,
                    "",
                    (one.identity, one.number),
                    first_known(self._dates(tested)),
                    one.hazard,
                    tested.strain,
                    one.firm,
                    one.screening and not confirmed,
                    one.historical,
                )

    def _dates(self, tested: Tested) -> list[Interval]:
        return [*(one.at for one in self._results.samplings(tested.sample)), tested.at]

    def _seeds(self, identity: int, batches: Iterable[str], site: str, sample: str, names: Names) -> frozenset[Seed]:
        where = names.site_number(site) if site else None
        found = set()
        for batch in batches:
            number = names.batch_number(batch)
            if number is not None:
                seed = ScopeSeed(number, where or 0, where is None, -1)
                found |= {Seed(one.batch, where) for one in self._unit_seeds.found(identity, seed, sample)}
        return frozenset(found)

    def leg(self, said: Sequence[Said], names: Names) -> tuple[Leg, frozenset[Seed]]:
        """What several say together, and of which holdings."""
        seeds = frozenset(seed for one in said for seed in one.seeds)
        clusters = sorted({one.cluster for one in said} - {""})
        named = clusters or sorted({names.batch_key(self._index.canonical(seed.batch)) for seed in seeds})
        leg = Leg(
            ", ".join(named),
            tuple(sorted({one.event for one in said})),
            min((one.at for one in said if one.at), default=0),
            frozenset(even(one.strain) for one in said) - {""},
            frozenset(text for one in said for text in (one.hazard, one.strain)) - {""},
            firm=all(one.firm for one in said),
            screening=all(one.screening for one in said),
            historical=all(one.historical for one in said),
        )
        return leg, seeds


def hazard_key(hazard_class: str, hazard: str) -> str:
    """How findings are told apart."""
    return f"{hazard_class}|{even(hazard)}"


def merged(said: Iterable[Said], batch_of: Callable[[Seed], int]) -> list[list[Said]]:
    """What speaks of one batch, or of one cluster, together."""
    members: list[Said] = []
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
    groups: dict[int, list[Said]] = {}
    for number, one in enumerate(members):
        groups.setdefault(lead(number), []).append(one)
    return list(groups.values())


def runs(legs: Iterable[tuple[Leg, frozenset[Seed]]], within: int) -> list[list[tuple[Leg, frozenset[Seed]]]]:
    """Legs that follow one another within that many microseconds; one alone is none."""
    found: list[list[tuple[Leg, frozenset[Seed]]]] = []
    for one in sorted(legs, key=lambda one: (one[0].at, one[0].name, one[0].events)):
        if found and one[0].at - found[-1][-1][0].at <= within:
            found[-1].append(one)
        else:
            found.append([one])
    return [run for run in found if len(run) > 1]


def day(at: int) -> str:
    """Its day, in UTC."""
    return day_of(at - CHINA).isoformat()
