"""Recall scopes: what is in them, why, since when, and what changed.

- ``scope list``: ``{"position", "scopes": [{"scope", "status", "title", "hazard_class", "hazard", "lot", "version",
  "version_position", "members", "definite", "unsupported", "held"}]}``
- ``scope show`` and ``scope preview``: ``{"position", "scope", "status", …, "windows", "members", "acts",
  "co_descendants", "inferred", "lots", "sites", "excluded_by_times", "events"}``; a member is a trace's, with
  ``supported``, ``held``, ``state``, ``reason`` and ``cause`` besides, and ``demoted``, ``{"why", "event"}`` where it
  comes lower (``recall.demotion``), else None. ``windows``: see ``windowed``.
- ``scope diff``: ``{"position", "scope", "from", "to", "changes": [{"kind", "batch", "labels", "site", "before",
  "after", "reason", "cause", "act", "text"}]}``; ``act`` is who decided it and why, ``{"id", "kind", "by", "role",
  "because"}``, None where records alone did
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from fieldline_schemas.canonical import identity_hash
from fieldline_schemas.hazards import HAZARD_CLASSES
from fieldline_schemas.messages import Sentence, language
from fieldline_schemas.times import Interval
from fieldline_schemas.windows import is_window
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.described import Description, lots_described
from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.members import by_lot, by_site
from fieldline_trace.api.answers.naming import seeds_of
from fieldline_trace.api.answers.trace import excluded
from fieldline_trace.api.answers.windowed import what_lay_there, window_asked, window_said, windows_said
from fieldline_trace.errors import NotFound
from fieldline_trace.follow.stored import scope_versions
from fieldline_trace.lineage import Seed
from fieldline_trace.recall.demotion import Demotion
from fieldline_trace.recall.docket import opened_id
from fieldline_trace.recall.members import Member, MemberTable, urgency, words
from fieldline_trace.recall.scope import Scope
from fieldline_trace.recall.versions import ScopeVersion, diff
from fieldline_trace.risk.render import reason

NOBODY: Mapping[int, Demotion] = MappingProxyType({})
INFERENCES = ("pooled", "inferred")
"""Bases of members that no record names."""


class ListArguments(BaseModel):
    """Which scopes."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["draft", "open", "closed", "archived", "lapsed", "withdrawn"] | None = Field(
        default=None, description="draft, open, closed, archived, lapsed or withdrawn; None is all."
    )
    lot: str | None = Field(default=None, description="About this lot alone, by its key.")


class ShowArguments(BaseModel):
    """Which scope, and how much of it."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(
        default="", description="Its id, or the begin of it that no other has; empty: the one that `opened_by` opened."
    )
    opened_by: tuple[str, str] | None = Field(default=None, description="Sender and id of the act that opened it.")
    inferred: bool = Field(default=False, description="List members that are known by inference alone, too.")
    co_descendants: bool = Field(default=False, description="List what else the suspect sources fed, too.")


class PreviewArguments(BaseModel):
    """What a scope would be opened on."""

    model_config = ConfigDict(extra="forbid")

    batches: list[str] = Field(default=[], description="Seeds: batches in any spelling, or lot numbers.")
    site: str | None = Field(
        default=None, description="The seeds at this site alone; without batches, what was there at some time."
    )
    location: str | None = Field(default=None, description="What was at this place within the site alone.")
    since: str | None = Field(
        default=None, description="What was there, or was fed from the batch, from then on: a time or date."
    )
    until: str | None = Field(default=None, description="And until then.")
    matching: Description | None = Field(default=None, description="And each lot that fits.")
    hazard_class: str = Field(
        default="pathogen",
        pattern=f"^({'|'.join(HAZARD_CLASSES)})$",
        description="Class of the hazard, which decides how far it goes.",
    )
    hazard: str = Field(default="", description="The hazard itself, such as 'STEC O104:H4'.")


class DiffArguments(BaseModel):
    """Between which two versions."""

    model_config = ConfigDict(extra="forbid")

    scope: str
    begin: int | None = Field(default=None, ge=0, description="The earlier version; None is the one before `end`.")
    end: int | None = Field(default=None, ge=0, description="The later version; None is the latest.")


async def scope_list(desk: Desk, asked: ListArguments) -> dict[str, Any]:
    """All scopes, the latest changed first."""
    scopes = [
        scope
        for scope in (await desk.scopes()).values()
        if asked.status in (None, scope.status)
        and (asked.lot is None or (scope.lot and desk.names.batch_key(scope.lot) == asked.lot))
    ]
    scopes.sort(key=lambda scope: (-scope.position, scope.id))
    said = []
    for scope in scopes:
        members = scope.members()
        said.append(
            {
                **scope_said(desk, scope),
                "members": len(members),
                "definite": sum(member.certainty == "definite" for member in members),
                "unsupported": sum(not member.supported for member in members),
                "held": sum(member.held for member in members),
            }
        )
    return {"position": desk.position, "scopes": said}


async def scope_show(desk: Desk, asked: ShowArguments) -> dict[str, Any]:
    """One scope with its members, nearest and surest first."""
    name = opened_id(identity_hash(*asked.opened_by)) if asked.opened_by else asked.scope
    scope = await scope_named(desk, name)
    demoted = desk.world.demotions(scope.seeds, scope.table, scope.hazard_class)
    listed = _lower(scope.members(inferred=asked.inferred, co=True if asked.co_descendants else None), demoted)
    seeds = [Seed(scope.lot)] if scope.lot else []
    found = desk.world.index.forward(seeds)
    return {
        "position": desk.position,
        **scope_said(desk, scope),
        "windows": await windows_said(desk, scope.seeds),
        **await members_said(desk, listed, demoted),
        "acts": await _acts(desk, scope),
        "co_descendants": scope.co_descendants,
        "inferred": scope.inferred,
        "excluded_by_times": excluded(desk, found),
    }


async def scope_preview(desk: Desk, asked: PreviewArguments) -> dict[str, Any]:
    """What a scope on these seeds would hold now; nothing is written."""
    window = None
    if asked.matching is None or asked.batches or asked.site is not None:
        window = await window_asked(desk, asked.batches, asked.site, asked.location, asked.since, asked.until)
    seeds: list[tuple[int, int | None]] = []
    if window is None:
        seeds = await seeds_of(desk, asked.batches, asked.site)
        if asked.matching is not None:
            seeds = list(dict.fromkeys(seeds + await lots_described(desk, asked.matching)))
        reach, demoted = desk.world.preview(seeds, asked.hazard_class, whole_lots=asked.site is None)
    else:
        amounts = await what_lay_there(desk, window)
        reach, demoted = desk.world.preview_window(window, asked.hazard_class, amounts)
    members = _lower([one for one in _unjudged(reach.table) if one.basis not in INFERENCES], demoted)
    found = desk.world.index.forward([Seed(batch, site) for batch, site in seeds])
    return {
        "position": desk.position,
        "scope": None,
        "status": "preview",
        "title": "",
        "hazard_class": asked.hazard_class,
        "hazard": asked.hazard,
        "lot": None,
        "version": 0,
        "version_position": desk.position,
        "windows": [] if window is None else [{**window_said(desk, window), "event": None}],
        **await members_said(desk, members, demoted),
        "acts": [],
        "co_descendants": reach.co_descendants,
        "inferred": len(reach.table) - len(members),
        "excluded_by_times": excluded(desk, found),
    }


async def scope_diff(desk: Desk, asked: DiffArguments) -> dict[str, Any]:
    """What changed from one version to another, each change with its reason and the event that caused it."""
    scope = await scope_named(desk, asked.scope)
    versions = await versions_of(desk, scope)
    numbers = [version.number for version in versions]
    end = numbers[-1] if asked.end is None else asked.end
    begin = max(end - 1, 0) if asked.begin is None else asked.begin
    for number in (end, begin):
        if number not in (0, *numbers):
            unknown = Sentence("scope_no_version", scope=scope.id, number=number)
            raise NotFound(unknown, tuple(str(known) for known in numbers))
    changes = diff(versions, begin, end)
    labels = await desk.labels(change.batch for change in changes)
    events = await desk.events(change.cause for change in changes)
    acts = await desk.acts(change.cause for change in changes)
    return {
        "position": desk.position,
        "scope": scope.id,
        "from": begin,
        "to": end,
        "changes": [
            {
                "kind": change.kind,
                "batch": desk.names.batch_key(change.batch),
                "labels": labels.get(change.batch, []),
                "site": desk.names.site_key(change.site),
                "before": None if change.before is None else change.before._asdict(),
                "after": None if change.after is None else change.after._asdict(),
                "reason": change.reason,
                "cause": events[change.cause]["id"] if change.cause in events else None,
                "act": acts.get(change.cause),
                "text": reason(
                    change.reason, events[change.cause]["id"] if change.cause in events else "unknown", language()
                ),
            }
            for change in changes
        ],
    }


async def versions_of(desk: Desk, scope: Scope) -> list[ScopeVersion]:
    """The versions that were there at the position, in order."""
    return [one for one in await scope_versions(desk.conn, scope.id) if one.position <= desk.position]


async def _acts(desk: Desk, scope: Scope) -> list[dict[str, Any]]:
    """Who did what to a scope, and why, in order of its versions."""
    versions = await versions_of(desk, scope)
    acts = await desk.acts(version.cause.event for version in versions)
    return [
        {"version": version.number, **acts[version.cause.event]} for version in versions if version.cause.event in acts
    ]


def _unjudged(table: MemberTable) -> list[Member]:
    """Members of a table that nobody has judged yet: all supported, none held. By role, certainty and steps."""
    members = []
    for at in range(len(table)):
        role, certainty, basis = words(int(table.role[at]), int(table.certainty[at]), int(table.basis[at]))
        members.append(
            Member(
                holding=int(table.holding[at]),
                batch=int(table.batch[at]),
                site=int(table.site[at]),
                role=role,
                certainty=certainty,
                basis=basis,
                exposed=Interval(int(table.lo[at]), int(table.hi[at])),
                hops=int(table.hops[at]),
                event=int(table.via[at]),
                supported=True,
                held=False,
                state="supported",
                reason="",
                cause=-1,
            )
        )
    return sorted(members, key=lambda m: (urgency(m.role), m.certainty != "definite", m.hops, m.batch, m.site))


async def scope_named(desk: Desk, text: str) -> Scope:
    """The scope whose id is, or alone begins with, ``text``. ``NotFound`` names those there are."""
    scopes = await desk.scopes()
    begin = text.removeprefix("scope-")
    found = [scope for name, scope in scopes.items() if name.removeprefix("scope-").startswith(begin)]
    if text in scopes:
        return scopes[text]
    if begin and len(found) == 1:
        return found[0]
    near = tuple(sorted(scope.id for scope in found or scopes.values()))[:5]
    raise NotFound(Sentence("scope_not_known", text=repr(text)), near)


def scope_said(desk: Desk, scope: Scope) -> dict[str, Any]:
    """What a scope is, without its members."""
    lot = desk.names.batch_key(scope.lot) if scope.lot else None
    return {
        "scope": scope.id,
        "status": scope.status,
        "title": scope.title,
        "hazard_class": scope.hazard_class,
        "hazard": scope.hazard,
        "lot": lot if lot and not is_window(lot) else None,
        "version": scope.version,
        "version_position": scope.position,
    }


def _lower(members: Sequence[Member], demoted: Mapping[int, Demotion]) -> list[Member]:
    """Within each role, those that are demoted after the others."""
    return sorted(members, key=lambda member: (urgency(member.role), member.holding in demoted))


def _demoted(one: Demotion | None, events: Mapping[int, dict[str, Any]]) -> dict[str, str | None] | None:
    return None if one is None else {"why": one.why, "event": events[one.event]["id"] if one.event in events else None}


async def members_said(
    desk: Desk, members: Sequence[Member], demoted: Mapping[int, Demotion] = NOBODY
) -> dict[str, Any]:
    """``members`` with their groups by lot and site, and the events that they cite."""
    names = desk.names
    labels = await desk.labels(member.batch for member in members)
    operators = await desk.operators((member.batch, member.site) for member in members)
    cited = [number for member in members for number in (member.event, member.cause)]
    events = await desk.events([*cited, *(one.event for one in demoted.values())])
    incomplete = desk.world.risks.balances.incomplete()
    said = [
        {
            "batch": names.batch_key(member.batch),
            "labels": labels.get(member.batch, []),
            "site": names.site_key(member.site),
            "operator": operators.get(member.site),
            "certainty": member.certainty,
            "basis": member.basis,
            "role": member.role,
            "exposed": time_said(*member.exposed),
            "hops": member.hops,
            "event": events[member.event]["id"] if member.event in events else None,
            "supported": member.supported,
            "held": member.held,
            "state": member.state,
            "reason": member.reason,
            "cause": events[member.cause]["id"] if member.cause in events else None,
            "demoted": _demoted(demoted.get(member.holding), events),
            "incomplete": (member.batch, member.site) in incomplete,
        }
        for member in members
    ]
    return {
        "members": said,
        "lots": by_lot(said),
        "sites": by_site(said),
        "events": [events[number] for number in sorted(events)],
    }
