"""The limits by which results are judged: those of the release, and what acts in the ledger changed of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from fieldline_schemas.kinds.reference_changed import LimitRow, ReferenceChanged
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.facts import Anchor, Fact, Facts
from fieldline_trace.reference.limits import Limit, Limits, day_of

ANCHOR: Final[Anchor] = ("reference", "limits")


class Changed(NamedTuple):
    """A limit that is another, for what is decided by a day from ``first`` on and before ``end``."""

    limit: Limit
    first: date
    end: date

    def bears_on(self, first: date, last: date) -> bool:
        """Whether one of the days from ``first`` to ``last`` is judged otherwise."""
        return self.first <= last and (first < self.end or self.end == date.max)


def _whole(limit: Limit, end: date | None) -> Changed:
    return Changed(limit, limit.since or date.min, end or date.max)


class LimitsInForce:
    """Derived from what stands; of acts on one limit the latest by its own time counts."""

    def __init__(self, released: Limits, facts: Facts) -> None:
        self._released, self._facts = released, facts
        self.now = released

    def renew(self) -> list[Changed]:
        """Bring them to what stands now; where limits differ, and in which days."""
        before = {one.key: (one, self.now.ends(one)) for one in self.now.every}
        acts = self._facts.about(ANCHOR, kind=ReferenceChanged)
        acts.sort(key=lambda fact: (fact.event.at.lo, fact.identity, fact.digest))
        self.now = self._released.changed(row for fact in acts for row in self._rows(fact))
        after = {one.key: (one, self.now.ends(one)) for one in self.now.every}
        found: list[Changed] = []
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key), after.get(key)
            if old is None or new is None or old[0] != new[0]:
                found += [_whole(*one) for one in (old, new) if one is not None]
            elif old[1] != new[1]:  # the same limit, of an edition that ends on another day now
                first, last = sorted((old[1] or date.max, new[1] or date.max))
                found.append(_whole(old[0], last)._replace(first=first))
        return found

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
