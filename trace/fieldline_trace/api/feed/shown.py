"""The feed cut to its reader: of each item what may be shown, or nothing."""

from __future__ import annotations

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible import Grids, granted, view_of
from fieldline_trace.api.visible.judged import alert_sight, sentence
from fieldline_trace.api.visible.levels import STATED
from fieldline_trace.api.visible.scoped import lot_shown
from fieldline_trace.api.visible.view import View
from fieldline_trace.follow.stored import alert_versions
from fieldline_trace.follow.told import FeedItem
from fieldline_trace.recall.changes import ChangeSet
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.store import Q

UNCOUNTED = ("members", "held", "inferred", "co_descendants")


async def shown(desk: Desk, grids: Grids, caller: Caller, item: FeedItem) -> FeedItem | None:
    """``item`` as ``caller`` may see it, by what is known now; None where it may not be seen at all."""
    grant = granted("feed", caller)
    if grant is Grant.ALL or item.kind == "position":
        return item
    if grant is Grant.NONE:
        return None
    view = view_of(desk, caller, grids)
    if item.kind == "alert":
        return await _alert(desk, view, grant, item)
    if granted("scope show", caller) is Grant.NONE:
        return None
    return await _scope(desk, view, grant, item)


async def _alert(desk: Desk, view: View, grant: Grant, item: FeedItem) -> FeedItem | None:
    versions = await alert_versions(desk.conn, item.said["alert"])
    finding: Finding = next(one.finding for one in versions if one.version == item.said["version"])
    sight = await alert_sight(desk, view, grant, [finding])
    cut = sight.shown(finding)
    if cut is None:
        return None
    texts = {"en": sentence(cut, "en"), "zh-CN": sentence(cut, "zh-CN")}
    cause = item.said["cause"] if item.said["cause"] in sight.evidence(cut) else None
    return _with(item, {"subject": cut.subject, "texts": texts, "cause": cause})


async def _scope(desk: Desk, view: View, grant: Grant, item: FeedItem) -> FeedItem | None:
    """Shown where it changed members of the reader's own, or where a person decided something about a scope that has
    such members."""
    name = item.said["scope"]
    packed = await desk.conn.fetchval(Q["feed_scope_changes"], name, item.said["version"])
    changes = ChangeSet.unpack(packed)
    places = set(zip(changes.after.batch.tolist(), changes.after.site.tolist(), strict=True))
    levels = await view.levels(places)
    own = any(level >= STATED for level in levels.values()) if places else False
    if not own and item.said["reason"] == "act" and name in desk.world.scopes:
        own = bool(await view.scopes({name: desk.world.scopes[name]}))
    if not own:
        return None
    lot = await lot_shown(desk, view, item.said["lot"])
    return _with(item, {**dict.fromkeys(UNCOUNTED), "lot": lot, "cause": None})


def _with(item: FeedItem, changed: dict[str, object]) -> FeedItem:
    return FeedItem(item.position, item.sequence, item.kind, {**item.said, **changed})
