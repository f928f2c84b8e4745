"""All versions of a scope, the latest first: ``{"position", "scope", "status", "versions": [{"version", "position",
"at", "status", "members", "held", "inferred", "co_descendants", "changes": {kind: count}, "reason", "cause", "act",
"text"}]}``."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.messages import language
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.scopes import scope_named, versions_of
from fieldline_trace.risk.render import reason


class VersionsArguments(BaseModel):
    """Of which scope."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(description="Its id, or the begin of it that no other has.")


async def scope_versions_said(desk: Desk, asked: VersionsArguments) -> dict[str, Any]:
    """The versions of a scope, each with what made it, and how many members came, went or changed."""
    scope = await scope_named(desk, asked.scope)
    versions = await versions_of(desk, scope)
    events = await desk.events(version.cause.event for version in versions)
    acts = await desk.acts(version.cause.event for version in versions)
    said = []
    for one in reversed(versions):
        cause = events[one.cause.event]["id"] if one.cause.event in events else None
        said.append(
            {
                "version": one.number,
                "position": one.position,
                "at": instant(one.at),
                "status": one.status,
                "members": one.members,
                "held": one.held,
                "inferred": one.inferred,
                "co_descendants": one.co_descendants,
                "changes": one.changes.counts(),
                "reason": one.cause.code,
                "cause": cause,
                "act": acts.get(one.cause.event),
                "text": reason(one.cause.code, cause or "unknown", language()),
            }
        )
    return {"position": desk.position, "scope": scope.id, "status": scope.status, "versions": said}
