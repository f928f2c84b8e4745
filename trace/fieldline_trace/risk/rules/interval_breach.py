"""PHI_BREACH: a crop was harvested before the interval on the label of what was applied to it had passed.

Inputs: applications to a plot, with the interval on the label; harvests from the plot.
Condition: whole days between application and harvest fewer than the interval, by the days in China; sure where it is
so whatever the partial dates mean.
Severity: critical; hold where it is not sure.
Proposes: hold, and a test of the harvested batch.
Source: the label's interval, as the application says it.
Clears: the application or the harvest is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.reference.limits import day_of
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "PHI_BREACH"


@dataclass(frozen=True, slots=True)
class Application:
    """Something that was applied, and for how many days after it nothing may be taken."""

    identity: int
    number: int
    firm: bool
    historical: bool
    what: str
    at: Interval
    days: int


@dataclass(frozen=True, slots=True)
class Taking:
    """A harvest, a milking or a slaughter that drew on what was treated."""

    identity: int
    number: int
    historical: bool
    batch: str
    """What came of it."""
    at: Interval


def interval_breach(
    rule: str,
    place: str,
    applications: Sequence[Application],
    takings: Sequence[Taking],
    away: Sequence[Taking] = (),
) -> Iterator[Finding]:
    """One alert for each batch that was taken too early.

    Args:
        rule: ``PHI_BREACH`` or ``WITHDRAWAL_BREACH``.
        place: plot, herd or pond that was treated.
        takings: what was taken there.
        away: what was taken of the same batch elsewhere, after it may have been moved: never sure.
    """
    groups: dict[str, list[tuple[bool, int, Application, Taking]]] = {}
    for taking, moved in [*((one, False) for one in takings), *((one, True) for one in away)]:
        for use in applications:
            sure = _breach(use, taking)
            if sure is not None:
                sure = sure and not moved
                days = max(day_of(taking.at.hi).toordinal() - day_of(use.at.lo).toordinal(), 0)
                groups.setdefault(taking.batch, []).append((sure, days, use, taking))
    for batch, group in sorted(groups.items()):
        sure, days, use, _ = min(group, key=lambda one: (not one[0], one[1], one[2].what, one[2].identity))
        yield found(
            rule,
            f"{place}|{batch}",
            batch,
            "critical" if sure else "hold",
            {"batch": batch, "to": place, "what": use.what, "days": days, "interval": use.days},
            [event for one in group for event in ((one[2].identity, one[2].number), (one[3].identity, one[3].number))],
            sure=any(one[0] and one[2].firm for one in group),
            historical=all(one[2].historical and one[3].historical for one in group),
        )


def _breach(use: Application, taking: Taking) -> bool | None:
    """True: too early for sure; False: it may be; None: it is not, or a time is not known."""
    if min(use.at.lo, taking.at.lo) <= NEVER or max(use.at.hi, taking.at.hi) >= FOREVER or taking.at.hi < use.at.lo:
        return None
    used, taken = (day_of(use.at.lo), day_of(use.at.hi)), (day_of(taking.at.lo), day_of(taking.at.hi))
    if (taken[1] - used[0]).days < use.days and use.at.hi <= taking.at.lo:
        return True
    return False if (taken[0] - used[1]).days < use.days else None
