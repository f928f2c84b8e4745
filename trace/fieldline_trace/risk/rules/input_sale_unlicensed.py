"""INPUT_SALE_UNLICENSED: a pesticide of restricted use was sold without the outlet's licence or the buyer's identity.

Inputs: sales of inputs of restricted use, each with the licence it names and whether the buyer's identity was recorded.
Condition: no licence is named, or no identity was recorded. The identity itself stays under its pseudonym.
Severity: warning.
Proposes: nothing.
Source: Regulations on pesticides: restricted ones are sold under licence and by real name.
Clears: the sale is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "INPUT_SALE_UNLICENSED"


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale of an input of restricted use."""

    identity: int
    number: int
    firm: bool
    historical: bool
    at: Interval
    licensed: bool
    identified: bool


def input_sale_unlicensed(seller: str, sales: Sequence[Sale]) -> Iterator[Finding]:
    """At most two alerts for a seller: sales without a licence, and sales to nobody known."""
    for why, wrong in (
        ("licence", [one for one in sales if not one.licensed]),
        ("buyer", [one for one in sales if not one.identified]),
    ):
        if wrong:
            yield found(
                NAME,
                f"{why}|{seller}",
                seller,
                "warning",
                {"why": why, "sender": seller, "count": len(wrong)},
                ((one.identity, one.number) for one in wrong),
                sure=all(one.firm for one in wrong),
                historical=all(one.historical for one in wrong),
            )
