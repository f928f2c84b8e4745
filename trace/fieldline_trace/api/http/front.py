"""In front of every route: a request's id and time, the headers of security, HEAD and OPTIONS, and what nobody caught.

Plain ASGI, since it is in the way of every event.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fieldline_schemas.messages import Language, Sentence, preferred, speaking
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldline_trace.api.http.problems import Problem, problem
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Unavailable

_log = logging.getLogger(__name__)

URI_BYTES = 16_000
"""Longest address with its query. Servers read about as much."""
UNBOUNDED = frozenset({"feed", "verify", "rebuild", "checkpoint"})
"""Operations that may take longer than other requests."""
HEADLESS = frozenset({"feed"})
"""Operations that HEAD is no word for: their answer has no end."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_TLS = (b"strict-transport-security", b"max-age=31536000")
_NO_STORE = (b"cache-control", b"no-store")


class Front:
    """The outermost layer of the door."""

    def __init__(self, app: ASGIApp, door: FastAPI, ports: Ports) -> None:
        self._app, self._door, self._ports = app, door, ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        named = _id_of(scope)
        status = 0
        bare = scope["method"] == "HEAD"
        if bare:
            scope["method"] = "GET"

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _furnish(message, named, scope["scheme"] == "https")
            elif bare:
                message = {**message, "body": b""}
            await send(message)

        try:
            with speaking(_language_of(scope)):
                await self._answered(scope, receive, sending, bare)
        except ClientDisconnect:
            return
        except Exception as error:
            if status:
                raise  # the answer had begun: all that is left is to break it off
            if not isinstance(error, Unavailable):
                _log.exception("request %s failed: %s", named.decode(), _operation_of(scope))
                error = Problem("internal", "")
            with speaking(_language_of(scope)):
                answer = problem(error)
            await answer(scope, receive, sending)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, bare: bool) -> None:
        early = self._early(scope)
        if early is not None:
            await early(scope, receive, send)
            return
        operation = self._operation(scope) if bare else None
        if operation in HEADLESS:
            await problem(_not_allowed(["GET", "OPTIONS"]))(scope, receive, send)
            return
        # A timer a request; what may take longer sets it off.
        timer = asyncio.timeout(self._ports.settings.request_seconds)
        try:
            async with timer:
                scope["fieldline.timer"] = timer
                await self._app(scope, receive, send)
        except TimeoutError:
            if not timer.expired():
                raise
            seconds = self._ports.settings.request_seconds
            raise Unavailable(Sentence("answer_late", seconds=f"{seconds:g}")) from None

    def _early(self, scope: Scope) -> Response | None:
        """The answer to what needs no route."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > URI_BYTES:
            return problem(Problem("uri_too_long", Sentence("address_length", most=URI_BYTES)))
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return problem(Problem("unreadable", Sentence("address_nul")))
        if scope["method"] == "OPTIONS":
            allowed = methods_of(self._door, scope)
            if not allowed:
                return problem(Problem("not_found", Sentence("path_not_known")))
            return Response(status_code=204, headers={"allow": ", ".join(allowed)})
        return None

    def _operation(self, scope: Scope) -> str | None:
        for route in self._door.routes:
            if isinstance(route, APIRoute) and route.matches(scope)[0] is Match.FULL:
                return route.operation_id
        return None

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        operation = _operation_of(scope)
        metrics = self._ports.metrics
        metrics.requests.labels(operation, str(status)).inc()
        if operation != "feed":
            metrics.request_seconds.labels(operation).observe(seconds)


def unbounded(scope: Scope) -> None:
    """Let this request take as long as it does."""
    timer = scope.get("fieldline.timer")
    if timer is not None:
        timer.reschedule(None)


def methods_of(door: FastAPI, scope: Scope) -> list[str]:
    """The methods that the path of ``scope`` knows, sorted; none where there is no such path."""
    found: set[str] = set()
    asked = {**scope, "method": "?"}
    there = [one for one in door.routes if isinstance(one, APIRoute) and one.matches(asked)[0] is not Match.NONE]
    # A path of its own comes before one with a parameter that would take its last word.
    exact = [route for route in there if not route.param_convertors]
    for route in exact or there:
        found |= route.methods or set()
        if "GET" in found and route.operation_id not in HEADLESS:
            found.add("HEAD")
    return sorted(found | {"OPTIONS"}) if found else []


def not_allowed(door: FastAPI, scope: Scope) -> Problem:
    """The problem of a method that this path does not know."""
    return _not_allowed(methods_of(door, scope))


def _not_allowed(methods: Iterable[str]) -> Problem:
    known = ", ".join(methods)
    return Problem("method_not_allowed", Sentence("path_methods", known=known), headers={"allow": known})


def _id_of(scope: Scope) -> bytes:
    """The request's id: as the asker says it, where it is one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return bytes(value)
    return uuid.uuid4().hex.encode()


def _operation_of(scope: Scope) -> str:
    route = scope.get("route")
    return (route.operation_id if isinstance(route, APIRoute) else None) or "none"


def _language_of(scope: Scope) -> Language:
    for name, value in scope["headers"]:
        if name == b"accept-language":
            return preferred(value.decode("latin-1"))
    return "en"


def _furnish(message: Message, named: bytes, secure: bool) -> None:
    headers = list(message.get("headers", ()))
    headers.append((b"x-request-id", named))
    said = {name for name, _ in headers}
    headers += [header for header in _SECURITY if header[0] not in said]
    if secure:
        headers.append(_TLS)
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append(_NO_STORE)
    message["headers"] = headers
