"""LAB_NOT_ACCREDITED: a result comes from a laboratory whose accreditation did not hold, or did not cover the product.

Inputs: a standing result; the licences for testing that are on record for the laboratory; products and their classes.
Condition: licences are on record, and none was valid on the result's date and covers the product or a class of it. Of
a laboratory of which no licence is on record nothing is said.
Severity: warning.
Proposes: confirm by an accredited laboratory; the result holds nothing by itself.
Source: Food Safety Law, chapter on testing; accreditation is recorded by `licensed` events with the activity
`testing`.
Clears: a licence that covers the date and product is recorded, or the result is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.products import Products, even
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

    def covers(self, when: Interval) -> bool:
        """Whether it may have held at that time."""
        return self.valid.lo <= when.hi and when.lo <= self.valid.hi

    def names(self, product: str, products: Products) -> bool:
        """Whether it names that product, in any spelling, or a class of it; one that names no products is for all."""
        said = {((*products.chain(one), even(one))[0]) for one in self.products}
        return not said or not product or not said.isdisjoint({*products.chain(product), even(product)})


def lab_not_accredited(
    results: Sequence[tuple[Result, Interval, Sequence[str]]], licences: Sequence[Licence], products: Products
) -> Iterator[Finding]:
    """At most one alert for a result.

    Args:
        results: its variants that stand, when each was reported, and the products of its batches.
        licences: those for testing that stand for the laboratory.
        products: what spellings mean, and classes.
    """
    if not licences:
        return
    outside = [
        one
        for one, when, tested in results
        if not all(
            any(each.covers(when) and each.names(product, products) for each in licences) for product in tested or [""]
        )
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
