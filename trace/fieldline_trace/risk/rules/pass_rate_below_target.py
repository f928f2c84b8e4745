"""PASS_RATE_BELOW_TARGET: fewer samples passed in an area and year than its target asks for, beyond chance.

Inputs: confirmatory results that stand, a sample each, by where and in which year (in China) the sample was taken, with
the class of its product; samples of a maker's own (release, retained) are left out; targets of areas (`targets.toml`).
Condition: at least 30 samples of the class, or of all products that the target is for; and the exact binomial
probability that as few or fewer would pass, if the share asked for did, is at most 1 %. So few samples say nothing, and
an area that just meets its target is told with a probability of at most 1 % at any one count; as counts grow, of a
hundred such areas with 500 samples in a year about five are told at some time in it, until more samples pass. The
alert states passed and taken, the Wilson interval (95 %), the target and the probability.
Severity: warning.
Proposes: nothing; more samples are taken, and what failed is followed up.
Source: planning targets that authorities published, as `targets.toml` cites them; the probability is an operating
choice.
Clears: more samples pass, results or the taking of samples are withdrawn or corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import Final, NamedTuple

from scipy.special import bdtr, ndtri

from fieldline_trace.reference.load import Target, Targets
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "PASS_RATE_BELOW_TARGET"
ALL: Final = ""
"""In place of a class: all products that a target is for."""


class Failed(NamedTuple):
    """A sample that failed."""

    events: tuple[tuple[int, int], ...]
    """(identity, event number) of the results that say so."""
    firm: bool
    historical: bool


class Count(NamedTuple):
    """Samples of one class."""

    passed: int
    failed: Iterable[Failed]


def pass_rate_below_target(
    target: Target, year: int, counts: Mapping[str, Count], targets: Targets
) -> Iterator[Finding]:
    """At most one alert for each class of products of an area and year.

    Args:
        counts: by class; ``ALL``: of all together.
    """
    for product, count in sorted(counts.items()):
        failed = list(count.failed)
        taken = count.passed + len(failed)
        if taken < targets.samples:
            continue
        chance = float(bdtr(count.passed, taken, target.share))
        if chance > targets.false_alarms:
            continue
        low, high = wilson(count.passed, taken)
        yield found(
            NAME,
            f"{target.name}|{year}|{product}",
            f"{target.name} {year}{f' {product}' if product else ''}",
            "warning",
            {
                "why": "class" if product else "all",
                "grid": target.grid,
                "year": str(year),
                "product": product or None,
                "passed": count.passed,
                "taken": taken,
                "low": f"{low:.3f}",
                "high": f"{high:.3f}",
                "target": f"{target.share:g}",
                "chance": f"{chance:.2g}",
                "false_alarms": f"{targets.false_alarms:g}",
                "published": target.source,
            },
            [event for one in failed for event in one.events],
            sure=all(one.firm for one in failed),
            historical=all(one.historical for one in failed),
        )


def wilson(passed: int, taken: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval that holds the true share with this confidence. E. B. Wilson, 1927."""
    z = float(ndtri((1 + confidence) / 2))
    middle = (passed + z * z / 2) / (taken + z * z)
    half = z / (taken + z * z) * sqrt(passed * (taken - passed) / taken + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)
