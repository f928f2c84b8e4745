"""Planted failures of the rules on records, corrections, clocks and what is done about alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter, Saying
from fieldline_trace.risk.alerts import found
from fieldline_trace.risk.rules import (
    alert_unacknowledged,
    chain_gap,
    clock_skew,
    correction_refused,
    event_conflict,
    external_notice,
)

_DAY: Final = timedelta(days=1)


def gap(case: Drawn, guilty: bool) -> Planted:
    """A shipment with no receipt, or a receipt of what came from nowhere; or both in order."""
    batch, day = case.batch("lettuce"), case.day()
    case.made(batch, day)
    case.say("shipped", at=day + _DAY, batches=[batch], to_site=f"{case.operator} market",
             arrived=None if guilty else day + 2 * _DAY)  # fmt: skip
    return case.planted(*[(chain_gap.NAME, f"{batch} at {case.operator}")] * guilty)


def conflict(case: Drawn, guilty: bool) -> Planted:
    """One id with two contents; or the same content twice."""
    batch, day = case.batch("lettuce"), case.day()
    case.made(batch, day)
    said = case.sayings[0]
    other = {"out_batch": {"batch": case.batch("lettuce", "L2")}} if guilty else {}
    case.sayings.append(Saying(said.sender, said.role, {**said.event, **other}))
    return case.planted(*[(event_conflict.NAME, f"event of {case.operator}")] * guilty)


def skew(case: Drawn, guilty: bool) -> Planted:
    """A time a hundred years ahead; or one in order."""
    day = case.day()
    case.made(case.batch("lettuce"), day.replace(year=2126) if guilty else day)
    return case.planted(*[(clock_skew.NAME, case.operator)] * guilty)


def refused(case: Drawn, guilty: bool) -> Planted:
    """A correction by a stranger; or by an authority."""
    case.made(case.batch("lettuce"), case.day())
    stranger = f"{case.name} stranger"
    case.say("corrected", sender=stranger if guilty else "county", role="producer" if guilty else "regulator",
             operator=None, site=None, action="withdraw", reason="planted",
             target={"id": case.sayings[0].event["id"], "sender": case.operator})  # fmt: skip
    return case.planted(*[(correction_refused.NAME, f"event of {stranger}")] * guilty)


def unacknowledged(case: Drawn, guilty: bool) -> Planted:
    """A grave alert that nobody takes on; or that somebody acknowledges."""
    batch, day = case.batch("sesame"), case.day()
    case.made(batch, day)
    reference = case.noticed(batch, day)
    if not guilty:
        alert = found(external_notice.NAME, f"{reference}|{batch}", batch, "critical", {}, ()).id
        case.say("alert_acknowledged", sender="duty", role="emergency", operator="duty", alert=alert)
    return case.planted((external_notice.NAME, batch), *[(alert_unacknowledged.NAME, batch)] * guilty)


PLANTERS: Final = (
    Planter(chain_gap.NAME, gap, waits=True, everywhere=False),
    Planter(event_conflict.NAME, conflict),
    Planter(clock_skew.NAME, skew),
    Planter(correction_refused.NAME, refused),
    Planter(alert_unacknowledged.NAME, unacknowledged, waits=True, everywhere=False),
)
