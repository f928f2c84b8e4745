"""SAMPLE_MISSING: a meal that cases of illness name has no retained sample, or one too small or kept too short.

Inputs: cases that name the meal; its retained samples, with mass and until when they are kept; the clock.
Condition: none by 24 hours after the receipt of the first case; or all below the mass, or kept for less than the time,
that is asked for (`deadlines.toml`).
Severity: warning.
Proposes: nothing.
Source: rules for canteens: 125 g of each dish, at least 48 hours in the cold.
Clears: a retained sample of the meal is recorded or corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "SAMPLE_MISSING"


@dataclass(frozen=True, slots=True)
class Retained:
    """One retained sample."""

    identity: int
    number: int
    grams: Decimal
    at: Interval
    until: Interval | None

    def is_enough(self, grams: int, keep: int) -> bool:
        """Large enough, and kept long enough, as far as that is said."""
        return self.grams >= grams and (self.until is None or self.until.hi - self.at.lo >= keep)


def sample_missing(
    batch: str,
    cases: Sequence[tuple[int, int]],
    retained: Sequence[Retained],
    *,
    grams: int,
    keep: int,
    overdue: bool,
) -> Iterator[Finding]:
    """At most one alert for a meal. ``cases``: (identity, event number); ``keep``: microseconds."""
    if not cases or any(one.is_enough(grams, keep) for one in retained) or (not retained and not overdue):
        return
    yield found(
        NAME,
        batch,
        batch,
        "warning",
        {"why": "poor" if retained else "none", "batch": batch, "count": len(retained), "grams": grams},
        [*cases, *((one.identity, one.number) for one in retained)],
    )
