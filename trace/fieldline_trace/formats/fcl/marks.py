"""The tracing part of a network: one event of the kind ``tracing_marked``.

It says all the marks of the file, so that what an earlier file or act said counts no more. Its id is derived from the
marks: the same settings again are a repeat, others do not conflict with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Signed, read_field

from fieldline_trace.formats.fcl.document import Tracing, Tracings
from fieldline_trace.formats.fcl.refusals import Refusal

REASON = "Settings of the network that was imported from FoodChain-Lab"


def marked(
    tracings: Tracings | None, stations: Mapping[str, str], batches: Mapping[str, str], unserved: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[Refusal]]:
    """The event, none where the file has neither marks nor a station without deliveries; and the marks that were not
    taken.

    ``stations``, ``batches``: site and batch by the file's id. ``unserved``: the stations that no delivery names; the
    event is all that is said of them.
    """
    if tracings is None and not unserved:
        return [], []
    refused: list[Refusal] = []
    marks = []
    if tracings is not None:
        marks += _marks(tracings.nodes, "node", "site", stations, refused)
        marks += _marks(tracings.deliveries, "delivery", "batch", batches, refused)
    event: dict[str, Any] = {"kind": "tracing_marked", "marks": marks, "whole": True, "reason": REASON}
    if tracings is not None and tracings.temporal_order is not None:
        event["temporal_order"] = tracings.temporal_order
    if unserved:
        event["x-fcl"] = {"stations": {site: name for name, site in unserved.items()}}
    content = json.dumps(event, sort_keys=True, ensure_ascii=False).encode()
    return [{"id": f"urn:fieldline:fcl:tracing:{hashlib.sha256(content).hexdigest()[:32]}", **event}], refused


def _marks(
    tracings: Iterable[Tracing], what: str, names: str, known: Mapping[str, str], refused: list[Refusal]
) -> list[dict[str, Any]]:
    """The marks that say something; of what the file does not have, and weights that are no numbers, are refused."""
    marks = []
    for tracing in tracings:
        said: dict[str, Any] = {
            name: True
            for name, value in (
                ("cross_contamination", tracing.cross_contamination),
                ("kill_step", tracing.kill_contamination),
                ("observed", tracing.observed),
            )
            if value
        }
        where = f"tracing of {what} {tracing.id}"
        if tracing.weight:
            try:
                said["weight"] = read_field(Signed, tracing.weight, "weight")
            except Fault as fault:
                refused.append(Refusal(where, fault, kept=bool(said)))
        if not said:
            continue
        if tracing.id in known:
            marks.append({names: known[tracing.id], **said})
        elif names == "site":
            refused.append(Refusal(where, Fault.by("fcl_no_station", "id", tracing.id)))
        else:
            refused.append(Refusal(where, Fault.by("fcl_no_delivery", "id", tracing.id)))
    return marks
