"""What forms do: each is a request to the HTTP door in this process, in the name of who is logged in, so that acts are
held to the same roles, areas and rules by whichever path they come."""

from __future__ import annotations

from typing import Any

import msgspec

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.http.keyring import CALLER


class Refusal(Exception):
    """The door's problem: its status, and what it said."""

    def __init__(self, status: int, said: dict[str, Any]) -> None:
        super().__init__(said.get("detail", ""))
        self.status, self.said = status, said


async def act(visit: Visit, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The door's answer to a request with ``body`` as JSON. ``Refusal`` where it is a problem."""
    raw = msgspec.json.encode({} if body is None else body) if method == "POST" else b""
    route, _, query = path.partition("?")
    scope = {
        **visit.request.scope,
        "method": method,
        "path": route,
        "raw_path": route.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(raw)).encode()),
            (b"accept-language", visit.spoken.encode()),
        ],
        "state": {},
        CALLER: visit.caller,
    }
    for name in ("route", "endpoint", "path_params", "app", "router"):
        scope.pop(name, None)
    status, parts = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await visit.door(scope, receive, send)
    body_said = b"".join(parts)
    said: dict[str, Any] = msgspec.json.decode(body_said) if body_said else {}
    if status >= 400:
        raise Refusal(status, said)
    return said
