"""What each EPCIS event becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fieldline_trace.formats.epcis import events_of, read

from tests.unit.formats.epcis.saying import (
    ITEM,
    ITEM_KEY,
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
    converted,
    document,
    event,
    filled,
    single,
    taken,
)

FARM, TRADER = "urn:epc:id:pgln:4012345.00009", "urn:epc:id:pgln:4012345.00008"
FARM_KEY, TRADER_KEY = "417/4012345000092", "417/4012345000085"
INFORMED: dict[str, Any] = {"cbvmda:informationProvider": FARM}
TO_SHOP: dict[str, Any] = {"destinationList": [{"type": "location", "destination": SHOP}]}
MORE: dict[str, Any] = {"ex:grower": "x"}
REF = {"batch": LOT_KEY, "quantity": "200", "unit": "KGM"}


def _keys(refs: list[dict[str, Any]]) -> list[str]:
    return [ref["batch"] for ref in refs]


def test_commissioning_is_a_birth() -> None:
    made = single(event(action="ADD", bizStep="commissioning"))
    assert (made["kind"], made["out_batches"], made.get("in_batches")) == ("transformed", [REF], None)
    assert made["site"] == PLANT_KEY
    assert (made["at"], made["zone"]) == ("2026-03-01T08:00:00+08:00", "+08:00")


@pytest.mark.parametrize("step", ["urn:gdst:bizStep:fishingEvent", "urn:gdst:bizStep:hatching"])
def test_what_is_caught_or_hatched_is_harvested(step: str) -> None:
    made = single(event(action="ADD", bizStep=step))
    assert (made["kind"], made["out_batch"]) == ("harvested", REF)


def test_seeing_something_says_that_it_is_there_and_no_more() -> None:
    made = single(event(bizStep="stock_taking", sourceList=[{"type": "location", "source": SHOP}]))
    assert (made["kind"], made["batches"], made["site"]) == ("stored", [REF], PLANT_KEY)
    assert "from_site" not in made


def test_a_shipment_leaves_its_source_for_its_destination() -> None:
    made = single(
        event(
            bizStep="shipping",
            bizLocation={"id": STORE},
            sourceList=[{"type": "location", "source": PLANT}, {"type": "possessing_party", "source": FARM}],
            destinationList=[
                {"type": "owning_party", "destination": FARM},
                {"type": "possessing_party", "destination": TRADER},
                {"type": "location", "destination": SHOP},
            ],
        )
    )
    assert (made["kind"], made["batches"]) == ("shipped", [REF])
    assert (made["site"], made["operator"]) == (PLANT_KEY, FARM_KEY)
    assert (made["to_site"], made["to_operator"]) == (SHOP_KEY, TRADER_KEY)


def test_a_shipment_without_a_source_leaves_its_read_point_else_its_location() -> None:
    assert single(event(bizStep="shipping", readPoint={"id": SHOP}))["site"] == SHOP_KEY
    assert single(event(bizStep="shipping"))["site"] == PLANT_KEY


@pytest.mark.parametrize("step", ["receiving", "cbv:BizStep-receiving", "https://ref.gs1.org/cbv/BizStep-arriving"])
def test_a_receipt_that_names_its_source_is_a_move(step: str) -> None:
    made = single(
        event(
            bizStep=step,
            readPoint={"id": STORE},
            sourceList=[{"type": "location", "source": SHOP}, {"type": "owning_party", "source": FARM}],
        )
    )
    assert (made["kind"], made["site"], made["from_site"], made["from_operator"]) == (
        "received",
        PLANT_KEY,
        SHOP_KEY,
        FARM_KEY,
    )


def test_what_is_sold_at_retail_is_sold_and_what_is_dispensed_is_served() -> None:
    assert single(event(bizStep="retail_selling", action="DELETE"))["kind"] == "sold"
    assert single(event(bizStep="dispensing"))["kind"] == "served"


def test_a_shipment_of_what_is_returned_is_a_return() -> None:
    made = single(event(bizStep="shipping", disposition="returned", **TO_SHOP))
    assert (made["kind"], made["to_site"]) == ("returned", SHOP_KEY)


def test_a_sample_is_drawn_and_numbered_by_its_event() -> None:
    made = single(event(bizStep="sampling", eventID="urn:x:sample-7"))
    assert (made["kind"], made["sample"], made["batches"]) == ("sampled", "urn:x:sample-7", [REF])


def test_destroying_a_part_of_a_lot_takes_it_and_the_lot_lives_on() -> None:
    made = single(event(bizStep="destroying", action="DELETE"))
    assert (made["kind"], made["batches"], made["method"]) == ("disposed", [REF], "destroyed")
    made = single(event(bizStep="decommissioning", action="DELETE"))
    assert (made["kind"], made["in_batches"], made.get("out_batches")) == ("transformed", [REF], None)


def test_a_transformation_makes_its_outputs_of_its_inputs() -> None:
    made = single(
        event(
            "TransformationEvent",
            inputQuantityList=[amount()],
            inputEPCList=[ITEM, "urn:epc:id:giai:4000001.12345"],
            outputQuantityList=[amount(OTHER_LOT, 90)],
            transformationID="urn:x:batch-run-9",
        )
    )
    assert made["in_batches"] == [
        {"batch": ITEM_KEY, "quantity": "1", "unit": "H87"},
        {"batch": "unit/epc:giai/4000001.12345"},
        REF,
    ]
    assert made["out_batches"] == [{"batch": OTHER_KEY, "quantity": "90", "unit": "KGM"}]
    assert made["transformation_id"] == "urn:x:batch-run-9"


def test_an_empty_transformation_id_is_none() -> None:
    said = event("TransformationEvent", inputQuantityList=[amount()], outputQuantityList=[amount(OTHER_LOT)])
    made = single({**said, "transformationID": ""})
    assert made["kind"] == "transformed"
    assert "transformation_id" not in made


def test_events_of_one_process_say_which_process_it_is() -> None:
    run = {"transformationID": "urn:x:run"}
    used, made = taken(
        event("TransformationEvent", 3, inputQuantityList=[amount()], **run),
        event("TransformationEvent", 1, outputQuantityList=[amount(OTHER_LOT)], **run),
    )
    assert used["transformation_id"] == made["transformation_id"] == "urn:x:run"
    long = {"transformationID": f"urn:x:{'7' * 300}"}
    (one,), (other,) = (
        taken(event("TransformationEvent", day, inputQuantityList=[amount()], **long)) for day in (1, 2)
    )
    assert one["transformation_id"] == other["transformation_id"]


def test_an_item_belongs_to_the_lot_that_its_event_names() -> None:
    named = event(action="ADD", epcList=[ITEM], ilmd={"cbvmda:lotNumber": "998877"})
    beside = event(action="ADD", epcList=[ITEM], quantityList=[amount()], bizStep="commissioning")
    link = event(epcList=["https://id.gs1.org/01/04012345123456/10/998877/21/17"])
    assert _keys(single(named)["out_batches"]) == [f"{LOT_KEY}/21/17"]
    assert _keys(single(beside)["out_batches"]) == [f"{LOT_KEY}/21/17", LOT_KEY]
    assert _keys(single(link)["batches"]) == [f"{LOT_KEY}/21/17"]


def test_an_item_of_another_community_stands_for_the_lot_that_its_event_names_beside_it() -> None:
    lot, item = (f"urn:gdst:example.org:product:{sort}:farm.2u.7" for sort in ("lot:class", "serial:obj"))
    alone = single(event(epcList=[item], quantityList=None))
    assert _keys(alone["batches"]) == ["gdst:example.org:farm/2u/serial 7"]
    made = single(event(action="ADD", bizStep="commissioning", epcList=[item], quantityList=[{"epcClass": lot}]))
    assert _keys(made["out_batches"]) == ["gdst:example.org:farm/2u/7"]


def test_items_without_a_lot_are_batches_of_one() -> None:
    made = single(event(epcList=[ITEM, f"{ITEM}0"]))
    assert made["batches"] == [{"batch": key, "quantity": "1", "unit": "H87"} for key in (ITEM_KEY, f"{ITEM_KEY}0")]


def test_a_class_without_a_lot_is_the_pool_of_its_product() -> None:
    made = single(filled(1, PALLET, {"epcClass": "urn:epc:idpat:sgtin:4012345.012345.*", "quantity": 6}))
    assert made["children"] == [{"batch": POOL_KEY, "quantity": "6", "unit": "H87"}]


def test_master_data_of_a_lot_say_when_it_was_made_and_until_when_it_may_be_eaten() -> None:
    ilmd = {"cbvmda:productionDate": "2026-03-01", "cbvmda:bestBeforeDate": "2026-03-12", "ex:useByDate": "soon"}
    (ref,) = single(event(action="ADD", bizStep="commissioning", ilmd=ilmd))["out_batches"]
    assert (ref["produced"], ref.get("expires")) == ("2026-03-01", None)
    del ilmd["ex:useByDate"]
    (ref,) = single(event(action="ADD", bizStep="commissioning", ilmd=ilmd))["out_batches"]
    assert ref["expires"] == "2026-03-12"


@pytest.mark.parametrize(
    ("report", "reading"),
    [
        ({"value": 4.25, "uom": "CEL"}, [{"value": "4.25", "unit": "Cel"}]),
        ({"value": -18, "uom": "CEL", "time": "2026-03-01T07:00:00Z"}, [{"value": "-18", "unit": "Cel"}]),
        ({"value": 39.2, "uom": "FAH"}, [{"value": "39.2", "unit": "[degF]"}]),
        ({"value": 277.4, "uom": "KEL"}, [{"value": "4.25", "unit": "Cel"}]),
        (
            {"minValue": 2, "maxValue": 7.5, "meanValue": 4, "uom": "CEL"},
            [{"value": "2", "unit": "Cel"}, {"value": "7.5", "unit": "Cel"}],
        ),
        ({"meanValue": 4, "uom": "CEL"}, [{"value": "4", "unit": "Cel"}]),
        ({"value": 4}, []),
        ({"value": 10**30, "uom": "CEL"}, []),
        ({"stringValue": "warm", "uom": "CEL"}, []),
    ],
)
def test_what_sensors_report_of_temperature_are_readings(report: dict[str, Any], reading: list[dict[str, Any]]) -> None:
    metadata = {"deviceID": "https://id.gs1.org/8004/401234599999"} | (
        {} if "time" in report else {"startTime": "2026-03-01T06:00:00Z", "endTime": "2026-03-01T07:00:00Z"}
    )
    report = {"type": "Temperature", **report}
    made = single(event(sensorElementList=[{"sensorMetadata": metadata, "sensorReport": [report]}], bizStep="storing"))
    assert made["kind"] == "stored"
    known = [{name: one[name] for name in ("value", "unit")} for one in made.get("readings", [])]
    assert known == reading
    when = report.get("time") or {"from": "2026-03-01T06:00:00Z", "to": "2026-03-01T07:00:00Z"}
    assert all((one["at"], one["device"]) == (when, metadata["deviceID"]) for one in made.get("readings", []))


def test_temperatures_on_the_way_are_said_beside_the_receipt() -> None:
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 9, "uom": "CEL"}]}]
    received, there = taken(event(bizStep="receiving", sensorElementList=sensed))
    assert (received["kind"], there["kind"], there["batches"]) == ("received", "stored", [REF])
    assert there["readings"] == [{"value": "9", "unit": "Cel"}]


def test_the_extension_of_the_place_is_the_location_within_the_site() -> None:
    line, dock = "urn:epc:id:sgln:4012345.00001.line%203", "urn:epc:id:sgln:4012345.00001.dock-1"
    assert single(event(site=line))["location"] == "line 3"
    assert single(event(readPoint={"id": dock}))["location"] == "dock-1"
    assert "location" not in single(event(readPoint={"id": "urn:epc:id:sgln:4012345.00002.dock-1"}))
    assert "location" not in single(event())
    shipment = event(bizStep="shipping", sourceList=[{"type": "location", "source": dock}], readPoint={"id": line})
    assert single(shipment)["location"] == "dock-1"


@pytest.mark.parametrize(
    ("amounts", "quantity"),
    [
        ([amount(quantity=12.5)], ("12.5", "KGM")),
        ([amount(quantity=12, uom=None)], ("12", "H87")),
        ([amount(quantity=1.1), amount(quantity=2.2)], ("3.3", "KGM")),
        ([amount(quantity=1), amount(quantity=2, uom="LTR")], None),
        ([amount(quantity=None)], None),
        ([amount(quantity=0)], None),
        ([amount(quantity=-1)], None),
        ([amount(uom="P71")], None),
        ([amount(quantity=10**40)], None),
    ],
)
def test_a_quantity_is_exact_or_left_to_the_extension(amounts: list[Any], quantity: tuple[str, str] | None) -> None:
    (ref,) = single(event(quantityList=amounts))["batches"]
    assert (ref.get("quantity"), ref.get("unit")) == (quantity or (None, None))


def test_a_batch_without_gs1_key_can_be_asked_for_by_its_own_name() -> None:
    urn = "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022"
    (ref,) = single(event(quantityList=[{"epcClass": urn}]))["batches"]
    assert ref == {"batch": "gdst:example.org:processor/2u/v1-0122-2022", "label": urn}


def test_whoever_gives_the_information_acts_where_no_party_does_and_else_the_site() -> None:
    assert single(event(**INFORMED))["operator"] == FARM_KEY
    assert single(event())["operator"] == PLANT_KEY


def test_an_event_without_a_place_happened_somewhere() -> None:
    assert single(event(site=None))["site"] == "place not said"


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        (
            event("AssociationEvent", parentID="urn:epc:id:grai:1.2.3", childEPCs=["urn:epc:id:giai:4.5"]),
            "urn:epc:id:grai:1.2.3",
        ),
        (event(epcList=["urn:epc:id:gsrn:4012345.00001"], quantityList=None), "urn:epc:id:gsrn:4012345.00001"),
        (event(epcList=[], quantityList=None), "ObjectEvent"),
        (
            {
                "type": "ex:Audit",
                "eventTime": "2026-03-01T00:00:00Z",
                "eventTimeZoneOffset": "+00:00",
                "readPoint": 7,
                "parentID": [],
            },
            "Audit",
        ),
    ],
)
def test_an_event_that_names_no_material_and_no_unit_is_noted(said: Any, subject: str) -> None:
    made = single(said)
    assert (made["kind"], made["subject"], made.get("batches")) == ("noted", subject, None)
    assert made["x-epcis"] == {name: value for name, value in said.items() if value != []}


def test_children_of_an_association_are_there_and_nothing_is_made_of_them() -> None:
    made = single(filled(1, "urn:epc:id:grai:1.2.3", amount()) | {"type": "AssociationEvent"})
    assert (made["kind"], made["batches"]) == ("stored", [REF])


def test_all_that_was_sent_is_kept_but_the_time_of_storing() -> None:
    said = event(
        recordTime="2026-03-09T00:00:00Z",
        certificationInfo="https://example.com/c",
        persistentDisposition={"set": ["completeness_verified"]},
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 4.25, "uom": "CEL"}]}],
    )
    kept = single(said)["x-epcis"]
    assert kept == {name: value for name, value in said.items() if name != "recordTime"}


def test_an_empty_list_is_as_good_as_none() -> None:
    assert single(event(epcList=[], sourceList=[]) | {"quantityList": [amount()]}) == single(event())


def test_an_id_is_the_events_own_else_it_follows_from_content() -> None:
    assert single(event(eventID="urn:x:7"))["id"] == "urn:x:7"
    first, again, other = (
        single(event(**more))["id"] for more in ({}, {"recordTime": "2026-03-09T00:00:00Z"}, {"day": 2})
    )
    assert first == again != other
    long = f"urn:x:{'7' * 300}"
    assert len(single(event(eventID=long))["id"]) <= 256


def test_one_id_on_several_contents_is_named_and_all_are_kept() -> None:
    said = converted(event(eventID="urn:x:7"), event(day=2, eventID="urn:x:7"))
    assert [one["id"] for one in said.events] == ["urn:x:7", "urn:x:7"]
    assert said.conflicts == {"urn:x:7": 2}
    assert converted(event(eventID="urn:x:7"), event(eventID="urn:x:7")).conflicts == {}


def test_a_query_document_and_a_bare_event_say_the_same_as_a_document() -> None:
    (made,) = converted(event()).events
    whole = document(event())
    body = {"queryResults": {"queryName": "q", "resultsBody": whole["epcisBody"]}}
    query = {"@context": whole["@context"], "type": "EPCISQueryDocument", "epcisBody": body}
    bare = {"@context": whole["@context"], **event()}
    assert events_of(read(json.dumps(query).encode())).events == [made]
    assert events_of(read(json.dumps(bare).encode())).events == [made]


def test_where_a_prefix_is_declared_makes_no_difference() -> None:
    said = event(**MORE)
    inside = document({**said, "@context": document()["@context"]})
    assert events_of(read(json.dumps(inside).encode())).events == converted(said).events


def test_master_data_are_kept_by_themselves_with_the_names_of_sites() -> None:
    element = {"id": PLANT, "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": "Plant 7"}]}
    header = {
        "epcisMasterData": {
            "vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:location", "vocabularyElementList": [element]}]
        }
    }
    with_names, without = converted(event(), epcisHeader=header), converted(event())
    assert with_names.taken == 1
    assert with_names.events[1:] == without.events
    assert with_names.events[0]["x-epcis-names"] == {PLANT_KEY: "Plant 7"}
    assert with_names.events[0]["x-epcis-master-data"][0]["vocabularyElementList"] == [element]
