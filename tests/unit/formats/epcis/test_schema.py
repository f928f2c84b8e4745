"""The rules agree with GS1's JSON schema of EPCIS 2.0.1, formats asserted, on every small change to real documents.

The schema is read from the collected data, which is not part of this repository. Where the rules are stricter or
milder on purpose, the reason stands here.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas.faults import Fault
from fieldline_trace.formats.epcis import events_of, read
from fieldline_trace.formats.epcis.values import date_time, is_uri
from jsonschema import Draft7Validator, FormatChecker

pytestmark = pytest.mark.data

OTHER_VALUES: list[Any] = [
    "made up",
    "",
    7,
    1.5,
    True,
    [],
    {},
    ["urn:x:y"],
    {"id": "urn:x:y"},
    "urn:epcglobal:cbv:a:b",
    "EffectiveDose",
]
"""What is put in place of every value, one at a time."""


@pytest.fixture(scope="module")
def schema(data_folder: Path) -> Draft7Validator:
    formats = FormatChecker(())
    formats.checks("uri")(lambda value: not isinstance(value, str) or is_uri(value))
    formats.checks("date-time")(_is_date_time)
    text = (data_folder / "epcis-schema" / "epcis-json-schema.json").read_text()
    return Draft7Validator(json.loads(text), format_checker=formats)


def _is_date_time(value: object) -> bool:
    try:
        date_time(value) if isinstance(value, str) else None
    except Fault:
        return False
    return True


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from _paths(one, (*path, name))


def _changed(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one field left out, one value replaced, or one field too many."""
    for path in _paths(document):
        for change in (None, *OTHER_VALUES, "unknown field"):
            new = copy.deepcopy(document)
            place = new
            for name in path[:-1]:
                place = place[name]
            if change is None:
                del place[path[-1]]
            elif change == "unknown field":
                if not isinstance(place[path[-1]], dict):
                    continue
                place[path[-1]]["colour"] = "red"
            else:
                place[path[-1]] = change
            yield f"{path} <- {change!r}", new


def _shortened(value: Any) -> Any:
    """Two elements of a list say as much about the rules as ten."""
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    return [_shortened(inner) for inner in value[:2]] if isinstance(value, list) else value


def _taken(document: Any) -> bool:
    try:
        return not events_of(read(json.dumps(document).encode())).refused
    except Fault:
        return False


def _events(document: Any) -> list[Any]:
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    return events if isinstance(events, list) else []


def _differs_on_purpose(change: str, document: Any) -> bool:
    for event in _events(document):
        if not isinstance(event, dict):
            continue
        if event.get("transformationID") == "":
            return True  # real documents have it; it is no id
        if event.get("type") not in ("ObjectEvent", "TransformationEvent") and "persistentDisposition" in event:
            return True  # the schema names it there and forgets to say what it is
        for element in event.get("sensorElementList", []) if isinstance(event.get("sensorElementList"), list) else []:
            if isinstance(element, dict) and _stands_twice(element):
                return True  # test case requirement 53
            if isinstance(element, dict) and any(
                isinstance(report, dict) and report.get("type") in ("EffectiveDose", "EffectiveDoseRate")
                for report in element.get("sensorReport", [])
            ):
                return True  # a word of the drafts
    return False


def _stands_twice(element: dict[str, Any]) -> bool:
    metadata = element.get("sensorMetadata")
    reports = element.get("sensorReport")
    if not isinstance(reports, list):
        return False
    names = {"deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time"}
    return any(
        isinstance(report, dict)
        and (
            (isinstance(metadata, dict) and bool(names & metadata.keys() & report.keys()))
            or {"microorganism", "chemicalSubstance"} <= report.keys()
        )
        for report in reports
    )


DOCUMENTS = [
    "epcis-examples/AssociationEvent-f.jsonld",
    "epcis-examples/Example-TransactionEvents-2020_07_03y.jsonld",
    "epcis-examples/Example_9.6.3-AggregationEvent.jsonld",
    "epcis-examples/Example_9.6.4-TransformationEventWithDigitalLink.jsonld",
    "epcis-examples/SensorDataExample8.jsonld",
    "openepcis/CurieString_document.json",
    "openepcis/ObjectEvent_with_persistentDisposition.json",
    "openepcis/invalid-ObjectEvent_with_quantity_as_text.json",
    "openepcis/invalid-ObjectEvent_without_identifier_list.json",
]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_change_is_refused_where_the_schema_refuses_it_and_only_there(
    schema: Draft7Validator, data_folder: Path, name: str
) -> None:
    document = _shortened(json.loads((data_folder / name).read_text()))
    judged = [(change, schema.is_valid(new), _taken(new), new) for change, new in _changed(document)]
    differ = [
        (change, valid)
        for change, valid, taken, new in judged
        if valid != taken and not _differs_on_purpose(change, new)
    ]
    assert differ == []
    assert any(valid for _, valid, _, _ in judged) or "invalid" in name
    assert not all(valid for _, valid, _, _ in judged)
