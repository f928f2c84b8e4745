"""What became of each sample: where and when it was taken, of what, by whom it was made, and whether it passed.

Counts by area are kept as they change, so that a result costs what it changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fieldline_trace.follow.facts import Doubt
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results, Tested
from fieldline_trace.follow.spans import first_known
from fieldline_trace.follow.standing import State
from fieldline_trace.reference import Reference
from fieldline_trace.reference.limits import day_of
from fieldline_trace.reference.load import Target
from fieldline_trace.reference.products import even, parts_issuer, product_of
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.rules import pass_rate_below_target, regional_problem
from fieldline_trace.risk.rules.pass_rate_below_target import ALL, Count, Failed
from fieldline_trace.risk.rules.regional_problem import Sample

OWN: Final = frozenset(("release", "出厂", "出厂检验", "retained", "留样", "self", "自检"))
"""Kinds of samples that makers take of what is theirs: their share says nothing of an area."""


class _Said(NamedTuple):
    """What one result says of a sample."""

    failed: bool
    hazard_class: str
    hazard: str
    area: str
    product: str
    """Class of the product, the widest that is listed; empty where it is not."""
    agricultural: bool
    own: bool
    at: int
    producers: frozenset[str]
    event: tuple[int, int]
    firm: bool
    historical: bool


@dataclass(slots=True)
class _Rate:
    """Samples of one class, for one target and year."""

    passed: set[str] = field(default_factory=set)
    failed: dict[str, Failed] = field(default_factory=dict)


@dataclass(slots=True)
class _Region:
    """Samples of one area, tested for one hazard in one class of products."""

    area: str
    hazard_class: str
    hazard: str
    product: str
    samples: dict[str, Sample] = field(default_factory=dict)


class Outcomes:
    """By sample; one that has no number is known by its report."""

    def __init__(self, reference: Reference, results: Results) -> None:
        self._reference, self._results = reference, results
        self._said: dict[int, dict[str, list[_Said]]] = {}
        """Identity of a result -> sample -> what it says."""
        self._of: dict[str, set[int]] = defaultdict(set)
        """Sample -> identities of the results that say something of it."""
        self._rates: dict[str, dict[str, _Rate]] = {}
        """Target and year -> class of products."""
        self._rated: dict[str, set[tuple[str, str]]] = {}
        """Sample -> where it is counted: target and year, class."""
        self._regions: dict[str, _Region] = {}
        self._in: dict[str, set[str]] = {}
        """Sample -> regions that it is kept for."""

    def result(self, identity: int) -> list[Doubt]:
        """A result, its sample, or what amends it changed."""
        before = self._said.get(identity, {})
        now = self._read(identity)
        if now == before:
            return []
        self._said[identity] = now
        found: set[Doubt] = set()
        for sample in before.keys() | now.keys():
            (self._of[sample].add if sample in now else self._of[sample].discard)(identity)
            said = [one for other in sorted(self._of[sample]) for one in self._said[other][sample]]
            found |= self._rate(sample, said)
            found |= self._file(sample, said)
        return sorted(found, key=str)

    def pass_rate_below_target(self, subject: str, names: Names) -> Iterator[Finding]:
        """Of one target and year."""
        name, _, year = subject.rpartition("|")
        target = next(one for one in self._reference.targets.targets if one.name == name)
        counts = {
            product: Count(len(rate.passed), [rate.failed[sample] for sample in sorted(rate.failed)])
            for product, rate in self._rates.get(subject, {}).items()
        }
        yield from pass_rate_below_target.pass_rate_below_target(target, int(year), counts, self._reference.targets)

    def regional_problem(self, subject: str, names: Names) -> Iterator[Finding]:
        """Of one area, hazard and class of products."""
        region = self._regions[subject]
        said = region.area, region.hazard_class, region.hazard, region.product
        samples = [region.samples[sample] for sample in sorted(region.samples)]
        yield from regional_problem.regional_problem(*said, samples, self._reference.regional)

    def _read(self, identity: int) -> dict[str, list[_Said]]:
        found: dict[str, list[_Said]] = {}
        facts = self._results.facts(identity)
        if facts.superseded_by:
            return found
        tested = {one.number: one for one in self._results.standing(identity)}
        for one in facts.variants:
            if one.screening or one.verdict not in ("passed", "failed"):
                continue
            by = tested[one.number]
            samplings = self._results.samplings(by.sample)
            batches = sorted(one.batches)
            chains = [chain for batch in batches if (chain := self._reference.limits.products.chain(product_of(batch)))]
            said = _Said(
                one.verdict == "failed",
                one.hazard_class,
                even(one.hazard),
                min((taken.grid for taken in samplings if taken.grid), default=by.grid),
                min((chain[-1] for chain in chains), default=""),
                any(self._reference.limits.products.is_agricultural(product_of(batch)) for batch in batches),
                any(taken.purpose.casefold() in OWN for taken in samplings),
                first_known([*(taken.at for taken in samplings), by.at]),
                frozenset(map(parts_issuer, batches)) - {""},
                (one.identity, one.number),
                self._results.state(one.number) is State.RECORDED,
                one.historical,
            )
            if said.at and said.area:
                found.setdefault(_sample_of(by), []).append(said)
        return found

    def _rate(self, sample: str, said: list[_Said]) -> set[Doubt]:
        """Count a sample where it counts now."""
        counted = [one for one in said if not one.own]
        failed = [one for one in counted if one.failed]
        now = {place for one in failed or counted[:1] for place in self._places(one)}
        before = self._rated.get(sample, set())
        for subject, product in before:
            rate = self._rates[subject][product]
            rate.passed.discard(sample)
            rate.failed.pop(sample, None)
        for subject, product in now:
            rate = self._rates.setdefault(subject, {}).setdefault(product, _Rate())
            if failed:
                events = tuple(sorted(one.event for one in failed))
                firm, historical = all(one.firm for one in failed), all(one.historical for one in failed)
                rate.failed[sample] = Failed(events, firm, historical)
            else:
                rate.passed.add(sample)
        self._rated[sample] = now
        return {(pass_rate_below_target.NAME, subject) for subject, _ in before | now}

    def _places(self, one: _Said) -> Iterator[tuple[str, str]]:
        year = day_of(one.at).year
        for target in self._reference.targets.targets:
            if _is_for(target, one):
                for product in {ALL, one.product}:
                    yield f"{target.name}|{year}", product

    def _file(self, sample: str, said: list[_Said]) -> set[Doubt]:
        """Keep a sample for the regions whose hazards it was tested for."""
        digits = self._reference.regional.digits
        by: dict[str, list[_Said]] = {}
        for one in said:
            if len(one.area) >= digits and one.product and one.producers and not one.own:
                region = _Region(one.area[:digits], one.hazard_class, one.hazard, one.product)
                subject = f"{region.area}|{region.product}|{region.hazard_class}|{region.hazard}"
                self._regions.setdefault(subject, region)
                by.setdefault(subject, []).append(one)
        before = self._in.get(sample, set())
        for subject in before:
            self._regions[subject].samples.pop(sample, None)
        for subject, these in by.items():
            failed = [one for one in these if one.failed]
            shown = failed or these
            self._regions[subject].samples[sample] = Sample(
                min(one.at for one in shown),
                frozenset(producer for one in shown for producer in one.producers),
                bool(failed),
                tuple(sorted(one.event for one in shown)),
                all(one.firm for one in shown),
                all(one.historical for one in shown),
            )
        self._in[sample] = set(by)
        return {(regional_problem.NAME, subject) for subject in before | by.keys()}


def _is_for(target: Target, one: _Said) -> bool:
    return one.area.startswith(target.grid) and (one.agricultural or not target.agricultural)


def _sample_of(one: Tested) -> str:
    return f"sample {one.sample}" if one.sample else f"report {one.lab} {one.report}"
