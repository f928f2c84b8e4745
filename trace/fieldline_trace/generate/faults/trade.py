"""Planted failures of the rules on what is released, sold, held and noticed abroad."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from fieldline_schemas.canonical import identity_hash

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.recall.docket import opened_id
from fieldline_trace.risk.rules import (
    expired,
    external_notice,
    held_batch_moved,
    operator_status,
    released_untested,
    scope_grew,
)

_DAY: Final = timedelta(days=1)


def untested(case: Drawn, guilty: bool) -> Planted:
    """A batch that left before the result of its release test, or without one; or on the day after it."""
    batch, day = case.batch("ham"), case.day()
    case.made(batch, day)
    sample = case.sampled(batch, day, kind_of_sample="release")
    if not guilty or case.chance.random() < 0.5:
        case.tested(day + (3 if guilty else 1) * _DAY, sample=sample)
    case.say("shipped", at=day + 2 * _DAY, batches=[batch], to_site="market", arrived=day + 2 * _DAY)
    return case.planted(*[(released_untested.NAME, batch)] * guilty)


def past_shelf_life(case: Drawn, guilty: bool) -> Planted:
    """A sale on the day after the last of a shelf life; or on the last."""
    batch, day = case.batch("yoghurt"), case.day()
    until = day + timedelta(days=case.chance.randint(2, 20))
    case.made(batch, day, expires=until)
    case.say("sold", at=until + guilty * _DAY, batches=[batch])
    return case.planted(*[(expired.NAME, f"{batch} at {case.operator}")] * guilty)


def unlicensed(case: Drawn, guilty: bool) -> Planted:
    """A harvest after the last day of a licence, or while a measure barred it; or on the last day, or before."""
    day, batch = case.day(), case.batch("lettuce")
    case.made(batch, day)
    if case.chance.random() < 0.5:
        case.say("licensed", sender="county", role="regulator", operator="county", licence=f"{case.name}:SC",
                 holder=case.operator, activity="production", valid_from=date(2026, 1, 1),
                 valid_until=day - guilty * _DAY)  # fmt: skip
    else:
        case.say("sanctioned", sender="county", role="regulator", operator="county", subject=case.operator,
                 measure="suspension", since=day - 2 * _DAY, until=day if guilty else day - _DAY,
                 reason="planted")  # fmt: skip
    return case.planted(*[(operator_status.NAME, case.operator)] * guilty)


def held(case: Drawn, guilty: bool) -> Planted:
    """What a scope holds is sold on the day after it was opened; or on the day before, or disposed of."""
    batch, day = case.batch("lettuce"), case.day()
    case.made(batch, day)
    _open(case, batch, day + 2 * _DAY)
    if guilty or case.chance.random() < 0.5:
        case.say("sold", at=day + (3 if guilty else 1) * _DAY, batches=[batch])
    else:
        case.say("disposed", at=day + 3 * _DAY, batches=[batch], method="destroyed")
    return case.planted(*[(held_batch_moved.NAME, f"{batch} at {case.operator}")] * guilty)


def grew(case: Drawn, guilty: bool) -> Planted:
    """A closed scope whose lot is found to have been made into something; or had been already. Goes by what was known
    when it was closed."""
    batch, day = case.batch("lettuce"), case.day()
    case.made(batch, day)
    scope = _open(case, batch, day + 5 * _DAY)
    case.say("scope_closed", sender="duty", role="emergency", operator="duty", at=day + 6 * _DAY, scope=scope, part=1,
             reason="planted")  # fmt: skip
    case.say("transformed", at=day + _DAY, in_batches=[batch], out_batches=[case.batch("salad")], part=2 * guilty)
    return case.planted(*[(scope_grew.NAME, scope)] * guilty)


def noticed(case: Drawn, guilty: bool) -> Planted:
    """A notice that names a batch that is on record here; or one that is not."""
    batch, day = case.batch("sesame"), case.day()
    case.made(batch, day)
    case.noticed(batch if guilty else case.batch("sesame", "L2"), day)
    return case.planted(*[(external_notice.NAME, batch)] * guilty)


def _open(case: Drawn, batch: str, day: date) -> str:
    """A scope that a person opens on a lot; its id."""
    case.say("scope_opened", sender="duty", role="emergency", operator="duty", at=day, seeds=[{"batch": batch}],
             hazard_class="pathogen", hazard="Salmonella", reason="planted")  # fmt: skip
    return opened_id(identity_hash("duty", case.sayings[-1].event["id"]))


PLANTERS: Final = (
    Planter(released_untested.NAME, untested, waits=True),
    Planter(expired.NAME, past_shelf_life),
    Planter(operator_status.NAME, unlicensed),
    Planter(held_batch_moved.NAME, held),
    Planter(scope_grew.NAME, grew),
    Planter(external_notice.NAME, noticed),
)
