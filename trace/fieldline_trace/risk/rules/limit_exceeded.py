"""LIMIT_EXCEEDED: a measured value lies above the greatest content that was in force for the product.

Inputs: the values of a result that stands, is not superseded and, of a screening test, not refuted by a confirmatory
one; the product in the batch's key; the limits.
Condition: value above the limit of the product, else of its nearest class, in the edition in force on the date that
decides: production of prepackaged domestic food, application for inspection of imports, sampling of all else and of
agricultural products, packed or not (of the result itself where sampling is not recorded). Units are converted; below
the quantification limit and not detected exceed nothing; a range or an uncertainty across the limit, and a screening
test, are held and not sure.
Severity: critical; hold where it is not sure.
Proposes: draft_scope; hold where it is not sure.
Source: the standard, edition and clause that the alert cites.
Clears: the result is superseded, withdrawn or corrected, or the limit is changed by a load of reference data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.reference.limits import Deciding, Limit, Limits, day_of, exceeds
from fieldline_trace.reference.values import measured
from fieldline_trace.risk.alerts import Finding, Severity, found

NAME: Final = "LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Dates:
    """When what was measured was made, applied for, sampled and reported; None where that is not known."""

    production: Interval | None = None
    prepackaged: bool = False
    inspection_application: Interval | None = None
    sampling: Interval | None = None
    result: Interval | None = None

    def deciding(self) -> tuple[Deciding, Interval] | None:
        """The date that chooses the edition, and which it is."""
        if self.inspection_application is not None:
            return "inspection_application", self.inspection_application
        if self.prepackaged and self.production is not None:
            return "production", self.production
        if self.sampling is not None:
            return "sampling", self.sampling
        return None if self.result is None else ("result", self.result)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One analyte of one variant of a result, on one batch."""

    identity: int
    number: int
    firm: bool
    historical: bool
    batch: str
    product: str
    """As the batch's key says it."""
    analyte: str
    value: str
    unit: str
    lab: str
    report: str
    dates: Dates
    screening: bool = False
    """Of a screening test: it holds, and a confirmatory one decides."""


def severity(group: Iterable[Measurement]) -> Severity:
    """How grave what was found is, where finding it is enough: held while only screening tests say so."""
    return "hold" if all(one.screening for one in group) else "critical"


def known(when: Interval | None) -> Interval | None:
    """A time, if both its ends are known."""
    return when if when is not None and when.lo > NEVER and when.hi < FOREVER else None


def limit_exceeded(measurements: Sequence[Measurement], limits: Limits) -> Iterator[Finding]:
    """One alert for each batch and analyte of a result."""
    groups: dict[tuple[str, str], list[tuple[Measurement, bool, Finding]]] = {}
    for one in measurements:
        judged = _judge(one, limits)
        if judged is not None:
            groups.setdefault((one.batch, limits.products.analyte(one.analyte)), []).append((one, *judged))
    for _, group in sorted(groups.items()):
        _, _, finding = min(group, key=lambda item: (not item[1], sorted(map(str, item[2].args.items()))))
        sure = all(item[1] and item[0].firm for item in group)
        yield found(
            NAME,
            finding.anchor,
            finding.subject,
            "critical" if any(item[1] for item in group) else "hold",
            finding.args,
            ((item[0].identity, item[0].number) for item in group),
            sure=sure,
            screening=all(item[0].screening for item in group),
            historical=all(item[0].historical for item in group),
        )


def _judge(one: Measurement, limits: Limits) -> tuple[bool, Finding] | None:
    """Whether it is sure, and the finding; None where no limit is exceeded."""
    value, decided = measured(one.value), one.dates.deciding()
    if value is None or decided is None:
        return None
    by, when = decided
    verdicts = {day: _against(one, limits, day) for day in {day_of(when.lo), day_of(when.hi)}}
    told = [(day, verdict) for day, verdict in sorted(verdicts.items()) if verdict is not None]
    if not told:
        return None
    day, (limit, matched, _) = told[0]
    args = {
        "batch": one.batch,
        "product": limit.product,
        "matched": matched,
        "analyte": one.analyte,
        "value": one.value,
        "unit": one.unit,
        "limit": f"{limit.maximum.normalize():f}",
        "limit_unit": limit.unit,
        "standard": limit.standard,
        "clause": limit.clause or None,
        "in_force": limit.since.isoformat() if limit.since else None,
        "decided_by": by,
        "date": day.isoformat(),
        "lab": one.lab,
        "report": one.report,
        "status": limit.status or None,
    }
    anchor = f"{one.identity:016x}|{one.batch}|{limits.products.analyte(one.analyte)}"
    sure = all(verdict is not None and verdict[2] == "yes" for verdict in verdicts.values()) and not one.screening
    return sure, found(NAME, anchor, one.batch, "critical", {**args}, [(one.identity, one.number)])


def _against(one: Measurement, limits: Limits, day: date) -> tuple[Limit, str, str] | None:
    met, value = limits.meet(one.analyte, one.product, day), measured(one.value)
    if met is None or value is None:
        return None
    above = exceeds(value, one.unit, met.limit)
    return (met.limit, met.matched, above) if above in ("yes", "maybe") else None
