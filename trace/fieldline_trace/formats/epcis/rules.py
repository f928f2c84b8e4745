"""What an EPCIS event must say to be taken: the fields of each type, and what the fields say together.

Source: GS1 EPCIS 2.0.1 (JSON binding), and of its test case requirements 53 (device and time stand in the metadata or
in the report of a sensor, never in both; a report names a microorganism or a chemical substance) and 54 (an
association has a parent), which its schema does not hold.
"""

from __future__ import annotations

from typing import Any, Final

from fieldline_schemas.faults import Fault, joined
from fieldline_schemas.wire import nested_deeper

from fieldline_trace.formats.epcis import words
from fieldline_trace.formats.epcis.values import (
    EXTENSION_NAMES,
    Rule,
    anything,
    context,
    date_time,
    exactly,
    flag,
    hexadecimal,
    number,
    one_or_several,
    parts,
    several,
    text,
    unit_of_measure,
    uri,
    uri_or_empty,
    word,
    zone_offset,
)

DEEPEST: Final = 24
"""Levels of objects and lists in one event. An event here may have 32, and keeps this one inside an extension."""

_STEP = word(words.BUSINESS_STEPS, "business step")
_DISPOSITION = word(words.DISPOSITIONS, "disposition")
_PARTY = word(words.PARTY_TYPES, "source or destination type")
_QUANTITY = parts({"epcClass": uri, "quantity": number, "uom": unit_of_measure}, ("epcClass",))
_PLACE = parts({"id": uri}, ("id",), others=True)
_STATES = several(_DISPOSITION, least=1, unique=True)
_EPCS, _EPC_SET, _QUANTITIES = several(uri), several(uri, unique=True), several(_QUANTITY)

_SENSED: Final[dict[str, Rule]] = {
    "deviceID": uri,
    "deviceMetadata": uri,
    "rawData": uri,
    "dataProcessingMethod": uri,
    "time": date_time,
}
"""What stands in the metadata or in the report, never in both."""
_METADATA = parts({**_SENSED, "startTime": date_time, "endTime": date_time, "bizRules": uri}, extensions=True)
_REPORT = parts(
    {
        **_SENSED,
        "type": word(words.MEASUREMENTS, "measurement type", gs1=True),
        "exception": word(words.ALARMS, "alarm", gs1=True),
        "bizRules": uri,
        "microorganism": uri,
        "chemicalSubstance": uri,
        "coordinateReferenceSystem": uri,
        "component": word(words.COMPONENTS, "component"),
        "stringValue": text,
        "booleanValue": flag,
        "hexBinaryValue": hexadecimal,
        "uriValue": uri,
        "uom": text,
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number),
    },
    ("type",),
    extensions=True,
)
_ELEMENT = parts(
    {"sensorMetadata": _METADATA, "sensorReport": several(_REPORT, least=1)}, ("sensorReport",), extensions=True
)
_ERROR = parts(
    {
        "declarationTime": date_time,
        "reason": word(words.ERROR_REASONS, "error reason"),
        "correctiveEventIDs": several(uri),
    },
    ("declarationTime",),
    extensions=True,
)
_ALWAYS: Final[dict[str, Rule]] = {
    "@context": context,
    "type": text,
    "eventTime": date_time,
    "recordTime": date_time,
    "eventTimeZoneOffset": zone_offset,
    "eventID": uri,
    "certificationInfo": one_or_several(uri),
    "errorDeclaration": _ERROR,
}
_SETTING: Final[dict[str, Rule]] = {
    "bizStep": _STEP,
    "disposition": _DISPOSITION,
    "persistentDisposition": parts({"set": _STATES, "unset": _STATES}),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": several(
        parts(
            {"type": word(words.TRANSACTION_TYPES, "business transaction type"), "bizTransaction": uri},
            ("bizTransaction",),
        )
    ),
    "sourceList": several(parts({"type": _PARTY, "source": uri}, ("type", "source"))),
    "destinationList": several(parts({"type": _PARTY, "destination": uri}, ("type", "destination"))),
    "sensorElementList": several(_ELEMENT),
}
_ACTION: Final[dict[str, Rule]] = {"action": exactly(*sorted(words.ACTIONS))}
_FAMILY: Final[dict[str, Rule]] = {"parentID": uri, "childEPCs": _EPCS, "childQuantityList": _QUANTITIES}
_TIMED = ("type", "eventTime", "eventTimeZoneOffset")
_TYPES: Final[dict[str, Rule]] = {
    "ObjectEvent": parts(
        {
            **_ALWAYS,
            **_ACTION,
            "epcList": _EPC_SET,
            "quantityList": _QUANTITIES,
            **_SETTING,
            "ilmd": EXTENSION_NAMES,
        },
        (*_TIMED, "action"),
        extensions=True,
    ),
    "AggregationEvent": parts({**_ALWAYS, **_ACTION, **_FAMILY, **_SETTING}, (*_TIMED, "action"), extensions=True),
    "AssociationEvent": parts(
        {**_ALWAYS, **_ACTION, **_FAMILY, **_SETTING}, (*_TIMED, "action", "parentID"), extensions=True
    ),
    "TransactionEvent": parts(
        {**_ALWAYS, **_ACTION, "parentID": uri, "epcList": _EPCS, "quantityList": _QUANTITIES, **_SETTING},
        (*_TIMED, "action", "bizTransactionList"),
        extensions=True,
    ),
    "TransformationEvent": parts(
        {
            **_ALWAYS,
            "inputEPCList": _EPC_SET,
            "inputQuantityList": _QUANTITIES,
            "outputEPCList": _EPC_SET,
            "outputQuantityList": _QUANTITIES,
            "transformationID": uri_or_empty,
            **_SETTING,
            "ilmd": EXTENSION_NAMES,
        },
        _TIMED,
        extensions=True,
    ),
}
_EXTENDED = parts({**_ALWAYS, "type": uri}, _TIMED, others=True)
"""A type of event of somebody's own, named by a URI."""


def check(event: Any) -> None:
    """``Fault`` with the field, value and rule where ``event`` is no event of EPCIS 2.0."""
    if not isinstance(event, dict):
        raise Fault.of(event, "event_object")
    if "type" not in event:
        raise Fault.by("this_is_missing", "type")
    check_depth(event, "an event")
    kind = event["type"]
    _TYPES.get(kind, _EXTENDED)(event) if isinstance(kind, str) else text(kind)
    if kind in _TYPES:
        _check_what(kind, event)
        _check_sensors(event)
    _check_error(event)


def _check_what(kind: str, event: dict[str, Any]) -> None:
    """Each type says of what it speaks."""
    gone = event.get("action") == "DELETE"
    match kind:
        case "ObjectEvent":
            sensed = event.get("sensorElementList") and "readPoint" in event
            if "epcList" not in event and not event.get("quantityList") and not sensed:
                raise Fault.by("epcis_object_empty", "epcList")
            if "ilmd" in event and event["action"] != "ADD":
                raise Fault.of(event["action"], "epcis_ilmd_action", "action")
        case "TransactionEvent":
            if not event["bizTransactionList"]:
                raise Fault.by("epcis_transaction_missing", "bizTransactionList")
            if "epcList" not in event and not event.get("quantityList") and not gone:
                raise Fault.by("epcis_transaction_empty", "epcList")
        case "AggregationEvent" | "AssociationEvent":
            if not event.get("childEPCs") and not event.get("childQuantityList") and not gone:
                raise Fault.by("epcis_children", "childEPCs")
        case "TransformationEvent":
            ins = event.get("inputEPCList") or event.get("inputQuantityList")
            outs = event.get("outputEPCList") or event.get("outputQuantityList")
            if not (ins and outs) and not (event.get("transformationID") and (ins or outs)):
                missing = "outputQuantityList" if ins else "inputQuantityList"
                raise Fault.by("epcis_transformation_empty", missing)
    if event.get("persistentDisposition") == {}:
        raise Fault.by("epcis_persistent", "persistentDisposition")


def _check_sensors(event: dict[str, Any]) -> None:
    for place, element in enumerate(event.get("sensorElementList", ())):
        metadata = element.get("sensorMetadata", {})
        for index, report in enumerate(element["sensorReport"]):
            where = ("sensorElementList", place, "sensorReport", index)
            for name in _SENSED:
                if name in metadata and name in report:
                    raise Fault.of(report[name], "epcis_sensed_twice", joined((*where, name)))
            if "microorganism" in report and "chemicalSubstance" in report:
                place_of_fault = joined((*where, "chemicalSubstance"))
                raise Fault.of(report["chemicalSubstance"], "epcis_sensed_one", place_of_fault)


def _check_error(event: dict[str, Any]) -> None:
    error = event.get("errorDeclaration")
    if error and words.standard(error.get("reason")) == "did_not_occur" and error.get("correctiveEventIDs"):
        where = "errorDeclaration.correctiveEventIDs"
        raise Fault.of(error["correctiveEventIDs"], "epcis_error_corrective", where)


def check_depth(value: Any, what: str) -> None:
    """``Fault`` where objects and lists are nested too deeply to be kept."""
    if nested_deeper(value, DEEPEST):
        raise Fault.by("nested_at_most", what=what, most=DEEPEST)


MASTER_DATA: Final = parts(
    {
        "vocabularyList": several(
            parts(
                {
                    "type": uri,
                    "vocabularyElementList": several(
                        parts(
                            {
                                "id": uri,
                                "attributes": several(parts({"id": uri, "attribute": anything}, ("id",), others=True)),
                                "children": several(uri),
                            },
                            ("id",),
                            others=True,
                        )
                    ),
                },
                ("type",),
                others=True,
            )
        )
    },
    others=True,
)
"""The vocabularies in a document's header."""
