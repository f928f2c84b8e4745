"""The risk score: points of standing alerts, facts and what came in through lineage, each of which says where it is
from. It follows from what stands alone, so the order in which events came cannot matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fieldline_trace.reference.weights import Weights
from fieldline_trace.risk.alerts import Finding

Why = Literal["alert", "inherited", "fact"]


@dataclass(frozen=True, slots=True)
class Point:
    """Points, and what they are for."""

    why: Why
    points: float
    what: str
    """The rule of an alert, the measure, or ``key_product``."""
    batch: str
    """The batch that it is about; empty of a fact about an operator, and of an alert that names no batch."""
    site: str
    alert: str
    """Id of the alert; empty of a fact."""
    evidence: tuple[int, ...]
    """Event numbers."""
    certainty: str = ""
    """How surely what is inherited came in."""
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """An alert on something that went into what is scored: its best path."""

    finding: Finding
    batch: str
    site: str
    certainty: str
    hops: int


def own(finding: Finding, batch: str, site: str, weights: Weights) -> Point:
    """What a standing alert about the subject itself counts."""
    return Point("alert", _weighed(finding, weights), finding.rule, batch, site, finding.id, finding.evidence)


def inherited(source: Source, weights: Weights) -> Point:
    """What an alert on a source counts: less by certainty and by each step between."""
    factor = weights.certainty[source.certainty] * weights.step**source.hops
    point = own(source.finding, source.batch, source.site, weights)
    points = round(point.points * factor, 2)
    return replace(point, why="inherited", points=points, certainty=source.certainty, hops=source.hops)


def ordered(points: Iterable[Point]) -> list[Point]:
    """What counts anything, the most first; in an order that content decides."""
    counting = [one for one in points if one.points > 0]
    return sorted(counting, key=lambda one: (-one.points, one.why, one.what, one.batch, one.site, one.alert))


def total(points: Sequence[Point]) -> float:
    """Sum of all, to the hundredth, the same in any order."""
    return sum(round(100 * one.points) for one in points) / 100


def _weighed(finding: Finding, weights: Weights) -> float:
    if finding.rule in weights.nothing or finding.historical:
        return 0.0
    factor = weights.screening if finding.confidence == "screening" else 1.0 if finding.sure else weights.unsure
    return round(weights.severity[finding.severity] * factor, 2)
