"""What is no EPCIS 2.0 is refused, event by event, with the field, the value and the rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fieldline_schemas.faults import Fault
from fieldline_trace.formats.epcis import events_of, read

from tests.unit.formats.epcis.saying import ITEM, LOT, amount, converted, document, event, filled, packed

SENSED = {"type": "Temperature", "value": 4.5, "uom": "CEL"}


def _sensed(metadata: dict[str, Any], **report: Any) -> dict[str, Any]:
    return event(sensorElementList=[{"sensorMetadata": metadata, "sensorReport": [{**SENSED, **report}]}])


@pytest.mark.parametrize(
    ("said", "field", "rule"),
    [
        ("no event", "", "an event is an object"),
        ({"action": "ADD"}, "type", "missing"),
        (event(type=None), "type", "missing"),
        (event(type="ObjectEvnt"), "type", "absolute URI"),
        (event(eventTime=None), "eventTime", "missing"),
        (event(eventTime="2026-03-01"), "eventTime", "date and time with its offset"),
        (event(eventTime="2026-03-01T08:00:00"), "eventTime", "date and time with its offset"),
        (event(eventTime="2026-02-30T08:00:00Z"), "eventTime", "no such time"),
        (event(eventTimeZoneOffset="+14:30"), "eventTimeZoneOffset", "-14:00 to +14:00"),
        (event(eventTimeZoneOffset=None), "eventTimeZoneOffset", "missing"),
        (event(action="CREATE"), "action", "ADD or DELETE or OBSERVE"),
        (event(action=None), "action", "missing"),
        (event(bizStep="shiping"), "bizStep", "no business step of the standard"),
        (event(bizStep="urn:epcglobal:cbv:bizstep:shipping"), "bizStep", "bare word"),
        (event(disposition="in_transport"), "disposition", "no disposition of the standard"),
        (event(colour="red"), "colour", "named by a URI or CURIE"),
        (event(eventID="not a uri"), "eventID", "absolute URI"),
        (event(quantityList=None), "epcList", "names EPCs, quantities, or sensor elements"),
        (event(quantityList=[amount(quantity="twenty")]), "quantityList[0].quantity", "a number"),
        (event(quantityList=[amount(quantity=True)]), "quantityList[0].quantity", "a number"),
        (event(quantityList=[amount(uom="kg")]), "quantityList[0].uom", "2 or 3 capitals"),
        (event(quantityList=[{"quantity": 1}]), "quantityList[0].epcClass", "missing"),
        (event(quantityList=[{**amount(), "ex:more": 1}]), "quantityList[0].ex:more", "no such field"),
        (event(epcList=["urn:epc:id:sscc:1.2"] * 2), "epcList", "nothing twice"),
        (event(epcList=["a b"]), "epcList[0]", "absolute URI"),
        (event(ilmd={"ex:lot": "1"}), "action", "come with action ADD"),
        (event(action="ADD", ilmd={"lot": "1"}), "ilmd.lot", "named by a URI or CURIE"),
        (event(readPoint={"name": "dock"}), "readPoint.id", "missing"),
        (event(sourceList=[{"type": "seller", "source": LOT}]), "sourceList[0].type", "source or destination type"),
        (event(bizTransactionList=[{"type": "po"}]), "bizTransactionList[0].bizTransaction", "missing"),
        (event(persistentDisposition={"set": []}), "persistentDisposition.set", "at least 1"),
        (event(persistentDisposition={}), "persistentDisposition", "set or unset"),
        (event("TransactionEvent", bizTransactionList=[], epcList=[]), "bizTransactionList", "names a transaction"),
        (event("TransactionEvent", epcList=[]), "bizTransactionList", "missing"),
        (packed(1, "urn:epc:id:sscc:0614141.1234567890"), "childEPCs", "unless it is a DELETE"),
        (event("AssociationEvent", childEPCs=["urn:x:y"]), "parentID", "missing"),
        (event("TransformationEvent", inputQuantityList=[amount()]), "outputQuantityList", "inputs and outputs"),
        (event("TransformationEvent", outputEPCList=["urn:x:y"], transformationID=""), "inputQuantityList", "its id"),
        (event("TransformationEvent", action="ADD", transformationID="urn:x:y"), "action", "no such field"),
        (_sensed({}, type="Temprature"), "sensorElementList[0].sensorReport[0].type", "no measurement type"),
        (_sensed({}, value="4"), "sensorElementList[0].sensorReport[0].value", "a number"),
        (event(sensorElementList=[{"sensorReport": []}]), "sensorElementList[0].sensorReport", "at least 1"),
        (
            _sensed({"deviceID": "urn:x:1"}, deviceID="urn:x:1"),
            "sensorElementList[0].sensorReport[0].deviceID",
            "not in both",
        ),
        (
            _sensed({}, microorganism="urn:x:1", chemicalSubstance="urn:x:2"),
            "sensorElementList[0].sensorReport[0].chemicalSubstance",
            "not both",
        ),
        (event(errorDeclaration={"reason": "did_not_occur"}), "errorDeclaration.declarationTime", "missing"),
        (
            event(
                errorDeclaration={
                    "declarationTime": "2026-03-02T00:00:00Z",
                    "reason": "did_not_occur",
                    "correctiveEventIDs": ["urn:x:1"],
                }
            ),
            "errorDeclaration.correctiveEventIDs",
            "no corrective events",
        ),
    ],
)
def test_an_event_at_fault_is_refused_by_field_and_rule_and_the_rest_goes_on(said: Any, field: str, rule: str) -> None:
    result = converted(said, event(day=2))
    assert result.taken == 1
    (refused,) = result.refused
    assert refused.row == "event 1" or refused.row.startswith("event 1 (")
    assert refused.field == field
    assert rule in refused.rule


def test_what_a_refusal_names_can_be_read_by_people() -> None:
    (refused,) = converted(event(eventID="urn:x:7", disposition="in_transport")).refused
    assert str(refused) == (
        "event 1 (urn:x:7): disposition: 'in_transport': "
        "no disposition of the standard is called that, and it is no URI"
    )


def test_an_event_nested_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    (refused,) = converted(event(**{"ex:deep": deep})).refused
    assert "levels deep" in refused.rule


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "document"),
        (b"[]", "document"),
        (b"\xff", "document"),
        (b'{"type": "EPCISDocument", "creationDate": NaN}', "document"),
        (b"[" * 100_000, "document"),
        (b'{"type": "\\ud800"}', "document"),
        (b"{}", "type"),
        (b'{"type": "Invoice"}', "type"),
        (json.dumps({**document(), "creationDate": "yesterday"}).encode(), "creationDate"),
        (json.dumps({**document(), "epcisBody": {}}).encode(), "epcisBody.eventList"),
        (json.dumps({**document(), "colour": "red"}).encode(), "colour"),
        (json.dumps({**document(), "@context": 7}).encode(), "@context"),
        (
            json.dumps({"type": "EPCISQueryDocument", "@context": [], "epcisBody": {}}).encode(),
            "epcisBody.queryResults",
        ),
        (json.dumps(event()).encode(), "@context"),
    ],
)
def test_a_document_that_is_none_is_refused_whole_by_its_field(raw: bytes, field: str) -> None:
    with pytest.raises(Fault) as fault:
        read(raw)
    assert fault.value.field == field


def test_a_field_that_is_given_twice_counts_as_given_last_and_is_named() -> None:
    text = json.dumps(document({**event(), "eventID": "urn:x:last"}))
    text = text.replace('"eventID"', '"eventID": "urn:x:first", "eventID"')
    said = events_of(read(text.encode()))
    assert [one["id"] for one in said.events] == ["urn:x:last"]
    assert [(remark.field, remark.value) for remark in said.remarks] == [("eventID", "'urn:x:first'")]
    assert said.refused == []


def test_fields_of_others_are_kept_where_a_uri_or_curie_names_them() -> None:
    more: dict[str, Any] = {"ex:grower": "x", "https://example.com/y": [1]}
    said = converted(event(**more), filled(2, "urn:x:p", amount()))
    assert said.refused == []
    assert said.events[0]["x-epcis"]["ex:grower"] == "x"
    assert said.events[0]["x-epcis-context"] == {"ex": "https://example.com/ns/"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantityList": [amount("https://id.gs1.org/01/09506000134353/10/B7")]}, "quantityList[0].epcClass"),
        ({"epcList": [ITEM, "https://example.com/gtin/09506000134353/ser/1"]}, "epcList[1]"),
        ({"epcList": ["https://id.gs1.org/00/106141412345678907"]}, "epcList[0]"),
        ({"bizLocation": {"id": "https://id.gs1.org/414/4012345000017"}}, "bizLocation.id"),
        (
            {"sourceList": [{"type": "owning_party", "source": "https://id.gs1.org/417/4012345000017"}]},
            "sourceList[0].source",
        ),
    ],
)
def test_a_digital_link_with_a_wrong_check_digit_is_refused_by_its_field(change: Any, field: str) -> None:
    said = converted({**event(), **change})
    assert [refusal.field for refusal in said.refused] == [field]
    assert "check digit" in said.refused[0].rule


@pytest.mark.parametrize(
    "uri",
    ["urn:epc:id:sscc:08600031303.0004", "urn:epc:id:sgtin:1.2.3", "https://id.gs1.org/01/09506000134/21/1"],
)
def test_what_only_has_a_gs1_form_is_taken_with_a_remark(uri: str) -> None:
    said = converted(event(epcList=[uri]))
    assert said.refused == []
    assert [remark.field for remark in said.remarks] == ["epcList[0]"]
    assert "issuer's own" in str(said.remarks[0])


def test_an_address_with_numbers_in_it_is_no_digital_link() -> None:
    said = converted(event(epcList=["https://example.com/orders/01/4711", "https://example.com/00/7"]))
    assert (said.refused, said.remarks) == ([], [])
