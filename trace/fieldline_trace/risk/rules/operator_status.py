"""OPERATOR_STATUS: an operator acted outside its licences, or while a measure barred it.

Inputs: the licences and measures that stand for an operator; what it made, moved, served or sold, with times.
Condition: licences are on record and none was valid at the time; or a suspension, revocation, ban or blacklisting was
in force at the time. Of an operator of which no licence is on record nothing is said; what may lie inside is no alert.
Severity: critical while barred, else warning.
Proposes: hold.
Source: Food Safety Law: production and sale under licence; forced exit of barred operators.
Clears: a licence for the time is recorded, the measure is withdrawn, or the event is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.lab_not_accredited import ACTIVITIES, Licence

NAME: Final = "OPERATOR_STATUS"
BARRING: Final = frozenset(("suspension", "licence_revoked", "blacklist", "ban"))


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure against an operator, from its earliest to its latest."""

    identity: int
    number: int
    what: str
    valid: Interval


@dataclass(frozen=True, slots=True)
class Doing:
    """Something an operator did."""

    identity: int
    number: int
    historical: bool
    at: Interval


def operator_status(
    operator: str, licences: Sequence[Licence], measures: Sequence[Measure], doings: Sequence[Doing]
) -> Iterator[Finding]:
    """At most two alerts for an operator: what it did while barred, and what it did without a licence."""
    barred = [one for one in measures if one.what in BARRING]
    spans = [one.valid for one in barred]
    during = [one for one in doings if any(span.lo <= one.at.lo and one.at.hi <= span.hi for span in spans)]
    if during:
        yield _found(operator, "barred", during, [(one.identity, one.number) for one in barred])
    ours = [one for one in licences if one.activity.casefold() not in ACTIVITIES]
    outside = [one for one in doings if ours and not any(each.covers(one.at) for each in ours)]
    if outside:
        yield _found(operator, "unlicensed", outside, [(one.identity, one.number) for one in ours])


def _found(operator: str, why: str, doings: Sequence[Doing], grounds: Sequence[tuple[int, int]]) -> Finding:
    return found(
        NAME,
        f"{why}|{operator}",
        operator,
        "critical" if why == "barred" else "warning",
        {"why": why, "sender": operator, "count": len(doings)},
        [*grounds, *((one.identity, one.number) for one in doings)],
        historical=all(one.historical for one in doings),
    )
