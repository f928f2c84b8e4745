"""Planted failures of the rules on fields, animals and inputs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.risk.rules import cold_chain_breach, input_sale_unlicensed, interval_breach, withdrawal_breach


def interval(case: Drawn, guilty: bool) -> Planted:
    """A harvest a day before the interval on the label has passed; or on the day that it has."""
    plot, batch, day = case.batch("lettuce", "~PLOT"), case.batch("lettuce"), case.day()
    days = case.chance.randint(3, 21)
    case.say("input_applied", at=day, inputs=["agro/i/A1"], applied_to=[plot], pre_harvest_days=days)
    case.say("harvested", at=day + timedelta(days=days - guilty), sources=[plot], out_batch=batch)
    return case.planted(*[(interval_breach.NAME, batch)] * guilty)


def withdrawal(case: Drawn, guilty: bool) -> Planted:
    """Meat a day before the withdrawal period has passed; or on the day that it has."""
    herd, batch, day = case.batch("pig", "H1"), case.batch("pork"), case.day()
    days = case.chance.randint(3, 28)
    case.say("input_applied", at=day, inputs=["vet/e/V1"], applied_to=[herd], purpose="veterinary_drug",
             withdrawal_days=days)  # fmt: skip
    case.say("slaughtered", at=day + timedelta(days=days - guilty), animals=[herd], out_batches=[batch])
    return case.planted(*[(withdrawal_breach.NAME, batch)] * guilty)


def warm_milk(case: Drawn, guilty: bool) -> Planted:
    """Raw milk above four degrees for more than two hours; or for two, or with a cold reading between."""
    batch, day = case.batch("raw milk"), case.day()
    case.say("milked", at=f"{day}T05:00:00+08:00", out_batch=batch)
    values = [("06:00", 5), ("07:00", 5 if guilty or case.chance.random() < 0.5 else 4), ("08:00", 6)]
    values += [("08:01", 5)] if guilty or values[1][1] == 4 else []
    readings = [{"value": str(value), "at": f"{day}T{at}:00+08:00"} for at, value in values]
    case.say("stored", at=day, batches=[batch], readings=readings)
    return case.planted(*[(cold_chain_breach.NAME, f"{batch} at {case.operator}")] * guilty)


def sale(case: Drawn, guilty: bool) -> Planted:
    """A restricted pesticide sold without a licence or to nobody known; or rightly, or one that is not restricted."""
    right: dict[str, Any] = {"licence": f"{case.name}:L", "buyer_id": f"{case.name}:B"}
    wrong = case.chance.choice(tuple(right))
    restricted = guilty or case.chance.random() < 0.5
    said = {name: value for name, value in right.items() if not (guilty and name == wrong)}
    said = said if restricted else {}
    case.say("input_sold", at=case.day(), batches=[case.batch("pesticide")], restricted=restricted or None, **said)
    return case.planted(*[(input_sale_unlicensed.NAME, case.operator)] * guilty)


PLANTERS: Final = (
    Planter(interval_breach.NAME, interval),
    Planter(withdrawal_breach.NAME, withdrawal),
    Planter(cold_chain_breach.NAME, warm_milk),
    Planter(input_sale_unlicensed.NAME, sale),
)
