"""Planted failures of the rules on results of tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.risk.rules import (
    banned_substance,
    confirmation_overdue,
    illegal_additive,
    lab_not_accredited,
    limit_exceeded,
    result_superseded,
    sampling_plan_failed,
    screening_positive,
    test_failed,
)

_DAY: Final = timedelta(days=1)


def _value(analyte: str, value: str, unit: str) -> list[dict[str, str]]:
    return [{"analyte": analyte, "value": value, "unit": unit}]


def failed(case: Drawn, guilty: bool) -> Planted:
    """A failed test of a batch; or one that was amended to passed."""
    batch, day = case.batch("ham"), case.day()
    hazard: dict[str, Any] = {"hazard_class": "pathogen", "hazard": "Listeria", "batch": batch}
    case.tested(day, "failed", method="confirmatory", **hazard)
    if guilty:
        return case.planted((test_failed.NAME, batch))
    case.tested(day + _DAY, "passed", "R2", method="confirmatory", supersedes=f"{case.name}:R1", **hazard)
    return case.planted((result_superseded.NAME, batch))


def screened(case: Drawn, guilty: bool) -> Planted:
    """A positive screen, and a negative test of another sample; or of the same sample, which refutes it."""
    batch, day = case.batch("ham"), case.day()
    sample, other = case.sampled(batch, day), case.sampled(batch, day, "S2")
    hazard: dict[str, Any] = {"hazard_class": "pathogen", "hazard": "Listeria"}
    case.tested(day, "failed", method="screening", sample=sample, **hazard)
    decided = other if guilty else sample
    case.tested(day + _DAY, "passed", "R2", method="confirmatory", sample=decided, **hazard)
    alerts = ((screening_positive.NAME, batch), (confirmation_overdue.NAME, batch))
    return case.planted(*alerts * guilty)


def superseded(case: Drawn, guilty: bool) -> Planted:
    """A report that is amended, from failed to passed; or from passed to passed."""
    batch, day = case.batch("ham"), case.day()
    case.tested(day, "failed" if guilty else "passed", batch=batch)
    case.tested(day + _DAY, "passed", "R2", batch=batch, supersedes=f"{case.name}:R1")
    return case.planted(*[(result_superseded.NAME, batch)] * guilty)


def above_limit(case: Drawn, guilty: bool) -> Planted:
    """Lead or cadmium just above the limit; or at it, not quantified, or before the edition was in force."""
    product, analyte, limit = case.chance.choice(
        (("lettuce", "lead", 300), ("celery", "cadmium", 200), ("芹菜", "Cd", 200), ("rice", "lead", 200))
    )
    batch, day = case.batch(product), case.day()
    how = "above" if guilty else case.chance.choice(("at", "below quantification", "not detected", "before"))
    value = {"at": str(limit), "below quantification": f"<{2 * limit}", "not detected": "未检出"}.get(
        how, str(limit + case.chance.randint(1, 500))
    )
    sample = case.sampled(batch, date(2026, 9, 1) if how == "before" else day)
    if case.chance.random() < 0.5 and value.isdigit():
        case.tested(day, sample=sample, results=_value(analyte, f"{int(value) / 1000:g}", "mg/kg"))
    else:
        case.tested(day, sample=sample, results=_value(analyte, value, "ug/kg"))
    return case.planted(*[(limit_exceeded.NAME, batch)] * guilty)


def plan_failed(case: Drawn, guilty: bool) -> Planted:
    """Five units of a ready salad: too many above m, or one above M; or just as many as may be."""
    batch, day = case.batch("salad"), case.day()
    counts = [case.chance.randint(101, 1000), 100, 50, 10, 10]
    if guilty:
        counts[1] = case.chance.choice((101, 1000, 1001))
    case.chance.shuffle(counts)
    units = [one for count in counts for one in _value("S. aureus", str(count), "CFU/g")]
    sample = case.sampled(batch, day)
    case.tested(day, sample=sample, results=units, hazard_class="pathogen", hazard="S. aureus")
    return case.planted(*[(sampling_plan_failed.NAME, batch)] * guilty)


def banned(case: Drawn, guilty: bool) -> Planted:
    """A drug that may not be found, or a pesticide applied on the first day of its ban; or on the day before it."""
    if case.chance.random() < 0.5:
        batch, day = case.batch("eggs"), case.day()
        sample, value = case.sampled(batch, day), "0.3" if guilty else "未检出"
        case.tested(day, sample=sample, results=_value("氯霉素", value, "ug/kg"))
        return case.planted(*[(banned_substance.NAME, batch)] * guilty)
    plot = case.batch("celery", "~PLOT")
    case.say("input_applied", at=date(2026, 6, 1) if guilty else date(2026, 5, 31), inputs=["agro/o/A4"],
             applied_to=[plot], active_ingredient="omethoate")  # fmt: skip
    return case.planted(*[(banned_substance.NAME, f"{plot} at {case.operator}")] * guilty)


def additive(case: Drawn, guilty: bool) -> Planted:
    """Melamine in milk; or looked for, and not found."""
    batch, day = case.batch("raw milk"), case.day()
    sample, value = case.sampled(batch, day), "2.5" if guilty else "<0.05"
    case.tested(day, sample=sample, results=_value("melamine", value, "mg/kg"))
    return case.planted(*[(illegal_additive.NAME, batch)] * guilty)


def unconfirmed(case: Drawn, guilty: bool) -> Planted:
    """A positive screen that nobody confirms; or one that is confirmed."""
    batch, day = case.batch("ham"), case.day()
    sample = case.sampled(batch, day)
    hazard: dict[str, Any] = {"hazard_class": "pathogen", "hazard": "Listeria", "sample": sample}
    case.tested(day, "failed", method="screening", **hazard)
    if not guilty:
        case.tested(day + _DAY, "failed", "R2", method="confirmatory", **hazard)
    then = confirmation_overdue.NAME if guilty else test_failed.NAME
    return case.planted((screening_positive.NAME, batch), (then, batch))


def not_accredited(case: Drawn, guilty: bool) -> Planted:
    """A laboratory whose accreditation ended the day before; or on the day of the result."""
    batch, day, lab = case.batch("ham"), case.day(), f"{case.name} lab"
    case.say("licensed", sender="county", role="regulator", licence=f"{case.name}:CMA", holder=lab, operator="county",
             activity="testing", valid_from=date(2026, 1, 1), valid_until=day - guilty * _DAY)  # fmt: skip
    case.tested(day, batch=batch, lab=lab)
    return case.planted(*[(lab_not_accredited.NAME, batch)] * guilty)


PLANTERS: Final = (
    Planter(test_failed.NAME, failed),
    Planter(screening_positive.NAME, screened),
    Planter(result_superseded.NAME, superseded),
    Planter(limit_exceeded.NAME, above_limit),
    Planter(sampling_plan_failed.NAME, plan_failed),
    Planter(banned_substance.NAME, banned),
    Planter(illegal_additive.NAME, additive),
    Planter(confirmation_overdue.NAME, unconfirmed, waits=True),
    Planter(lab_not_accredited.NAME, not_accredited),
)
