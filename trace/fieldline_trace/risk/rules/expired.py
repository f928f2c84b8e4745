"""EXPIRED: a batch was sold, served, cooked or used after the end of its shelf life.

Inputs: the ends of shelf life that stand for a batch; sales, servings and uses of it, with times.
Condition: the earliest that the event may mean lies after the latest end that is said of the batch.
Severity: hold.
Proposes: hold.
Source: Food Safety Law: food past its shelf life may not be produced with or sold.
Clears: the event or the shelf life is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_schemas.times import FOREVER, NEVER, instant

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.operator_status import Doing

NAME: Final = "EXPIRED"


def expired(batch: str, until: int, uses: Sequence[tuple[str, Doing]]) -> Iterator[Finding]:
    """One alert for each site. ``until``: microseconds; ``uses``: (site, what was done there)."""
    if until >= FOREVER:
        return
    late: dict[str, list[Doing]] = {}
    for site, one in uses:
        if NEVER < until < one.at.lo:
            late.setdefault(site, []).append(one)
    for site, group in sorted(late.items()):
        yield found(
            NAME,
            f"{batch}|{site}",
            f"{batch} at {site}",
            "hold",
            {"batch": batch, "site": site, "deadline": instant(until), "count": len(group)},
            ((one.identity, one.number) for one in group),
            historical=all(one.historical for one in group),
        )
