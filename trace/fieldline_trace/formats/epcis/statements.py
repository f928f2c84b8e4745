"""Events of this house from one EPCIS event. Which kind it becomes, and why, is recorded in
``docs/decisions/0010-epcis-to-events.md``.

First the event itself, under its own id. Then companions, under ids derived from it: what one event of this house has
no room for (a pallet that is packed and shipped at once), and what only the document tells (that an item holds others).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from fieldline_schemas.text import LONGEST_KEY

from fieldline_trace.formats.epcis.identifiers import holder_of
from fieldline_trace.formats.epcis.readings import readings_of
from fieldline_trace.formats.epcis.told import ARRIVES, SHIPS, Told, derived_id, written
from fieldline_trace.formats.epcis.what import Amount, Refs, inputs, lives_of, outputs, parent_of, refs_of, subjects
from fieldline_trace.formats.epcis.words import last_word, standard

SOLD: Final = frozenset(("retail_selling", "dispensing"))
HARVESTS: Final = frozenset(("fishingevent", "hatching", "farmharvest", "harvesting"))
"""Business steps of seafood and farming that begin a lot, by the last word of their URI (GDST 1.2)."""
_MATERIAL: Final = ("batch", "item")
_MOVES: Final = SHIPS | ARRIVES | SOLD | {"sampling"}


def event_itself(told: Told) -> dict[str, Any]:
    """What the event says alone, under its own id; where it names nothing that has a key, a note."""
    said = _transformation(told) if told.kind == "TransformationEvent" else _about(told, subjects(told.known))
    return {"id": told.id, **(said if said is not None else _noted(told)), **told.extension()}


def companions(told: Told, holders: Collection[str]) -> list[dict[str, Any]]:
    """What the event says besides. ``holders``: identities of items, batches and things that hold others somewhere in
    the document, although nothing in their identifiers says so."""
    found: list[dict[str, Any] | None] = []
    about = subjects(told.known)
    parent = parent_of(told.known)
    if told.kind == "AggregationEvent" and parent is not None and told.step in _MOVES:
        found.append(_handled(told, [{"batch": parent.key}]))
    if _is_birth(told) and (born := refs_of(about, _MATERIAL)):
        if told.step in SHIPS:
            found.append(_handled(told, born))
        if units := refs_of(about, ("unit",)):
            found.append(_seen(told, units))
    itself = event_itself(told)
    if itself["kind"] not in ("stored", "noted") and readings_of(told):
        refs = refs_of([*about, *inputs(told.known), *outputs(told.known)])
        found.append(_seen(told, refs) if refs else None)
    twins = [Amount(holder_of(one.named), None, None, True) for one in about if one.named.identity in holders]
    if twins:
        found.append(_about(told, twins))
    used = [holder_of(one.named).key for one in inputs(told.known) if one.named.identity in holders]
    if used:
        made = refs_of(outputs(told.known))
        found.append({**_envelope(told, "transformed"), "in_batches": used, "out_batches": _less_amounts(made)})
    return [_companion(told, one) for one in found if one is not None]


def _about(told: Told, about: Sequence[Amount]) -> dict[str, Any] | None:
    """What an event that is no transformation says of ``about``."""
    refs = refs_of(about)
    parent = parent_of(told.known)
    if told.kind == "AggregationEvent" and parent is not None:
        kind = "disaggregated" if told.action == "DELETE" else "aggregated"
        if about and not refs:  # children that have no key are not all children
            return None
        return {**_envelope(told, kind), "parent": parent.key, **({"children": refs} if refs else {})}
    if told.kind == "AssociationEvent":
        there = refs_of(about, _MATERIAL)
        return _seen(told, there) if there else None
    if told.kind == "TransactionEvent" and parent is not None:
        refs = refs_of([*about, Amount(parent, None, None, True)])
    if not refs:
        return None
    if _is_birth(told) and (born := refs_of(about, _MATERIAL)):
        return _born(told, born)
    if told.kind == "ObjectEvent" and told.action == "DELETE" and told.step not in _MOVES:
        return _gone(told, about, refs)
    return _handled(told, refs)


def _is_birth(told: Told) -> bool:
    return told.kind == "ObjectEvent" and told.action == "ADD"


def _less_amounts(refs: Refs) -> Refs:
    return [{name: value for name, value in ref.items() if name in ("batch", "label")} for ref in refs]


def _companion(told: Told, event: dict[str, Any]) -> dict[str, Any]:
    event = {**event, "x-epcis-of": {"event": told.id}}
    if event["kind"] == "sampled":
        event["sample"] = told.id
    return {"id": derived_id("companion", told.id, told.text, written(event)), **event}


def _envelope(told: Told, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "operator": told.operator,
        "site": told.site,
        **({} if told.location is None else {"location": told.location}),
        "at": told.said["eventTime"],
        "zone": told.said["eventTimeZoneOffset"],
    }


def _born(told: Told, refs: Refs) -> dict[str, Any]:
    """ADD is a birth: of a harvest where the step says so, else out of nothing that is recorded."""
    refs = [{**ref, **lives_of(told.known)} for ref in refs]
    if len(refs) == 1 and last_word(told.step).lower() in HARVESTS:
        return {**_envelope(told, "harvested"), "out_batch": refs[0]}
    return {**_envelope(told, "transformed"), "out_batches": refs}


def _gone(told: Told, about: Sequence[Amount], refs: Refs) -> dict[str, Any]:
    """DELETE lessens a lot, which lives on. What was in a unit goes with it only where it was destroyed: a unit whose
    number is given up is empty."""
    if told.step == "destroying":
        return {**_envelope(told, "disposed"), "batches": refs, "method": "destroyed"}
    used = refs_of(about, _MATERIAL)
    return {**_envelope(told, "transformed"), "in_batches": used} if used else _seen(told, refs)


def _transformation(told: Told) -> dict[str, Any] | None:
    ins, outs = refs_of(inputs(told.known)), refs_of(outputs(told.known))
    if not ins and not outs:
        return None
    outs = [{**ref, **lives_of(told.known)} for ref in outs]
    return {**_envelope(told, "transformed"), "in_batches": ins, "out_batches": outs, **_process(told)}


def _process(told: Told) -> dict[str, Any]:
    """What events of one process share; an empty id is none."""
    process = str(told.said.get("transformationID", ""))
    if not process:
        return {}
    return {"transformation_id": process if len(process) <= LONGEST_KEY else derived_id("process", process)}


def _handled(told: Told, refs: Refs) -> dict[str, Any]:
    """A step of custody: shipped, sent back, arrived, sold, sampled, or just seen."""
    if told.step in SHIPS:
        back = standard(told.known.get("disposition")) == "returned"
        event = {**_envelope(told, "returned" if back else "shipped"), "batches": refs}
        if told.destination is not None:
            event["to_site"] = told.destination
        if told.recipient is not None:
            event["to_operator"] = told.recipient
        return event
    if told.step in SOLD:
        return {**_envelope(told, "sold" if told.step == "retail_selling" else "served"), "batches": refs}
    if told.step == "sampling":
        return {**_envelope(told, "sampled"), "batches": refs, "sample": told.id}
    if told.step not in ARRIVES:
        return _seen(told, refs)
    event = {**_envelope(told, "received"), "batches": refs}
    if told.source is not None and told.source != told.site:
        event["from_site"] = told.source
    if told.sender is not None:
        event["from_operator"] = told.sender
    return event


def _seen(told: Told, refs: Refs) -> dict[str, Any]:
    """It was there: that dates and links nothing."""
    return {**_envelope(told, "stored"), "batches": refs, **_readings(told)}


def _readings(told: Told) -> dict[str, Any]:
    readings = readings_of(told)
    return {"readings": readings} if readings else {}


def _noted(told: Told) -> dict[str, Any]:
    """An event that names no material and no unit: a sensor of a cold room, equipment and where it stood, a person."""
    parent = told.known.get("parentID")
    named = [parent] if parent else [one.named.identity for one in [*subjects(told.known), *inputs(told.known)]]
    subject = str(next(iter(named), "") or last_word(told.kind) or "event")[-LONGEST_KEY:].strip()
    return {**_envelope(told, "noted"), "subject": subject or "event", **_readings(told)}
