"""CHAIN_GAP: the records do not join: something was used that came from nowhere, from several places, too early, or
never came, or was in no unit that it is taken out of.

Inputs: draws, fillings and births of a holding; legs of moves; what units held; the clock.
Condition: what the records say cannot be, or lacks a record once its grace period is over (`absence.toml`).
Severity: warning; info where dates alone are at odds.
Proposes: nothing; whoever lacks the record is to be asked.
Source: grace periods in `absence.toml`, an operating choice.
Clears: the missing record comes, or the one that is wrong is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fieldline_trace.risk.alerts import Finding, evidence_of

NAME = "CHAIN_GAP"

UNEXPLAINED = "unexplained"
"""Drawn on, and no birth and no filling from a known source could have fed it in time."""
ORIGIN = "origin"
"""No record of where it was made, and it was first shipped from several places."""
ORDER = "order"
"""Said to have arrived before it departed."""
SHIPPED_ON = "shipped_on"
"""Made into something that left the site before it came there itself."""
NO_ARRIVAL = "no_arrival"
"""Shipped, and no receipt."""
NEVER_PACKED = "never_packed"
"""Taken out of a unit that it was never put into."""

_AT_ONCE = (ORDER, SHIPPED_ON)
"""What dates show by themselves; no record that may still come is awaited."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One place where the records do not join."""

    why: str
    batch: str
    site: str
    to: str
    """Site where it should have arrived (``ORDER``, ``NO_ARRIVAL``), batch that it was made into (``SHIPPED_ON``), or
    unit that it was taken out of (``NEVER_PACKED``)."""
    events: tuple[tuple[int, int], ...]
    """(identity, event number) of the events that show it."""
    historical: bool
    deadline: int
    """When the records should have been complete, microseconds; absence before that is no news."""


def chain_gap(gaps: Sequence[Gap], now: int) -> Iterator[Finding]:
    """A gap stands from its deadline on, by the clock's ticks; an impossible order and imported history wait for none.

    Args:
        gaps: what is open at one holding, or on one leg.
        now: latest tick of the clock, microseconds.
    """
    for gap in gaps:
        if now < gap.deadline and not gap.historical and gap.why not in _AT_ONCE:
            continue
        cited, count = evidence_of(gap.events)
        yield Finding(
            rule=NAME,
            anchor="|".join((gap.why, gap.batch, gap.site, gap.to)),
            subject=f"{gap.batch} at {gap.site}" if gap.site else gap.batch,
            severity="info" if gap.why in _AT_ONCE else "warning",
            confidence="confirmed",
            args={"why": gap.why, "batch": gap.batch, "site": gap.site, "to": gap.to or None},
            evidence=cited,
            evidence_count=count,
            historical=gap.historical,
        )
