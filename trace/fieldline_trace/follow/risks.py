"""What rules on results, batches, operators and people's reports read, and which of their subjects are in doubt.

Each rule has one function here that gathers its facts. What may change by a late event, a correction or lineage is
remembered by what it rests on, and put in doubt again; so order cannot matter. Long because it is the one place where
a rule's inputs are said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
from fieldline_schemas.contract import Envelope
from fieldline_schemas.kinds.alert_acknowledged import AlertAcknowledged
from fieldline_schemas.kinds.alert_handled import AlertHandled
from fieldline_schemas.kinds.certified import Certified
from fieldline_schemas.kinds.commingled import Commingled
from fieldline_schemas.kinds.complaint import Complaint
from fieldline_schemas.kinds.cooled import Cooled
from fieldline_schemas.kinds.external_notice import ExternalNotice
from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.kinds.imported import Imported
from fieldline_schemas.kinds.input_applied import InputApplied
from fieldline_schemas.kinds.input_sold import InputSold
from fieldline_schemas.kinds.inspected import Inspected
from fieldline_schemas.kinds.labelled import Labelled
from fieldline_schemas.kinds.licensed import Licensed
from fieldline_schemas.kinds.milked import Milked
from fieldline_schemas.kinds.received import Received
from fieldline_schemas.kinds.reference_changed import ReferenceChanged
from fieldline_schemas.kinds.retest_requested import RetestRequested
from fieldline_schemas.kinds.sample_retained import SampleRetained
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.sanctioned import Sanctioned
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.kinds.split import Split
from fieldline_schemas.kinds.stored import Stored
from fieldline_schemas.record import HISTORICAL, MADE, TIMELESS, UNITS, Columns
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval
from numpy.typing import NDArray

from fieldline_trace.follow.balances import Balances
from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.batch_steps import BatchStep, earliest, steps_of_batch
from fieldline_trace.follow.bounds import Bounds
from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.common_sources import CommonSources
from fieldline_trace.follow.facts import Anchor, Doubt, Fact, Facts, batches_of_fact
from fieldline_trace.follow.handling import done_about
from fieldline_trace.follow.legs import hazard_key
from fieldline_trace.follow.limits_in_force import ANCHOR, Changed, LimitsInForce
from fieldline_trace.follow.marks import Marks
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.outcomes import Outcomes
from fieldline_trace.follow.papers import ON_LABELS, Papers, licence_of
from fieldline_trace.follow.presence import Presence
from fieldline_trace.follow.results import Results, Tested
from fieldline_trace.follow.retests import Retests, anchor_of
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.spans import hull, middle
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.follow.waiting import Waiting
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.recall.docket import opened_id
from fieldline_trace.reference import Reference
from fieldline_trace.reference.limits import day_of
from fieldline_trace.reference.products import product_of
from fieldline_trace.risk.alerts import AlertBoard, AlertChange, Finding
from fieldline_trace.risk.rules import (
    alert_unacknowledged,
    banned_substance,
    canteen_cluster,
    certificate_mismatch,
    claim_unsupported,
    cold_chain_breach,
    common_source,
    complaint_signal,
    confirmation_overdue,
    expired,
    external_notice,
    held_batch_moved,
    illegal_additive,
    incoming_unverified,
    input_sale_unlicensed,
    interval_breach,
    lab_not_accredited,
    label_fault,
    limit_exceeded,
    mass_balance,
    operator_status,
    pass_rate_below_target,
    regional_problem,
    released_untested,
    retest,
    sample_missing,
    sampling_plan_failed,
    screening_positive,
    shared_environment,
    test_failed,
    withdrawal_breach,
)
from fieldline_trace.risk.rules.interval_breach import Application, Taking
from fieldline_trace.risk.rules.lab_not_accredited import ACTIVITIES, Licence
from fieldline_trace.risk.rules.limit_exceeded import Dates, Measurement, known
from fieldline_trace.risk.rules.operator_status import Doing, Measure
from fieldline_trace.risk.scanning import Report

ON_RESULTS: Final = (
    limit_exceeded.NAME,
    banned_substance.NAME,
    illegal_additive.NAME,
    sampling_plan_failed.NAME,
    confirmation_overdue.NAME,
    lab_not_accredited.NAME,
    retest.NAME,
)
"""Rules whose subject is the identity of a result."""
FACTS: Final = (
    AlertAcknowledged, AlertHandled, Certified, Commingled, Complaint, Cooled, Inspected, Labelled, Received, Split,
    ExternalNotice, IllnessCase, Imported, InputApplied, InputSold,
    Licensed, Milked, ReferenceChanged, RetestRequested, Sampled, SampleRetained, Sanctioned, ScopeOpened,
    Stored,
)  # fmt: skip
"""Kinds that rules read whole."""
USES: Final = frozenset(("sold", "served", "prepared", "transformed", "packed"))
"""What may not be done with what is past its shelf life."""
MEALS: Final = frozenset(("served", "prepared"))
RELEASE: Final = frozenset(("release", "出厂", "出厂检验"))
"""Kinds of samples that a batch is released by."""
LEAVES: Final = frozenset(("shipped", "sold", "exported"))


ON_BATCHES: Final = frozenset(
    (
        interval_breach.NAME,
        withdrawal_breach.NAME,
        cold_chain_breach.NAME,
        released_untested.NAME,
        expired.NAME,
        sample_missing.NAME,
        complaint_signal.NAME,
        *ON_LABELS,
    )
)
"""Rules whose subject is the number of a batch, as it counts."""


class Risks:
    """Facts, deadlines, and what rests on what."""

    def __init__(
        self,
        reference: Reference,
        index: LineageIndex,
        rows: EventRows,
        bases: Bases,
        results: Results,
        presence: Presence,
        board: AlertBoard,
        catalogue: Catalogue,
        unit_seeds: UnitSeeds,
    ) -> None:
        self.reference, self._index, self._rows, self._bases = reference, index, rows, bases
        self._results, self._presence, self._lying = results, presence, presence.lying
        self.facts, self.waiting, self.board = Facts(bases.state), Waiting(), board
        self.limits = LimitsInForce(reference.limits, self.facts)
        self.retests = Retests(reference, self._lying, rows, bases, results, self.facts, index.canonical)
        self._contested: set[int] = set()
        """Contested results on keys that became one, or were parted, until asked for."""
        self.papers = Papers(
            reference.limits.products,
            index,
            self.facts,
            presence,
            bases.state,
            self._anchors_of,
            self._steps,
            self._rest,
        )
        self.balances = Balances(index, rows, bases, reference.yields)
        self.outcomes = Outcomes(reference, results)
        self.legs = CommonSources(reference, index, rows, bases, results, self.facts, catalogue, unit_seeds)
        self.judged_again: dict[int, int] = {}
        """Load of limits (event number) -> how many results it had judged again when it came."""
        self._names: Names | None = None
        self._rests: dict[int, set[Doubt]] = {}
        """Batch -> what is judged by its lineage."""
        self._resting = Marks()
        """The same as a mask, by batch."""
        self._last_use = np.full(1024, NEVER, np.int64)
        self._first_end = np.full(1024, FOREVER, np.int64)
        """By batch: the latest that it was used, the earliest end of shelf life that was said: a screen."""
        self._party: dict[str, int] = {}
        """Number of each operator of whom anything was recorded."""
        self._bounds: dict[str, Bounds] = {}
        """What each of these may do, until what is said of it changes."""
        self._doings: dict[str, dict[int, list[Interval]]] = {}
        """Operator -> event -> when, of what it did outside what its licences and measures allow."""
        self._measured: dict[int, list[Measurement]] = {}
        """Of results, while subjects are judged."""
        self._uses = np.isin(np.arange(256), [code_of(kind) for kind in USES])
        self._gather: Mapping[str, Callable[[Any, Names], Iterator[Finding]]] = {
            alert_unacknowledged.NAME: self._alert_unacknowledged,
            limit_exceeded.NAME: self._limit_exceeded,
            banned_substance.NAME: self._banned_substance,
            illegal_additive.NAME: self._illegal_additive,
            sampling_plan_failed.NAME: self._sampling_plan_failed,
            confirmation_overdue.NAME: self._confirmation_overdue,
            lab_not_accredited.NAME: self._lab_not_accredited,
            interval_breach.NAME: self._interval_breach,
            withdrawal_breach.NAME: self._withdrawal_breach,
            cold_chain_breach.NAME: self._cold_chain_breach,
            released_untested.NAME: self._released_untested,
            expired.NAME: self._expired,
            sample_missing.NAME: self._sample_missing,
            operator_status.NAME: self._operator_status,
            input_sale_unlicensed.NAME: self._input_sale_unlicensed,
            external_notice.NAME: self._external_notice,
            canteen_cluster.NAME: self._canteen_cluster,
            complaint_signal.NAME: self._complaint_signal,
            mass_balance.NAME: self.balances.findings,
            retest.NAME: self._retest,
            incoming_unverified.NAME: self.papers.incoming_unverified,
            certificate_mismatch.NAME: self.papers.certificate_mismatch,
            claim_unsupported.NAME: self.papers.claim_unsupported,
            label_fault.NAME: self.papers.label_fault,
            common_source.NAME: self.legs.common_source,
            shared_environment.NAME: self.legs.shared_environment,
            pass_rate_below_target.NAME: self.outcomes.pass_rate_below_target,
            regional_problem.NAME: self.outcomes.regional_problem,
        }

    def judges(self, rule: str) -> bool:
        """Whether the facts of ``rule`` are here."""
        return rule in self._gather

    def findings(self, rule: str, subject: Any, names: Names) -> Iterator[Finding]:
        """What ``rule`` finds about ``subject``."""
        yield from self._gather[rule](subject, names)

    # What comes in, and what it puts in doubt

    def take(self, fact: Fact, names: Names) -> list[Doubt]:
        """Enter an event that is read whole."""
        self._names = names
        anchors = list(self._anchors(fact.event, names, fact.identity))
        self.facts.add(fact, anchors)
        doubts = self._said_about(anchors)
        if isinstance(fact.event, ReferenceChanged):
            self.judged_again[fact.number] = len(doubts)
        return doubts

    def restated(self, events: set[int]) -> list[Doubt]:
        """Events stand otherwise now."""
        found = self._said_about(list(self.facts.anchors_of(events)))
        found += self.balances.restated(events)
        said = self._presence.shelf_lives.said_by(events)
        found += [(expired.NAME, self._index.canonical(batch)) for batch in said]
        found += self._counted(self.papers.expiring(said))
        found += [(operator_status.NAME, who) for who, doings in self._doings.items() if doings.keys() & events]
        return found

    def lineage(self, holdings: NDArray[np.int64]) -> list[Doubt]:
        """Links of holdings changed."""
        if not len(holdings):
            return []
        batches = np.unique(self._index.batches_of(holdings))
        found: set[Doubt] = set(self.legs.touched(batches.tolist()))
        for batch in self._resting.among(batches).tolist():
            for one in self._lying.together(batch):
                found |= self._rests.get(one, set())
        return self._counted(found)

    def regrouped(self) -> list[Doubt]:
        """Keys became one batch, or were parted: what rests on these is in doubt, whatever it went or goes by."""
        batches = self._index.regrouped()
        if not batches:
            return []
        self._late(batches)
        self._contested |= self.retests.joined(batches)
        explained = self.legs.regrouped(batches)
        every = {doubt for batch in batches for doubt in self._rests.get(batch, ())}
        for batch in batches & self._rests.keys():
            self._rest(batch, ())
        rules = {rule for rule, _ in every if rule in ON_BATCHES}
        return sorted({*every, *explained, *((rule, batch) for rule in rules for batch in batches)}, key=str)

    def contested_by(self, events: set[int]) -> set[int]:
        """Identities of the results that depend on requests among ``events``: what these contest, and what that or a
        retest of it decides on."""
        reports = [str(about).partition("|") for kind, about in self.facts.anchors_of(events) if kind == "report"]
        return self._results.around(one for lab, _, report in reports for one in self._results.of_report(lab, report))

    def contested_on(self, holdings: NDArray[np.int64]) -> set[int]:
        """Identities of the results that depend on contested ones on batches whose links changed, or that were joined
        or parted."""
        contested, self._contested = self._contested, set()
        if len(holdings):
            contested |= self.retests.touched(self._index.batches_of(holdings))
        return self._results.around(sorted(contested))

    def tick(self, now: int) -> list[Doubt]:
        """Time has passed."""
        return self.waiting.tick(now)

    def columns(self, columns: Columns, block: int, names: Names) -> list[Doubt]:
        """What one entry says in columns: uses after the end of a shelf life, and what operators did whose licences
        are known. Masks over the record; only what they hit is looked at."""
        return self.legs.counted() + self._screen_shelf_lives(columns) + self._screen_operators(columns, block, names)

    def result(self, identity: int, names: Names) -> list[Doubt]:
        """A result, its sample, or what amends it changed. It is judged again when the lineage of its batches is
        another."""
        found: list[Doubt] = [(rule, identity) for rule in ON_RESULTS] + self.legs.result(identity)
        found += self.outcomes.result(identity)
        for one in self._results.said(identity):
            for batch in self._results.batches_of(one):
                number = names.batch_number(batch)
                if number is not None:
                    self._rest(number, [(limit_exceeded.NAME, identity)])
                    found += self._counted([(released_untested.NAME, number)])
        return found

    def raised(self, changes: Iterable[AlertChange]) -> list[Doubt]:
        """Alerts changed: those that somebody has to take on are awaited."""
        grave = self.reference.deadlines.acknowledgement
        return [
            (alert_unacknowledged.NAME, change.id)
            for change in changes
            if change.finding.severity in grave or change.change != "raised"
        ]

    def _alert_unacknowledged(self, subject: str, names: Names) -> Iterator[Finding]:
        alert = self.board.alerts.get(subject)
        grace = self.reference.deadlines.acknowledgement.get(alert.severity) if alert is not None else None
        if alert is None or grace is None or alert.historical or not alert.standing:
            return
        handled = bool(done_about(self.facts, subject))
        due = alert.raised_at + grace
        if not handled:
            due = self.waiting.until(due, (alert_unacknowledged.NAME, subject))
        yield from alert_unacknowledged.alert_unacknowledged(alert, handled, due, self.waiting.now)

    def _rest(self, batch: int, doubts: Iterable[Doubt]) -> None:
        self._resting.mark(np.array((batch, self._index.canonical(batch))))
        self._rests.setdefault(batch, set()).update(doubts)

    def _counted(self, doubts: Iterable[Doubt]) -> list[Doubt]:
        """With the batches that subjects count as."""
        found = {
            (rule, self._index.canonical(about) if rule in ON_BATCHES and isinstance(about, int) else about)
            for rule, about in doubts
        }
        return sorted(found, key=str)

    def _anchors(self, event: Envelope, names: Names, identity: int) -> Iterator[Anchor]:
        """What a fact is about."""
        for batch in batches_of_fact(event):
            number = names.batch_number(batch)
            if number is not None:
                yield "batch", number
        yield from self.papers.anchors(event, identity, names)
        if isinstance(event, Licensed):
            yield "operator", event.holder
        elif isinstance(event, Sanctioned):
            yield "operator", event.subject
        elif isinstance(event, InputSold):
            yield "sale", event.operator or event.site
        elif isinstance(event, IllnessCase):
            for one in event.exposures:
                yield "place", one.site
                number = names.batch_number(one.batch)
                if number is not None:
                    self._rest(number, [(canteen_cluster.NAME, one.site)])
            yield "hazard", hazard_key(event.hazard_class or "", event.hazard or "")
        elif isinstance(event, AlertAcknowledged | AlertHandled):
            yield "alert", event.alert
        elif isinstance(event, ReferenceChanged):
            yield ANCHOR
        elif isinstance(event, RetestRequested):
            yield anchor_of(event.lab, event.report)
        elif isinstance(event, ScopeOpened):
            yield "scope", event.scope or opened_id(identity)
        elif isinstance(event, ExternalNotice):
            yield "notice", event.reference
            for ref in event.batches:
                number = names.batch_number(ref.batch)
                if number is not None:
                    self._rest(number, [(external_notice.NAME, event.reference)])

    def _said_about(self, anchors: Sequence[Anchor]) -> list[Doubt]:
        """What is said about these is another now: what that may change."""
        for kind, about in anchors:
            if kind == "operator":
                self._review(str(about))
        return [doubt for anchor in anchors for doubt in self._doubts(anchor)]

    def _doubts(self, anchor: Anchor) -> Iterator[Doubt]:
        """What a fact about ``anchor`` may change."""
        kind, about = anchor
        if kind == "batch":
            assert isinstance(about, int)
            doubts: list[Doubt] = [(rule, about) for rule in sorted(ON_BATCHES) if rule != expired.NAME]
            doubts.append((banned_substance.NAME, ("batch", about)))
            self._rest(about, doubts)
            yield from self._counted(doubts)
            yield from ((limit_exceeded.NAME, one) for one in self._results_on(about))
            yield from self._counted(self._labels_on(about))
            yield from self.papers.doubts(anchor)
        elif kind == "operator":
            yield operator_status.NAME, about
            yield input_sale_unlicensed.NAME, about
            yield from ((lab_not_accredited.NAME, one) for one in sorted(self._results.of_lab(str(about))))
        elif kind in ("certificate", "holder", "licence", "receipt"):
            yield from self._counted(self.papers.doubts(anchor))
        elif kind == "sale":
            yield input_sale_unlicensed.NAME, about
        elif kind == "place":
            yield canteen_cluster.NAME, about
        elif kind == "hazard":
            yield from self.legs.case(str(about))
        elif kind == "alert":
            yield alert_unacknowledged.NAME, about
        elif kind == "reference":
            yield from self._judged_otherwise(self.limits.renew())
        elif kind == "scope":
            yield held_batch_moved.NAME, about
        elif kind == "notice":
            yield external_notice.NAME, about

    def _judged_otherwise(self, changed: Sequence[Changed]) -> Iterator[Doubt]:
        """The results that limits which changed bear upon: of that analyte, on a product of that name or class, and
        decided by a day on which the limit is another."""
        products = self.limits.now.products
        touched: dict[tuple[str, str], list[Changed]] = {}
        for one in changed:
            for analyte in {one.limit.analyte, one.limit.total or one.limit.analyte}:
                touched.setdefault((analyte, one.limit.product), []).append(one)
        for identity in sorted(self._results.everyone()) if touched else ():
            if any(
                self._decided_in(
                    one, batch, [each for product in chain for each in touched.get((analyte, product), ())]
                )
                for one in self._results.standing(identity)
                for batch in self._results.batches_of(one)
                if (chain := products.chain(product_of(batch)))
                for analyte in {products.analyte(analyte) for analyte, _, _ in one.values}
            ):
                yield limit_exceeded.NAME, identity

    def _decided_in(self, one: Tested, batch: str, changed: Sequence[Changed]) -> bool:
        """Whether the day that decides of a result on a batch may be one on which a limit is another."""
        if not changed or self._names is None:
            return False
        decided = self._dates(one, batch, self._names).deciding()
        if decided is None:
            return False
        first, last = day_of(decided[1].lo), day_of(decided[1].hi)
        return any(each.bears_on(first, last) for each in changed)

    def _labels_on(self, batch: int) -> list[Doubt]:
        """Labels of what was made of a batch."""
        together = self._lying.together(self._index.canonical(batch))
        return [doubt for one in together for doubt in self._rests.get(one, ()) if doubt[0] in ON_LABELS]

    def _results_on(self, batch: int) -> list[int]:
        return [
            subject
            for one in self._lying.together(self._index.canonical(batch))
            for rule, subject in self._rests.get(one, ())
            if rule == limit_exceeded.NAME and isinstance(subject, int)
        ]

    # Screens over columns

    def _screen_shelf_lives(self, columns: Columns) -> list[Doubt]:
        """Batches that were used after an end of shelf life that was said: a superset, and the same in any order."""
        ends, drawn = (
            columns.expiry_batch,
            np.repeat(
                np.arange(len(columns.step_event)),
                columns.in_start[1:].astype(np.int64) - columns.in_start[:-1].astype(np.int64),
            ),
        )
        used = self._uses[columns.kinds[columns.step_event[drawn]]] & (columns.times[drawn, 0] > NEVER)
        batches, when = columns.in_batch[used], columns.times[drawn[used], 0]
        if not len(ends) and not len(batches):
            return []
        top = int(max(ends.max(initial=0), batches.max(initial=0)))
        if top >= len(self._last_use):
            more = max(top + 1, 2 * len(self._last_use)) - len(self._last_use)
            self._last_use = np.concatenate([self._last_use, np.full(more, NEVER, np.int64)])
            self._first_end = np.concatenate([self._first_end, np.full(more, FOREVER, np.int64)])
        np.minimum.at(self._first_end, ends, columns.expiry[:, 1])
        np.maximum.at(self._last_use, batches, when)
        touched = np.unique(np.concatenate([ends, batches]))
        late = touched[self._last_use[touched] > self._first_end[touched]].tolist()
        for batch in late:
            self._rest(batch, [(expired.NAME, batch)])
        late += self._late(batch for batch in touched.tolist() if self._index.is_joined(batch))
        found: list[Doubt] = [(expired.NAME, batch) for batch in late]
        return self._counted(found + self.papers.expiring(ends.tolist()))

    def _late(self, batches: Iterable[int]) -> list[int]:
        """The same of batches that are one with others: used under one key, the end said of another."""
        found = []
        for lot in {self._index.canonical(batch) for batch in batches}:
            keys = np.array([one for one in self._index.together(lot) if one < len(self._last_use)], np.int64)
            if len(keys) and self._last_use[keys].max() > self._first_end[keys].min():
                found.append(lot)
                self._rest(lot, [(expired.NAME, lot)])
        return found

    def _screen_operators(self, columns: Columns, block: int, names: Names) -> list[Doubt]:
        """What operators did of whom a licence or a measure is on record, outside of it."""
        plain = np.flatnonzero((columns.step_shape & (UNITS | TIMELESS)) == 0)
        event = columns.step_event[plain].astype(np.int64)
        operator = columns.operators[event]
        plain = plain[order := np.argsort(operator, kind="stable")]
        event, operator = event[order], operator[order]
        numbers = block << 16 | event
        drawn, filled = columns.times[plain, :2], columns.times[plain, 2:]
        times = np.where(drawn[:, :1] > NEVER, drawn, filled)
        parties, begin = np.unique(operator, return_index=True)
        ends = [*begin.tolist(), len(operator)]
        found: list[Doubt] = []
        for party, start, end in zip(parties.tolist(), ends, ends[1:], strict=False):
            who = names.party_key(party)
            if not who:
                continue
            self._party[who] = party
            if not self.facts.has(("operator", who)):
                continue
            kept = self._doings.get(who)
            # A fact of this entry may have had all looked at again already.
            known = [number for number in numbers[start:end].tolist() if kept.pop(number, None)] if kept else []
            outside = start + np.flatnonzero(self._bounds_of(who).outside(times[start:end]))
            for number, (lo, hi) in zip(numbers[outside].tolist(), times[outside].tolist(), strict=True):
                self._doings.setdefault(who, {}).setdefault(number, []).append(Interval(lo, hi))
            if known or len(outside):
                found.append((operator_status.NAME, who))
        return found

    def _review(self, who: str) -> None:
        """Licences or measures of an operator changed: look at all it did again."""
        self._bounds.pop(who, None)
        party, kept = self._party.get(who), self._doings.setdefault(who, {})
        kept.clear()
        for number in self._rows.of_operator(party) if party is not None else ():
            said = self._bases.steps_said(number)
            times = (
                self._index.drawn_at(number)
                if said is None
                else [
                    step.times[:2] if step.times[0] > NEVER else step.times[2:]
                    for step in said
                    if not step.shape & (UNITS | TIMELESS)
                ]
            )
            outside = self._bounds_of(who).outside(np.array([*times], np.int64).reshape(-1, 2))
            if outside.any():
                kept[number] = [Interval(*at) for at, out in zip(times, outside.tolist(), strict=True) if out]

    def _bounds_of(self, who: str) -> Bounds:
        """What an operator may do, as it stands."""
        found = self._bounds.get(who)
        if found is None:
            licences = [one.valid for one in self._licences(who) if one.activity.casefold() not in ACTIVITIES]
            barred = [one.valid for one in self._measures(who) if one.what in operator_status.BARRING]
            found = self._bounds[who] = Bounds.of(licences, barred)
        return found

    # What each rule reads

    def begin(self) -> None:
        """Subjects are judged now: what is read for one rule is at hand for the others."""
        self._measured.clear()

    def _measurements(self, identity: int, names: Names) -> list[Measurement]:
        """The values of one result that stands and is not superseded, on each batch; of a screening test that a
        confirmatory one refutes, none."""
        if identity not in self._measured:
            self._measured[identity] = self._read_measurements(identity, names)
        return self._measured[identity]

    def _read_measurements(self, identity: int, names: Names) -> list[Measurement]:
        facts, found = self._results.facts(identity), []
        if facts.superseded_by:
            return []
        refuted = test_failed.refutes(facts.deciding)
        confirmed = bool(screening_positive.confirms(identity, facts.deciding, facts.confirming))
        for one in self._results.standing(identity):
            if one.screening and refuted:
                continue
            firm = self._bases.state(one.number) is State.RECORDED
            for batch in self._results.batches_of(one):
                dates = self._dates(one, batch, names)
                for analyte, value, unit in one.values:
                    found.append(
                        Measurement(
                            identity,
                            one.number,
                            firm,
                            one.historical,
                            batch,
                            product_of(batch),
                            analyte,
                            value,
                            unit,
                            one.lab,
                            one.report,
                            dates,
                            one.screening and not confirmed,
                        )
                    )
        return found

    def _dates(self, one: Tested, batch: str, names: Names) -> Dates:
        taken = self._results.samplings(one.sample)
        sampled = [at for at in (known(taking.at) for taking in taken) if at is not None]
        produced = [at for taking in taken for name, when in taking.produced if name == batch and (at := known(when))]
        number = names.batch_number(batch)
        steps = [] if number is None else self._steps(number)
        births = [step for step in steps if step.incoming and step.shape == MADE]
        prepackaged = any("packed" in step.kinds for step in births) or bool(produced)
        dated = [step for step in births if known(step.at) is not None]
        imports = self.facts.about(*self._anchors_of(number), kind=Imported) if number is not None else []
        applied = [
            at
            for fact in imports
            if isinstance(fact.event, Imported) and fact.event.inspection_applied
            if (at := known(fact.event.inspection_applied)) is not None
        ]
        domestic = prepackaged and not any("imported" in step.kinds for step in steps)
        return Dates(
            hull(produced) or earliest(dated),
            domestic and not self.reference.limits.products.is_agricultural(product_of(batch)),
            hull(applied),
            hull(sampled),
            known(one.at),
        )

    def _limit_exceeded(self, subject: int, names: Names) -> Iterator[Finding]:
        if self._results.knows(subject):
            yield from limit_exceeded.limit_exceeded(self._measurements(subject, names), self.limits.now)

    def _banned_substance(self, subject: int | tuple[str, int], names: Names) -> Iterator[Finding]:
        if isinstance(subject, int):
            if self._results.knows(subject):
                yield from banned_substance.in_tests(self._measurements(subject, names), self.reference)
            return
        uses = []
        for fact in self.facts.about(("batch", subject[1]), kind=InputApplied):
            event = fact.event
            assert isinstance(event, InputApplied)
            if event.active_ingredient:
                for ref in event.applied_to:
                    if names.batch_number(ref.batch) == subject[1]:
                        uses.append(
                            banned_substance.Use(
                                fact.identity,
                                fact.number,
                                self.facts.firm(fact),
                                fact.historical,
                                event.active_ingredient,
                                ref.batch,
                                event.site,
                                event.at,
                            )
                        )
        yield from banned_substance.in_use(uses, self.reference)

    def _illegal_additive(self, subject: int, names: Names) -> Iterator[Finding]:
        if self._results.knows(subject):
            yield from illegal_additive.illegal_additive(self._measurements(subject, names), self.reference)

    def _sampling_plan_failed(self, subject: int, names: Names) -> Iterator[Finding]:
        if self._results.knows(subject):
            yield from sampling_plan_failed.sampling_plan_failed(
                self._measurements(subject, names), self.reference.plans, self.reference.limits.products
            )

    def _confirmation_overdue(self, subject: int, names: Names) -> Iterator[Finding]:
        if not self._results.knows(subject):
            return
        screens = [
            one
            for one in self._results.standing(subject)
            if one.screening and one.verdict == "failed" and not one.historical
        ]
        if not screens:
            return
        due = min(one.received_at for one in screens) + self.reference.deadlines.confirmation
        due = self.waiting.until(due, (confirmation_overdue.NAME, subject))
        facts = self._results.facts(subject)
        yield from confirmation_overdue.confirmation_overdue(
            facts.variants, facts.superseded_by, facts.deciding, due, self.waiting.now
        )

    def _lab_not_accredited(self, subject: int, names: Names) -> Iterator[Finding]:
        if not self._results.knows(subject):
            return
        shown = {one.number: one for one in self._results.facts(subject).variants}
        said = self._results.standing(subject)
        for lab in sorted({one.lab for one in said}):
            licences = [one for one in self._licences(lab) if one.activity.casefold() in ACTIVITIES]
            results = [
                (shown[one.number], at, [product_of(batch) for batch in self._results.batches_of(one)])
                for one in said
                if one.lab == lab and (at := known(one.at)) is not None
            ]
            yield from lab_not_accredited.lab_not_accredited(results, licences, self.reference.limits.products)

    def _retest(self, subject: int, names: Names) -> Iterator[Finding]:
        failed = [one for one in self._results.standing(subject) if one.verdict == "failed"]
        if failed and not self._results.facts(subject).amended_by:
            one = failed[0]
            yield from retest.retest(
                self.retests.contested(one),
                self.retests.requests(one),
                self.retests.retests(one),
                self.reference.deadlines,
            )

    def _licences(self, who: str) -> list[Licence]:
        return [licence_of(fact) for fact in self.facts.about(("operator", who), kind=Licensed)]

    def _measures(self, who: str) -> list[Measure]:
        found = []
        for fact in self.facts.about(("operator", who), kind=Sanctioned):
            event = fact.event
            assert isinstance(event, Sanctioned)
            since, until = event.since or event.at, event.until or UNKNOWN
            found.append(Measure(fact.identity, fact.number, event.measure, Interval(since.hi, until.hi)))
        return found

    def _operator_status(self, who: str, names: Names) -> Iterator[Finding]:
        doings = [
            Doing(self._rows.identity(number), number, bool(self._rows.flags(number) & HISTORICAL), at)
            for number, times in self._doings.get(who, {}).items()
            if self._bases.state(number) is not State.WITHDRAWN
            for at in times
        ]
        yield from operator_status.operator_status(who, self._licences(who), self._measures(who), doings)

    def _input_sale_unlicensed(self, who: str, names: Names) -> Iterator[Finding]:
        sales = []
        for fact in self.facts.about(("sale", who), kind=InputSold):
            event = fact.event
            assert isinstance(event, InputSold)
            sales.append(
                input_sale_unlicensed.Sale(
                    fact.identity,
                    fact.number,
                    self.facts.firm(fact),
                    fact.historical,
                    event.at,
                    bool(event.licence),
                    bool(event.buyer_id),
                )
            )
        yield from input_sale_unlicensed.input_sale_unlicensed(who, sales)

    def _interval_breach(self, batch: int, names: Names) -> Iterator[Finding]:
        yield from self._breaches(interval_breach.NAME, batch, names)

    def _withdrawal_breach(self, batch: int, names: Names) -> Iterator[Finding]:
        yield from self._breaches(withdrawal_breach.NAME, batch, names)

    def _breaches(self, rule: str, batch: int, names: Names) -> Iterator[Finding]:
        by_site: dict[int, list[Application]] = {}
        for fact in self.facts.about(*self._anchors_of(batch), kind=InputApplied):
            event = fact.event
            assert isinstance(event, InputApplied)
            days = event.pre_harvest_days if rule == interval_breach.NAME else event.withdrawal_days
            applied = {names.batch_number(ref.batch) for ref in event.applied_to}
            if days and applied & set(self._lying.together(batch)):
                what = event.active_ingredient or min(ref.batch for ref in event.inputs)
                by_site.setdefault(names.site_number(event.site) or 0, []).append(
                    Application(
                        fact.identity, fact.number, self.facts.firm(fact), fact.historical, what, event.at, days
                    )
                )
        if not by_site:
            return
        takings: dict[int, list[Taking]] = {}
        kinds = {"harvested"} if rule == interval_breach.NAME else {"milked", "slaughtered", "harvested"}
        for step in self._steps(batch):
            if not step.incoming and step.shape == MADE and step.kinds & kinds:
                for holding in self._lying.outputs(step.row):
                    of, _ = self._index.holding(holding)
                    takings.setdefault(step.site, []).append(
                        Taking(step.identity, step.number, step.historical, names.batch_key(of), step.at)
                    )
        for site, applications in sorted(by_site.items()):
            place = f"{names.batch_key(batch)} at {names.site_key(site)}"
            here = takings.get(site, ())
            away: list[Taking] = []
            if rule == withdrawal_breach.NAME:
                away = [one for where, taken in sorted(takings.items()) if where != site for one in taken]
            yield from interval_breach.interval_breach(rule, place, applications, here, away)

    def _cold_chain_breach(self, batch: int, names: Names) -> Iterator[Finding]:
        facts = self.facts.about(*self._anchors_of(batch), kind=(Stored, Cooled, Milked))
        if not facts or not any("milked" in step.kinds for step in self._steps(batch) if step.incoming):
            return
        kept = []
        for fact in facts:
            event = fact.event
            assert isinstance(event, Stored | Cooled | Milked)
            said = [(one.at if one.at is not None else event.at, one.value, one.unit) for one in event.readings]
            readings = tuple((at.lo, _celsius(value, unit)) for at, value, unit in said if at.lo == at.hi)
            milked = event.at if isinstance(event, Milked) else UNKNOWN
            cooled = event.cooled_at if isinstance(event, Milked) else None
            dated = cooled is not None and milked.lo == milked.hi and cooled.lo == cooled.hi
            kept.append(
                cold_chain_breach.Kept(
                    fact.identity,
                    fact.number,
                    self.facts.firm(fact),
                    fact.historical,
                    event.site,
                    readings,
                    milked.lo if dated else None,
                    cooled.lo if dated and cooled is not None else None,
                )
            )
        limits = self.reference.deadlines
        yield from cold_chain_breach.cold_chain_breach(
            names.batch_key(batch), kept, greatest=limits.milk_greatest, longest=limits.milk_cooled
        )

    def _expired(self, batch: int, names: Names) -> Iterator[Finding]:
        together = self._lying.together(batch)
        if self._index.canonical(batch) != batch:
            return
        until = self._presence.shelf_lives.until(together, self._bases.state)
        uses = [
            (names.site_key(step.site), step.doing)
            for step in self._steps(batch)
            if not step.incoming and step.kinds & USES and step.at != UNKNOWN
        ]
        yield from expired.expired(names.batch_key(batch), until, uses)

    def _released_untested(self, batch: int, names: Names) -> Iterator[Finding]:
        samples, passed = [], []
        for fact in self.facts.about(*self._anchors_of(batch), kind=Sampled):
            event = fact.event
            assert isinstance(event, Sampled)
            if event.kind_of_sample is not None and event.kind_of_sample.casefold() in RELEASE:
                samples.append((fact.identity, fact.number))
                passed += [at.lo for at in self._results.passed_on(event.sample) if at.lo > NEVER]
        if not samples:
            return
        grace, subject = self.reference.absence.origin, (released_untested.NAME, batch)
        steps = self._steps(batch)
        made = {step.site for step in steps if step.incoming and step.shape == MADE}
        left = []
        for step in steps:
            if not step.incoming and step.kinds & LEAVES and step.site in made and step.at.hi < FOREVER:
                due = 0  # imported history awaits nothing
                if not step.historical:
                    received = min(self._rows.received_at(n) for n in self._rows.find(step.identity))
                    due = self.waiting.until(received + grace, subject)
                left.append((step.doing, due))
        yield from released_untested.released_untested(
            names.batch_key(batch), samples, min(passed, default=None), left, self.waiting.now
        )

    def _sample_missing(self, batch: int, names: Names) -> Iterator[Finding]:
        anchors, limits = self._anchors_of(batch), self.reference.deadlines
        cases = [fact for fact in self.facts.about(*anchors, kind=IllnessCase) if not fact.historical]
        if not cases or not any(step.kinds & MEALS for step in self._steps(batch)):
            return
        retained = []
        for fact in self.facts.about(*anchors, kind=SampleRetained):
            event = fact.event
            assert isinstance(event, SampleRetained)
            retained.append(
                sample_missing.Retained(fact.identity, fact.number, Decimal(event.mass_g), event.at, event.until)
            )
        due = min(fact.received_at for fact in cases) + self.reference.absence.origin
        due = self.waiting.until(due, (sample_missing.NAME, batch))
        yield from sample_missing.sample_missing(
            names.batch_key(batch),
            [(fact.identity, fact.number) for fact in cases],
            retained,
            grams=limits.retained_grams,
            keep=limits.retained_keep,
            overdue=due <= self.waiting.now,
        )

    def _external_notice(self, reference: str, names: Names) -> Iterator[Finding]:
        notices = []
        for fact in self.facts.about(("notice", reference), kind=ExternalNotice):
            event = fact.event
            assert isinstance(event, ExternalNotice)
            known_here = []
            for ref in event.batches:
                number = names.batch_number(ref.batch)
                if number is not None and self._steps(number):
                    known_here.append(ref.batch)
            notices.append(
                external_notice.Notice(
                    fact.identity,
                    fact.number,
                    self.facts.firm(fact),
                    fact.historical,
                    event.system,
                    event.reference,
                    event.hazard_class,
                    event.hazard,
                    tuple(known_here),
                )
            )
        yield from external_notice.external_notice(notices)

    def _canteen_cluster(self, site: str, names: Names) -> Iterator[Finding]:
        meals: dict[str, list[Report]] = {}
        at_site = []
        for fact in self.facts.about(("place", site), kind=IllnessCase):
            event = fact.event
            assert isinstance(event, IllnessCase)
            said = fact.identity, fact.number, self.facts.firm(fact), fact.historical, event.case
            for one in event.exposures:
                number = names.batch_number(one.batch)
                if one.site == site and number is not None:
                    meal = names.batch_key(self._index.canonical(number))
                    eaten = one.at or event.at
                    meals.setdefault(meal, []).append(Report(*said, middle(event.onset or eaten)))
                    if eaten.hi - eaten.lo <= self.reference.site_cases.within:
                        at_site.append(Report(*said, middle(eaten)))
        signals = self.reference.cases, self.reference.site_cases
        yield from canteen_cluster.canteen_cluster(site, meals, at_site, *signals)

    def _complaint_signal(self, batch: int, names: Names) -> Iterator[Finding]:
        reports, injured = [], 0
        for fact in self.facts.about(*self._anchors_of(batch), kind=Complaint):
            event = fact.event
            assert isinstance(event, Complaint)
            injured += event.injured or 0
            reports.append(
                Report(
                    fact.identity,
                    fact.number,
                    self.facts.firm(fact),
                    fact.historical,
                    event.number,
                    middle(event.at),
                )
            )
        yield from complaint_signal.complaint_signal(
            names.batch_key(batch), reports, injured, self.reference.complaints
        )

    def _steps(self, batch: int) -> list[BatchStep]:
        """What is recorded of a batch; nothing of a key that counts as another's by now."""
        if self._index.canonical(batch) != batch:
            batch = self._index.canonical(batch)
        return steps_of_batch(self._lying, self._rows, self._bases, batch)

    def _anchors_of(self, batch: int) -> list[Anchor]:
        """Of a batch as it counts, all its keys; none of a key that counts as another's by now."""
        if self._index.canonical(batch) != batch:
            return []
        return [("batch", one) for one in self._lying.together(batch)]


def _celsius(value: str, unit: str) -> Decimal:
    read = Decimal(value)
    return read if unit == "Cel" else (read - 32) * 5 / 9
