"""Checks of purchases, certificates and labels, through a whole world: each side, any order, taken back again."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from fieldline_trace.risk.alerts import Alert

from .worlds import Saying, Told

LEAF, HAM, SALAD = "farm/spinach/L1", "trade/ham/H1", "plant/salad/S1"
Raw = dict[str, Any]


def said(identity: str, kind: str, **more: Any) -> Saying:
    fields: Raw = {"id": identity, "kind": kind, "operator": "plant", "site": "plant", "at": "2026-03-02", "zone": "Z"}
    return "plant", fields | more


def found(rule: str, *sayings: Saying) -> list[Alert]:
    told = Told()
    told.tell(*sayings)
    assert not told.ledger.rejected
    alerts = told.world.board.standing()
    assert not [alert.args for alert in alerts if alert.rule == "RULE_FAILED"]
    return sorted((alert for alert in alerts if alert.rule == rule), key=lambda alert: str(alert.args["why"]))


def whys(rule: str, *sayings: Saying) -> list[Any]:
    return [alert.args["why"] for alert in found(rule, *sayings)]


def gone(target: str) -> Saying:
    return said("c", "corrected", target={"id": target}, action="withdraw", reason="x", operator="plant")


# INCOMING_UNVERIFIED


def received(batch: str = HAM, **check: Any) -> Saying:
    return said("r", "received", batches=[batch], from_operator="trade", check=check)


LICENCE = said("l", "licensed", licence="SC1", holder="trade", activity="sale", valid_until="2026-03-02")


@pytest.mark.parametrize(("check", "lacks"), [
    ({}, ["evidence", "licence"]), ({"licence": "SC1"}, ["evidence"]), ({"certificates": ["CC1"]}, ["licence"]),
    ({"licence": "SC1", "inspection": "I1"}, []),
])  # fmt: skip
def test_what_was_not_seen_of_the_suppliers_papers_is_told(check: Raw, lacks: list[str]) -> None:
    assert whys("INCOMING_UNVERIFIED", received(**check)) == lacks


def test_a_receipt_that_says_nothing_of_a_check_is_not_judged() -> None:
    assert not whys("INCOMING_UNVERIFIED", said("r", "received", batches=[HAM], from_operator="trade"))


def test_papers_on_record_do_in_any_order_and_no_more_once_they_are_withdrawn() -> None:
    seen = said("i", "inspected", type="purchase", outcome="passed", batches=[HAM])
    for order in permutations([received(), LICENCE, seen]):
        assert not whys("INCOMING_UNVERIFIED", *order)
    for order in permutations([received(), LICENCE, seen, gone("l")]):
        assert whys("INCOMING_UNVERIFIED", *order) == ["licence"]
    for order in permutations([received(), gone("r")]):
        assert not whys("INCOMING_UNVERIFIED", *order)


@pytest.mark.parametrize(("day", "lacks"), [("2026-03-02", []), ("2026-03-03", ["not_theirs"])])
def test_a_licence_that_was_seen_has_to_hold(day: str, lacks: list[str]) -> None:
    receipt = received(licence="SC1", inspection="I1")
    assert whys("INCOMING_UNVERIFIED", (receipt[0], receipt[1] | {"at": day}), LICENCE) == lacks


def test_a_farmer_needs_no_licence_and_a_supplier_a_name() -> None:
    assert whys("INCOMING_UNVERIFIED", received(LEAF)) == ["evidence"]
    nameless = received(inspection="I1")
    assert whys("INCOMING_UNVERIFIED", (nameless[0], nameless[1] | {"from_operator": None})) == ["supplier"]


# CERTIFICATE_MISMATCH


def certified(**more: Any) -> Saying:
    fields: Raw = {"certificate": "CC1", "scheme": "compliance", "holder": "trade", "batches": [HAM]}
    return said("z", "certified", **fields | more)


def given(quantity: int = 10) -> Saying:
    goods = {"batch": HAM, "quantity": quantity, "unit": "kg"}
    return said("r", "received", batches=[goods], from_operator="trade", check={"certificates": ["CC1"]})


@pytest.mark.parametrize(("more", "why"), [
    ({}, []), ({"batches": ["trade/ham/H2"]}, ["batch"]), ({"holder": "other"}, ["holder"]),
    ({"batches": [], "product": "ham"}, []), ({"batches": [], "product": "milk"}, ["product"]),
    ({"batches": [{"batch": HAM, "quantity": 10000, "unit": "g"}]}, []),
    ({"batches": [{"batch": HAM, "quantity": 9999, "unit": "g"}]}, ["quantity"]),
    ({"valid_until": "2026-03-02"}, []), ({"valid_until": "2026-03-01"}, ["date"]),
])  # fmt: skip
def test_what_of_a_certificate_does_not_fit_is_told_in_any_order(more: Raw, why: list[str]) -> None:
    for order in permutations([certified(**more), given()]):
        assert whys("CERTIFICATE_MISMATCH", *order) == why


def test_one_certificate_of_the_number_that_fits_is_enough_and_none_on_record_is_no_news() -> None:
    assert not whys("CERTIFICATE_MISMATCH", given())
    other = certified(batches=["trade/ham/H2"])
    for order in permutations([given(), other, said("z2", "certified", **_fields(certified()))]):
        assert not whys("CERTIFICATE_MISMATCH", *order)
    for order in permutations([given(), other, gone("z")]):
        assert not whys("CERTIFICATE_MISMATCH", *order)


def _fields(saying: Saying) -> Raw:
    return {name: value for name, value in saying[1].items() if name in ("certificate", "scheme", "holder", "batches")}


# CLAIM_UNSUPPORTED


def labelled(batch: Any = SALAD, identity: str = "b", **more: Any) -> Saying:
    return said(identity, "labelled", batches=[batch], **more)


MADE = said("m", "transformed", in_batches=[LEAF], out_batches=[SALAD])


def organic(batch: str, identity: str, **more: Any) -> Saying:
    fields: Raw = {"certificate": identity, "scheme": "organic", "holder": "plant", "batches": [batch]}
    return said(identity, "certified", **fields | more)


def test_a_claim_asks_for_a_certificate_and_for_inputs_that_bear_it_in_any_order() -> None:
    claim = labelled(claims=["organic"])
    assert whys("CLAIM_UNSUPPORTED", claim) == ["certificate"]
    for order in permutations([claim, organic(SALAD, "k"), MADE]):
        [alert] = found("CLAIM_UNSUPPORTED", *order)
        assert (alert.args["why"], alert.args["inputs"]) == ("input", [LEAF])
    for order in permutations([claim, organic(SALAD, "k"), MADE, organic(LEAF, "k2", holder="farm")]):
        assert not whys("CLAIM_UNSUPPORTED", *order)
    for order in permutations([claim, organic(SALAD, "k"), MADE, gone("m")]):
        assert not whys("CLAIM_UNSUPPORTED", *order)


@pytest.mark.parametrize(("until", "why"), [("2026-03-02", []), ("2026-03-01", ["certificate"])])
def test_a_certificate_has_to_be_valid_when_it_was_labelled(until: str, why: list[str]) -> None:
    assert whys("CLAIM_UNSUPPORTED", labelled(claims=["organic"]), organic(SALAD, "k", valid_until=until)) == why


def test_what_an_input_was_made_of_may_bear_the_claim_and_no_listed_product_has_none_to_bear() -> None:
    mixed = said("m2", "transformed", in_batches=["trade/rocket/R1"], out_batches=[LEAF])
    sayings = [labelled(claims=["green"]), organic(SALAD, "k", scheme="green"), MADE, mixed]
    assert whys("CLAIM_UNSUPPORTED", *sayings) == ["input"]
    late = organic("", "k2", scheme="green", holder="trade", batches=[], product="rocket")
    for order in ([*sayings, late], [late, *sayings[::-1]]):
        assert not whys("CLAIM_UNSUPPORTED", *order)
    film = said("m", "transformed", in_batches=["film/film/F1"], out_batches=[SALAD])
    assert not whys("CLAIM_UNSUPPORTED", labelled(claims=["green"]), organic(SALAD, "k", scheme="green"), film)


# LABEL_FAULT


@pytest.mark.parametrize(("declared", "why"), [([], ["allergen"]), (["Milk "], [])])
def test_an_allergen_of_an_input_has_to_be_declared_in_any_order(declared: list[str], why: list[str]) -> None:
    inner = labelled(LEAF, "b2", allergens=["milk"])
    for order in permutations([labelled(allergens=declared), inner, MADE]):
        assert whys("LABEL_FAULT", *order) == why
    for order in permutations([labelled(allergens=declared), inner, MADE, gone("b2")]):
        assert not whys("LABEL_FAULT", *order)


def test_an_allergen_of_what_an_unlabelled_input_was_made_of_has_to_be_declared() -> None:
    deeper = said("m2", "transformed", in_batches=[HAM], out_batches=[LEAF])
    for order in permutations([labelled(), labelled(HAM, "b2", allergens=["soy"]), MADE, deeper]):
        [alert] = found("LABEL_FAULT", *order)
        assert (alert.severity, alert.args["what"], alert.args["inputs"]) == ("hold", "soy", [LEAF])


@pytest.mark.parametrize(("listed", "why"), [
    ([], []), (["菠菜"], []), (["leafy vegetables"], []), (["rocket"], ["ingredient"]),
])  # fmt: skip
def test_a_listed_product_that_went_in_is_an_ingredient_by_its_name_or_class(listed: list[str], why: list[str]) -> None:
    assert whys("LABEL_FAULT", labelled(ingredients=listed), MADE) == why


@pytest.mark.parametrize(("produced", "expires", "why"), [
    ("2026-03-02", None, []), ("2026-03-03", None, ["produced"]), ("2026-03-02", "2026-03-01", ["backwards"]),
    (None, "2026-03-09", []), (None, "2026-03-10", ["expires"]),
])  # fmt: skip
def test_dates_of_a_label_are_held_to_the_records(produced: str | None, expires: str | None, why: list[str]) -> None:
    made = said("m", "transformed", in_batches=[LEAF], out_batches=[{"batch": SALAD, "expires": "2026-03-09"}])
    label = labelled({"batch": SALAD, "produced": produced, "expires": expires})
    for order in permutations([made, label]):
        assert whys("LABEL_FAULT", *order) == why


def test_lots_that_were_mixed_again_and_again_are_looked_at_once_each() -> None:
    wide, deep = range(6), range(1, 13)
    mixed = [
        said(
            f"m{step}-{lot}", "transformed",
            in_batches=[f"plant/spinach/{step - 1}-{one}" for one in wide], out_batches=[f"plant/spinach/{step}-{lot}"],
        )
        for step in deep for lot in wide
    ]  # fmt: skip
    first = said("first", "labelled", batches=["plant/spinach/1-5"], allergens=["egg"])
    last = said("last", "labelled", batches=["plant/spinach/12-0"], allergens=[], claims=["organic"])
    assert whys("LABEL_FAULT", *mixed, first, last) == ["allergen"]
    assert whys("CLAIM_UNSUPPORTED", *mixed, first, last) == ["certificate", "input"]
