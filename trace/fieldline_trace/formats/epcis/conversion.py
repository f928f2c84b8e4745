"""From a document to events and refusals, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from fieldline_schemas.fast import read as read_event
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import sentence

from fieldline_trace.formats.epcis.corrections import Shipments, declared, lapsed, voided
from fieldline_trace.formats.epcis.document import Document, prefixes_of
from fieldline_trace.formats.epcis.gs1_keys import check_keys
from fieldline_trace.formats.epcis.master import kept_vocabularies
from fieldline_trace.formats.epcis.results import is_finding, results_of
from fieldline_trace.formats.epcis.rules import check
from fieldline_trace.formats.epcis.statements import companions, event_itself
from fieldline_trace.formats.epcis.told import Told
from fieldline_trace.formats.epcis.what import outputs, parent_of, refs_of, subjects


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
    wrong = {(told.id, told.text) for told in valid if told.is_error}
    originals = {(told.id, told.text): told for told in valid}
    now = _Beside([told for same, told in originals.items() if same not in wrong])
    before = _Beside(originals.values()) if wrong else now
    for told in valid:
        beside = now.of(told)
        gone = _missing(before.of(told), beside) if wrong else []
        if told.is_error:
            others = _ids([*beside, *gone])
            events = declared(told, others, is_one_of_several=told.id in said.conflicts)
        else:
            events = [event_itself(told), *beside, *map(lapsed, gone)]
            said.remarks += now.remarks(told, beside)
        _take(told, events, said)
    return said


class _Beside:
    """What events say together with their neighbours."""

    def __init__(self, events: Iterable[Told]) -> None:
        self._events = list(events)
        parents = (parent_of(told.known) for told in self._events if told.kind == "AggregationEvent")
        self._holders = {parent.identity for parent in parents if parent is not None and parent.identity != parent.key}
        self._shipments = Shipments(self._events)

    def of(self, told: Told) -> list[dict[str, Any]]:
        """The companions of ``told``, its results, and what it voids."""
        found = companions(told, self._holders)
        refs = refs_of(subjects(told.known)) or refs_of(outputs(told.known))
        found += results_of(told, [ref["batch"] for ref in refs])
        if shipment := self._voided(told):
            found += voided(told, [shipment.id, *_ids(self.of(shipment))])
        return found

    def remarks(self, told: Told, beside: list[dict[str, Any]]) -> Iterator[Refusal]:
        """What ``told`` says that led to nothing."""
        if told.step == "void_shipping" and self._voided(told) is None:
            yield Refusal(_row(told), "bizStep", "'void_shipping'", sentence("epcis_void_alone", {}), kept=True)
        if is_finding(told) and not any(event["kind"] == "tested" for event in beside):
            disposition = repr(told.known.get("disposition", ""))
            yield Refusal(_row(told), "disposition", disposition, sentence("epcis_finding_alone", {}), kept=True)

    def _voided(self, told: Told) -> Told | None:
        return self._shipments.voided_by(told) if told.step == "void_shipping" else None


def _ids(events: Iterable[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def _missing(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = set(_ids(now))
    return [event for event in before if event["id"] not in ids]


def _valid(document: Document, said: Conversion) -> Iterator[Told]:
    for number, event in enumerate(document.events, 1):
        try:
            check(event)
            doubtful = check_keys(event)
            prefixes = {**document.prefixes, **prefixes_of(event)}
        except Fault as fault:
            name = event.get("eventID") if isinstance(event, dict) else None
            row = f"event {number}" + (f" ({name})" if isinstance(name, str) and name else "")
            said.refused.append(Refusal(row, fault.field, fault.value, fault.rule))
            continue
        told = Told(number, event, prefixes)
        for remark in doubtful:
            rule = sentence("epcis_foreign_key", {"why": remark.rule})
            said.remarks.append(Refusal(_row(told), remark.field, remark.value, rule, kept=True))
        yield told


def _take(told: Told, events: list[dict[str, Any]], said: Conversion) -> None:
    """Take all events that one EPCIS event became, or none of them where this house cannot hold one."""
    for event in events:
        try:
            read_event(msgspec.json.encode(event))
        except Fault as fault:
            rule = sentence("epcis_becomes", {"why": fault.rule, "kind": event["kind"]})
            said.refused.append(Refusal(_row(told), fault.field, fault.value, rule))
            return
    said.events += events
    said.taken += 1


def _conflicts(events: list[Told]) -> dict[str, int]:
    contents: dict[str, set[str]] = {}
    for told in events:
        contents.setdefault(told.id, set()).add(told.text)
    return {name: len(different) for name, different in contents.items() if len(different) > 1}


def _row(told: Told) -> str:
    return f"event {told.number} ({told.id})"
