"""Traces, batches and names, cut to what may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    sight = await sight_of(desk, view, grant, places, said["events"])
    members = said["members"] if grant is Grant.JURISDICTION else _reached(sight, said["members"])
    shown = [member_shown(sight, one) for one in members if sight.shows(one["batch"], one["site"])]
    if said["asked"]["site"] is not None and not any(one["hops"] == 0 for one in shown):
        raise NotFound(Sentence("site_not_known", text=repr(said['asked']['site'])))
    return {
        **said,
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
    sight = await sight_of(desk, view, grant, [(one["batch"], one["site"]) for one in said["holdings"]], said["events"])
    holdings = []
    for one in said["holdings"]:
        if not sight.shows(one["batch"], one["site"]):
            continue
        amount = {} if sight.whole(one["batch"], one["site"]) else {"quantity": None, "unit": None}
        holdings.append({**one, **amount, "site": sight.site(one["batch"], one["site"])})
    return {
        **said,
        "labels": said["labels"] if holdings else [],
        "holdings": holdings,
        "events": events_shown(sight, said["events"]),
        "cut": sight.cut(len(said["holdings"]) - len(holdings)),
    }


async def cut_name(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """What could be named was found among what may be known already."""
    return said


def member_shown(sight: Sight, member: Mapping[str, Any]) -> Said:
    """One member of a trace or a scope that is shown, less what may not be known of it."""
    batch, site = member["batch"], member["site"]
    shown = {**member, "site": sight.site(batch, site), "event": sight.event(member["event"])}
    if not sight.whole(batch, site):
        shown["exposed"] = OPEN
    if "cause" in member:
        shown["cause"] = sight.event(member["cause"])
    via = member.get("via")
    if via is not None:
        seen = sight.shows(via["batch"], via["site"])
        shown["via"] = {**via, "site": sight.site(via["batch"], via["site"])} if seen else None
    return shown


def groups_shown(sight: Sight, shown: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> Said:
    """``lots``, ``sites`` and ``events`` of the members that are shown."""
    return {"lots": by_lot(shown), "sites": by_site(shown), "events": events_shown(sight, events)}


def events_shown(sight: Sight, events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that may be named."""
    return [event for event in events if event["id"] in sight.event_ids]


def _reached(sight: Sight, members: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Members that a chain of shown ones leads to, from what was asked for."""
    by_place = {(one["batch"], one["site"]): one for one in members}
    verdicts: dict[tuple[str, str], bool] = {}
    for member in members:
        way = []
        at = member
        place = at["batch"], at["site"]
        while place not in verdicts:
            verdicts[place] = False  # until it is found to lead to what was asked for: a circle leads nowhere
            way.append(place)
            if not sight.shows(*place):
                break
            if at["via"] is None:
                verdicts[place] = at["hops"] == 0
                break
            place = at["via"]["batch"], at["via"]["site"]
            if place not in by_place:
                break
            at = by_place[place]
        led = verdicts.get(place, False)
        for passed in way:
            verdicts[passed] = led and sight.shows(*passed)
    return [one for one in members if verdicts[one["batch"], one["site"]]]
