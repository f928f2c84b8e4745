"""Limits by product and date: which one a result meets, why that one, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from fieldline_trace.reference.products import Products
from fieldline_trace.reference.values import Measured, factor

Deciding = Literal["production", "inspection_application", "sampling", "result"]
"""Which date chose the edition. ``result``: none of the others is known."""
DAY: Final = 86_400_000_000
"""Microseconds."""
CHINA: Final = 8 * 3_600_000_000
"""Chinese standards come into force at midnight there; a date on the wire is the day it is there."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One greatest content."""

    standard: str
    series: str
    """What its editions have in common."""
    analyte: str
    product: str
    """A product or a class of products."""
    maximum: Decimal
    unit: str
    clause: str = ""
    since: date | None = None
    """In force from; None: as long as anybody asks."""
    until: date | None = None
    """In force before; None: still."""
    total: str = ""
    """An analyte of which this is a part: what keeps the limit in total needs no telling apart."""
    status: str = ""
    """``V``, ``V2``, or empty of one that was loaded."""
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Which limit it is; a later one of the same key takes its place."""
        return self.standard, self.analyte, self.product

    def holds_on(self, day: date) -> bool:
        """Whether ``day`` lies within what it says of itself."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Met:
    """The limit that a result meets."""

    limit: Limit
    matched: Literal["product", "class"]
    """Its product's own limit, or that of a class it belongs to."""


def limits_of(table: Mapping[str, Any], products: Products) -> tuple[Limit, ...]:
    """The limits of the table of ``limits.toml``."""
    found = []
    for standard, said in table["standard"].items():
        for row in said.get("limit", ()):
            for product, maximum in row["maximum"].items():
                found.append(
                    Limit(
                        standard,
                        said["series"],
                        products.analyte(row["analyte"]),
                        product,
                        Decimal(str(maximum)),
                        row["unit"],
                        row.get("clause", ""),
                        said.get("in_force"),
                        said.get("until"),
                        products.analyte(row["total"]) if "total" in row else "",
                        said["status"],
                        said["source"],
                    )
                )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits, and the products that they speak of. An edition is in force until its successor is: the next edition
    of its series, whole, whatever it limits."""

    products: Products
    every: Sequence[Limit]
    _of: Mapping[tuple[str, str], Sequence[Limit]] = field(init=False, repr=False, compare=False)
    """By analyte and product."""
    _successor: Mapping[str, tuple[date, str]] = field(init=False, repr=False, compare=False)
    """Edition -> when it was superseded, and by which."""

    def __post_init__(self) -> None:
        of: dict[tuple[str, str], list[Limit]] = {}
        begin: dict[str, dict[str, date]] = {}
        for one in self.every:
            of.setdefault((one.analyte, one.product), []).append(one)
            known = begin.setdefault(one.series, {})
            known[one.standard] = min(known.get(one.standard, date.max), one.since or date.min)
        successor = {}
        for editions in begin.values():
            ordered = sorted((since, standard) for standard, since in editions.items())
            for since, standard in ordered:
                after = [later for later in ordered if later[0] > since]
                if after:
                    successor[standard] = after[0]
        object.__setattr__(self, "_of", of)
        object.__setattr__(self, "_successor", successor)

    def superseded(self, limit: Limit) -> tuple[date, str] | None:
        """When the edition of ``limit`` was, or will be, superseded, and by which; None where no later one is known."""
        return self._successor.get(limit.standard)

    def ends(self, limit: Limit) -> date | None:
        """From which day on ``limit`` is in force no longer: as it says itself, or as its edition is superseded; None:
        it still is."""
        later = self.superseded(limit)
        return min((day for day in (limit.until, later and later[0]) if day is not None), default=None)

    def in_force(self, limit: Limit, day: date) -> bool:
        """Whether ``limit`` is in force on ``day``."""
        end = self.ends(limit)
        return limit.holds_on(day) and (end is None or day < end)

    def meet(self, analyte: str, product: str, day: date) -> Met | None:
        """The limit for ``analyte`` in ``product`` on ``day``: of the product itself, else of the nearest class that
        has one; of several editions in force the latest. None where there is none."""
        said = self.products.analyte(analyte)
        for step, name in enumerate(self.products.chain(product)):
            ours = [one for one in self._of.get((said, name), ()) if self.in_force(one, day)]
            if ours:
                latest = max(ours, key=lambda one: (one.since or date.min, one.standard))
                return Met(latest, "class" if step else "product")
        return None

    def changed(self, rows: Iterable[Limit]) -> Limits:
        """These limits with ``rows`` in the place of those of the same key, or beside them."""
        by_key = {one.key: one for one in self.every}
        by_key.update({one.key: one for one in rows})
        return Limits(self.products, tuple(by_key[key] for key in sorted(by_key)))


def exceeds(found: Measured, unit: str, limit: Limit) -> Literal["no", "maybe", "yes", "not_comparable"]:
    """Whether what was found is above the limit. ``maybe``: a range or an uncertainty that lies on both sides. What is
    below the quantification limit, or not detected, exceeds nothing."""
    scale = factor(unit, limit.unit)
    if scale is None:
        return "not_comparable"
    if not found.found:
        return "no"
    if found.lo * scale > limit.maximum:
        return "yes"
    if found.hi is None:
        return "yes" if limit.maximum == 0 else "maybe"
    return "maybe" if found.hi * scale > limit.maximum else "no"


def day_of(microseconds: int) -> date:
    """The day in China of an instant; the first or the last that there is, where the calendar holds no such day."""
    day = date(1970, 1, 1).toordinal() + (microseconds + CHINA) // DAY
    return date.fromordinal(min(max(day, 1), date.max.toordinal()))
