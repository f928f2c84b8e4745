"""Outputs above inputs × the greatest yield × 1.05: each side of the boundary, and what is not judged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from fieldline_trace.reference import load_reference
from fieldline_trace.risk.rules.mass_balance import Part, mass_balance

YIELDS = load_reference().yields
PART = Part(
    identity=70,
    number=7,
    firm=True,
    historical=False,
    kind="transformed",
    dimension="mass",
    put_in=Decimal(100),
    made=Decimal("105.1"),
    batches=("plant/salad/S1",),
    site="plant",
)


@pytest.mark.parametrize(("made", "told"), [("105", 0), ("105.000001", 1), ("90", 0)])
def test_more_than_the_greatest_yield_and_its_tolerance_is_told(made: str, told: int) -> None:
    found = list(mass_balance("x", [replace(PART, made=Decimal(made))], YIELDS))
    assert len(found) == told
    if told:
        [one] = found
        assert (one.severity, one.args["put_in"], one.args["most"], one.evidence) == ("warning", "100", "105", (7,))


@pytest.mark.parametrize("kind", ["harvested", "milked", "prepared", "served"])
def test_what_can_grow_is_not_judged(kind: str) -> None:
    assert not list(mass_balance("x", [replace(PART, kind=kind)], YIELDS))


def test_of_several_contents_the_most_put_in_and_the_least_made_count() -> None:
    other = replace(PART, number=8, made=Decimal(104))
    assert not list(mass_balance("x", [PART, other], YIELDS))
    [found] = mass_balance("x", [PART, replace(other, made=Decimal(106), firm=False)], YIELDS)
    assert (found.args["made"], found.sure) == ("105.1", False)


def test_parts_of_a_process_are_added_up() -> None:
    more = replace(PART, identity=80, number=8, put_in=Decimal("0.1"), made=Decimal(0), batches=())
    assert not list(mass_balance("x", [PART, more], YIELDS))
    [found] = mass_balance("x", [PART, replace(more, put_in=Decimal("0.09"))], YIELDS)
    assert found.evidence_count == 2


def test_a_greater_yield_of_a_product_or_of_its_class_counts() -> None:
    grown = replace(YIELDS, products={("transformed", "vegetables"): Decimal(2)})
    leaf = replace(PART, batches=("plant/spinach/S1",), made=Decimal(210))
    assert not list(mass_balance("x", [leaf], grown))
    assert len(list(mass_balance("x", [replace(leaf, made=Decimal(211))], grown))) == 1
