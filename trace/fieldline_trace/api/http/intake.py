"""Events in, and what became of them.

``POST /v1/events`` is the hot path: it is routed by FastAPI and documented like all the others, but its handler is
called without FastAPI's reading of arguments, and passes the same gate by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.faults import fault_of
from fieldline_trace.api.http.area import bounded, hold_to_area
from fieldline_trace.api.http.bodies import JSON, NDJSON, body_of, media_type
from fieldline_trace.api.http.gate import admit, ports_of
from fieldline_trace.api.http.problems import Problem, documented, json, problem_said, problem_with, rejected
from fieldline_trace.api.receipts import receipt_said
from fieldline_trace.capture import Door
from fieldline_trace.errors import Rejected

CHANNEL = "http"
_array = msgspec.json.Decoder(list[msgspec.Raw])
_SAID = {"true": True, "false": False}


class _Direct(APIRoute):
    """A route whose endpoint gets the request as it is."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        return handed_in


def add(app: FastAPI) -> None:
    """Put the route into ``app``."""
    app.router.add_api_route(
        "/v1/events",
        handed_in,
        methods=["POST"],
        status_code=202,
        operation_id="events",
        summary="events",
        route_class_override=_Direct,
        response_class=Response,
        responses=documented(401, 403, 408, 413, 415, 422, 429, 503),
        openapi_extra=_BODY,
    )


async def handed_in(request: Request) -> Response:
    """Hand events in: one, an array of them, or one a line. 202 with a receipt each, in their order, once those that
    were taken are durable; 422 where none was taken.

    Handing in again is safe: what is there already is `repeated`. `history=true`: it is history, of which no notices,
    drafts or deadlines come.
    """
    caller = await admit(request, "events")
    history = await _history(request, caller)
    ports = ports_of(request)
    kind = media_type(request, JSON + NDJSON)
    settings = ports.settings
    raws = raws_of(await body_of(request, settings.body_bytes, settings.body_seconds), kind)
    if len(raws) > settings.body_events:
        raise Problem("too_large", Sentence("request_too_many", count=len(raws), most=settings.body_events))
    if bounded(caller):
        await hold_to_area(ports, caller, raws)
    receipts = [receipt_said(receipt) for receipt in await ports.intake.take(raws, door_of(caller), history=history)]
    if not receipts or any(receipt["outcome"] != "refused" for receipt in receipts):
        return json(202, {"receipts": receipts})
    first = receipts[0]
    status, said, headers = problem_said(Rejected(fault_of(first)))
    return problem_with(status, said | {"receipts": receipts}, headers)


def door_of(caller: Caller) -> Door:
    """How capture gets to know the caller."""
    return Door(caller.sender, caller.role, caller.tenant, CHANNEL, caller.may_speak_for)


def raws_of(body: bytes, kind: str) -> list[bytes]:
    """The events of a request as they came. What is no JSON array though it begins like one is ``Rejected`` whole."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    if kind in NDJSON:
        return [line for line in body.split(b"\n") if line.strip()]
    if body.lstrip()[:1] != b"[":
        return [body] if body.strip() else []
    try:
        return [bytes(raw) for raw in _array.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(Fault.by("request_array", why=error)) from None
    except RecursionError:
        raise Rejected(Fault.by("request_array_deep")) from None


async def _history(request: Request, caller: Caller) -> bool:
    """Whether it is said to be history, which not everybody may say. Who works on this machine may: the data directory
    is theirs, whatever name they speak under."""
    if not request.scope["query_string"]:
        return False
    for name, value in request.query_params.multi_items():
        if name != "history" or value not in _SAID:
            raise rejected(name, value, "parameter_unknown" if name != "history" else "it_is_flag")
    if not _SAID[request.query_params["history"]]:
        return False
    if not caller.local:
        await admit(request, "events_history")
    return True


_EVENT: dict[str, Any] = {"$ref": "#/components/schemas/Event"}
_BODY: dict[str, Any] = {
    "parameters": [
        {
            "name": "history",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
            "description": "Whether it is history: no notices, drafts or deadlines come of it.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [_EVENT, {"type": "array", "items": _EVENT}]}},
            **{kind: {"schema": {"type": "string"}} for kind in NDJSON},
        },
    },
}
