"""The one place where answers are cut: every answer that goes to somebody goes through ``answer_for``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fieldline_schemas.messages import Sentence

from fieldline_trace.api.answers import Desk, Question, answer
from fieldline_trace.api.answers.grids import Grids
from fieldline_trace.api.caller import ANY_OPERATOR, Caller
from fieldline_trace.api.http.roles import Grant, grant
from fieldline_trace.api.visible.asked import SHAPES, cut_asked, cut_event, cut_steps, cut_story
from fieldline_trace.api.visible.judged import cut_alert, cut_alerts
from fieldline_trace.api.visible.jurisdiction import JurisdictionView
from fieldline_trace.api.visible.laboratories import LaboratoryView
from fieldline_trace.api.visible.levels import issuer_of, mine
from fieldline_trace.api.visible.lineages import cut_batch, cut_name, cut_trace
from fieldline_trace.api.visible.operators import OperatorView
from fieldline_trace.api.visible.scoped import cut_consignees, cut_diff, cut_scope, cut_scope_list
from fieldline_trace.api.visible.sourced import cut_sources
from fieldline_trace.api.visible.view import View
from fieldline_trace.capture import Bounds
from fieldline_trace.errors import Forbidden

Said = dict[str, Any]
Cut = Callable[[Desk, View, Grant, Any, Said], Awaitable[Said]]

CUTS: Mapping[str, Cut] = {
    "trace": cut_trace,
    "batch": cut_batch,
    "name": cut_name,
    "sources": cut_sources,
    "alerts": cut_alerts,
    "alert show": cut_alert,
    "scope list": cut_scope_list,
    "scope show": cut_scope,
    "scope preview": cut_scope,
    "scope diff": cut_diff,
    "scope consignees": cut_consignees,
    "event": cut_event,
    "steps": cut_steps,
    "story": cut_story,
    **{name: partial(cut_asked, name) for name in SHAPES},
}
"""Question to how its answer is cut. One that is not here is answered to those alone who may see all of it."""
_PARTIES = ("operator", "sender")
_NESTED = ("back", "forward", "paths")
_OF_ALL = ("deliveries", "areas", "last", "clusters", "outstanding", "explained", "unexplained")
"""What is told of the whole trade, or of nobody in particular."""
_LISTS = (
    "places",
    "path",
    "ends",
    "lots",
    "positives",
    "negatives",
    "inconclusive",
    "operators",
    "steps",
    "ingoing",
    "outgoing",
    "rejected",
    "members",
    "holdings",
    "events",
    "consignees",
    "sites",
    "excluded_by_times",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it may be shown, and whose data it shows beside the caller's own: senders and operators, sorted."""

    said: Said
    whose: tuple[str, ...]


def granted(question: str, caller: Caller) -> Grant:
    """How much of a question the caller gets; an authority without a prefix has no bounds."""
    found = grant(question.replace(" ", "_"), caller.role)
    return Grant.ALL if found is Grant.JURISDICTION and not caller.grid else found


async def answer_for(desk: Desk, question: Question, caller: Caller, grids: Grids) -> Shown:
    """The answer to ``question``, cut to what ``caller`` may see.

    ``Forbidden`` where the role may not ask it; ``NotFound`` for what it may not see, as for what does not exist.
    """
    much = granted(question.name, caller)
    if much is Grant.ALL:
        said = await answer(desk, question)
    elif much is Grant.NONE:
        raise Forbidden(Sentence("role_may_not", role=caller.role, operation=question.name))
    elif question.name.startswith("rejected "):
        bounds = Bounds(caller.role, caller.may_speak_for)
        said = await answer(replace(desk, bounds=bounds), _own(question, caller))
    elif question.name in CUTS:
        view = view_of(desk, caller, grids)
        whole = await answer(replace(desk, limits=view), question)
        said = await CUTS[question.name](desk, view, much, question.arguments, whole)
    else:
        raise Forbidden(Sentence("role_may_not_see", role=caller.role, operation=question.name))
    if caller.local:
        return Shown(said, ())
    return Shown(said, tuple(sorted({*_whose(said), *await _cited(desk, said)} - mine(caller))))


def view_of(desk: Desk, caller: Caller, grids: Grids) -> View:
    """The eyes of the caller's role."""
    if caller.role == "regulator":
        return JurisdictionView(desk, caller, grids)
    if caller.role == "laboratory":
        return LaboratoryView(desk, caller)
    return OperatorView(desk, caller)


def _own(question: Question, caller: Caller) -> Question:
    """The question, held to what the caller itself handed in and was refused."""
    return Question(question.name, question.arguments.model_copy(update={"sender": caller.sender}))


async def _cited(desk: Desk, said: Mapping[str, Any]) -> set[str]:
    """Who said what alerts rest on, and who issued the batches that rows name without saying who holds them."""
    alerts = said.get("alerts", [said["alert"]] if isinstance(said.get("alert"), dict) else [])
    points = [row for row in said.get("rows") or () if isinstance(row, dict) and "points" in row]
    ids = [one["id"] for one in alerts] + [row["alert"] for row in points if row.get("alert")]
    known = [desk.world.alerts[one] for one in ids if one in desk.world.alerts]
    events = await desk.events(number for alert in known for number in alert.evidence)
    parties = {event[party] for event in events.values() for party in _PARTIES if event[party]}
    named = list(said.get("batches", ())) if "text" in said else []
    for one in said.get("sources") or ():
        named += one["batches"]
    named += [row["batch"] for row in points if row.get("batch")]
    return parties | (set(map(issuer_of, named)) - {""})


def _whose(said: Mapping[str, Any]) -> Iterator[str]:
    # What was refused is its sender's, and who somebody is, is that person's.
    for name in ("sender", "pseudonym"):
        if isinstance(said.get(name), str):
            yield said[name]
    if any(said.get(name) for name in _OF_ALL):
        yield ANY_OPERATOR
    for name in _NESTED:
        inner = said.get(name)
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from _whose(one)
    for name in _LISTS:
        rows = said.get(name)
        for row in rows if isinstance(rows, list) else ():
            for party in _PARTIES:
                if row.get(party):
                    yield row[party]
