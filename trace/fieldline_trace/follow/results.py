"""Test results, samples and reports as followers keep them, and the facts that rules judge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fieldline_schemas.times import UNKNOWN, Interval

from fieldline_trace.follow.standing import State, strongly_connected
from fieldline_trace.recall.docket import even
from fieldline_trace.reference.products import parts_issuer
from fieldline_trace.risk.rules.test_failed import Result


class Tested(NamedTuple):
    """One variant of a test result, as it was sent. Batches and sites are canonical keys; empty = not named."""

    number: int
    identity: int
    sender: str
    authority: bool
    historical: bool
    batch: str
    site: str
    lab: str
    report: str
    sample: str
    hazard_class: str
    hazard: str
    screening: bool
    verdict: str
    whole_lot: bool
    supersedes: str
    results: tuple[str, ...]
    values: tuple[tuple[str, str, str], ...] = ()
    """(analyte, value, unit) as sent."""
    at: Interval = UNKNOWN
    received_at: int = 0
    strain: str = ""
    """Sequence type or cluster of the isolate."""
    grid: str = ""
    """Administrative code of where it was tested, or sampled."""
    retest_of: tuple[str, str] = ("", "")
    """(laboratory, report) that it retests; empty where it is none."""


class Sampled(NamedTuple):
    """One variant of the taking of a sample."""

    number: int
    batches: tuple[str, ...]
    site: str
    at: Interval = UNKNOWN
    produced: tuple[tuple[str, Interval], ...] = ()
    """(batch, when it was produced), as the sample's label says."""
    purpose: str = ""
    """Supervisory, release, retest … as it was named."""
    grid: str = ""
    """Administrative code of where it was taken."""
    expires: tuple[tuple[str, Interval], ...] = ()
    """(batch, when its shelf life ends), as the sample's label says."""


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What the rules on results need to know of one of them."""

    variants: list[Result]
    superseded_by: list[Result]
    """What it counts for nothing by: reports that amend it, and a retest that passed."""
    amended_by: list[Result]
    """The former alone."""
    deciding: list[Result]
    confirming: list[Result]
    """Confirmatory results that failed for the same hazard on other samples of the same batches."""
    refused: frozenset[int]
    """Event numbers of the variants that name a report that they may not supersede."""


@dataclass(slots=True)
class Results:
    """All results and samples. ``state``: how an event stands."""

    state: Callable[[int], State]
    _by_identity: dict[int, dict[int, Tested]] = field(default_factory=dict)
    _by_sample: dict[str, set[int]] = field(default_factory=dict)
    _by_report: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(laboratory, report) -> identities of the results that are this report."""
    _amending: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(laboratory, report) -> identities of the results that supersede it."""
    _samples: dict[str, dict[int, Sampled]] = field(default_factory=dict)
    is_valid_retest: Callable[[Tested, Tested], bool] = lambda old, new: False
    """Whether the second result is a retest of the first that counts."""
    _retesting: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(laboratory, report) -> identities of the results that say they retest it."""
    _failed_on: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(batch, hazard) -> identities of the results that some variant says failed on it, or screened it: a superset."""
    _taken: dict[int, str] = field(default_factory=dict)
    """Event number -> the sample that it took."""

    def add(self, tested: Tested) -> set[int]:
        """Enter a result; the identities of the results to judge (again)."""
        self._by_identity.setdefault(tested.identity, {})[tested.number] = tested
        if tested.sample:
            self._by_sample.setdefault(tested.sample, set()).add(tested.identity)
        self._by_report.setdefault((tested.lab, tested.report), set()).add(tested.identity)
        if tested.supersedes:
            self._amending.setdefault((tested.lab, tested.supersedes), set()).add(tested.identity)
        if tested.retest_of[1]:
            self._retesting.setdefault(tested.retest_of, set()).add(tested.identity)
        self._file(tested.identity)
        return self.bear_upon(tested.identity)

    def add_sample(self, sample: str, sampled: Sampled) -> set[int]:
        """Enter the taking of a sample; the identities of the results to judge again."""
        self._samples.setdefault(sample, {})[sampled.number] = sampled
        self._taken[sampled.number] = sample
        return self._of_sample(sample)

    def resampled(self, number: int) -> set[int]:
        """Identities of the results on the sample that the event ``number`` took; none where it took none."""
        return self._of_sample(self._taken.get(number, ""))

    def _of_sample(self, sample: str) -> set[int]:
        """The results on a sample, and the screens that these may confirm."""
        touched = set(self._by_sample.get(sample, ()))
        for identity in touched:
            self._file(identity)
        contested = {one for one in touched if self._is_in_contest(one)}
        return touched | self._confirmed_by(touched) | self.around(contested)

    def _is_in_contest(self, identity: int) -> bool:
        """Whether it retests a report, or is retested: then what it is of decides on others, too."""
        said = self._by_identity[identity].values()
        return any(one.retest_of[1] or (one.lab, one.report) in self._retesting for one in said)

    def _file(self, identity: int) -> None:
        for one in self._by_identity[identity].values():
            if one.verdict == "failed" or one.screening:  # what a screen found may fail whatever it concludes
                for batch in self._ever_of(one):
                    self._failed_on.setdefault((batch, even(one.hazard)), set()).add(identity)

    def _ever_of(self, one: Tested) -> set[str]:
        """The batches that a result was ever of, whether its sample's taking stands or not."""
        taken = self._samples.get(one.sample, {}).values() if one.sample else ()
        return {one.batch} - {""} or {batch for taking in taken for batch in taking.batches}

    def _confirmed_by(self, identities: Iterable[int]) -> set[int]:
        """The results that confirmatory ones among these may confirm: of the same batch, for the same hazard."""
        found: set[int] = set()
        for identity in identities:
            for one in self._by_identity.get(identity, {}).values():
                if one.verdict == "failed" and not one.screening:
                    for batch in self._ever_of(one):
                        found |= self._failed_on.get((batch, even(one.hazard)), set())
        return found

    def samples_tested_by(self, senders: Collection[str]) -> set[int]:
        """Numbers of the events that took the samples which results of ``senders`` name. Looks at every result."""
        samples = {
            one.sample
            for variants in self._by_identity.values()
            for one in variants.values()
            if one.sample and one.sender in senders
        }
        return {number for sample in samples for number in self._samples.get(sample, ())}

    def knows(self, identity: int) -> bool:
        """Whether ``identity`` is a result's."""
        return identity in self._by_identity

    def bear_upon(self, identity: int) -> set[int]:
        """The results whose judgement may depend on ``identity``: of its sample, of its report, and what amends or is
        amended."""
        touched = {identity}
        for tested in self._by_identity.get(identity, {}).values():
            touched |= self._by_sample.get(tested.sample, set()) if tested.sample else set()
        todo = list(touched)
        while todo:
            for tested in self._by_identity.get(todo.pop(), {}).values():
                for near in (
                    self._by_report.get((tested.lab, tested.supersedes), ()),
                    self._amending.get((tested.lab, tested.report), ()),
                    self._by_report.get(tested.retest_of, ()),
                    self._retesting.get((tested.lab, tested.report), ()),
                ):
                    for other in set(near) - touched:
                        touched.add(other)
                        todo.append(other)
        beside = {
            other
            for identity in touched
            for one in self._by_identity.get(identity, {}).values()
            if one.sample
            for other in self._by_sample[one.sample]
        }
        return touched | beside | self._confirmed_by(touched)

    def around(self, identities: Iterable[int]) -> set[int]:
        """The results whose judgement may depend on any of these."""
        found: set[int] = set()
        for identity in identities:
            found |= self.bear_upon(identity)
        return found

    def facts(self, identity: int) -> ResultFacts:
        """What stands about one result."""
        tested = self._by_identity[identity]
        variants = [self._result(one) for one in self._standing(tested.values())]
        amending = [one for one in self._amendments(tested.values()) if self.state(one.number) is State.RECORDED]
        deciding = [
            self._result(one)
            for sample in {one.sample for one in tested.values()} - {""}
            for other in sorted(self._by_sample[sample])
            for one in self._standing(self._by_identity[other].values())
            if not one.screening
            and self.state(one.number) is State.RECORDED
            and self._is_in_force(one)
            and self._may_decide(one)
            and any(even(one.hazard) == even(mine.hazard) for mine in tested.values())
        ]
        refused = frozenset(one.number for one in tested.values() if one.supersedes and not self._may_amend_any(one))
        confirming = self._confirming(identity, variants)
        amended = [self._result(one) for one in amending]
        passed, failed = self._retested(self._standing(tested.values()))
        confirming += [self._result(one) for one in failed]
        superseded = amended + [self._result(one) for one in passed]
        return ResultFacts(variants, superseded, amended, deciding, confirming, refused)

    def retesting(self, old: Tested) -> list[Tested]:
        """What stands of the results that say they retest a report, and are not amended; whatever they are of."""
        return [
            one
            for identity in sorted(self._retesting.get((old.lab, old.report), ()))
            for one in self._standing(self._by_identity[identity].values())
            if one.retest_of == (old.lab, old.report)
            and identity != old.identity
            and not any(self.state(new.number) is State.RECORDED for new in self._amendments([one]))
        ]

    def of_report(self, lab: str, report: str) -> set[int]:
        """Identities of the results that are a report."""
        return set(self._by_report.get((lab, report), ()))

    def batches_of(self, one: Tested) -> list[str]:
        """Canonical keys of what was tested, directly or by the sample."""
        if one.batch:
            return [one.batch]
        return sorted({batch for taken in self.samplings(one.sample) for batch in taken.batches})

    def _retested(self, tested: Iterable[Tested]) -> tuple[list[Tested], list[Tested]]:
        """The valid retests by which results count for nothing, and those that confirm them: one is final, and of
        several that disagree those that failed count."""
        found = {
            new.number: new
            for old in tested
            for new in self.retesting(old)
            if self.state(new.number) is State.RECORDED and self.is_valid_retest(old, new)
        }
        failed = [new for _, new in sorted(found.items()) if new.verdict == "failed"]
        passed = [new for _, new in sorted(found.items()) if new.verdict == "passed"]
        return ([] if failed else passed), failed

    def _may_decide(self, one: Tested) -> bool:
        """Whether a confirmatory result may decide on a screen: not the maker's own that passed, and no retest that is
        not valid."""
        if one.verdict == "passed" and one.lab in {parts_issuer(batch) for batch in self.batches_of(one)}:
            return False
        return not one.retest_of[1] or any(
            self.is_valid_retest(old, one)
            for identity in sorted(self.of_report(*one.retest_of))
            for old in self._standing(self._by_identity[identity].values())
        )

    def _confirming(self, identity: int, variants: Iterable[Result]) -> list[Result]:
        wanted = {(batch, even(one.hazard)) for one in variants if one.screening for batch in one.batches}
        near = {other for one in wanted for other in self._failed_on.get(one, ())} - {identity}
        found = [
            self._result(one)
            for other in sorted(near)
            for one in self._standing(self._by_identity[other].values())
            if not one.screening
            and one.verdict == "failed"
            and self.state(one.number) is State.RECORDED
            and self._is_in_force(one)
        ]
        return [one for one in found if any((batch, even(one.hazard)) in wanted for batch in one.batches)]

    def standing(self, identity: int) -> list[Tested]:
        """The variants of one result that are not withdrawn, in an order that their content decides."""
        said = self._by_identity.get(identity, {}).values()
        return sorted(self._standing(said), key=lambda one: one[1:])

    def said(self, identity: int) -> Iterable[Tested]:
        """All variants of one result, whether they stand or not."""
        return self._by_identity.get(identity, {}).values()

    def on_sample_taken_by(self, event: int) -> set[int]:
        """Numbers of the results on the sample that an event took, whether they stand or not; none where it took none,
        or was withdrawn."""
        if self.state(event) is State.WITHDRAWN:
            return set()
        return {number for one in self.resampled(event) for number in self._by_identity[one]}

    def samplings(self, sample: str) -> list[Sampled]:
        """What stands of the taking of a sample; nothing of one that is not named."""
        said = self._samples.get(sample, {}).values()
        return sorted((one for one in said if self.state(one.number) is not State.WITHDRAWN), key=lambda one: one[1:])

    def passed_on(self, sample: str) -> list[Interval]:
        """When results on a sample passed that stand and are not superseded; whether a screen or not."""
        return [
            one.at
            for identity in sorted(self._by_sample.get(sample, ()))
            for one in self._standing(self._by_identity[identity].values())
            if one.verdict == "passed" and self._is_in_force(one)
        ]

    def of_lab(self, lab: str) -> set[int]:
        """Identities of the results of a laboratory."""
        return {identity for (one, _), found in self._by_report.items() if one == lab for identity in found}

    def everyone(self) -> set[int]:
        """Identities of all results."""
        return set(self._by_identity)

    def _is_in_force(self, tested: Tested) -> bool:
        if any(self.state(one.number) is State.RECORDED for one in self._amendments([tested])):
            return False
        return not self._retested([tested])[0]

    def _amendments(self, tested: Iterable[Tested]) -> list[Tested]:
        """The results that supersede any of ``tested``, entitled and not in a circle."""
        found: dict[int, Tested] = {}
        for old in tested:
            for identity in sorted(self._amending.get((old.lab, old.report), ())):
                for new in self._by_identity[identity].values():
                    amends = new.supersedes == old.report and new.lab == old.lab and new.identity != old.identity
                    if amends and may_amend(new, old) and not self._in_circle(new, old):
                        found[new.number] = new
        return [found[number] for number in sorted(found)]

    def _may_amend_any(self, new: Tested) -> bool:
        old = [
            one
            for identity in self._by_report.get((new.lab, new.supersedes), ())
            for one in self._by_identity[identity].values()
        ]
        return not old or any(may_amend(new, one) for one in old)

    def _in_circle(self, new: Tested, old: Tested) -> bool:
        """Whether the old report, by whatever chain, supersedes the new one."""
        reports: dict[str, set[str]] = {}
        for identity in self.bear_upon(new.identity):
            for one in self._by_identity[identity].values():
                if one.lab == new.lab and self.state(one.number) is State.RECORDED:  # several may be of one report
                    reports.setdefault(one.report, set()).update({one.supersedes} - {""})
        return any(new.report in circle and old.report in circle for circle in strongly_connected(reports))

    def _standing(self, tested: Iterable[Tested]) -> list[Tested]:
        return [one for one in sorted(tested) if self.state(one.number) is not State.WITHDRAWN]

    def _result(self, tested: Tested) -> Result:
        said = bool(tested.batch or tested.site)
        sites = {tested.site} if said else {taken.site for taken in self.samplings(tested.sample)}
        return Result(
            number=tested.number,
            identity=tested.identity,
            firm=self.state(tested.number) is State.RECORDED,
            historical=tested.historical,
            batches=tuple(self.batches_of(tested)),
            site=min(sites) if len(sites) == 1 else "",
            lab=tested.lab,
            report=tested.report,
            sample=tested.sample,
            hazard_class=tested.hazard_class,
            hazard=tested.hazard,
            screening=tested.screening,
            verdict=tested.verdict,
            whole_lot=tested.whole_lot,
            results=tested.results,
        )


def may_amend(new: Tested, old: Tested) -> bool:
    """Whether a report counts as an amendment: from the old one's sender, the laboratory itself, or an authority."""
    return new.authority or new.sender in (old.sender, old.lab)
