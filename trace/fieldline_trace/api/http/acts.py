"""What people do with scopes and alerts. Every act is an event, and gets a receipt like any other.

What an act speaks of is looked up with the eyes of who acts: a scope that one may not see cannot be closed by guessing
its id.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Path, Request
from fastapi.responses import Response
from fieldline_schemas.faults import Fault
from fieldline_schemas.hazards import HAZARD_CLASSES
from fieldline_schemas.kinds.incident_stepped import STEPS
from fieldline_schemas.messages import Sentence
from fieldline_schemas.sites import canonical_site
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.described import Description
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.http.area import bounded, hold_seed
from fieldline_trace.api.http.bodies import arguments_of, documented_body
from fieldline_trace.api.http.gate import CallerDep, PortsDep
from fieldline_trace.api.http.intake import door_of
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.api.http.questions import POSTED
from fieldline_trace.api.ports import Ports
from fieldline_trace.api.receipts import receipt_said
from fieldline_trace.capture import Refused
from fieldline_trace.errors import Forbidden, NotFound, Rejected

_Id = Field(default=None, min_length=1, max_length=512, description="Id of the act; sent again with it, it is one act.")
_Reason = Field(min_length=1, max_length=10_000, description="Why; it is kept with the act.")


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str | None = _Id
    at: str | None = Field(
        default=None, max_length=64, description="When; else now, and with an `id` of your own when it was received."
    )


class Open(_Act):
    """Open a draft, or a scope on batches of one's own, or on a description."""

    reason: str = _Reason
    scope: str | None = Field(default=None, description="The draft; none: a scope on `batches`.")
    batches: list[str] = Field(default=[], description="Seeds: batches in any spelling, or lot numbers.")
    site: str | None = Field(default=None, description="The seeds at this site alone.")
    matching: Description | None = Field(default=None, description="And each lot that fits, also later ones.")
    hazard_class: str | None = Field(
        default=None, pattern=f"^({'|'.join(HAZARD_CLASSES)})$", description="With `batches`."
    )
    hazard: str | None = Field(default=None, description="The hazard itself, with `batches`.")
    title: str | None = Field(default=None, description="What people will call it.")


class Close(_Act):
    """Close a scope."""

    reason: str = _Reason
    archived: bool = Field(default=False, description="It is not watched any longer, either.")


class Release(_Act):
    """Let a member go."""

    batch: str = Field(description="The member's batch in any spelling.")
    site: str = Field(description="Where it lies.")
    reason: str = _Reason


class Member(_Act):
    """Put a batch into a scope, or take one out."""

    batch: str = Field(description="The batch in any spelling.")
    site: str | None = Field(default=None, description="What lies of it at this site alone.")
    evidence: list[str] = Field(default=[], description="Ids of the events that it rests on.")
    reason: str = _Reason


class Told(_Act):
    """Say that a consignee was told."""

    consignee: str = Field(description="Who was told: an operator.")
    batches: list[str] = Field(default=[], description="Batches told of; none: all that it holds.")
    via: str = Field(default="other", pattern="^(phone|message|email|letter|visit|portal|other)$", description="How.")
    answer_by: str | None = Field(default=None, max_length=64, description="Until when an answer is asked.")


class Became(BaseModel):
    """What became of a batch at the consignee's."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling.")
    unit: str = Field(description="Unit of all amounts.")
    received: str | None = Field(default=None, description="How much came.")
    held: str | None = Field(default=None, description="How much is there, held.")
    sold: str | None = Field(default=None, description="How much was sold or used.")
    returned: str | None = Field(default=None, description="How much went back.")
    disposed: str | None = Field(default=None, description="How much was disposed of.")


class Answer(_Act):
    """Say what a consignee answered."""

    consignee: str = Field(description="Who answers: an operator.")
    accounts: list[Became] = Field(default=[], description="What became of each batch.")
    passed_on: bool = Field(default=False, description="Its own customers were told.")
    note: str | None = Field(default=None, max_length=10_000, description="What else it says.")


class Join(_Act):
    """Say that scopes are one incident."""

    incident: str = Field(min_length=1, max_length=512, description="The incident, named by who opens it.")
    scopes: list[str] = Field(min_length=1, description="The scopes: ids, or the begins of them.")
    title: str | None = Field(default=None, description="What people will call it.")
    reason: str = _Reason


class StepTaken(_Act):
    """Say that a step of handling an incident was taken."""

    step: str = Field(pattern=f"^({'|'.join(STEPS)})$", description="Which; it counts once all before it are said.")
    reason: str = _Reason


class Acknowledge(_Act):
    """Take an alert on."""

    note: str | None = Field(default=None, max_length=10_000, description="What is done about it.")


class Handle(_Act):
    """Assign an alert, dismiss it, or pass it on."""

    action: str = Field(pattern="^(assign|dismiss|escalate)$", description="What is done with it.")
    to: str | None = Field(default=None, max_length=128, description="The office that it goes to; not of `dismiss`.")
    reason: str = _Reason


ScopeId = Annotated[str, Path(description="Its id, or the begin of it that no other has.")]
IncidentId = Annotated[str, Path(description="Its id.")]
AlertId = Annotated[str, Path(description="Its id.")]


def add(app: FastAPI) -> None:
    """Put the routes into ``app``."""
    for path, endpoint, operation, body in (
        ("/v1/scopes", _open, "scope_open", Open),
        ("/v1/scopes/{scope}/close", _close, "scope_close", Close),
        ("/v1/scopes/{scope}/release", _release, "scope_release", Release),
        ("/v1/scopes/{scope}/exclude", _exclude, "scope_exclude", Member),
        ("/v1/scopes/{scope}/include", _include, "scope_include", Member),
        ("/v1/scopes/{scope}/told", _told, "scope_told", Told),
        ("/v1/scopes/{scope}/answered", _answered, "scope_answered", Answer),
        ("/v1/incidents", _join, "incident_join", Join),
        ("/v1/incidents/{incident}/step", _step, "incident_step", StepTaken),
        ("/v1/alerts/{alert}/acknowledge", _acknowledge, "alert_acknowledge", Acknowledge),
        ("/v1/alerts/{alert}/handle", _handle, "alert_handle", Handle),
    ):
        app.add_api_route(
            path,
            endpoint,
            methods=["POST"],
            status_code=202,
            operation_id=operation,
            summary=operation.replace("_", " "),
            response_class=Response,
            responses=documented(*POSTED),
            openapi_extra=documented_body(body),
        )


async def _open(request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Open a draft, or a scope on batches of one's own. From then on nothing leaves it by itself."""
    said = await arguments_of(request, Open, ports.settings.body_seconds)
    if (said.scope is None) == (not said.batches and said.matching is None):
        raise Rejected(Fault.by("draft_or_batches", "scope"))
    event: dict[str, Any] = {"kind": "scope_opened", "reason": said.reason, "title": said.title}
    if said.scope is not None:
        event["scope"] = await _scope(ports, caller, said.scope)
        return await _acted(ports, caller, event, said)
    if not said.hazard:
        raise Rejected(Fault.by("batches_need_hazard", "hazard"))
    site = None if said.site is None else _site(said.site)
    batches = [await _batch(ports, caller, text) for text in said.batches]
    if site is not None:
        for batch in batches:
            await hold_seed(ports, caller, batch, site)
    seeds = [{"batch": batch, "site": site} for batch in batches]
    if said.matching is not None:
        if bounded(caller):  # what fits lies anywhere
            raise Forbidden(Sentence("description_beyond_area"))
        described = said.matching.model_dump(exclude_none=True, exclude_defaults=True)
        if said.matching.batch is not None:
            described["batch"] = await _batch(ports, caller, said.matching.batch)
        event["matching"] = described
    event |= {"seeds": seeds, "hazard_class": said.hazard_class or "pathogen", "hazard": said.hazard}
    return await _acted(ports, caller, event, said)


async def _close(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Close a scope; it is watched from then on, until it is archived."""
    said = await arguments_of(request, Close, ports.settings.body_seconds)
    event: dict[str, Any] = {"kind": "scope_closed", "scope": await _scope(ports, caller, scope)}
    event |= {"reason": said.reason, **({"archived": True} if said.archived else {})}
    return await _acted(ports, caller, event, said)


async def _release(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Let a member of a scope go."""
    said = await arguments_of(request, Release, ports.settings.body_seconds)
    every = {"scope": scope, "inferred": True, "co_descendants": True}
    found = (await ports.answers.answer("scope show", every, caller)).said
    batch = await _batch(ports, caller, said.batch)
    site = _site(said.site)
    if not any(member["batch"] == batch and member["site"] == site for member in found["members"]):
        raise NotFound(Sentence("member_not_known", batch=repr(said.batch), site=repr(said.site)))
    event = {"kind": "member_released", "scope": found["scope"], "batch": batch, "site": site, "reason": said.reason}
    return await _acted(ports, caller, event, said)


async def _exclude(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Take a batch out of a scope; what was made of it stays. What is definitely of the failed lot stays too."""
    return await _decided("member_excluded", scope, request, caller, ports)


async def _include(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Put a batch into a scope, and what was made of it with it."""
    return await _decided("member_included", scope, request, caller, ports)


async def _decided(kind: str, scope: str, request: Request, caller: Caller, ports: Ports) -> Response:
    said = await arguments_of(request, Member, ports.settings.body_seconds)
    batch = await _batch(ports, caller, said.batch)
    site = None if said.site is None else _site(said.site)
    if site is not None:
        await hold_seed(ports, caller, batch, site)
    event: dict[str, Any] = {"kind": kind, "scope": await _scope(ports, caller, scope), "batch": batch, "site": site}
    event |= {"evidence": said.evidence, "reason": said.reason}
    return await _acted(ports, caller, event, said)


async def _told(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Say that a consignee of a scope was told."""
    said = await arguments_of(request, Told, ports.settings.body_seconds)
    event: dict[str, Any] = {"kind": "consignee_notified", "scope": await _scope(ports, caller, scope)}
    event |= {"consignee": said.consignee, "via": said.via, "answer_by": said.answer_by}
    event["batches"] = [await _batch(ports, caller, text) for text in said.batches]
    return await _acted(ports, caller, event, said)


async def _answered(scope: ScopeId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Say what a consignee of a scope answered."""
    said = await arguments_of(request, Answer, ports.settings.body_seconds)
    event: dict[str, Any] = {"kind": "consignee_answered", "scope": await _scope(ports, caller, scope)}
    accounts = []
    for one in said.accounts:
        amounts = one.model_dump(exclude_none=True) | {"batch": await _batch(ports, caller, one.batch)}
        accounts.append(amounts)
    event |= {"consignee": said.consignee, "accounts": accounts, "passed_on": said.passed_on, "note": said.note}
    return await _acted(ports, caller, event, said)


async def _join(request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Say that scopes are one incident; said again of the same incident, more join it."""
    said = await arguments_of(request, Join, ports.settings.body_seconds)
    event: dict[str, Any] = {"kind": "incident_joined", "incident": said.incident, "title": said.title}
    event |= {"scopes": [await _scope(ports, caller, text) for text in said.scopes], "reason": said.reason}
    return await _acted(ports, caller, event, said)


async def _step(incident: IncidentId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Say that a step of handling an incident was taken."""
    said = await arguments_of(request, StepTaken, ports.settings.body_seconds)
    await ports.answers.answer("incident show", {"incident": incident}, caller)
    event = {"kind": "incident_stepped", "incident": incident, "step": said.step, "reason": said.reason}
    return await _acted(ports, caller, event, said)


async def _acknowledge(alert: AlertId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Say that one has seen an alert, and what is done about it."""
    said = await arguments_of(request, Acknowledge, ports.settings.body_seconds)
    await ports.answers.answer("alert show", {"alert": alert}, caller)
    return await _acted(ports, caller, {"kind": "alert_acknowledged", "alert": alert, "note": said.note}, said)


async def _handle(alert: AlertId, request: Request, caller: CallerDep, ports: PortsDep) -> Response:
    """Assign an alert, dismiss it with a reason, or pass it on. It stands as long as its evidence does."""
    said = await arguments_of(request, Handle, ports.settings.body_seconds)
    await ports.answers.answer("alert show", {"alert": alert}, caller)
    event = {"kind": "alert_handled", "alert": alert, "action": said.action, "to": said.to, "reason": said.reason}
    return await _acted(ports, caller, event, said)


async def _scope(ports: Ports, caller: Caller, text: str) -> str:
    """The id of a scope that the caller may see."""
    return str((await ports.answers.answer("scope diff", {"scope": text}, caller)).said["scope"])


def _site(text: str) -> str:
    """The key of the site that a text spells."""
    try:
        return canonical_site(text)
    except Fault as fault:
        raise Rejected(fault.at("site")) from None


async def _batch(ports: Ports, caller: Caller, text: str) -> str:
    """The key of the one batch that a text names, as far as the caller may know of it."""
    keys: list[str] = (await ports.answers.answer("name", {"batch": text}, caller)).said["batches"]
    if len(keys) > 1:
        raise Rejected(Fault.of(text, "lot_of_many_batches", "batch", count=len(keys), example=keys[0]))
    return keys[0]


async def _acted(ports: Ports, caller: Caller, event: dict[str, Any], said: _Act) -> Response:
    """Hand the act in; 202 with its receipt. One that is sent again with its id has to say the same again, so its time
    is not ours to add."""
    now = None if said.id is not None else instant(ports.clock.now())
    event |= {"id": said.id or uuid.uuid4().urn, "at": said.at or now}
    raw = msgspec.json.encode({field: value for field, value in event.items() if value is not None})
    (receipt,) = await ports.intake.take([raw], door_of(caller))
    got = receipt_said(receipt)
    if isinstance(receipt, Refused):
        raise Rejected(receipt.fault)
    return json(202, {"receipts": [got]})
