"""Scopes, their changes and whom to call, cut to what may be seen."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.messages import language
from pydantic import BaseModel

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.levels import HIDDEN, STATED
from fieldline_trace.api.visible.lineages import groups_shown, member_shown, only
from fieldline_trace.api.visible.sight import WHY, Sight, sight_of
from fieldline_trace.api.visible.view import View
from fieldline_trace.risk.render import reason
from fieldline_trace.store import Q

Said = dict[str, Any]
_HEADING = ("position", "scope", "status", "hazard_class", "hazard", "version", "version_position")
_LOT = ("batch", "labels", "role", "certainty", "held")
"""Fields that say nothing beyond the scope, or the lot, itself."""


async def cut_scope_list(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Scopes with members of one's own, counted by these alone."""
    members = {one["scope"]: desk.world.scopes[one["scope"]].members() for one in said["scopes"]}
    levels = await view.levels({(member.batch, member.site) for listed in members.values() for member in listed})
    shown = []
    for one in said["scopes"]:
        own = [m for m in members[one["scope"]] if levels.get((m.batch, m.site), HIDDEN) >= STATED]
        if not own:
            continue
        counts = {
            "members": len(own),
            "definite": sum(member.certainty == "definite" for member in own),
            "unsupported": sum(not member.supported for member in own),
            "held": sum(member.held for member in own),
        }
        shown.append({**await _heading(desk, view, grant, one), **counts})
    return {"position": said["position"], "scopes": shown, "cut": {"members": None, "why": WHY[grant]}}


async def cut_scope(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Its members of one's own. What else is in it is neither named nor, but to authorities, counted."""
    places = [(one["batch"], one["site"]) for one in [*said["members"], *said["excluded_by_times"]]]
    sight = await sight_of(desk, view, grant, places, said["events"])
    shown = [member_shown(sight, one) for one in said["members"] if sight.shows(one["batch"], one["site"])]
    return {
        **await _heading(desk, view, grant, said),
        "windows": await _windows_shown(desk, view, sight, said["windows"], {one["site"] for one in shown}),
        "members": shown,
        **groups_shown(sight, shown, said["events"]),
        "acts": said["acts"] if grant is Grant.JURISDICTION else [{**act, "because": ""} for act in said["acts"]],
        "co_descendants": None,
        "inferred": None,
        "excluded_by_times": [
            place for place in said["excluded_by_times"] if sight.whole(place["batch"], place["site"])
        ],
        "cut": sight.cut(len(said["members"]) - len(shown)),
    }


async def cut_diff(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Changes of one's own members."""
    causes = await _causes(desk, said)
    sight = await sight_of(desk, view, grant, [(one["batch"], one["site"]) for one in said["changes"]], causes)
    shown = [_change(sight, grant, one) for one in said["changes"] if sight.shows(one["batch"], one["site"])]
    return {
        **only(said, ("position", "scope", "from", "to")),
        "changes": shown,
        "cut": sight.cut(len(said["changes"]) - len(shown)),
    }


async def cut_consignees(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Whom an authority has to call in its area; who is one step beyond, by name."""
    places = [(lot["batch"], one["site"]) for one in said["consignees"] for lot in one["lots"]]
    scope = desk.world.scopes[said["scope"]]
    events = (await desk.events(member.event for member in scope.members())).values()
    sight = await sight_of(desk, view, grant, places, events)
    shown = []
    for one in said["consignees"]:
        lots = []
        for lot in one["lots"]:
            if not sight.shows(lot["batch"], one["site"]):
                continue
            whole = sight.whole(lot["batch"], one["site"])
            amount = only(lot, ("quantity", "unit")) if whole else {"quantity": None, "unit": None}
            lots.append({**only(lot, _LOT), **amount, "event": sight.event(lot["event"])})
        if lots:
            site = sight.site(lots[0]["batch"], one["site"])
            shown.append({"operator": one["operator"], "site": site, "lots": lots})
    left_out = len(places) - sum(len(one["lots"]) for one in shown)
    return {**only(said, ("position", "scope", "status")), "consignees": shown, "cut": sight.cut(left_out)}


def _change(sight: Sight, grant: Grant, change: Said) -> Said:
    cause = sight.event(change["cause"])
    act = change["act"]
    return {
        **only(change, ("kind", "batch", "labels", "before", "after", "reason")),
        "site": sight.site(change["batch"], change["site"]),
        "cause": cause,
        "act": act if act is None or grant is Grant.JURISDICTION else {**act, "because": ""},
        "text": reason(change["reason"], cause or "…", language()),
    }


async def _windows_shown(
    desk: Desk, view: View, sight: Sight, windows: list[Said], sites: set[str | None]
) -> list[Said]:
    """Windows at sites where members are shown, or of a source that may be named."""
    shown = []
    for one in windows:
        source = await lot_shown(desk, view, one["source"])
        if source is not None or (one["site"] is not None and one["site"] in sites):
            site = only(one, ("site", "location")) if one["site"] in sites else {"site": None, "location": None}
            event = sight.event(one["event"])
            shown.append({**site, **only(one, ("since", "until")), "source": source, "event": event})
    return shown


async def _causes(desk: Desk, said: Said) -> list[dict[str, Any]]:
    """The events that changes name, as the desk describes them: by id, of whichever sender."""
    rows = await desk.conn.fetch(Q["visible_events_named"], sorted({one["cause"] or "" for one in said["changes"]}))
    return list((await desk.events(row["number"] for row in rows)).values())


async def _heading(desk: Desk, view: View, grant: Grant, said: Said) -> Said:
    """A scope without its members. What people call it may name anybody."""
    lot = await lot_shown(desk, view, said["lot"])
    return {**only(said, _HEADING), "lot": lot, "title": said["title"] if grant is Grant.JURISDICTION else ""}


async def lot_shown(desk: Desk, view: View, lot: str | None) -> str | None:
    """The lot that a scope is about, if it may be named."""
    rows = await desk.conn.fetch(Q["keys_batch"], [lot]) if lot is not None else []
    return lot if rows and await view.batches([row["number"] for row in rows]) else None
