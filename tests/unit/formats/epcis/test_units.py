"""What is inside a unit goes where the unit goes, as far as one document tells."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.unit.formats.epcis.saying import (
    CASE,
    ITEM,
    LOT,
    LOT_KEY,
    OTHER_KEY,
    OTHER_LOT,
    PALLET,
    PLANT,
    PLANT_KEY,
    POOL_KEY,
    SHOP,
    SHOP_KEY,
    STORE,
    amount,
    companions,
    converted,
    event,
    filled,
    of_unit,
    packed,
    taken,
)

TO_SHOP: dict[str, Any] = {"destinationList": [{"type": "location", "destination": SHOP}]}


def _shipped(*events: Any) -> list[list[str]]:
    """The batches of each shipment that goes by what units held."""
    return [[ref["batch"] for ref in one["batches"]] for one in companions(taken(*events)) if one["kind"] == "shipped"]


def test_a_shipment_of_a_pallet_moves_what_was_packed_on_it() -> None:
    events = taken(filled(1, PALLET, amount()), of_unit(2, PALLET, "shipping", eventID="urn:x:ship", **TO_SHOP))
    (moved,) = companions(events)
    assert (moved["kind"], moved["site"], moved["to_site"]) == ("shipped", PLANT_KEY, SHOP_KEY)
    assert moved["batches"] == [{"batch": LOT_KEY, "quantity": "200", "unit": "KGM"}]
    assert moved["x-epcis-of"] == {"event": "urn:x:ship", "through": {"epc/sscc/106141412345678908": [LOT_KEY]}}


def test_a_unit_in_a_unit_moves_its_content_too() -> None:
    assert _shipped(filled(1, CASE, amount()), packed(2, PALLET, CASE), of_unit(3, PALLET, "shipping", **TO_SHOP)) == [
        [LOT_KEY]
    ]


def test_events_count_by_time_and_not_by_their_order_in_the_document() -> None:
    assert _shipped(of_unit(2, PALLET, "shipping"), filled(1, PALLET, amount())) == [[LOT_KEY]]
    assert _shipped(of_unit(1, PALLET, "shipping"), filled(2, PALLET, amount())) == []


def test_a_pallet_that_is_used_again_moves_what_it_holds_then() -> None:
    assert _shipped(
        filled(1, PALLET, amount()),
        of_unit(2, PALLET, "shipping"),
        packed(3, PALLET, action="DELETE", site=SHOP),
        filled(4, PALLET, amount(OTHER_LOT)),
        of_unit(5, PALLET, "shipping"),
    ) == [[LOT_KEY], [OTHER_KEY]]


def test_unpacking_without_children_leaves_all_of_it_there() -> None:
    events = taken(filled(1, PALLET, amount()), packed(2, PALLET, action="DELETE", site=SHOP))
    (there,) = companions(events)
    assert (there["kind"], there["site"]) == ("received", SHOP_KEY)
    assert [ref["batch"] for ref in there["batches"]] == [LOT_KEY]


@pytest.mark.parametrize(
    ("taken_out", "left"),
    [
        (amount(quantity=50), "150"),
        (amount(quantity=200), None),
        (amount(quantity=None, uom=None), None),
        (amount(quantity=3, uom="XBX"), "not said"),
    ],
)
def test_what_is_unpacked_of_a_lot_lessens_it(taken_out: Any, left: str | None) -> None:
    events = taken(
        filled(1, PALLET, amount()), filled(2, PALLET, taken_out, action="DELETE"), of_unit(3, PALLET, "shipping")
    )
    refs = [ref for one in companions(events) for ref in one["batches"]]
    assert [ref.get("quantity", "not said") for ref in refs] == ([] if left is None else [left])


def test_an_item_that_was_seen_alone_elsewhere_is_in_the_unit_no_more() -> None:
    def content(*between: Any) -> list[list[str]]:
        return _shipped(packed(1, PALLET, ITEM), *between, of_unit(5, PALLET, "shipping"))

    assert content() == [[POOL_KEY]]
    assert content(event(day=3, site=SHOP, epcList=[ITEM])) == []
    assert content(event(day=3, site=PLANT, epcList=[ITEM])) == [[POOL_KEY]]
    assert content(event(day=3, site=None, epcList=[ITEM])) == [[POOL_KEY]]
    assert content(event(day=3, site=SHOP, epcList=[ITEM, PALLET])) == [[POOL_KEY]]


def test_units_in_a_circle_come_to_an_end() -> None:
    assert _shipped(
        packed(1, PALLET, CASE), packed(1, CASE, PALLET), filled(1, CASE, amount()), of_unit(2, PALLET, "shipping")
    ) == [[LOT_KEY]]


def test_a_long_chain_of_units_is_followed_to_its_end() -> None:
    units = [f"urn:epc:id:sscc:0614141.1{n:09d}" for n in range(2000)]
    nested = [packed(1, outer, inner) for outer, inner in pairwise(units)]
    assert _shipped(filled(1, units[-1], amount()), *nested, of_unit(2, units[0], "shipping")) == [[LOT_KEY]]


def test_who_sees_children_in_a_unit_says_that_they_are_in_it() -> None:
    seen = filled(1, PALLET, amount(), action="OBSERVE")
    assert _shipped(seen, of_unit(2, PALLET, "shipping")) == [[LOT_KEY]]


def test_an_item_has_the_lot_that_its_commissioning_names() -> None:
    born = event(action="ADD", bizStep="commissioning", epcList=[ITEM], ilmd={"cbvmda:lotNumber": "998877"})
    events = taken(event(day=2, epcList=[ITEM], bizStep="shipping", **TO_SHOP), born)
    assert [ref["batch"] for ref in events[0]["batches"]] == [POOL_KEY]
    assert [ref["batch"] for one in companions(events) for ref in one["batches"]] == [LOT_KEY]


def test_what_was_in_a_unit_goes_into_what_is_made_of_it() -> None:
    made = event("TransformationEvent", 3, inputEPCList=[PALLET], outputQuantityList=[amount(OTHER_LOT)])
    (whole,) = companions(taken(filled(1, PALLET, amount()), made))
    assert whole["kind"] == "transformed"
    assert (whole["in_batches"], whole["out_batches"]) == ([{"batch": LOT_KEY}], [{"batch": OTHER_KEY}])


def test_a_transaction_about_a_pallet_is_about_its_content() -> None:
    said = event(
        "TransactionEvent", 2, bizTransactionList=[{"bizTransaction": "urn:x:po"}], parentID=PALLET, epcList=[]
    )
    (there,) = companions(taken(filled(1, PALLET, amount()), said))
    assert (there["kind"], there["batches"][0]["batch"]) == ("received", LOT_KEY)


def test_the_event_itself_is_the_same_whatever_its_document_knows() -> None:
    shipment = of_unit(2, PALLET, "shipping", eventID="urn:x:ship")
    alone = converted(shipment).events
    among = converted(filled(1, PALLET, amount()), shipment).events
    assert alone[0] in among
    ids = [companions(converted(filled(1, PALLET, amount(lot)), shipment).events)[0]["id"] for lot in (LOT, OTHER_LOT)]
    assert len({*ids, "urn:x:ship"}) == 3


def test_the_same_document_says_the_same_again() -> None:
    events = (filled(1, PALLET, amount()), of_unit(2, PALLET, "shipping", site=STORE))
    assert converted(*events) == converted(*events)
