"""LAB_NOT_ACCREDITED: a result comes from a laboratory whose accreditation did not hold, or did not cover the product.

Inputs: a standing result; the licences for testing that are on record for the laboratory; measures against it.
Condition: licences are on record, and none was valid on the result's date and covers the product. Of a laboratory of
which no licence is on record nothing is said.
Severity: warning.
Proposes: confirm by an accredited laboratory; the result holds nothing by itself.
Source: Food Safety Law, chapter on testing; accreditation is recorded by `licensed` events with the activity `testing`.
Clears: a licence that covers the date and product is recorded, or the result is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.products import even
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.test_failed import Result

NAME: Final = "LAB_NOT_ACCREDITED"
ACTIVITIES: Final = frozenset(("testing", "laboratory", "检验检测", "检验"))


@dataclass(frozen=True, slots=True)
class Licence:
    """What an operator may do, and when. Times are microseconds, from the earliest to the latest that they may mean."""

    identity: int
    number: int
    holder: str
    activity: str
    products: tuple[str, ...]
    valid: Interval

    def covers(self, when: Interval, product: str = "") -> bool:
        """Whether it may have held at that time, for that product; one that names no products is for all."""
        named = {even(one) for one in self.products}
        return (
            self.valid.lo <= when.hi
            and when.lo <= self.valid.hi
            and (not named or not product or even(product) in named)
        )


def lab_not_accredited(
    results: Sequence[tuple[Result, Interval, Sequence[str]]], licences: Sequence[Licence]
) -> Iterator[Finding]:
    """At most one alert for a result.

    Args:
        results: its variants that stand, when each was reported, and the products of its batches.
        licences: those for testing that stand for the laboratory.
    """
    if not licences:
        return
    outside = [
        one
        for one, when, products in results
        if not all(any(each.covers(when, product) for each in licences) for product in products or [""])
    ]
    if not outside:
        return
    one = min(outside, key=lambda result: result.rank)
    yield found(
        NAME,
        f"{one.identity:016x}",
        ", ".join(one.batches) or f"sample {one.sample}",
        "warning",
        {"batches": list(one.batches), "lab": one.lab, "report": one.report, "hazard": one.hazard},
        [(each.identity, each.number) for each in outside] + [(each.identity, each.number) for each in licences],
        sure=len(outside) == len(results) and all(each.firm for each in outside),
        historical=all(each.historical for each in outside),
    )
