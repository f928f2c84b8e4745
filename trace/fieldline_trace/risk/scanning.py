"""How likely it is that reports crowd by chance: the most within a window that moves over the time watched.

For one window the probability is Poisson's. Where the window may lie anywhere it is that of the scan statistic, as
S. E. Alm approximates it (On the distribution of the scan statistic of a Poisson process, 1983): close where it is
small, which is where it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

from scipy.special import pdtrc

from fieldline_trace.reference.load import Signal
from fieldline_trace.risk.alerts import Arg, Finding, Severity, found


class Report(NamedTuple):
    """One case, or one complaint."""

    identity: int
    number: int
    firm: bool
    historical: bool
    name: str
    """Number of the case or complaint: what makes it another one."""
    at: int
    """The middle of when it was, microseconds."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports that crowd more than chance gives."""

    reports: list[Report]
    count: int
    """Of names."""
    chance: float
    signal: Signal

    def found(self, rule: str, anchor: str, subject: str, severity: Severity, **about: Arg) -> Finding:
        """The alert for it: what it is ``about``, the count, what chance gives, and the probability."""
        return found(
            rule,
            anchor,
            subject,
            severity,
            {
                **about,
                "count": self.count,
                "background": f"{self.signal.background:g}",
                "chance": f"{self.chance:.2g}",
                "false_alarms": f"{self.signal.false_alarms:g}",
            },
            ((one.identity, one.number) for one in self.reports),
            sure=all(one.firm for one in self.reports),
            historical=all(one.historical for one in self.reports),
        )


def clustered(reports: Sequence[Report], signal: Signal) -> Cluster | None:
    """The most within one window, where that is more than chance gives; None where it is not."""
    most = densest(reports, signal.within)
    count = len({one.name for one in most})
    chance = by_chance(count, signal)
    return Cluster(most, count, chance, signal) if most and chance <= signal.false_alarms else None


def by_chance(count: int, signal: Signal) -> float:
    """Probability that a subject with nothing wrong draws ``count`` or more within one window while it is watched."""
    mean, windows = signal.background, signal.over / signal.within - 1
    if count <= mean:
        return 1.0
    once = float(pdtrc(count - 1, mean))
    begins = exp((count - 1) * log(mean) - mean - lgamma(count))
    more = (count - mean) / count * mean * windows * begins
    return min(1.0, 1.0 - (1.0 - once) * exp(-more)) if windows > 0 else once


def densest(reports: Sequence[Report], within: int) -> list[Report]:
    """The reports of the window of ``within`` microseconds that holds the most names; of equals the earliest."""
    ordered = sorted(reports, key=lambda one: (one.at, one.name, one.identity))
    best: list[Report] = []
    most = start = 0
    names: dict[str, int] = {}
    for end, last in enumerate(ordered):
        names[last.name] = names.get(last.name, 0) + 1
        while last.at - ordered[start].at > within:
            first = ordered[start].name
            names[first] -= 1
            if not names[first]:
                del names[first]
            start += 1
        if len(names) > most:
            most, best = len(names), ordered[start : end + 1]
    # The window that reaches the most may hold more reports of the same names after its last.
    return [one for one in ordered if best and 0 <= one.at - best[0].at <= within]
