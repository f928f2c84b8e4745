"""Alerts: what rules found to stand, and each change of it, numbered.

A rule gives ``Finding`` values for a subject. The board compares them with what stood for that subject before, and
the difference is what happened: raised, amended or withdrawn. So the order in which facts came cannot matter to what
stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, Literal

import msgspec

Arg = str | int | bool | list[str] | None
"""What an alert's text is rendered from: canonical keys, counts, words. Never a number that only this database
knows."""
Severity = Literal["info", "warning", "hold", "critical"]
Confidence = Literal["confirmed", "screening"]
"""``screening`` while only a screening test says so; ``confirmed``: all else, also what rests on no test."""
ChangeKind = Literal["raised", "amended", "withdrawn"]
EVIDENCE_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule finds to stand about a subject. Equal findings are the same state of an alert."""

    rule: str
    anchor: str
    """What makes it this alert and no other of its subject: with the rule's name, the source of its id."""
    subject: str
    """Whom or what it is about, for people."""
    severity: Severity
    confidence: Confidence
    args: dict[str, Arg]
    evidence: tuple[int, ...]
    """Event numbers, at most ``EVIDENCE_AT_MOST``."""
    evidence_count: int
    historical: bool = False
    """Rests on imported history alone: nobody is notified and nothing is drafted."""
    sure: bool = True
    """Nothing that it rests on is disputed, a screening test, or a range across a limit."""

    @property
    def id(self) -> str:
        """``alert-`` and 16 hexadecimal digits of rule and anchor: known before it is raised, equal in every run."""
        return f"alert-{blake2b(f'{self.rule}|{self.anchor}'.encode(), digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alert or a scope changed: a code and the event that brought it about."""

    code: str
    event: int
    """Event number; -1 where time alone did it."""


@dataclass(slots=True)
class Alert:
    """One alert as it is now, standing or not."""

    id: str
    finding: Finding
    standing: bool
    version: int
    position: int
    """Position of the ledger entry that made this version."""
    raised_at: int
    """Receipt of the entry that raised it first, microseconds."""
    changed_at: int
    cause: Cause

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return self.finding.rule

    @property
    def subject(self) -> str:
        """Whom or what it is about."""
        return self.finding.subject

    @property
    def severity(self) -> Severity:
        """How grave."""
        return self.finding.severity

    @property
    def confidence(self) -> Confidence:
        """Whether only a screening test says so."""
        return self.finding.confidence

    @property
    def sure(self) -> bool:
        """Whether nothing it rests on is in doubt."""
        return self.finding.sure

    @property
    def args(self) -> dict[str, Arg]:
        """What its text is rendered from."""
        return self.finding.args

    @property
    def evidence(self) -> tuple[int, ...]:
        """Event numbers."""
        return self.finding.evidence

    @property
    def evidence_count(self) -> int:
        """How many events support it, also those beyond ``evidence``."""
        return self.finding.evidence_count

    @property
    def historical(self) -> bool:
        """Rests on imported history alone."""
        return self.finding.historical


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One version of one alert."""

    id: str
    version: int
    change: ChangeKind
    position: int
    at: int
    """Receipt of the entry, microseconds."""
    finding: Finding
    """What stands now; of a withdrawn one, what stood last."""
    cause: Cause


@dataclass(slots=True)
class AlertBoard:
    """All alerts, by id, and which of them stand for which subject."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    _by_subject: dict[tuple[str, object], set[str]] = field(default_factory=dict)

    def judge(
        self, rule: str, subject: object, findings: Iterable[Finding], *, position: int, at: int, cause: Cause
    ) -> list[AlertChange]:
        """Let exactly ``findings`` stand for ``subject`` under ``rule``; what changed, in order of ids."""
        now = {finding.id: finding for finding in findings}
        before = self._by_subject.get((rule, subject), set())
        changes = [self._set(now[one], position, at, cause) for one in sorted(now)]
        changes += [self._withdraw(one, position, at, cause) for one in sorted(before - now.keys())]
        if now:
            self._by_subject[rule, subject] = set(now)
        else:
            self._by_subject.pop((rule, subject), None)
        return [change for change in changes if change is not None]

    def standing(self) -> list[Alert]:
        """The alerts that stand, latest first."""
        alerts = [alert for alert in self.alerts.values() if alert.standing]
        return sorted(alerts, key=lambda alert: (-alert.changed_at, alert.id))

    def _set(self, finding: Finding, position: int, at: int, cause: Cause) -> AlertChange | None:
        alert = self.alerts.get(finding.id)
        if alert is None:
            alert = Alert(finding.id, finding, True, 1, position, at, at, cause)
            self.alerts[finding.id] = alert
            return AlertChange(finding.id, 1, "raised", position, at, finding, cause)
        if alert.standing and alert.finding == finding:
            return None
        change: ChangeKind = "amended" if alert.standing else "raised"
        alert.finding, alert.standing = finding, True
        alert.version, alert.position, alert.changed_at, alert.cause = alert.version + 1, position, at, cause
        return AlertChange(alert.id, alert.version, change, position, at, finding, cause)

    def _withdraw(self, one: str, position: int, at: int, cause: Cause) -> AlertChange | None:
        alert = self.alerts[one]
        if not alert.standing:
            return None
        alert.standing = False
        alert.version, alert.position, alert.changed_at, alert.cause = alert.version + 1, position, at, cause
        return AlertChange(one, alert.version, "withdrawn", position, at, alert.finding, cause)


def found(
    rule: str,
    anchor: str,
    subject: str,
    severity: Severity,
    args: dict[str, Arg],
    events: Iterable[tuple[int, int]],
    *,
    sure: bool = True,
    screening: bool = False,
    historical: bool = False,
) -> Finding:
    """A finding that cites ``events``, pairs of identity and number. ``sure``: nothing it rests on is in dispute;
    ``screening``: only screening tests say so, and then it is not sure."""
    cited, count = evidence_of(events)
    confidence: Confidence = "screening" if screening else "confirmed"
    sure = sure and not screening
    return Finding(rule, anchor, subject, severity, confidence, args, cited, count, historical, sure)


def finding_of(stored: Any) -> Finding:
    """What a stored version found; older ones said how sure they were where they now
    say what they rest on."""
    if stored["confidence"] in ("high", "low"):
        alone = stored["severity"] == "hold" and stored["args"].get("method") == "screening"
        confidence, sure = "screening" if alone else "confirmed", stored["confidence"] == "high"
        stored = stored | {"confidence": confidence, "sure": sure}
    return msgspec.convert(stored, Finding)


def evidence_of(events: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], int]:
    """The events to cite of (identity, event number) pairs, and how many there are. Chosen by identity, so never by
    order."""
    ordered = sorted(set(events))
    return tuple(number for _, number in ordered[:EVIDENCE_AT_MOST]), len(ordered)
