"""Judging subjects: the facts of each, what the rules find, and how alerts change by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fieldline_schemas.record import HISTORICAL
from fieldline_schemas.registry import code_of

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.gaps import HOLDING, OVERTAKEN, Gaps
from fieldline_trace.follow.held import HeldHoldings
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results
from fieldline_trace.follow.risks import ON_BATCHES, Risks
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.skew import Skew
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.risk.alerts import AlertBoard, AlertChange, Cause, Finding
from fieldline_trace.risk.rules import (
    chain_gap,
    clock_skew,
    correction_refused,
    event_conflict,
    held_batch_moved,
    result_superseded,
    rule_failed,
    scope_grew,
    screening_positive,
    test_failed,
)

_ACTS: Final = frozenset({code_of("member_released")})
"""Acts that no correction undoes: who was told that it may sell cannot be told that it was not."""
Doubts = Mapping[tuple[str, Any], Cause]
"""(rule, subject) -> what made it worth judging again."""


@dataclass(slots=True)
class Rulings:
    """What all rules find, kept as alerts."""

    index: LineageIndex
    rows: EventRows
    bases: Bases
    results: Results
    gaps: Gaps
    skew: Skew
    risks: Risks
    held: HeldHoldings
    board: AlertBoard
    digests: dict[int, str] = field(default_factory=dict)
    """Event number -> digest of its canonical content, of events that have variants or corrections."""
    errors: dict[tuple[str, Any], str] = field(default_factory=dict)
    """(rule, subject) -> why it could not be judged."""
    grown: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Closed scope -> (identity, number) of the events that brought in what came later, one a member."""
    not_allowed: set[int] = field(default_factory=set)
    """Acts by someone whose role may not do them."""

    def judge(self, doubts: Doubts, names: Names, *, position: int, at: int) -> list[AlertChange]:
        """Let what the rules find stand for each subject in doubt. One that throws is an alert itself; the others go
        on."""
        self.risks.begin()
        changes = self._judge(doubts, names, position=position, at=at)
        causes = {change.id: change.cause for change in reversed(changes)}
        raised = {(rule, about): causes[str(about)] for rule, about in self.risks.raised(changes)}
        return changes + self._judge(raised, names, position=position, at=at)

    def _judge(self, doubts: Doubts, names: Names, *, position: int, at: int) -> list[AlertChange]:
        changes: list[AlertChange] = []
        failed: dict[tuple[str, Any], Cause] = {}
        for (rule, subject), cause in doubts.items():
            if rule == rule_failed.NAME:
                failed[subject] = cause
                continue
            try:
                findings = list(self._findings(rule, subject, names))
            except Exception as error:  # a rule's fault must not stop the others, whatever it is
                self.errors[rule, subject] = f"{type(error).__name__}: {error}"
                failed[rule, subject] = cause
                continue
            if self.errors.pop((rule, subject), None) is not None:
                failed[rule, subject] = cause
            changes += self.board.judge(rule, subject, findings, position=position, at=at, cause=cause)
        for doubted, cause in failed.items():
            shown, why = self._shown(*doubted, names), self.errors.get(doubted)
            found = rule_failed.rule_failed(doubted[0], shown, (cause.event,), why)
            changes += self.board.judge(rule_failed.NAME, doubted, found, position=position, at=at, cause=cause)
        return changes

    def _findings(self, rule: str, subject: Any, names: Names) -> Iterator[Finding]:
        """What ``rule`` finds about ``subject``."""
        if self.risks.judges(rule):
            yield from self.risks.findings(rule, subject, names)
        elif rule == held_batch_moved.NAME:
            yield from self.held.findings(subject, names)
        elif rule == chain_gap.NAME:
            gaps = self.gaps.facts(subject, names.batch_key, names.site_key)
            yield from chain_gap.chain_gap(gaps, self.gaps.now)
        elif rule == scope_grew.NAME:
            yield from scope_grew.scope_grew(subject, self.grown.get(subject, ()))
        elif rule == clock_skew.NAME:
            events = self.skew.standing(subject, self.bases.gone)
            yield from clock_skew.clock_skew(names.party_key(subject), events)
        elif rule == event_conflict.NAME:
            variants = [
                (self.digests[number], number, bool(self.rows.flags(number) & HISTORICAL))
                for number in self.bases.tracked(subject)
                if number not in self.bases.gone
            ]
            yield from event_conflict.event_conflict(subject, self._sender_of(subject, names), variants)
        elif rule == correction_refused.NAME:
            yield from self._refused(subject, names)
        elif self.results.knows(subject):
            facts = self.results.facts(subject)
            judged = facts.variants, facts.superseded_by, facts.deciding
            if rule == test_failed.NAME:
                yield from test_failed.test_failed(*judged)
            elif rule == screening_positive.NAME:
                yield from screening_positive.screening_positive(*judged, facts.confirming)
            else:
                yield from result_superseded.result_superseded(facts.variants, facts.amended_by)

    def _shown(self, rule: str, subject: Any, names: Names) -> str:
        """A subject in words that are equal in every run."""
        if rule == clock_skew.NAME:
            return names.party_key(subject)
        if rule == scope_grew.NAME:
            return str(subject)
        if isinstance(subject, tuple) and subject[0] in (HOLDING, OVERTAKEN):
            batch, site = self.index.holding(subject[1])
            return f"{names.batch_key(batch)} at {names.site_key(site)}"
        if isinstance(subject, str):
            return subject
        if rule in ON_BATCHES or (isinstance(subject, tuple) and subject[0] == "batch"):
            return names.batch_key(subject[1] if isinstance(subject, tuple) else subject)
        number = subject[1] if isinstance(subject, tuple) else subject
        return f"event {self.rows.identity(number) if self.rows.knows(number) else number:016x}"

    def _refused(self, identity: int, names: Names) -> Iterator[Finding]:
        found: list[tuple[str, int, bool]] = []
        sender = ""
        for number in self.rows.find(identity):
            why = self._why_refused(identity, number)
            if why is not None:
                sender = names.party_key(self.rows.sender(number))
                found.append((why, number, bool(self.rows.flags(number) & HISTORICAL)))
        yield from correction_refused.correction_refused(identity, sender, found)

    def _why_refused(self, identity: int, number: int) -> str | None:
        if number in self.not_allowed:
            return correction_refused.ROLE
        if number in self.bases.refused:
            return correction_refused.NOT_ENTITLED
        if number in self.bases.cyclic:
            return correction_refused.CIRCLE
        if number in self.bases.gone:
            return None
        if self._corrects_act(identity, number):
            return correction_refused.ACT
        if self.results.knows(identity) and number in self.results.facts(identity).refused:
            return correction_refused.NOT_ENTITLED
        return None

    def _corrects_act(self, identity: int, number: int) -> bool:
        said = self.bases.standing.corrections.get(identity, {}).get(number)
        return said is not None and any(self.rows.kind(n) in _ACTS for n in self.bases.tracked(said.target))

    def _sender_of(self, identity: int, names: Names) -> str:
        return names.party_key(self.rows.sender(next(iter(self.bases.tracked(identity)))))
