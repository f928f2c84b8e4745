"""Planted failures of the rules on what several findings have in common: a source, an environment, an area.

Each case has a hazard of its own, so that nothing in it is held against another. Shares that passed are of a whole
area and year, so that cases of it cannot be told apart: they are measured where the rule is.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.risk.rules import common_source, regional_problem, shared_environment, test_failed

_DAY: Final = timedelta(days=1)


def one_source(case: Drawn, guilty: bool) -> Planted:
    """Two dishes of one spice fail; or of two."""
    day, dishes = case.day(), [case.batch("goulash"), case.batch("curry")]
    spices = [case.batch("paprika"), case.batch("paprika", "L1" if guilty else "L2")]
    for spice in dict.fromkeys(spices):
        case.made(spice, day)
    for dish, spice in zip(dishes, spices, strict=True):
        case.say("transformed", at=day + _DAY, in_batches=[spice], out_batches=[dish])
    return case.planted(*_fail(case, dishes, day), *[(common_source.NAME, spices[0])] * guilty)


def one_canal(case: Drawn, guilty: bool) -> Planted:
    """Two fields are watered from one canal within sixty days, and what grew on both fails; or within sixty-one. Either
    way it is the source that they have in common."""
    day, canal = case.day(), case.batch("water", "~CANAL")
    days = [day - (60 if guilty else 61) * _DAY, day]
    lots = [case.batch("leaf", "L1"), case.batch("leaf", "L2")]
    for number, (lot, watered) in enumerate(zip(lots, days, strict=True)):
        field = case.batch("leaf", f"~FIELD{number}")
        case.say("input_applied", at=watered, inputs=[canal], applied_to=[field], purpose="irrigation")
        case.say("harvested", at=watered + 2 * _DAY, sources=[field], out_batch=lot)
    alerts = [*_fail(case, lots, days[1] + 3 * _DAY), (common_source.NAME, canal)]
    return case.planted(*alerts, *[(shared_environment.NAME, canal)] * guilty)


def one_county(case: Drawn, guilty: bool) -> Planted:
    """What three growers of a county made fails within thirty days; or within thirty-one."""
    day, county = case.day(), f"33{case.chance.randrange(1_001, 9_999) | 1}"
    lots = [f"{case.name}-{number}/celery/L1" for number in range(3)]
    days = [day, day + _DAY, day + (30 if guilty else 31) * _DAY]
    alerts: list[tuple[str, str]] = []
    for number, (lot, taken) in enumerate(zip(lots, days, strict=True)):
        sample = case.sampled(lot, taken, f"S{number}", kind_of_sample="supervisory", grid_unit=county)
        case.tested(taken, "failed", f"R{number}", sample=sample, hazard=case.name)
        alerts.append((test_failed.NAME, lot))
    return case.planted(*alerts, *[(regional_problem.NAME, f"vegetables {county}")] * guilty)


def _fail(case: Drawn, batches: list[str], day: date) -> list[tuple[str, str]]:
    for number, batch in enumerate(batches):
        case.tested(day, "failed", f"R{number}", batch=batch, hazard_class="pathogen", hazard=case.name)
    return [(test_failed.NAME, batch) for batch in batches]


PLANTERS: Final = (
    Planter(common_source.NAME, one_source),
    Planter(shared_environment.NAME, one_canal),
    Planter(regional_problem.NAME, one_county),
)
