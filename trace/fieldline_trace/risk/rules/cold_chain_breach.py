"""COLD_CHAIN_BREACH: raw milk was above its greatest temperature for longer than it may be.

Inputs: temperatures that one event reports of a batch at a site; when milking ended and when the milk was cold.
Condition: two readings above 4 degrees, none at or below between them, more than 2 hours apart; or cooled later than 2
hours after milking. Only of raw milk are figures known here.
Severity: hold.
Proposes: hold; the milk is not for sale.
Source: raw milk, 0 to 4 degrees within 2 hours of milking (`deadlines.toml`).
Clears: the event is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "COLD_CHAIN_BREACH"


@dataclass(frozen=True, slots=True)
class Kept:
    """What one event reports of temperatures. Times are microseconds."""

    identity: int
    number: int
    firm: bool
    historical: bool
    site: str
    readings: tuple[tuple[int, Decimal], ...]
    """(when, degrees Celsius), those whose time is an instant."""
    milked: int | None = None
    cooled: int | None = None


def cold_chain_breach(batch: str, kept: Sequence[Kept], *, greatest: Decimal, longest: int) -> Iterator[Finding]:
    """One alert for each site. ``longest``: microseconds."""
    sites: dict[str, list[tuple[int, Kept]]] = {}
    for one in kept:
        warm = max(_warm(one, greatest), (one.cooled or 0) - (one.milked or 0) if one.cooled and one.milked else 0)
        if warm > longest:
            sites.setdefault(one.site, []).append((warm, one))
    for site, group in sorted(sites.items()):
        yield found(
            NAME,
            f"{batch}|{site}",
            f"{batch} at {site}",
            "hold",
            {
                "batch": batch,
                "site": site,
                "limit": f"{greatest:f}",
                "minutes": max(warm for warm, _ in group) // 60_000_000,
                "greatest_minutes": longest // 60_000_000,
            },
            ((one.identity, one.number) for _, one in group),
            sure=any(one.firm for _, one in group),
            historical=all(one.historical for _, one in group),
        )


def _warm(one: Kept, greatest: Decimal) -> int:
    """The longest run of readings above, from its first to its last."""
    longest, since = 0, None
    for when, value in sorted(one.readings):
        if value <= greatest:
            since = None
            continue
        since = when if since is None else since
        longest = max(longest, when - since)
    return longest
