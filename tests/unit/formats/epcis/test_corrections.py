"""Error declarations and voided shipments take back what was said."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.canonical import digest_of

from tests.unit.formats.epcis.saying import (
    ITEM,
    LOT_KEY,
    PALLET,
    SHOP,
    amount,
    companions,
    converted,
    event,
    filled,
    of_unit,
    taken,
)

WHEN = "2026-03-20T00:00:00Z"


def _wrong(said: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**said, "errorDeclaration": {"declarationTime": WHEN, **more}}


def _corrections(*events: Any) -> list[dict[str, Any]]:
    return [one for one in taken(*events) if one["kind"] == "corrected"]


def test_what_did_not_occur_is_withdrawn() -> None:
    (made,) = taken(_wrong(event(eventID="urn:x:7"), reason="did_not_occur"))
    assert (made["kind"], made["action"], made["target"]) == ("corrected", "withdraw", {"id": "urn:x:7"})
    assert made["at"] == WHEN
    assert made["id"] != "urn:x:7"
    assert "did_not_occur" in made["reason"]
    assert made["x-epcis-error"]["reason"] == "did_not_occur"


def test_incorrect_data_are_replaced_by_the_corrective_events() -> None:
    (made,) = taken(
        _wrong(event(eventID="urn:x:7"), reason="incorrect_data", correctiveEventIDs=["urn:x:8", "urn:x:9"])
    )
    assert (made["action"], made["replacements"]) == ("replace", ["urn:x:8", "urn:x:9"])


def test_incorrect_data_without_corrective_events_and_errors_without_a_reason_are_withdrawn() -> None:
    assert _corrections(_wrong(event(), reason="incorrect_data"))[0]["action"] == "withdraw"
    assert _corrections(_wrong(event()))[0]["action"] == "withdraw"


def test_an_event_without_an_id_is_found_by_its_content() -> None:
    original = {**event(), "recordTime": "2026-03-02T00:00:00Z"}
    made, correction = taken(original, _wrong(event()))
    assert correction["target"] == {"id": made["id"]}


def test_where_one_id_stands_on_several_contents_only_the_same_one_is_meant() -> None:
    first, second = event(eventID="urn:x:7"), event(day=2, eventID="urn:x:7")
    made = taken(first, second, _wrong(second))
    assert made[2]["target"] == {"id": "urn:x:7", "digest": digest_of(made[1]).hex()}


def test_a_packing_that_did_not_occur_moves_nothing() -> None:
    packing, shipment = filled(1, PALLET, amount(), eventID="urn:x:pack"), of_unit(2, PALLET, "shipping")
    said = taken(packing, shipment, _wrong(packing, reason="did_not_occur"))
    assert [one["kind"] for one in said] == ["aggregated", "shipped", "corrected"]
    assert said[2]["target"] == {"id": "urn:x:pack"}


def test_what_is_said_beside_an_event_that_did_not_occur_goes_with_it() -> None:
    packing = filled(1, PALLET, amount(), eventID="urn:x:pack", bizStep="shipping")
    packed, shipped = taken(packing)
    assert (packed["kind"], shipped["kind"]) == ("aggregated", "shipped")
    targets = [one["target"]["id"] for one in _corrections(packing, _wrong(packing))]
    assert targets == ["urn:x:pack", shipped["id"]]


def test_a_voided_shipment_is_withdrawn_and_what_was_in_it_is_there() -> None:
    shipment = event(
        bizStep="shipping", eventID="urn:x:ship", destinationList=[{"type": "location", "destination": SHOP}]
    )
    *_, there, correction = taken(shipment, event(day=2, bizStep="void_shipping"))
    assert (there["kind"], there["batches"][0]["batch"]) == ("stored", LOT_KEY)
    assert (correction["action"], correction["target"]) == ("withdraw", {"id": "urn:x:ship"})


def test_a_void_without_its_shipment_takes_nothing_back_and_says_so() -> None:
    said = converted(event(day=2, bizStep="void_shipping"), event(day=3, bizStep="shipping"))
    assert said.refused == []
    assert [one["kind"] for one in said.events] == ["stored", "shipped"]
    assert "nothing taken back" in str(said.remarks[0])


def test_what_followed_from_a_packing_that_did_not_occur_is_taken_back() -> None:
    packing, shipment = filled(1, ITEM, amount()), of_unit(2, ITEM, "shipping")
    (moved,) = companions(taken(packing, shipment))
    corrections = _corrections(packing, shipment, _wrong(packing, reason="did_not_occur"))
    assert moved["id"] in [one["target"]["id"] for one in corrections]
    assert {one["action"] for one in corrections} == {"withdraw"}


def test_a_result_goes_with_the_event_that_was_an_error() -> None:
    reports = [{"type": "Dimensionless", "microorganism": "urn:x:germ"}]
    said = event(sensorElementList=[{"sensorReport": reports}])
    _, result, *corrections = taken(said, _wrong(said))
    assert result["kind"] == "tested"
    assert result["id"] in [one["target"]["id"] for one in corrections]


def test_a_void_that_did_not_occur_gives_the_shipment_back() -> None:
    shipment, void = event(bizStep="shipping"), event(day=2, bizStep="void_shipping")
    events = taken(shipment, void, _wrong(void))
    voiding = taken(shipment, void)[-1]
    assert voiding["kind"] == "corrected"
    assert voiding["id"] in [one["target"]["id"] for one in events if one["kind"] == "corrected"]
