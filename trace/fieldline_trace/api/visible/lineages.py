"""Traces, batches and names, cut to what may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fieldline_schemas.messages import Sentence
from pydantic import BaseModel

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.members import by_lot, by_site
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.sight import OPEN, Sight, sight_of
from fieldline_trace.api.visible.view import View
from fieldline_trace.errors import NotFound

Said = dict[str, Any]


async def cut_trace(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """A firm gets only what it reaches through holdings that it may see: that its goods come back to it through
    others' hands is theirs to tell. An authority gets all in its area, whichever way it came there."""
    places = [(one["batch"], one["site"]) for one in [*said["members"], *said["excluded_by_times"]]]
    units = said["asked"]["units"]
    sight = await sight_of(desk, view, grant, [*places, *_places_of(units)], said["events"])
    members = said["members"] if grant is Grant.JURISDICTION else _reached(sight, said["members"])
    shown = [member_shown(sight, one) for one in members if sight.shows(one["batch"], one["site"])]
    if said["asked"]["site"] is not None and not any(one["hops"] == 0 for one in shown):
        raise NotFound(Sentence("site_not_known", text=repr(said["asked"]["site"])))
    return {
        **only(said, ("position", "direction", "times", "depth")),
        "filtered": None,
        "asked": {**only(said["asked"], ("text", "by", "batches", "site")), "units": _units_shown(sight, units)},
        "members": shown,
        "excluded_by_times": [
            {**place, "site": sight.site(place["batch"], place["site"])}
            for place in said["excluded_by_times"]
            if sight.whole(place["batch"], place["site"])
        ],
        **groups_shown(sight, shown, said["events"]),
        "cut": sight.cut(len(said["members"]) - len(shown)),
    }


async def cut_batch(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Quantities of one's own holdings alone; labels where a holding may be seen."""
    places = [*((one["batch"], one["site"]) for one in said["holdings"]), *_places_of(said["units"])]
    sight = await sight_of(desk, view, grant, places, said["events"])
    holdings = []
    for one in said["holdings"]:
        if not sight.shows(one["batch"], one["site"]):
            continue
        whole = sight.whole(one["batch"], one["site"])
        amount = only(one, ("quantity", "unit")) if whole else {"quantity": None, "unit": None}
        site = sight.site(one["batch"], one["site"])
        holdings.append({"batch": one["batch"], "site": site, "operator": one["operator"], **amount})
    return {
        **only(said, ("position", "batch", "batches", "asked", "spellings")),
        "labels": said["labels"] if holdings else [],
        "holdings": holdings,
        "units": _units_shown(sight, said["units"]),
        "events": events_shown(sight, said["events"]),
        "cut": sight.cut(len(said["holdings"]) - len(holdings)),
    }


def _places_of(units: Iterable[Said]) -> Iterator[tuple[str, str]]:
    """Where what units hold lies."""
    for unit in units:
        for site in (unit["site"], unit["left_for"]):
            if site is not None:
                yield from ((held["batch"], site) for held in unit["holds"])


def _units_shown(sight: Sight, units: Iterable[Said]) -> list[Said]:
    """Units that may be named; where one is, and where it went from one's own site."""
    shown = []
    for unit in units:
        holds = [held["batch"] for held in unit["holds"]]
        here = next((sight.site(held, unit["site"]) for held in holds if sight.shows(held, unit["site"])), None)
        gone = any(sight.whole(held, unit["site"]) for held in holds)
        shown.append(
            {**only(unit, ("unit", "content", "holds")), "site": here, "left_for": unit["left_for"] if gone else None}
        )
    return shown


async def cut_name(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """What could be named was found among what may be known already."""
    return said


_MEMBER = ("batch", "labels", "operator", "certainty", "basis", "role", "exposed", "hops", "incomplete")
_STANDING = ("supported", "held", "state", "reason")
"""Fields of members, of scopes also the latter, that say nothing beyond the holding itself. A field that is not here is
not shown."""


def member_shown(sight: Sight, member: Mapping[str, Any]) -> Said:
    """One member of a trace or a scope that is shown, less what may not be known of it."""
    batch, site = member["batch"], member["site"]
    shown = {
        **only(member, (*_MEMBER, *_STANDING)),
        "site": sight.site(batch, site),
        "event": sight.event(member["event"]),
    }
    if not sight.whole(batch, site):
        shown["exposed"] = OPEN
    if "cause" in member:
        shown["cause"] = sight.event(member["cause"])
    if "via" in member:
        via = member["via"]
        seen = via is not None and sight.shows(via["batch"], via["site"])
        shown["via"] = {"batch": via["batch"], "site": sight.site(via["batch"], via["site"])} if seen else None
    return shown


def only(said: Mapping[str, Any], names: Iterable[str]) -> Said:
    """These fields of ``said``, and no other: what an answer learns to say is hidden until it is let through here."""
    return {name: said[name] for name in names if name in said}


def groups_shown(sight: Sight, shown: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> Said:
    """``lots``, ``sites`` and ``events`` of the members that are shown."""
    return {"lots": by_lot(shown), "sites": by_site(shown), "events": events_shown(sight, events)}


def events_shown(sight: Sight, events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that may be named."""
    return [event for event in events if event["id"] in sight.event_ids]


def _reached(sight: Sight, members: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Members that a chain of shown ones leads to, from what was asked for. What a declared window at a site of one's
    own joined comes from what lay there."""
    led: set[tuple[str, str]] = set()
    sites: set[str] = set()
    more = True
    while more:  # they come nearest first, so that mostly one pass is all
        more = False
        for one in members:
            place = one["batch"], one["site"]
            if place in led or not sight.shows(*place):
                continue
            via = one["via"]
            joined = one["basis"] == "declared" and one["site"] in sites and sight.whole(*place)
            if (one["hops"] == 0 or joined) if via is None else (via["batch"], via["site"]) in led:
                led.add(place)
                more = True
                if sight.whole(*place):
                    sites.add(one["site"])
    return [one for one in members if (one["batch"], one["site"]) in led]
