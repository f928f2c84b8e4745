"""How likely it is that reports crowd by chance: the most within a window that moves over the time watched.

For one window the probability is Poisson's. Where the window may lie anywhere it is that of the scan statistic, as
S. E. Alm approximates it (On the distribution of the scan statistic of a Poisson process, 1983): close where it is
small, which is where it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log
from typing import NamedTuple

from scipy.special import pdtrc

from fieldline_trace.reference.load import Signal


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
