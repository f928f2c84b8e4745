"""Every error as ``application/problem+json`` (RFC 9457) with a stable code: the one place where they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi.responses import Response
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence, sentence

from fieldline_trace.api.faults import fault_said
from fieldline_trace.errors import Conflict, FieldlineError, Forbidden, NotFound, Rejected, Unavailable

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its code, which never changes, its HTTP status, and what it means in a few words."""

    code: str
    status: int
    title: str


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("unreadable", 400, "The request cannot be read"),
        Kind("unauthenticated", 401, "A key is needed"),
        Kind("forbidden", 403, "The role may not do this"),
        Kind("not_found", 404, "There is no such thing"),
        Kind("method_not_allowed", 405, "This path knows other methods"),
        Kind("too_slow", 408, "The request came too slowly"),
        Kind("conflict", 409, "It contradicts what stands"),
        Kind("too_large", 413, "The request is too large"),
        Kind("uri_too_long", 414, "The address is too long"),
        Kind("unsupported_media_type", 415, "The content type is not understood"),
        Kind("rejected", 422, "A field is at fault"),
        Kind("too_many_failures", 429, "Too many keys were tried from here"),
        Kind("internal", 500, "A flaw of ours"),
        Kind("unavailable", 503, "Not now: ask again"),
    )
}
"""By code. A code is never renamed and never given another meaning."""


class Problem(FieldlineError):
    """What the door itself finds at fault, by code; ``headers`` go with the answer."""

    def __init__(
        self, code: str, detail: str | Sentence, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.headers = headers or {}
        self.more = more


def rejected(field: str, value: Any, code: str, **arguments: Any) -> Rejected:
    """The error of a request whose ``field`` has a ``value`` that breaks the rule with this code."""
    return Rejected(Fault.of(value, code, field, **arguments))


def problem_said(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers: ``{"type", "title", "status", "detail", "code"}``, with ``field``, ``value``, ``rule``,
    ``rule_code`` and ``arguments`` of what was rejected, ``near`` of what was not found, ``position`` of what was not
    reached."""
    code, more, headers = _parts(error)
    kind = KINDS[code]
    said: dict[str, Any] = {
        "type": f"urn:fieldline:problem:{code}",
        "title": sentence(f"problem_{code}", {}),
        "status": kind.status,
        "detail": str(error) if code != "internal" else sentence("in_the_log", {}),
        "code": code,
        **more,
    }
    return kind.status, said, headers


def _parts(error: Exception) -> tuple[str, dict[str, Any], dict[str, str]]:
    if isinstance(error, Problem):
        return error.code, error.more, error.headers
    if isinstance(error, Rejected):
        return "rejected", fault_said(error.fault), {}
    if isinstance(error, NotFound):
        return "not_found", {"near": list(error.near)}, {}
    if isinstance(error, Unavailable | Conflict):
        reached = {} if error.position is None else {"position": error.position}
        if isinstance(error, Conflict):
            return "conflict", reached, {}
        return "unavailable", reached, {"retry-after": "1"}
    return "forbidden" if isinstance(error, Forbidden) else "internal", {}, {}


def problem(error: Exception) -> Response:
    """The answer to a request that ended in ``error``."""
    return problem_with(*problem_said(error))


def problem_with(status: int, said: dict[str, Any], headers: dict[str, str]) -> Response:
    """A problem as an answer."""
    return Response(msgspec.json.encode(said), status, headers, MEDIA_TYPE)


def json(status: int, said: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """An answer that is no problem."""
    return Response(msgspec.json.encode(said), status, headers, "application/json")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for OpenAPI."""
    return {
        status: {
            "description": "; ".join(kind.title for kind in KINDS.values() if kind.status == status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
