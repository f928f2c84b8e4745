"""From a document to events and refusals, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec
from fieldline_schemas.fast import read as read_event
from fieldline_schemas.faults import Fault

from fieldline_trace.formats.epcis.corrections import declared, voided
from fieldline_trace.formats.epcis.document import Document, prefixes_of
from fieldline_trace.formats.epcis.master import kept_vocabularies
from fieldline_trace.formats.epcis.results import is_verdict_without_hazard, results_of
from fieldline_trace.formats.epcis.rules import check
from fieldline_trace.formats.epcis.statements import companions, event_itself, one_process
from fieldline_trace.formats.epcis.told import Told, written
from fieldline_trace.formats.epcis.units import Units
from fieldline_trace.formats.epcis.what import refs_of, subjects


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that was not taken: where it stands, and what rule it breaks. ``kept``: it was taken all the same, and
    this is a remark."""

    row: str
    field: str
    value: str
    rule: str
    kept: bool = False

    def __str__(self) -> str:
        return ": ".join(part for part in (self.row, self.field, self.value, self.rule) if part)


@dataclass(slots=True)
class Conversion:
    """What came of a document. ``events``: in its order, companions behind what they go with. ``taken``: how many
    EPCIS events these are of. ``refused``: those that are not among them. ``remarks``: what a person should know of
    those that are. ``conflicts``: ids that stand on several different events, and on how many."""

    events: list[dict[str, Any]] = field(default_factory=list)
    taken: int = 0
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[Refusal] = field(default_factory=list)
    conflicts: dict[str, int] = field(default_factory=dict)


def events_of(document: Document) -> Conversion:
    """All events that ``document`` states; one that cannot be taken is refused, and the rest goes on."""
    said = Conversion()
    said.remarks += (Refusal("document", fault.field, fault.value, fault.rule, kept=True) for fault in document.twice)
    said.events += kept_vocabularies(document.vocabularies)
    valid = list(_valid(document, said))
    said.conflicts = _conflicts(valid)
    wrong = {(told.id, written(told.content)) for told in valid if told.is_error}
    standing = [told for told in valid if (told.id, written(told.content)) not in wrong]
    units = Units(standing)
    shown = {told.number: companions(told, units) for told in valid}
    ids = {number: [event["id"] for event in events] for number, events in shown.items()}
    for told in valid:
        if told.is_error:
            others = ids[told.number]
            events = declared(told, others, is_one_of_several=told.id in said.conflicts)
        else:
            events = [event_itself(told), *shown[told.number], *_results(told, shown[told.number])]
            if told.step == "void_shipping":
                events += _voided(told, standing, ids, said)
            if is_verdict_without_hazard(told):
                rule = "something was found wrong, but not what: kept, no result comes of it"
                said.remarks.append(Refusal(_row(told), "disposition", "'non_conformant'", rule, kept=True))
        _take(told, events, said)
    said.events += _processes(standing, units)
    return said


def _valid(document: Document, said: Conversion) -> Iterator[Told]:
    for number, event in enumerate(document.events, 1):
        try:
            check(event)
            prefixes = {**document.prefixes, **prefixes_of(event)}
        except Fault as fault:
            name = event.get("eventID") if isinstance(event, dict) else None
            row = f"event {number}" + (f" ({name})" if isinstance(name, str) and name else "")
            said.refused.append(Refusal(row, fault.field, fault.value, fault.rule))
            continue
        yield Told(number, event, prefixes)


def _take(told: Told, events: list[dict[str, Any]], said: Conversion) -> None:
    """Take all events that one EPCIS event became, or none of them where this house cannot hold one."""
    for event in events:
        try:
            read_event(msgspec.json.encode(event))
        except Fault as fault:
            rule = f"{fault.rule} (in the event {event['kind']} that it becomes)"
            said.refused.append(Refusal(_row(told), fault.field, fault.value, rule))
            return
    said.events += events
    said.taken += 1


def _results(told: Told, known: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    refs = refs_of(subjects(told.known)) + [ref for event in known for ref in event.get("batches", ())]
    return results_of(told, list(dict.fromkeys(ref["batch"] for ref in refs)))


def _voided(told: Told, standing: list[Told], ids: dict[int, list[str]], said: Conversion) -> list[dict[str, Any]]:
    found = voided(told, standing, ids)
    if found is None:
        rule = "this document has no shipment of exactly the same: nothing is taken back, what it names is noted here"
        said.remarks.append(Refusal(_row(told), "bizStep", "'void_shipping'", rule, kept=True))
    return found or []


def _processes(events: list[Told], units: Units) -> Iterator[dict[str, Any]]:
    """Processes that several events tell of, each at one site."""

    def process(told: Told) -> tuple[str, str]:
        return str(told.known.get("transformationID", "")), told.site

    shared = sorted((told for told in events if process(told)[0]), key=process)
    for _, group in groupby(shared, process):
        distinct = list({written(told.content): told for told in group}.values())
        if len(distinct) > 1:
            whole = one_process(distinct, units)
            if whole["in_batches"] and whole["out_batches"]:
                yield whole


def _conflicts(events: list[Told]) -> dict[str, int]:
    contents: dict[str, set[str]] = {}
    for told in events:
        contents.setdefault(told.id, set()).add(written(told.content))
    return {name: len(different) for name, different in contents.items() if len(different) > 1}


def _row(told: Told) -> str:
    return f"event {told.number} ({told.id})"
