"""Incidents: what is proposed, what a person joined, which steps were taken, and where it may come from.

- ``incident list``: ``{"position", "incidents": [{"incident", "title", "scopes", "step", "done", "ahead"}], "proposed":
  [{"scopes", "shared", "examples": [{"batch", "site"}]}]}``; ``step`` is the last that counts, None before the first;
  ``ahead`` are steps that were said before an earlier one, and do not count yet.
- ``incident show``: one of these with ``"steps": [{"step", "at", "event", "by", "because", "counts"}]``, ``"acts"``,
  ``"members"`` (counts over its scopes) and ``"sources"``, as ``sources`` ranks them for the lots of its scopes.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.kinds.incident_stepped import STEPS
from fieldline_schemas.messages import Sentence
from fieldline_schemas.windows import is_window
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.sources import SourcesArguments, sources
from fieldline_trace.errors import NotFound
from fieldline_trace.follow.standing import State
from fieldline_trace.recall.incidents import Incident, proposed

EXAMPLES = 5
"""Shared members that a proposal names."""


class IncidentsArguments(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="forbid")


class IncidentArguments(BaseModel):
    """Which one."""

    model_config = ConfigDict(extra="forbid")

    incident: str = Field(description="Its id.")


async def incident_list(desk: Desk, asked: IncidentsArguments) -> dict[str, Any]:
    """Incidents that were opened, and scopes that share definite members and may be one."""
    scopes = await desk.scopes()
    known = _standing(desk)
    index, names = desk.world.index, desk.names
    said = []
    for one in proposed(scopes, known.values()):
        examples = [index.holding(holding) for holding in one.shared[:EXAMPLES]]
        said.append(
            {
                "scopes": list(one.scopes),
                "shared": len(one.shared),
                "examples": [
                    {"batch": names.batch_key(batch), "site": names.site_key(site) or None} for batch, site in examples
                ],
            }
        )
    shown = [one for one in known.values() if any(scope in scopes for scope in one.scopes)]
    return {"position": desk.position, "incidents": [_said(one, scopes.keys()) for one in shown], "proposed": said}


async def incident_show(desk: Desk, asked: IncidentArguments) -> dict[str, Any]:
    """One incident: its scopes, who joined them and why, the steps with their times, and ranked sources."""
    scopes = await desk.scopes()
    one = _standing(desk).get(asked.incident)
    if one is None or not any(scope in scopes for scope in one.scopes):
        raise NotFound(Sentence("incident_not_known", text=repr(asked.incident)), tuple(sorted(_standing(desk)))[:5])
    acts = await desk.acts([*(said.event for said in one.joined), *(step.event for step in one.steps.values())])
    own = [scopes[name] for name in one.scopes if name in scopes]
    lots = sorted({desk.names.batch_key(scope.lot) for scope in own if scope.lot})
    lots = [lot for lot in lots if not is_window(lot)]
    ranked = None
    if lots:
        ranked = (await sources(desk, SourcesArguments(batches=lots, limit=10)))["sources"]
    members = [member for scope in own for member in scope.members()]
    steps = []
    for step in STEPS:
        said = one.steps.get(step)
        if said is not None:
            act = acts.get(said.event)
            steps.append(
                {
                    "step": step,
                    "at": time_said(*said.at),
                    "event": act and act["id"],
                    "by": act and act["by"],
                    "because": act and act["because"],
                    "counts": step in one.done,
                }
            )
    return {
        "position": desk.position,
        **_said(one, scopes.keys()),
        "steps": steps,
        "acts": [acts[said.event] for said in one.joined if said.event in acts],
        "members": {
            "members": len({member.holding for member in members}),
            "definite": len({member.holding for member in members if member.certainty == "definite"}),
            "held": len({member.holding for member in members if member.held}),
        },
        "sources": ranked,
    }


def _standing(desk: Desk) -> dict[str, Incident]:
    state = desk.world.bases.state
    return desk.world.decisions.incidents.standing(lambda number: state(number) is not State.WITHDRAWN)


def _said(one: Incident, scopes: Any) -> dict[str, Any]:
    return {
        "incident": one.id,
        "title": one.title,
        "scopes": [scope for scope in one.scopes if scope in scopes],
        "step": one.done[-1] if one.done else None,
        "done": list(one.done),
        "ahead": list(one.ahead),
    }
