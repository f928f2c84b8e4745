"""Temperatures among what sensors report, as readings of this house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from fieldline_schemas.faults import Fault
from fieldline_schemas.quantities import signed_text
from fieldline_schemas.text import LONGEST_KEY

from fieldline_trace.formats.epcis.told import Told
from fieldline_trace.formats.epcis.words import last_word

_UNITS: Final = {"CEL": "Cel", "FAH": "[degF]", "KEL": "K"}
_ABSOLUTE_ZERO: Final = Decimal("-273.15")
_VALUES: Final = (("value",), ("minValue", "maxValue"), ("meanValue",))
"""What a report may give: one value, else the bounds between which all values lay, else their mean."""


def readings_of(told: Told) -> list[dict[str, Any]]:
    """The temperatures of an event in the order of its reports; one whose unit or number is not known here is left to
    the extension."""
    return [reading for element in told.known.get("sensorElementList", ()) for reading in _of_element(element)]


def _of_element(element: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    metadata = element.get("sensorMetadata", {})
    for report in element["sensorReport"]:
        if last_word(report["type"]) != "Temperature" or report.get("component"):
            continue
        known = {**_when(metadata, report), **_device(metadata, report)}
        names = next((names for names in _VALUES if any(name in report for name in names)), ())
        for name in names:
            if name in report and (value := _degrees(report[name], str(report.get("uom", "")))):
                yield {**value, **known}


def _degrees(number: Decimal | int, uom: str) -> dict[str, str]:
    unit = _UNITS.get(uom)
    if unit == "K":
        number, unit = Decimal(number) + _ABSOLUTE_ZERO, "Cel"
    try:
        return {"value": signed_text(str(number)), "unit": unit} if unit else {}
    except Fault:
        return {}


def _when(metadata: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    time = report.get("time") or metadata.get("time")
    if time:
        return {"at": time}
    start, end = metadata.get("startTime"), metadata.get("endTime")
    between = {name: said for name, said in (("from", start), ("to", end)) if said}
    return {"at": between} if between else {}


def _device(metadata: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, str]:
    device = str(report.get("deviceID") or metadata.get("deviceID") or "")
    return {"device": device[-LONGEST_KEY:]} if device else {}
