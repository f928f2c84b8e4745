"""``GET /v1/feed``: the live feed as server-sent events.

Each has the id ``POSITION.SEQUENCE``; a reader that comes back with its last one, in ``Last-Event-ID`` or as ``since``,
gets all that came after it, once. Each 15 seconds there is a comment where nothing else is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import Response
from fieldline_schemas.messages import Sentence
from sse_starlette import EventSourceResponse

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep, admit
from fieldline_trace.api.http.problems import documented, rejected
from fieldline_trace.api.http.routes import HEARTBEAT_SECONDS
from fieldline_trace.errors import FieldlineError, Unavailable
from fieldline_trace.follow.told import FeedItem, parse_feed_id

_log = logging.getLogger(__name__)

SEND_SECONDS: Final = 30.0
"""How long a reader may leave what was sent to it unread."""
CHECK_SECONDS: Final = 1.0
"""How often a reader's key is looked at again."""
RETRY: Final = b"retry: 1000\n\n"
"""Milliseconds after which a reader comes back."""

Since = Annotated[str | None, Query(max_length=40, description="Resume after this id; `0.0` is from the beginning.")]
LastId = Annotated[str | None, Header(max_length=40, description="The same, as browsers send it; it comes first.")]


def add(app: FastAPI) -> None:
    """Put the route into ``app``."""
    app.state.readers = 0
    app.add_api_route(
        "/v1/feed",
        feed,
        methods=["GET"],
        operation_id="feed",
        summary="feed",
        response_class=EventSourceResponse,
        responses={
            200: {
                "description": "Server-sent events `alert`, `scope`, `position`",
                "content": {"text/event-stream": {}},
            },
            **documented(401, 403, 409, 422, 429, 503),
        },
    )


async def feed(
    request: Request, caller: CallerDep, ports: PortsDep, access: AccessDep, since: Since = None,
    last_event_id: LastId = None,
) -> Response:  # fmt: skip
    """Changes of alerts, versions of scopes and the ledger's positions as they come, without end, as far as one may see
    them. Without `Last-Event-ID` or `since`: from now on."""
    for name in request.query_params:
        if name != "since":
            raise rejected(name, request.query_params[name], "parameter_unknown")
    resumed = last_event_id or since
    after = None if resumed is None else parse_feed_id(resumed)
    state = request.app.state
    if state.readers >= ports.settings.feed_readers:
        raise Unavailable(Sentence("readers_full", readers=state.readers))
    items = await ports.feed.open(caller, after)
    await access.seen(caller, "feed", resumed or "", ("*",) if caller.role != "producer" else ())

    async def events() -> AsyncIterator[bytes]:
        state.readers += 1
        try:
            yield RETRY
            async for event in _encoded(items, request, caller):
                yield event
        finally:
            state.readers -= 1

    return EventSourceResponse(
        events(),
        ping=HEARTBEAT_SECONDS,
        sep="\n",
        send_timeout=SEND_SECONDS,
        headers={"cache-control": "no-store"},
    )


async def _encoded(items: AsyncIterator[FeedItem], request: Request, caller: Caller) -> AsyncIterator[bytes]:
    """Items as server-sent events, until they end or cannot be read: the reader resumes. A key that is good no longer
    gets nothing more."""
    asked = asyncio.get_running_loop().time()
    try:
        async for item in items:
            if asyncio.get_running_loop().time() - asked >= CHECK_SECONDS:
                if await admit(request, "feed") != caller:
                    return
                asked = asyncio.get_running_loop().time()
            yield item.event
    except FieldlineError as error:
        _log.info("a reader of the feed is let go: %s", error)
