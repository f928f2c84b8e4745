"""CANTEEN_CLUSTER: more people who ate one meal at one site fell ill than chance gives.

Inputs: cases of illness with their exposures; how many cases share a meal by chance (`signals.toml`).
Condition: distinct cases exposed to the meal within the window; the Poisson probability of as many or more by chance is
at most the rate of false alarms that is allowed. The alert states the count, what chance gives, and the probability.
Severity: critical.
Proposes: draft_scope; the retained sample is to be tested.
Source: an operating choice in `signals.toml`.
Clears: cases are withdrawn or corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import pdtrc

from fieldline_trace.reference.load import Signal
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "CANTEEN_CLUSTER"


@dataclass(frozen=True, slots=True)
class Report:
    """One case, or one complaint. ``at``: the middle of when it was, microseconds."""

    identity: int
    number: int
    firm: bool
    historical: bool
    name: str
    """Number of the case or complaint: what makes it another one."""
    at: int


def canteen_cluster(batch: str, site: str, reports: Sequence[Report], signal: Signal) -> Iterator[Finding]:
    """At most one alert for a meal at a site."""
    most = densest(reports, signal.within)
    chance = by_chance(len({one.name for one in most}), signal)
    if most and chance <= signal.false_alarms:
        yield found(
            NAME,
            f"{batch}|{site}",
            f"{batch} at {site}",
            "critical",
            {
                "batch": batch,
                "site": site,
                "count": len({one.name for one in most}),
                "background": f"{signal.background:g}",
                "chance": f"{chance:.2g}",
                "false_alarms": f"{signal.false_alarms:g}",
            },
            ((one.identity, one.number) for one in most),
            sure=all(one.firm for one in most),
            historical=all(one.historical for one in most),
        )


def by_chance(count: int, signal: Signal) -> float:
    """Probability of ``count`` or more with nothing wrong."""
    return 1.0 if count < 1 else float(pdtrc(count - 1, signal.background))


def densest(reports: Sequence[Report], within: int) -> list[Report]:
    """The reports of the window of ``within`` microseconds that holds the most names; of equals the earliest."""
    ordered = sorted(reports, key=lambda one: (one.at, one.name, one.identity))
    best: list[Report] = []
    for i, first in enumerate(ordered):
        window = [one for one in ordered[i:] if one.at - first.at <= within]
        if len({one.name for one in window}) > len({one.name for one in best}):
            best = window
    return best
