"""Events of this house from one EPCIS event. Which kind it becomes, and why, is recorded in
``docs/decisions/0010-epcis-to-events.md``.

First the event itself, under its own id, from what it says alone. Then, where its document knows more (what was in a
pallet when it was shipped, the lot of an item), a companion that says just that, under an id derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fieldline_schemas.text import LONGEST_KEY

from fieldline_trace.formats.epcis.told import ARRIVES, SHIPS, Told, derived_id, written
from fieldline_trace.formats.epcis.units import Units
from fieldline_trace.formats.epcis.what import Amount, inputs, outputs, parent_of, refs_of, subjects
from fieldline_trace.formats.epcis.words import last_word

Refs = list[dict[str, Any]]

SOLD: Final = frozenset(("retail_selling", "dispensing"))
HARVESTS: Final = frozenset(("fishingevent", "hatching", "farmharvest", "harvesting"))
"""Business steps of seafood and farming that begin a lot, by the last word of their URI (GDST 1.2)."""


def event_itself(told: Told) -> dict[str, Any]:
    """What the event says alone, under its own id; where it names no batch, an observation of the thing that it
    names."""
    if told.kind == "TransformationEvent":
        made = _transformed(told, told.id, refs_of(inputs(told.known)), refs_of(outputs(told.known)))
        return made if made is not None else _noted(told, [*inputs(told.known), *outputs(told.known)])
    about = subjects(told.known)
    refs = refs_of(about)
    if not refs:
        return _noted(told, about)
    if told.kind == "ObjectEvent" and told.action == "ADD":
        return _born(told, refs)
    if _is_drawn(told):
        return {**_envelope(told, "transformed", told.id), "in_batches": refs, **told.extension()}
    return {**_handled(told, told.id, refs), **told.extension()}


def companions(told: Told, units: Units) -> list[dict[str, Any]]:
    """What the document knows besides: the same happening, of the batches that the event names through a unit or as
    items."""
    if told.kind == "TransformationEvent":
        return _transformed_in_units(told, units)
    found: list[dict[str, Any]] = []
    if told.kind == "ObjectEvent" and told.action == "ADD":
        refs = refs_of(subjects(told.known))
        if told.step in SHIPS and refs:
            found.append(_companion(told, _handled(told, "", refs), {}))
        return found
    if told.kind == "AssociationEvent":
        return found
    if _is_drawn(told):
        items = [one for one in subjects(told.known) if units.lot_of(one.named) is not None]
        known, through = _known(items, told, units)
        if known:
            gone = {**_envelope(told, "transformed", ""), "in_batches": refs_of(known)}
            found.append(_companion(told, gone, through))
        return found
    known, through = _known(subjects(told.known), told, units)
    parent = parent_of(told.known)
    if parent is not None and not _names_children(told):
        inside = units.content(parent, told.at)
        known += inside
        through |= {told.said["parentID"]: sorted({one.named.key for one in inside})} if inside else {}
    refs = refs_of(known)
    if refs:
        found.append(_companion(told, _handled(told, "", refs), through))
    return found


def one_process(events: Sequence[Told], units: Units) -> dict[str, Any]:
    """Events that share a transformationID at one site: every input may be in every output, whatever the times."""
    first = min(events, key=lambda told: (told.at, told.id))
    ins = [units.resolved(one)[0] for told in events for one in inputs(told.known)]
    outs = [units.resolved(one)[0] for told in events for one in outputs(told.known)]
    keys = [sorted({one.named.key for one in side if one.named.sort != "thing"}) for side in (ins, outs)]
    process = str(first.said["transformationID"])
    made = {
        **_envelope(first, "transformed", derived_id("process", process, first.site, written(keys))),
        "at": {"from": first.said["eventTime"], "to": max(events, key=lambda told: told.at).said["eventTime"]},
        "in_batches": keys[0],
        "out_batches": keys[1],
        "timeless": True,
        "x-epcis-of": {"transformationID": process, "events": sorted({told.id for told in events})},
    }
    return {**made, **_process(first)}


def _is_drawn(told: Told) -> bool:
    """Was something used up or destroyed, and not merely taken elsewhere?"""
    if told.kind != "ObjectEvent" or told.action != "DELETE":
        return False
    return told.step not in SHIPS and told.step not in SOLD and told.step != "sampling"


def _names_children(told: Told) -> bool:
    return told.kind == "AggregationEvent" and bool(subjects(told.known))


def _known(amounts: Sequence[Amount], told: Told, units: Units) -> tuple[list[Amount], dict[str, list[str]]]:
    """Batches that the document knows behind units and items, and through what."""
    known: list[Amount] = []
    through: dict[str, list[str]] = {}
    for amount in amounts:
        found, is_news = units.resolved(amount)
        inside = [found] if is_news else []
        inside += units.content(amount.named, told.at) if amount.single else []
        if inside:
            known += inside
            through[amount.named.identity] = sorted({one.named.key for one in inside})
    return known, through


def _transformed_in_units(told: Told, units: Units) -> list[dict[str, Any]]:
    ins, outs = inputs(told.known), outputs(told.known)
    known_in, through_in = _known(ins, told, units)
    known_out, through_out = _known(outs, told, units)
    if not known_in and not known_out:
        return []
    # Only what is news, with everything on the other side: the rest is said by the event itself.
    refs_in = refs_of([*ins, *known_in] if known_out else known_in)
    refs_out = refs_of([*outs, *known_out] if known_in else known_out)
    made = _transformed(told, "", _without_amounts(refs_in), _without_amounts(refs_out))
    return [] if made is None else [_companion(told, made, through_in | through_out)]


def _without_amounts(refs: Refs) -> Refs:
    return [{name: value for name, value in ref.items() if name in ("batch", "label")} for ref in refs]


def _companion(told: Told, event: dict[str, Any], through: dict[str, list[str]]) -> dict[str, Any]:
    event = {name: value for name, value in event.items() if not name.startswith("x-")}
    event["x-epcis-of"] = {"event": told.id, **({"through": through} if through else {})}
    said = {name: value for name, value in event.items() if name != "id"}
    return {**event, "id": derived_id("companion", told.id, told.text, written(said))}


def _envelope(told: Told, kind: str, event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "kind": kind,
        "operator": told.operator,
        "site": told.site,
        "at": told.said["eventTime"],
        "zone": told.said["eventTimeZoneOffset"],
    }


def _born(told: Told, refs: Refs) -> dict[str, Any]:
    """ADD is a birth: of a harvest where the step says so, else out of nothing that is recorded."""
    if len(refs) == 1 and last_word(told.step).lower() in HARVESTS:
        return {**_envelope(told, "harvested", told.id), "out_batch": refs[0], **told.extension()}
    return {**_envelope(told, "transformed", told.id), "out_batches": refs, **told.extension()}


def _transformed(told: Told, event_id: str, ins: Refs, outs: Refs) -> dict[str, Any] | None:
    if not ins and not outs:
        return None
    event = {**_envelope(told, "transformed", event_id), "in_batches": ins, "out_batches": outs}
    return {**event, **_process(told), **told.extension()}


def _process(told: Told) -> dict[str, Any]:
    process = str(told.said.get("transformationID", ""))
    return {"transformation_id": process} if 0 < len(process) <= LONGEST_KEY else {}


def _handled(told: Told, event_id: str, refs: Refs) -> dict[str, Any]:
    """A step of custody: shipped, arrived, sold, sampled, or just seen."""
    if told.step in SHIPS:
        event = {**_envelope(told, "shipped", event_id), "batches": refs}
        if told.destination is not None:
            event["to_site"] = told.destination
        if told.recipient is not None:
            event["to_operator"] = told.recipient
        return event
    if told.step in SOLD:
        return {**_envelope(told, "served", event_id), "batches": refs}
    if told.step == "sampling":
        return {**_envelope(told, "sampled", event_id), "batches": refs, "sample": told.id}
    event = {**_envelope(told, "received", event_id), "batches": refs}
    if told.step in ARRIVES:
        if told.source is not None and told.source != told.site:
            event["from_site"] = told.source
        if told.sender is not None:
            event["from_operator"] = told.sender
    return event


def _noted(told: Told, about: Sequence[Amount]) -> dict[str, Any]:
    """An event that names no batch: a sensor of a cold room, a crate, a train. No kind says nothing about material, so
    it is an observation of the things themselves, which dates and links nothing."""
    parent = parent_of(told.known)
    things = [one.named.key for one in about] + ([parent.key] if parent is not None else [])
    batches = list(dict.fromkeys(things)) or [f"epc/event/{last_word(told.kind)[:64] or 'event'}"]
    return {**_envelope(told, "received", told.id), "batches": batches, **told.extension()}
