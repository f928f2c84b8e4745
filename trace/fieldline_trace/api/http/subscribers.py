"""Who is told by webhooks, over HTTP: administrators say who, see what became of notices, and have them sent again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.http.bodies import arguments_of, documented_body
from fieldline_trace.api.http.credentials import hold_tenant
from fieldline_trace.api.http.gate import CallerDep, PortsDep
from fieldline_trace.api.http.keys import SECOND, Name, Nothing
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.notices import subscribers
from fieldline_trace.notices.sealing import Seals
from fieldline_trace.store import borrowed, outages_as_unavailable

SubscriberId = Annotated[
    str, Path(max_length=64, pattern="^[0-9a-f]+$", description="The subscriber's id, as the list has it.")
]
NoticeId = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$")]


class NewSubscriber(BaseModel):
    """Who is to be told of what."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Where notices are posted to: an https address of the public internet.",
        examples=["https://example.org/hooks"],
    )
    topics: list[Literal["alerts", "scope-changes"]] = Field(
        default=["alerts", "scope-changes"], min_length=1, max_length=2, description="Of what it is told."
    )
    content: Literal["whole", "ids"] = Field(
        default="whole", description="What a notice holds: what the feed says, or ids alone, to ask for the rest with."
    )
    tenant: Name = "default"
    note: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$", description="For people.")


class NewSecret(BaseModel):
    """How a secret gives way to the next one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    grace_seconds: int = Field(
        default=86_400, ge=0, le=2_592_000, description="How long notices are signed with the old secret, too."
    )


class Replay(BaseModel):
    """What is to be sent again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    notices: list[NoticeId] | None = Field(
        default=None, max_length=10_000, description="Ids of notices that were given up; none named: all of them."
    )


def add(app: FastAPI) -> None:
    """Put the routes into ``app``."""
    posted = documented(401, 403, 404, 408, 413, 415, 422, 429, 503)
    read = documented(401, 403, 404, 422, 429, 503)

    @app.post(
        "/v1/subscribers",
        operation_id="subscribers_add",
        summary="subscribers add",
        status_code=201,
        responses=posted,
        openapi_extra=documented_body(NewSubscriber),
    )
    async def new(request: Request, caller: CallerDep, ports: PortsDep) -> Response:
        """Have somebody told from now on. The secret that notices are signed with is in this answer,
        ``{"subscriber": {…, "secret"}}``, and in no other."""
        asked = await arguments_of(request, NewSubscriber, ports.settings.body_seconds)
        hold_tenant(caller, asked.tenant)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                made = await subscribers.add(
                    conn,
                    url=asked.url,
                    topics=asked.topics,
                    content=asked.content,
                    tenant=asked.tenant,
                    note=asked.note,
                    by=caller.sender,
                    now=ports.clock.now(),
                    loopback=ports.settings.notice_loopback,
                    seals=Seals.of(ports.settings),
                )
        return json(201, {"subscriber": made})

    @app.get("/v1/subscribers", operation_id="subscribers_list", summary="subscribers list", responses=read)
    async def listed(caller: CallerDep, ports: PortsDep) -> Response:
        """Who is told, without secrets, with how many notices wait and were given up: ``{"subscribers": […]}``."""
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                return json(200, {"subscribers": await subscribers.listed(conn, _tenant(caller))})

    @app.post(
        "/v1/subscribers/{subscriber}/remove",
        operation_id="subscribers_remove",
        summary="subscribers remove",
        responses=posted,
        openapi_extra=documented_body(Nothing),
    )
    async def remove(request: Request, caller: CallerDep, ports: PortsDep, subscriber: SubscriberId) -> Response:
        """It is told of nothing more; what waits is given up. ``{"removed": {…}}``."""
        await arguments_of(request, Nothing, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                said = await subscribers.remove(conn, subscriber, _tenant(caller), now=ports.clock.now())
        return json(200, {"removed": said})

    @app.post(
        "/v1/subscribers/{subscriber}/rotate",
        operation_id="subscribers_rotate",
        summary="subscribers rotate",
        status_code=201,
        responses=posted,
        openapi_extra=documented_body(NewSecret),
    )
    async def rotate(request: Request, caller: CallerDep, ports: PortsDep, subscriber: SubscriberId) -> Response:
        """A new secret, shown this once; until the grace is over notices bear the old one's signature, too.
        ``{"subscriber": {…, "secret"}}``."""
        asked = await arguments_of(request, NewSecret, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                said = await subscribers.rotate(
                    conn,
                    subscriber,
                    _tenant(caller),
                    now=ports.clock.now(),
                    grace=asked.grace_seconds * SECOND,
                    seals=Seals.of(ports.settings),
                )
        return json(201, {"subscriber": said})

    @app.post(
        "/v1/subscribers/{subscriber}/test",
        operation_id="subscribers_test",
        summary="subscribers test",
        status_code=202,
        responses=posted,
        openapi_extra=documented_body(Nothing),
    )
    async def test(request: Request, caller: CallerDep, ports: PortsDep, subscriber: SubscriberId) -> Response:
        """Have a notice of type ``test`` posted: ``{"notice": ID}``. What became of it is in the list of notices."""
        await arguments_of(request, Nothing, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                made = await subscribers.attempt(conn, subscriber, _tenant(caller), now=ports.clock.now())
        return json(202, {"notice": made})

    @app.get(
        "/v1/subscribers/{subscriber}/notices",
        operation_id="subscribers_notices",
        summary="subscribers notices",
        responses=read,
    )
    async def notices(
        caller: CallerDep,
        ports: PortsDep,
        subscriber: SubscriberId,
        state: Annotated[
            Literal["waiting", "delivered", "dead"] | None, Query(description="Those in this state alone.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="Most that are listed, the latest first.")] = 1000,
    ) -> Response:
        """Its notices, without what they say: ``{"notices": [{"id", "subject", "position", "received", "state",
        "tries", "due", "settled", "said"}]}``. The dead are those that were given up."""
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                found = await subscribers.notices(conn, subscriber, _tenant(caller), state, limit)
        return json(200, {"notices": found})

    @app.post(
        "/v1/subscribers/{subscriber}/replay",
        operation_id="subscribers_replay",
        summary="subscribers replay",
        status_code=202,
        responses=posted,
        openapi_extra=documented_body(Replay),
    )
    async def replay(request: Request, caller: CallerDep, ports: PortsDep, subscriber: SubscriberId) -> Response:
        """Have notices that were given up sent again, under their ids: ``{"replayed": HOW MANY}``."""
        asked = await arguments_of(request, Replay, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                count = await subscribers.replay(
                    conn, subscriber, _tenant(caller), asked.notices, now=ports.clock.now()
                )
        return json(202, {"replayed": count})


def _tenant(caller: Caller) -> str | None:
    return None if caller.local else caller.tenant
