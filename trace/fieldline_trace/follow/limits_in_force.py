"""The limits by which results are judged: those of the release, and what acts in the ledger changed of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from fieldline_schemas.kinds.reference_changed import LimitRow, ReferenceChanged
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.facts import Anchor, Fact, Facts
from fieldline_trace.reference.limits import Limit, Limits, day_of

ANCHOR: Final[Anchor] = ("reference", "limits")


class LimitsInForce:
    """Derived from what stands; of acts on one limit the latest by its own time counts."""

    def __init__(self, released: Limits, facts: Facts) -> None:
        self._released, self._facts = released, facts
        self.now = released

    def renew(self) -> list[Limit]:
        """Bring them to what stands now; the limits that differ, as they were and as they are."""
        before = {one.key: one for one in self.now.every}
        acts = self._facts.about(ANCHOR, kind=ReferenceChanged)
        acts.sort(key=lambda fact: (fact.event.at.lo, fact.identity, fact.digest))
        self.now = self._released.changed(row for fact in acts for row in self._rows(fact))
        after = {one.key: one for one in self.now.every}
        return [
            one
            for key in sorted(before.keys() | after.keys())
            if before.get(key) != after.get(key)
            for one in (before.get(key), after.get(key))
            if one is not None
        ]

    def _rows(self, fact: Fact) -> Iterable[Limit]:
        event = fact.event
        assert isinstance(event, ReferenceChanged)
        return [limit_of(row, self._released, event.source) for row in event.limits] if fact.authority else []


def limit_of(row: LimitRow, limits: Limits, source: str) -> Limit:
    """One limit as an act says it."""
    since = row.since.lo if row.since is not None and row.since.lo > NEVER else None
    until = row.until.lo if row.until is not None and row.until.hi < FOREVER else None
    return Limit(
        standard=row.standard,
        series=row.standard.rpartition("-")[0] or row.standard,
        analyte=limits.products.analyte(row.analyte),
        product=(limits.products.chain(row.product) or (row.product,))[0],
        maximum=Decimal(row.maximum),
        unit=row.unit,
        clause=row.clause or "",
        since=None if since is None else day_of(since),
        until=None if until is None else day_of(until),
        source=source,
    )
