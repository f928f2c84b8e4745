"""The feed for pages: the same items as ``GET /v1/feed``, for who is logged in, as long as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.requests import Request
from fastapi.responses import Response
from fieldline_schemas.messages import Sentence
from sse_starlette import EventSourceResponse

from fieldline_trace.api.console.session import Sessions
from fieldline_trace.api.http.feed import CHECK_SECONDS, RETRY, SEND_SECONDS
from fieldline_trace.api.http.front import unbounded
from fieldline_trace.api.http.roles import Grant, grant
from fieldline_trace.api.http.routes import HEARTBEAT_SECONDS
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Conflict, FieldlineError, Forbidden, Unavailable
from fieldline_trace.follow.told import parse_feed_id


async def live(request: Request, door: FastAPI, sessions: Sessions) -> Response:
    """Server-sent events, resumed after ``Last-Event-ID``. A feed that is behind what the browser knows begins now."""
    unbounded(request.scope)
    session = await sessions.of(request)
    if grant("feed", session.caller.role) is Grant.NONE:
        raise Forbidden(Sentence("role_may_not", role=session.caller.role, operation="feed"))
    ports: Ports = door.state.ports
    state = door.state
    if state.readers >= ports.settings.feed_readers:
        raise Unavailable(Sentence("readers_full", readers=state.readers))
    resumed = request.headers.get("last-event-id") or request.query_params.get("since") or ""
    try:
        items = await ports.feed.open(session.caller, parse_feed_id(resumed) if resumed else None)
    except Conflict:
        items = await ports.feed.open(session.caller, None)
    seen = ("*",) if session.caller.role != "producer" else ()
    await state.access.seen(session.caller, "feed", resumed, seen)

    async def events() -> AsyncIterator[bytes]:
        state.readers += 1
        asked = asyncio.get_running_loop().time()
        try:
            yield RETRY
            async for item in items:
                if asyncio.get_running_loop().time() - asked >= CHECK_SECONDS:
                    if await sessions.of(request) != session:
                        return
                    asked = asyncio.get_running_loop().time()
                yield item.event
        except FieldlineError:
            return
        finally:
            state.readers -= 1

    return EventSourceResponse(
        events(), ping=HEARTBEAT_SECONDS, sep="\n", send_timeout=SEND_SECONDS, headers={"cache-control": "no-store"}
    )
