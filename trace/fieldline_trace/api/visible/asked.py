"""Questions about lineage and recalls, cut to what a caller may see: rows that name a holding are shown where all of it
is the caller's to see, events where they may be named, and whatever counts or sums across the whole is left out.

A field that is not listed here is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fieldline_schemas.messages import Sentence
from pydantic import BaseModel

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.event import EventArguments
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.lineages import cut_trace, only
from fieldline_trace.api.visible.sight import Sight, sight_of
from fieldline_trace.api.visible.view import View
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Q

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an answer is shown."""

    heading: tuple[str, ...]
    """Fields that say nothing but what was asked."""
    lists: tuple[str, ...] = ()
    """Lists of rows with ``batch`` and ``site``, shown where the holding is."""
    paths: tuple[str, ...] = ()
    """Lists of rows each with a ``path``: each hop is a row of its own."""
    gone: tuple[str, ...] = ()
    """Fields that are told of the whole alone: None here, and named once, in ``beyond``."""
    named: tuple[str, ...] = ()
    """Lists of rows with ``batches``, shown with those that may be named."""


SHAPES: Final[Mapping[str, Shape]] = {
    "balance": Shape(("asked", "expires"), ("places",), gone=("totals", "steps", "odds")),
    "share": Shape(("source", "batch", "unit"), ("places",), gone=("whole", "batches", "circle")),
    "why": Shape(("batch", "of", "direction", "certainty", "basis"), ("path",), gone=("events", "accountable")),
    "paths": Shape(("from", "to", "more"), ("excluded_by_times",), paths=("paths",)),
    "accountable": Shape(("batch", "direction", "to"), gone=("operators",)),
    "dead ends": Shape(("asked", "direction"), ("ends",), gone=("begins", "more")),
    "present": Shape(("site", "location", "since", "until", "windows"), ("lots",)),
    "hypothesis": Shape(("hypothesis",), gone=("share",), named=("explained", "unexplained")),
    "span": Shape(("asked",), gone=("batches", "first", "last", "since_last")),
    "proof": Shape(
        ("asked", "along"), ("positives", "negatives", "inconclusive"), gone=("cases", "others", "clusters"),
    ),
    "risk": Shape(("asked", "weights"), ("rows",), gone=("score", "points", "more")),
    "areas": Shape(("of", "digits"), gone=("areas", "unknown", "countries")),
    "scope progress": Shape(
        ("scope", "status"),
        gone=(
            "consignees", "outstanding", "quantities", "recalled_of_produced", "recalled_of_sold", "accounted",
        ),
    ),
    "scope export": Shape(("scope", "version", "status", "hazard_class", "hazard"), ("rows",), gone=("title",)),
    "incident list": Shape(("incidents",), gone=("proposed",)),
    "incident show": Shape(
        ("incident", "title", "scopes", "step", "done", "ahead", "steps", "acts"), gone=("members", "sources"),
    ),
    "scope versions": Shape(("scope", "status"), gone=("versions",)),
}  # fmt: skip
"""Question to what of its answer an authority with bounds, or a firm, gets."""
_EVENTS: Final = ("event", "cause")


async def cut_asked(name: str, desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """The answer to the question ``name``, cut as its shape says."""
    shape = SHAPES[name]
    rows = [row for field in shape.lists for row in said[field]]
    rows += [hop for field in shape.paths for one in said[field] for hop in one["path"]]
    places = [(row["batch"], row["site"]) for row in rows if row.get("batch") is not None]
    sight = await sight_of(desk, view, grant, places, await _events(desk, rows))
    shown: Said = {"position": said["position"], **only(said, shape.heading)}
    left_out = 0
    for field in shape.lists:
        shown[field] = _rows(sight, said[field])
        left_out += len(said[field]) - len(shown[field])
    for field in shape.paths:
        shown[field] = []
        for one in said[field]:
            hops = _rows(sight, one["path"])
            left_out += len(one["path"]) - len(hops)
            if hops:
                shown[field].append({**only(one, ("certainty", "basis", "hops")), "path": hops, "events": None})
    for field in shape.named:
        known = await _known(desk, view, (batch for row in said[field] for batch in row["batches"]))
        shown[field] = [
            {**only(row, ("name", "certainty")), "batches": [b for b in row["batches"] if b in known]}
            for row in said[field]
            if known & set(row["batches"])
        ]
        left_out += len(said[field]) - len(shown[field])
    beyond = {"beyond": list(shape.gone)} if shape.gone else {}
    return {**shown, **dict.fromkeys(shape.gone), **beyond, "cut": sight.cut(left_out)}


async def cut_steps(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """One step either side, each cut as a trace is."""
    back = await cut_trace(desk, view, grant, asked, said["back"])
    forward = await cut_trace(desk, view, grant, asked, said["forward"])
    return {"position": said["position"], "asked": back["asked"], "back": back, "forward": forward, "cut": back["cut"]}


async def cut_event(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Those under the id that may be named, with their holdings that are whole the caller's to see. The text itself may
    name anybody, and alerts and scopes are asked for where they are cut."""
    assert isinstance(asked, EventArguments)
    verdicts = await view.events(said["events"])
    shown = [one for one, may in zip(said["events"], verdicts, strict=True) if may]
    if not shown:
        raise NotFound(Sentence("event_not_known", text=repr(asked.id)))
    batches = [row for one in shown for row in one["batches"]]
    corrections = await _events(desk, [{"event": by["id"]} for one in shown for by in one["corrected_by"]])
    sight = await sight_of(desk, view, grant, [(row["batch"], row["site"]) for row in batches], corrections)
    kept = (
        "id", "kind", "sender", "role", "channel", "operator", "site", "grid_unit", "received", "position", "leaf",
        "entry_hash", "previous_hash", "standing", "variant", "variants",
    )  # fmt: skip
    return {
        **only(said, ("position", "id")),
        "events": [
            {
                **only(one, kept),
                "corrected_by": [by for by in one["corrected_by"] if sight.event(by["id"]) is not None],
                "batches": [row for row in one["batches"] if sight.whole(row["batch"], row["site"])],
                **dict.fromkeys(("alerts", "scopes", "said")),
            }
            for one in shown
        ],
        "cut": sight.cut(len(said["events"]) - len(shown)),
    }


async def cut_story(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """What anybody may know."""
    return said


def _rows(sight: Sight, rows: Iterable[Mapping[str, Any]]) -> list[Said]:
    shown = []
    for row in rows:
        if row.get("batch") is None or not sight.whole(row["batch"], row["site"]):
            continue
        kept = dict(row)
        for name in _EVENTS:
            if name in kept:
                kept[name] = sight.event(kept[name])
        if "events" in kept:
            kept["events"] = [one for one in kept["events"] if sight.event(one) is not None]
        if kept.get("event", "") is None:
            kept |= {name: None for name in ("sender", "by") if name in kept}
        shown.append(kept)
    return shown


async def _events(desk: Desk, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The events that rows name, as the desk describes them."""
    ids = {row[name] for row in rows for name in _EVENTS if row.get(name)}
    ids |= {one for row in rows for one in row.get("events") or ()}
    found = await desk.conn.fetch(Q["visible_events_named"], sorted(ids)) if ids else []
    return list((await desk.events(row["number"] for row in found)).values())


async def _known(desk: Desk, view: View, keys: Iterable[str]) -> set[str]:
    rows = await desk.conn.fetch(Q["keys_batch"], sorted(set(keys)))
    numbers = {row["number"]: row["key"] for row in rows}
    return {numbers[number] for number in await view.batches(numbers)}
