"""Results of tests among what an event says.

A sensor's report that names a microorganism or a chemical substance is a result; the event's disposition is its
verdict (``non_conformant`` failed, ``conformant`` passed, anything else is inconclusive). Where the event names a test
result document (business transaction of type ``testres``) that names its issuer, the laboratory and the report are
known, and the result counts as confirmatory; otherwise it is a screening by whoever acted.

A disposition without a substance says that something is wrong but not what; the kinds of this house need a hazard, so
it stays in the extension and is noted. Temperature alone, found non-conformant, is a hazard of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import gln
from fieldline_schemas.text import LONGEST_ID, LONGEST_KEY

from fieldline_trace.formats.epcis.told import Told, derived_id, plain
from fieldline_trace.formats.epcis.words import standard

_VERDICTS: Final = {"non_conformant": "failed", "conformant": "passed"}
_ISSUED = re.compile(r"urn:epcglobal:cbv:(?:bt|btt?):(\d{13}):(.+)\Z")
_READINGS: Final = ("value", "meanValue", "maxValue", "minValue", "stringValue", "hexBinaryValue", "uriValue")


class _Found(NamedTuple):
    hazard_class: str
    hazard: str
    result: dict[str, Any]


def results_of(told: Told, batches: Sequence[str]) -> list[dict[str, Any]]:
    """One ``tested`` event for each batch and each substance that was looked for."""
    return [
        _tested(told, batch, hazard_class, hazard, results)
        for batch in batches
        for (hazard_class, hazard), results in _grouped(told).items()
    ]


def is_finding(told: Told) -> bool:
    """Was something found, or found wrong?"""
    return standard(told.known.get("disposition")) == "non_conformant" or bool(_grouped(told))


def _grouped(told: Told) -> dict[tuple[str, str], list[dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for found in _findings(told):
        grouped.setdefault((found.hazard_class, found.hazard), []).append(found.result)
    return grouped


def _findings(told: Told) -> Iterator[_Found]:
    failed = _verdict(told) == "failed"
    for element in told.known.get("sensorElementList", ()):
        for report in element["sensorReport"]:
            if "microorganism" in report:
                yield _Found("pathogen", report["microorganism"][-LONGEST_KEY:], _result(report, "microorganism"))
            elif "chemicalSubstance" in report:
                yield _Found(
                    "residue", report["chemicalSubstance"][-LONGEST_KEY:], _result(report, "chemicalSubstance")
                )
            elif failed and report["type"] == "Temperature":
                yield _Found("temperature", "Temperature", _result(report, "type"))


def _result(report: dict[str, Any], analyte: str) -> dict[str, Any]:
    said: dict[str, Any] = {"analyte": report[analyte][-LONGEST_KEY:]}
    reading = next((plain(report[name]) for name in _READINGS if name in report), report.get("booleanValue"))
    text = str(reading).lower() if isinstance(reading, bool) else "" if reading is None else str(reading)
    said["value"] = text[:LONGEST_KEY].strip() or "not said"
    if report.get("uom"):
        said["unit"] = report["uom"][:LONGEST_KEY]
    return said


def _verdict(told: Told) -> str:
    return _VERDICTS.get(standard(told.known.get("disposition")), "inconclusive")


def _tested(told: Told, batch: str, hazard_class: str, hazard: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    lab, report = _laboratory(told)
    return {
        "id": derived_id("result", told.id, told.text, batch, hazard_class, hazard),
        "kind": "tested",
        "operator": told.operator,
        "site": told.site,
        "at": told.said["eventTime"],
        "zone": told.said["eventTimeZoneOffset"],
        "batch": batch,
        "lab": lab or told.operator,
        "report": report or told.id,
        "hazard_class": hazard_class,
        "hazard": hazard,
        "method": "confirmatory" if lab else "screening",
        "verdict": _verdict(told),
        "results": results,
        "x-epcis-of": {"event": told.id},
    }


def _laboratory(told: Told) -> tuple[str, str]:
    """The issuer of the test result that the event names, and the result's identifier."""
    for transaction in told.known.get("bizTransactionList", ()):
        if standard(transaction.get("type")) != "testres":
            continue
        report = transaction["bizTransaction"]
        match = _ISSUED.match(report)
        try:
            return f"417/{gln(match[1])}" if match else "", report if len(report) <= LONGEST_ID else ""
        except Fault:
            return "", report if len(report) <= LONGEST_ID else ""
    return "", ""
