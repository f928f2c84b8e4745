"""BANNED_SUBSTANCE: a substance that may not be used was found or applied.

Inputs: the values of a result that stands and that no confirmatory test refutes; active ingredients of applications;
the list of substances with dates.
Condition: found at all, of what must not be detected; found in what was sampled, or applied, on or after the day from
which sale and use are banned.
Severity: critical; hold while only a screening test says so.
Proposes: draft_scope; hold while only a screening test says so.
Source: the list of substances, with its dates; the alert cites the entry.
Clears: the result or the application is superseded, withdrawn or corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.limits import day_of
from fieldline_trace.reference.load import Reference, Substance
from fieldline_trace.reference.values import measured
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.limit_exceeded import Measurement, severity

NAME: Final = "BANNED_SUBSTANCE"


@dataclass(frozen=True, slots=True)
class Use:
    """An active ingredient that was applied to something."""

    identity: int
    number: int
    firm: bool
    historical: bool
    substance: str
    applied_to: str
    site: str
    at: Interval


def in_tests(measurements: Sequence[Measurement], reference: Reference) -> Iterator[Finding]:
    """What was found of it, an alert for each batch and substance of a result."""
    groups: dict[tuple[str, str], tuple[Substance, list[Measurement]]] = {}
    for one in measurements:
        substance, value = reference.substance(one.analyte), measured(one.value)
        if substance is None or substance.non_food or value is None or not value.found:
            continue
        if substance.not_detected or _is_banned(substance, one.dates.sampling or one.dates.result):
            groups.setdefault((one.batch, substance.code), (substance, []))[1].append(one)
    for (batch, code), (substance, group) in sorted(groups.items()):
        one = min(group, key=lambda each: (each.value, each.unit, each.lab, each.report))
        yield found(
            NAME,
            f"found|{one.identity:016x}|{batch}|{code}",
            batch,
            severity(group),
            {
                "why": "found",
                "batch": batch,
                "substance": code,
                "value": one.value,
                "unit": one.unit or None,
                "lab": one.lab,
                "report": one.report,
                "since": substance.banned_from.isoformat() if substance.banned_from else None,
                "status": substance.status,
            },
            ((each.identity, each.number) for each in group),
            sure=all(each.firm and not each.screening for each in group),
            screening=all(each.screening for each in group),
            historical=all(each.historical for each in group),
        )


def in_use(uses: Sequence[Use], reference: Reference) -> Iterator[Finding]:
    """Applications of it: one alert for each substance and what it was applied to."""
    groups: dict[tuple[str, str, str], tuple[Substance, list[Use]]] = {}
    for one in uses:
        substance = reference.substance(one.substance)
        if substance is not None and (substance.banned_from is None or _is_banned(substance, one.at)):
            groups.setdefault((one.applied_to, one.site, substance.code), (substance, []))[1].append(one)
    for (applied_to, site, code), (substance, group) in sorted(groups.items()):
        yield found(
            NAME,
            f"used|{applied_to}|{site}|{code}",
            f"{applied_to} at {site}" if site else applied_to,
            "critical",
            {
                "why": "used",
                "batch": applied_to,
                "site": site,
                "substance": code,
                "since": substance.banned_from.isoformat() if substance.banned_from else None,
                "status": substance.status,
            },
            ((each.identity, each.number) for each in group),
            sure=all(each.firm for each in group),
            historical=all(each.historical for each in group),
        )


def _is_banned(substance: Substance, when: Interval | None) -> bool:
    """Whether it was banned at that time for sure; a time that is not known proves nothing."""
    if substance.banned_from is None or when is None or when.lo < -(2**61):
        return False
    return day_of(when.lo) >= substance.banned_from
