"""The local HTTP door: events in, answers out, health. On the loopback alone, for who can read ``service.json``.

- ``POST /v1/events``: one event, an array of them (``application/json``) or one a line (``application/x-ndjson``). 202
  with a receipt each, in their order, once those that were taken are durable; 422 where none was.
  ``X-Fieldline-Sender`` and ``X-Fieldline-Role`` say who speaks, ``?history=true`` that it is history: no notices,
  drafts or deadlines come of it.
- ``POST /v1/answers/QUESTION``: the arguments as JSON, the answer as JSON.
- ``GET /health/live``, ``/health/ready``, ``/metrics``: for who looks after it, without a token.
"""

from __future__ import annotations

import hmac
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec
from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from fieldline_schemas.faults import Fault
from fieldline_trace.errors import FieldlineError, Forbidden, NotFound, Rejected
from fieldline_trace.metrics import Metrics
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])


class Served(Protocol):
    """What the door opens to: a runtime."""

    metrics: Metrics

    async def hand_in(
        self, raws: list[bytes], *, sender: str, role: str, channel: str, history: bool
    ) -> list[dict[str, Any]]: ...

    async def ask(self, question: str, arguments: dict[str, Any]) -> dict[str, Any]: ...

    async def ready(self) -> dict[str, Any]: ...


def door(served: Served, token: str, *, body_bytes: int) -> FastAPI:
    """The application. Requests longer than ``body_bytes`` get 413."""
    app = FastAPI(title="fieldline", docs_url=None, redoc_url=None, openapi_url=None)

    async def known(request: Request) -> None:
        said = request.headers.get("authorization", "")
        if not hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
            raise Forbidden("this door opens to the token in service.json alone")

    @app.exception_handler(FieldlineError)
    async def refused(_: Request, error: FieldlineError) -> Response:
        return _json(error.status, error_said(error))

    @app.post("/v1/events", dependencies=[Depends(known)])
    async def events(request: Request, history: bool = False) -> Response:
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > body_bytes:
            rule = f"a request has at most {body_bytes} bytes: hand it in in parts"
            return _json(413, error_said(Rejected(Fault("", f"{length} bytes", rule))))
        role = unquote(request.headers.get("x-fieldline-role", "producer"))
        if role == "system":
            raise Forbidden("the role system is fieldline's own")
        raws = raws_of(await request.body(), request.headers.get("content-type", ""))
        receipts = await served.hand_in(
            raws,
            sender=unquote(request.headers.get("x-fieldline-sender", "local")),
            role=role,
            channel="http",
            history=history,
        )
        taken = not receipts or any(receipt["outcome"] != "refused" for receipt in receipts)
        return _json(202 if taken else 422, {"receipts": receipts})

    @app.post("/v1/answers/{question}", dependencies=[Depends(known)])
    async def answers(question: str, request: Request) -> Response:
        body = await request.body()
        try:
            arguments = _object.decode(body) if body.strip() else {}
        except msgspec.DecodeError as error:
            raise Rejected(Fault("", "", f"the arguments are no JSON object: {error}")) from None
        return _json(200, await served.ask(question.replace("-", " "), arguments))

    @app.get("/health/live")
    async def live() -> Response:
        return _json(200, {"live": True})

    @app.get("/health/ready")
    async def ready() -> Response:
        return _json(200, await served.ready())

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(served.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def raws_of(body: bytes, content_type: str) -> list[bytes]:
    """The events of a request as they came. What is no JSON array though it begins like one is ``Rejected`` whole."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    if content_type.split(";", 1)[0].strip().lower() in NDJSON:
        return [line for line in body.split(b"\n") if line.strip()]
    if body.lstrip()[:1] != b"[":
        return [body] if body.strip() else []
    try:
        return [bytes(raw) for raw in _array.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(Fault("", "", f"the request begins like an array of events, but is no JSON: {error}")) from None


def error_said(error: FieldlineError) -> dict[str, Any]:
    """An error as JSON: ``{"error", "message"}``, with ``near`` of what was not found and the fault of what was
    rejected."""
    said: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, NotFound):
        said["near"] = list(error.near)
    if isinstance(error, Rejected):
        said |= {"field": error.fault.field, "value": error.fault.value, "rule": error.fault.rule}
    return said


def _json(status: int, said: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(said), status_code=status, media_type="application/json")
