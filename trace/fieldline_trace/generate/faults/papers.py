"""Planted failures of the rules on amounts, retests, purchases, certificates and labels."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.risk.rules import (
    certificate_mismatch,
    claim_unsupported,
    incoming_unverified,
    label_fault,
    mass_balance,
    retest,
    test_failed,
)

_DAY: Final = timedelta(days=1)


def grown(case: Drawn, guilty: bool) -> Planted:
    """A step that makes a little more than its input and 5 % of it; or just that."""
    day, most = case.day(), 105 * case.chance.randint(1, 9)
    made = {"batch": case.batch("salad"), "quantity": most + guilty, "unit": "kg"}
    put_in = {"batch": case.batch("spinach"), "quantity": most * 100_000 // 105, "unit": "g"}
    case.made(case.batch("spinach"), day)
    case.say("transformed", at=day + _DAY, in_batches=[put_in], out_batches=[made])
    return case.planted(*[(mass_balance.NAME, case.batch("salad"))] * guilty)


def retested(case: Drawn, guilty: bool) -> Planted:
    """A retest that was asked for and passed, which withdraws the finding; or a failed test that nobody contests."""
    batch, day = case.batch("ham"), case.day()
    case.tested(day, "failed", batch=batch)
    if not guilty:
        return case.planted((test_failed.NAME, batch))
    report = f"{case.name}:R1"
    case.say("retest_requested", at=day + _DAY, lab="lab", report=report)
    case.tested(day + 9 * _DAY, "passed", "R2", batch=batch, lab="south", retest_of={"lab": "lab", "report": report})
    return case.planted((retest.NAME, batch))


def unseen(case: Drawn, guilty: bool) -> Planted:
    """A receipt with neither certificate nor inspection; or with one of them."""
    batch, day = case.batch("spinach"), case.day()
    case.made(batch, day)
    check = {} if guilty else {"inspection": "I-1"}
    case.say("received", at=day + _DAY, operator="market", site="market", batches=[batch], from_site=case.operator,
             from_operator=case.operator, check=check)  # fmt: skip
    return case.planted(*[(incoming_unverified.NAME, batch)] * guilty)


def misfitting(case: Drawn, guilty: bool) -> Planted:
    """A certificate that is given on the day after its last; or on the last."""
    batch, day, number = case.batch("spinach"), case.day(), f"{case.name}:CC"
    case.made(batch, day)
    case.say("certified", at=day, certificate=number, scheme="compliance", holder=case.operator, batches=[batch],
             valid_until=day + 3 * _DAY)  # fmt: skip
    case.say("received", at=day + (3 + guilty) * _DAY, operator="market", site="market", batches=[batch],
             from_site=case.operator, from_operator=case.operator, check={"certificates": [number]})  # fmt: skip
    return case.planted(*[(certificate_mismatch.NAME, number)] * guilty)


def claimed(case: Drawn, guilty: bool) -> Planted:
    """A salad that is labelled organic of spinach that nobody certified; or of spinach that was certified, too."""
    leaf, salad, day = case.batch("spinach"), case.batch("salad"), case.day()
    case.made(leaf, day)
    case.say("transformed", at=day + _DAY, in_batches=[leaf], out_batches=[salad])
    case.say("certified", at=day, certificate=f"{case.name}:OC", scheme="organic", holder=case.operator,
             batches=[salad] if guilty else [salad, leaf])  # fmt: skip
    case.say("labelled", at=day + _DAY, batches=[salad], claims=["organic"])
    return case.planted(*[(claim_unsupported.NAME, salad)] * guilty)


def mislabelled(case: Drawn, guilty: bool) -> Planted:
    """A label that does not declare an allergen of what went in; or declares it."""
    inner, outer, day = case.batch("sauce"), case.batch("salad"), case.day()
    case.made(inner, day)
    case.say("labelled", at=day, batches=[inner], allergens=["milk"])
    case.say("transformed", at=day + _DAY, in_batches=[inner], out_batches=[outer])
    case.say("labelled", at=day + _DAY, batches=[outer], allergens=[] if guilty else ["Milk"])
    return case.planted(*[(label_fault.NAME, outer)] * guilty)


PLANTERS: Final = (
    Planter(mass_balance.NAME, grown),
    Planter(retest.NAME, retested),
    Planter(incoming_unverified.NAME, unseen),
    Planter(certificate_mismatch.NAME, misfitting),
    Planter(claim_unsupported.NAME, claimed),
    Planter(label_fault.NAME, mislabelled),
)
