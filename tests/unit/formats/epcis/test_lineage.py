"""What EPCIS events mean for lineage, from documents to the index: several documents, in any order."""

from __future__ import annotations

from itertools import count, permutations
from typing import Any

import msgspec
import pytest
from fieldline_schemas.times import interval_of
from fieldline_trace.capture import Door, MemoryLedger
from fieldline_trace.follow.fetch import follow_memory
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.parts import NOWHERE

from tests.unit.formats.epcis.saying import (
    CASE,
    ITEM,
    ITEM_KEY,
    LOT_KEY,
    OTHER_KEY,
    OTHER_LOT,
    PALLET,
    PLANT_KEY,
    POOL_KEY,
    SHOP,
    SHOP_KEY,
    STORE,
    STORE_KEY,
    amount,
    event,
    filled,
    of_unit,
    packed,
    taken,
)

TO_SHOP: dict[str, Any] = {"destinationList": [{"type": "location", "destination": SHOP}]}
BORN = event(action="ADD", bizStep="commissioning")
PACKED = filled(2, PALLET, amount())
SENT = of_unit(3, PALLET, "shipping", **TO_SHOP)
WRONG = {"errorDeclaration": {"declarationTime": "2026-03-20T00:00:00Z", "reason": "did_not_occur"}}


def reached(lot: str, *documents: list[Any], back: bool = False) -> set[tuple[str, str]]:
    """Batch and site of all that a trace from ``lot`` reaches, after the documents were handed in one by one."""
    clock = count(interval_of("2026-04-01", "+00:00").lo)
    ledger = MemoryLedger(clock=lambda: next(clock))
    for one in documents:
        ledger.take([msgspec.json.encode(said) for said in taken(*one)], Door("plant", "producer"), history=True)
    index = follow_memory(ledger).index
    trace = (index.backward if back else index.forward)([Seed(ledger.batches[lot])])
    batches, sites = list(ledger.batches), list(ledger.sites)
    names = {number: name for name, number in ledger.batches.items()}
    places = {number: name for name, number in ledger.sites.items()}
    assert len(names) == len(batches)
    assert len(places) == len(sites)
    return {
        (names[int(batch)], places[int(site)])
        for batch, site in zip(trace.batch, trace.site, strict=True)
        if int(site) != NOWHERE
    }


@pytest.mark.parametrize("order", list(permutations(([BORN], [PACKED], [SENT]))))
def test_a_pallet_moves_what_was_packed_on_it_whatever_document_tells_of_it_first(order: Any) -> None:
    assert reached(LOT_KEY, *order) == {(LOT_KEY, PLANT_KEY), (LOT_KEY, SHOP_KEY)}


def test_a_case_on_a_pallet_goes_along() -> None:
    case, pallet = filled(2, CASE, amount()), packed(2, PALLET, CASE)
    assert (LOT_KEY, SHOP_KEY) in reached(LOT_KEY, [BORN, case], [pallet], [SENT])


def test_a_pallet_that_is_used_again_moves_what_it_holds_then() -> None:
    again = [
        packed(4, PALLET, action="DELETE", site=SHOP),
        event(day=5, action="ADD", bizStep="commissioning", quantityList=[amount(OTHER_LOT)]),
        filled(5, PALLET, amount(OTHER_LOT)),
        of_unit(6, PALLET, "shipping", destinationList=[{"type": "location", "destination": STORE}]),
    ]
    assert reached(OTHER_KEY, [BORN, PACKED, SENT], again) == {(OTHER_KEY, PLANT_KEY), (OTHER_KEY, STORE_KEY)}
    assert (LOT_KEY, STORE_KEY) not in reached(LOT_KEY, [BORN, PACKED, SENT], again)


def test_what_was_taken_out_stays_behind() -> None:
    out = filled(2, PALLET, amount(), action="DELETE", eventTime="2026-03-02T20:00:00+08:00")
    assert reached(LOT_KEY, [BORN, PACKED, SENT], [out]) == {(LOT_KEY, PLANT_KEY)}


def test_what_is_unpacked_is_there_although_no_shipment_says_how_it_came() -> None:
    unpacked = packed(5, PALLET, action="DELETE", site=SHOP)
    assert (LOT_KEY, SHOP_KEY) in reached(LOT_KEY, [BORN, PACKED], [unpacked])


def test_an_item_seen_alone_elsewhere_was_in_the_pallet_no_more() -> None:
    born = event(action="ADD", bizStep="commissioning", epcList=[ITEM], quantityList=None)
    boxed = packed(2, PALLET, ITEM)
    assert (ITEM_KEY, SHOP_KEY) in reached(ITEM_KEY, [born, boxed, SENT])
    alone = event(day=2, site=STORE, epcList=[ITEM], quantityList=None, eventTime="2026-03-02T20:00:00+08:00")
    assert (ITEM_KEY, SHOP_KEY) not in reached(ITEM_KEY, [born, boxed, SENT], [alone])


def test_the_recall_of_a_lot_covers_its_items_wherever_the_lot_of_an_item_is_said() -> None:
    ilmd = {"cbvmda:lotNumber": "998877"}
    born = event(action="ADD", bizStep="commissioning", epcList=[ITEM], quantityList=None, ilmd=ilmd)
    moved = event(day=3, bizStep="shipping", epcList=[ITEM], quantityList=None, **TO_SHOP)
    for order in permutations(([BORN], [born], [moved])):
        found = {site for batch, site in reached(LOT_KEY, *order) if "/21/" in batch}
        assert {PLANT_KEY, SHOP_KEY} <= found


def test_a_lot_does_not_move_with_one_of_its_items() -> None:
    ilmd = {"cbvmda:lotNumber": "998877"}
    born = event(action="ADD", bizStep="commissioning", epcList=[ITEM], quantityList=None, ilmd=ilmd)
    moved = event(day=3, bizStep="shipping", epcList=[ITEM], quantityList=None, **TO_SHOP)
    assert (LOT_KEY, SHOP_KEY) not in reached(LOT_KEY, [BORN, born, moved])


def test_what_a_class_without_a_lot_holds_moves_as_the_pool_of_its_product() -> None:
    some = filled(2, PALLET, {"epcClass": "urn:epc:idpat:sgtin:4012345.012345.*", "quantity": 6})
    assert (POOL_KEY, SHOP_KEY) in reached(POOL_KEY, [some], [SENT])


def test_a_packing_that_did_not_occur_moves_nothing_even_if_that_is_known_first() -> None:
    for order in permutations(([BORN], [PACKED], [SENT], [{**PACKED, **WRONG}])):
        assert reached(LOT_KEY, *order) == {(LOT_KEY, PLANT_KEY)}


def test_every_input_of_a_process_may_be_in_every_output_of_it_whatever_their_times() -> None:
    run = {"transformationID": "urn:x:run"}
    used = event("TransformationEvent", 9, inputQuantityList=[amount()], **run)
    made = event("TransformationEvent", 1, outputQuantityList=[amount(OTHER_LOT)], **run)
    for order in permutations(([used], [made])):
        assert (OTHER_KEY, PLANT_KEY) in reached(LOT_KEY, *order)
        assert (LOT_KEY, PLANT_KEY) in reached(OTHER_KEY, *order, back=True)


def test_an_empty_transformation_id_joins_nothing() -> None:
    run = {"transformationID": ""}
    first = event("TransformationEvent", 1, inputQuantityList=[amount()], outputQuantityList=[amount("urn:x:a")], **run)
    other = event(
        "TransformationEvent", 2, inputQuantityList=[amount("urn:x:b")], outputQuantityList=[amount(OTHER_LOT)], **run
    )
    assert (OTHER_KEY, PLANT_KEY) not in reached(LOT_KEY, [first, other])


def test_a_birth_may_repeat_and_a_part_that_is_destroyed_leaves_the_lot_alive() -> None:
    again = event(day=2, action="ADD", bizStep="creating_class_instance")
    part = event(day=3, action="DELETE", bizStep="destroying", quantityList=[amount(quantity=5)])
    sent = event(day=4, bizStep="shipping", **TO_SHOP)
    assert reached(LOT_KEY, [BORN, again, part, sent]) == {(LOT_KEY, PLANT_KEY), (LOT_KEY, SHOP_KEY)}


def test_a_voided_shipment_moved_nothing() -> None:
    sent, void = event(day=3, bizStep="shipping", **TO_SHOP), event(day=4, bizStep="void_shipping")
    assert reached(LOT_KEY, [BORN, sent]) == {(LOT_KEY, PLANT_KEY), (LOT_KEY, SHOP_KEY)}
    assert reached(LOT_KEY, [BORN, sent, void]) == {(LOT_KEY, PLANT_KEY)}


def test_equipment_that_is_joined_links_nothing() -> None:
    joined = event("AssociationEvent", 2, action="ADD", parentID="urn:epc:id:grai:1.2.3", childQuantityList=[amount()])
    moved = of_unit(3, "urn:epc:id:grai:1.2.3", "shipping", **TO_SHOP)
    assert reached(LOT_KEY, [BORN, joined, moved]) == {(LOT_KEY, PLANT_KEY)}
