"""EPCIS 2.0 documents and events that are none."""

from __future__ import annotations

import json
from typing import Any

LOT = "urn:epc:class:lgtin:4012345.012345.998877"
UNIT = "urn:epc:id:sscc:0614141.1234567890"
SITE = "urn:epc:id:sgln:4012345.00001.0"


def event(kind: str = "ObjectEvent", **more: Any) -> dict[str, Any]:
    """An event that is right but for ``more``; ``None`` leaves a field out."""
    said: dict[str, Any] = {
        "type": kind,
        "eventTime": "2026-03-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizLocation": {"id": SITE},
        "action": "OBSERVE",
        "quantityList": [amount()],
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


def amount(**more: Any) -> dict[str, Any]:
    """A lot and how much of it."""
    return {"epcClass": LOT, "quantity": 200, "uom": "KGM", **more}


def document(*events: Any, **more: Any) -> bytes:
    """An EPCISDocument of ``events``."""
    said = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ex": "https://example.com/ns/"}],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-31T00:00:00Z",
        "epcisBody": {"eventList": list(events)}, **more,
    }  # fmt: skip
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


def _sensed(metadata: dict[str, Any], **report: Any) -> dict[str, Any]:
    said = {"sensorMetadata": metadata, "sensorReport": [{"type": "Temperature", "value": 4, "uom": "CEL", **report}]}
    return event(sensorElementList=[said])


def _other(kind: str, **more: Any) -> dict[str, Any]:
    return event(kind, quantityList=None, **more)


EVENTS: tuple[tuple[str, Any], ...] = (
    ("a text in place of an event", "ObjectEvent"),
    ("no type", event(type=None)),
    ("a type of its own without a URI", event(type="ObjectEvnt")),
    ("no time", event(eventTime=None)),
    ("a day without an hour", event(eventTime="2026-03-01")),
    ("a time without its offset", event(eventTime="2026-03-01T08:00:00")),
    ("a day that there is not", event(eventTime="2026-02-30T08:00:00Z")),
    ("an offset of 14:30", event(eventTimeZoneOffset="+14:30")),
    ("no offset beside the time", event(eventTimeZoneOffset=None)),
    ("an action that there is not", event(action="CREATE")),
    ("no action", event(action=None)),
    ("a business step with a slip", event(bizStep="shiping")),
    ("a business step as a URN", event(bizStep="urn:epcglobal:cbv:bizstep:shipping")),
    ("a disposition that there is not", event(disposition="in_transport")),
    ("a field of one's own without a prefix", event(colour="red")),
    ("an event id that is no URI", event(eventID="not a uri")),
    ("nothing that it is about", event(quantityList=None)),
    ("a quantity in words", event(quantityList=[amount(quantity="twenty")])),
    ("a quantity that is true", event(quantityList=[amount(quantity=True)])),
    ("a unit in small letters", event(quantityList=[amount(uom="kg")])),
    ("a quantity of nothing", event(quantityList=[{"quantity": 1}])),
    ("one EPC twice", event(epcList=[UNIT, UNIT])),
    ("an EPC with a space", event(epcList=["a b"])),
    ("a link with a wrong check digit", event(quantityList=[amount(epcClass="https://id.gs1.org/01/09506000134353/10/B7")])),
    ("data of the lot with a later event", event(ilmd={"ex:lot": "1"})),
    ("a read point without an id", event(readPoint={"name": "dock"})),
    ("a source of an unknown sort", event(sourceList=[{"type": "seller", "source": LOT}])),
    ("a transaction without its number", event(bizTransactionList=[{"type": "po"}])),
    ("a lasting disposition of nothing", event(persistentDisposition={})),
    ("a transaction event without one", _other("TransactionEvent", epcList=[UNIT])),
    ("a unit filled with nothing", _other("AggregationEvent", action="ADD", parentID=UNIT)),
    ("an association without a parent", _other("AssociationEvent", childEPCs=["urn:x:y"])),
    ("inputs without outputs", _other("TransformationEvent", action=None, inputQuantityList=[amount()])),
    ("outputs under an empty id", _other("TransformationEvent", action=None, outputQuantityList=[amount()],
                                        transformationID="")),
    ("a transformation with an action", _other("TransformationEvent", action="ADD", inputQuantityList=[amount()],
                                             outputQuantityList=[amount()])),
    ("a measurement that there is not", _sensed({}, type="Temprature")),
    ("a measured value in words", _sensed({}, value="cold")),
    ("a sensor that reports nothing", event(sensorElementList=[{"sensorReport": []}])),
    ("a device named twice", _sensed({"deviceID": "urn:x:1"}, deviceID="urn:x:1")),
    ("a germ and a chemical in one report", _sensed({}, microorganism="urn:x:1", chemicalSubstance="urn:x:2")),
    ("an error declared without a time", event(errorDeclaration={"reason": "did_not_occur"})),
    ("what did not occur, corrected by others", event(errorDeclaration={
        "declarationTime": "2026-03-02T00:00:00Z", "reason": "did_not_occur", "correctiveEventIDs": ["urn:x:1"]})),
)  # fmt: skip
"""What is wrong, and the event."""

DOCUMENTS: tuple[tuple[str, bytes], ...] = (
    ("no JSON", b"{"),
    ("a list", b"[]"),
    ("bytes that are no UTF-8", b"\xff"),
    ("nested 100,000 deep", b"[" * 100_000),
    ("an empty object", b"{}"),
    ("an invoice", b'{"type": "Invoice"}'),
    ("a date of creation that is none", document(event(), creationDate="yesterday")),
    ("no list of events", document(epcisBody={})),
    ("a field that the document has not", document(event(), colour="red")),
    ("a context that is a number", document(event(), **{"@context": 7})),
)
"""What is wrong, and the file."""
