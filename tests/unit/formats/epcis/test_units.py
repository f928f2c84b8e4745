"""What is packed into units, taken out of them, and what units do: each event says it alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fieldline_schemas.fast import read as read_event
from fieldline_schemas.record import AGGREGATED, DISAGGREGATED, MOVED, SHAPE_MASK, UNITS

from tests.unit.formats.epcis.saying import (
    CASE,
    CASE_KEY,
    ITEM,
    ITEM_KEY,
    LOT,
    LOT_KEY,
    OTHER_KEY,
    OTHER_LOT,
    PALLET,
    PALLET_KEY,
    PLANT_KEY,
    SHOP,
    SHOP_KEY,
    amount,
    companions,
    converted,
    event,
    filled,
    of_unit,
    packed,
    single,
    taken,
)

TO_SHOP: dict[str, Any] = {"destinationList": [{"type": "location", "destination": SHOP}]}
REF = {"batch": LOT_KEY, "quantity": "200", "unit": "KGM"}
ONE = {"batch": ITEM_KEY, "quantity": "1", "unit": "H87"}


def _shapes(said: dict[str, Any]) -> list[tuple[int, bool]]:
    steps = read_event(json.dumps(said).encode()).steps
    return [(step.shape & SHAPE_MASK, bool(step.shape & UNITS)) for step in steps]


def test_packing_names_the_unit_and_what_came_into_it() -> None:
    said = filled(1, PALLET, amount(), childEPCs=[ITEM, CASE])
    made = single(said)
    assert (made["kind"], made["parent"], made["site"]) == ("aggregated", PALLET_KEY, PLANT_KEY)
    assert made["children"] == [ONE, {"batch": CASE_KEY}, REF]
    assert _shapes(made) == [(AGGREGATED, True)]


def test_who_sees_children_in_a_unit_says_that_they_are_in_it() -> None:
    made = single(filled(1, PALLET, amount(), action="OBSERVE"))
    assert (made["kind"], made["children"]) == ("aggregated", [REF])


def test_unpacking_names_what_was_taken_out_and_else_takes_out_all() -> None:
    some = single(filled(1, PALLET, amount(quantity=50), action="DELETE"))
    assert (some["kind"], some["children"]) == ("disaggregated", [{**REF, "quantity": "50"}])
    everything = single(packed(2, PALLET, action="DELETE", site=SHOP))
    assert (everything["kind"], everything.get("children"), everything["site"]) == ("disaggregated", None, SHOP_KEY)
    assert _shapes(everything) == [(DISAGGREGATED, True)]


def test_taking_out_what_has_no_key_takes_out_nothing_else() -> None:
    made = single(packed(1, PALLET, "urn:epc:id:gdti:4012345.00001.7", action="DELETE"))
    assert (made["kind"], made["subject"]) == ("noted", PALLET)


def test_a_unit_is_shipped_received_and_seen_like_a_batch() -> None:
    shipped = single(of_unit(2, PALLET, "shipping", **TO_SHOP))
    assert (shipped["kind"], shipped["to_site"], shipped["batches"]) == ("shipped", SHOP_KEY, [{"batch": PALLET_KEY}])
    assert _shapes(shipped) == [(MOVED, True)]
    assert single(of_unit(2, PALLET, "receiving"))["kind"] == "received"
    assert single(of_unit(2, PALLET, "staging_outbound"))["kind"] == "stored"


def test_what_is_packed_and_shipped_at_once_is_both() -> None:
    first, then = taken(filled(1, PALLET, amount(), bizStep="shipping", **TO_SHOP))
    assert (first["kind"], first["children"]) == ("aggregated", [REF])
    assert (then["kind"], then["batches"], then["to_site"]) == ("shipped", [{"batch": PALLET_KEY}], SHOP_KEY)
    assert then["x-epcis-of"] == {"event": first["id"]}


def test_a_number_that_is_given_to_a_unit_is_no_birth_of_goods() -> None:
    assert single(of_unit(1, PALLET, "commissioning", action="ADD"))["kind"] == "stored"
    born, there = taken(event(action="ADD", bizStep="commissioning", epcList=[PALLET], quantityList=[amount()]))
    assert (born["kind"], born["out_batches"]) == ("transformed", [REF])
    assert (there["kind"], there["batches"]) == ("stored", [{"batch": PALLET_KEY}])


def test_destroying_a_unit_destroys_what_is_in_it_and_giving_up_its_number_does_not() -> None:
    gone = single(of_unit(1, PALLET, "destroying", action="DELETE"))
    assert (gone["kind"], gone["batches"]) == ("disposed", [{"batch": PALLET_KEY}])
    assert single(of_unit(1, PALLET, "decommissioning", action="DELETE"))["kind"] == "stored"


def test_what_is_in_a_unit_goes_into_what_is_made_of_it() -> None:
    made = single(event("TransformationEvent", 3, inputEPCList=[PALLET], outputQuantityList=[amount(OTHER_LOT)]))
    assert made["in_batches"] == [{"batch": PALLET_KEY}]
    assert [ref["batch"] for ref in made["out_batches"]] == [OTHER_KEY]


def test_a_transaction_about_a_pallet_is_about_the_pallet() -> None:
    made = single(
        event("TransactionEvent", 2, bizTransactionList=[{"bizTransaction": "urn:x:po"}], parentID=PALLET, epcList=[])
    )
    assert (made["kind"], made["batches"]) == ("stored", [{"batch": PALLET_KEY}])


@pytest.mark.parametrize("holder", [ITEM, "https://example.com/crate/7"])
def test_what_holds_others_without_a_units_number_moves_as_a_unit_too(holder: str) -> None:
    packing, shipment = filled(1, holder, amount()), of_unit(2, holder, "shipping", **TO_SHOP)
    packed_, shipped, along = taken(packing, shipment)
    assert packed_["parent"].startswith("unit/epc:id/")
    assert shipped["batches"] != along["batches"] == [{"batch": packed_["parent"]}]
    assert (along["kind"], along["to_site"]) == ("shipped", SHOP_KEY)
    inside, _, into = taken(filled(1, holder, amount()), packed(1, PALLET, holder))
    assert into["children"] == [{"batch": inside["parent"]}]
    _, _, used = taken(
        packing, event("TransformationEvent", 3, inputEPCList=[holder], outputQuantityList=[amount(OTHER_LOT)])
    )
    assert (used["in_batches"], used["out_batches"]) == ([packed_["parent"]], [{"batch": OTHER_KEY}])


def test_the_event_itself_is_the_same_whatever_its_document_knows() -> None:
    shipment = of_unit(2, ITEM, "shipping", eventID="urn:x:ship")
    alone = converted(shipment).events
    among = converted(filled(1, ITEM, amount()), shipment).events
    assert alone[0] in among
    assert len(companions(among)) == 1


def test_the_same_document_says_the_same_again() -> None:
    events = (filled(1, PALLET, amount(LOT), bizStep="shipping"), of_unit(2, PALLET, "shipping"))
    assert converted(*events) == converted(*events)
