"""Where bars stand in the small pictures: pure functions of what answers say, in units of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

WAYS: Final = (
    "produced", "received", "used", "served", "sold", "shipped", "exported", "returned", "sampled", "destroyed",
    "on_hand", "elsewhere", "unrecorded",
)  # fmt: skip
"""In which order amounts are told."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar at ``x``: ``low`` is its lower part, ``high`` the part on top, ``of`` what it stands for."""

    x: float
    low: float
    high: float
    of: Mapping[str, Any]


def columns(rows: Sequence[Mapping[str, Any]], whole: str, upper: str, *, height: float, step: float) -> list[Bar]:
    """A bar each: ``upper`` is the part of a row's ``whole`` on top, the highest of all as high as ``height``; what is
    not nothing is at least 1.5 high."""
    most = max((row[whole] for row in rows), default=0) or 1

    def tall(much: float) -> float:
        return round(max(height * much / most, 1.5), 1) if much > 0 else 0.0

    return [
        Bar(at * step, tall(row[whole] - row[upper]), tall(min(row[upper], row[whole])), row)
        for at, row in enumerate(rows)
    ]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much went one way, and the share that is of the most in its unit."""

    way: str
    quantity: str
    unit: str
    share: float


def amounts(sums_of: Mapping[str, Any], ways: Sequence[str] = WAYS) -> list[Amount]:
    """Sums by way and unit as bars: those of one unit can be compared."""
    told = {way: sums_of[way] for way in ways if sums_of.get(way)}
    most: dict[str, Decimal] = {}
    for sums in told.values():
        for unit, much in sums.items():
            most[unit] = max(most.get(unit, Decimal(0)), abs(Decimal(much)))
    return [
        Amount(way, much, unit, float(abs(Decimal(much)) / most[unit]) if most[unit] else 0.0)
        for way, sums in told.items()
        for unit, much in sorted(sums.items())
    ]


@dataclass(frozen=True, slots=True)
class ShelfLife:
    """Days: made (empty where that is not known), today, and the end; the others are shares of the line from the
    earliest to the latest of them."""

    made: str
    today: str
    until: str
    days_left: int
    made_at: float
    today_at: float
    until_at: float


def shelf_life(made: str | None, until: str | None, today: str) -> ShelfLife | None:
    """The line of a shelf life, of texts that begin with a day; None where no end is recorded."""
    if not until or not today:
        return None
    days = [_day(one) for one in (made or min(until, today), today, until)]
    first, span = min(days), max(max(days) - min(days), 1)
    at = [round((one - first) / span, 4) for one in days]
    return ShelfLife((made or "")[:10], today[:10], until[:10], days[2] - days[1], at[0], at[1], at[2])


def _day(text: str) -> int:
    return date.fromisoformat(text[:10]).toordinal()
