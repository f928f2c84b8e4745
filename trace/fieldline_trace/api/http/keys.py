"""Keys over HTTP: made, listed, rotated and revoked by administrators; who came with one may rotate and revoke it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.http import credentials
from fieldline_trace.api.http.bodies import arguments_of, documented_body
from fieldline_trace.api.http.credentials import DAY
from fieldline_trace.api.http.gate import CallerDep, PortsDep, keyring_of, own_alone
from fieldline_trace.api.http.problems import documented, json, rejected
from fieldline_trace.store import borrowed, outages_as_unavailable

Name = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
KeyId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z]+$", description="The key's id, as the list has it.")]
SECOND = 1_000_000

RESERVED = frozenset({"fieldline", "unsigned"})
"""Senders of fieldline's own: of the clock's ticks, and of messages that nobody signed."""


class NewKey(BaseModel):
    """What a key is made for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sender: Name = Field(description="Who speaks with it: the sender of what is handed in.", examples=["hof-1"])
    role: Literal["producer", "laboratory", "regulator", "emergency", "administrator", "public"]
    operators: list[Name] = Field(
        default=[],
        max_length=1000,
        description="Whose events and holdings are its own, beside the sender's; * lets a producer hand in for any.",
    )
    grid: str | None = Field(
        default=None,
        pattern="^[0-9]{0,12}$",
        description="Jurisdiction: prefix of administrative codes, empty for everywhere. A regulator's key needs one.",
        examples=["4101"],
    )
    tenant: Name = "default"
    note: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$", description="For people.")
    days: int = Field(default=365, ge=1, le=3650, description="How long it opens.")


class Rotation(BaseModel):
    """How a key gives way to the next one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    grace_seconds: int = Field(default=86_400, ge=0, le=2_592_000, description="How long the old key still opens.")
    days: int = Field(default=365, ge=1, le=3650, description="How long the new one opens.")


class Nothing(BaseModel):
    """Nothing is said."""

    model_config = ConfigDict(extra="forbid")


def add(app: FastAPI) -> None:
    """Put the routes into ``app``."""
    posted = documented(401, 403, 404, 408, 409, 413, 415, 422, 429, 503)

    @app.post(
        "/v1/keys",
        operation_id="keys_create",
        summary="keys create",
        status_code=201,
        responses=posted,
        openapi_extra=documented_body(NewKey),
    )
    async def create(request: Request, caller: CallerDep, ports: PortsDep) -> Response:
        """Make a key. Its secret is in this answer, ``{"key", "made": {…}}``, and nowhere else, ever."""
        asked = await arguments_of(request, NewKey, ports.settings.body_seconds)
        credentials.hold_tenant(caller, asked.tenant)
        if asked.sender in RESERVED:
            raise rejected("sender", asked.sender, "sender_reserved")
        if asked.role == "regulator" and asked.grid is None:
            raise rejected("grid", None, "jurisdiction_missing")
        scope = credentials.Scope(
            asked.sender, asked.role, tuple(asked.operators), asked.grid or "", asked.tenant, asked.note
        )  # fmt: skip
        now = ports.clock.now()
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                made = await credentials.make(conn, scope, now=now, by=caller.sender, expires_at=now + asked.days * DAY)
        return json(201, {"key": made.key, "made": made.said})

    @app.get("/v1/keys", operation_id="keys_list", summary="keys list", responses=documented(401, 403, 422, 429, 503))
    async def listed(
        request: Request,
        caller: CallerDep,
        ports: PortsDep,
        limit: Annotated[int, Query(ge=1, le=10_000, description="Most that are listed, the latest first.")] = 1000,
    ) -> Response:
        """Keys and what they stand for, without their secrets: ``{"keys": […]}``. Who is no administrator sees the one
        it came with."""
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                keys = await credentials.listed(conn, caller, own=own_alone(request, caller), limit=limit)
        return json(200, {"keys": keys})

    @app.post(
        "/v1/keys/{key}/rotate",
        operation_id="keys_rotate",
        summary="keys rotate",
        status_code=201,
        responses=posted,
        openapi_extra=documented_body(Rotation),
    )
    async def rotate(request: Request, caller: CallerDep, ports: PortsDep, key: KeyId) -> Response:
        """A new key for the same; the old one still opens until its grace is over. ``{"key", "made": {…}}``."""
        asked = await arguments_of(request, Rotation, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                made = await credentials.rotate(
                    conn,
                    key,
                    caller,
                    own=own_alone(request, caller),
                    now=ports.clock.now(),
                    grace=asked.grace_seconds * SECOND,
                    days=asked.days,
                )
        keyring_of(request).forget()
        return json(201, {"key": made.key, "made": made.said})

    @app.post(
        "/v1/keys/{key}/revoke",
        operation_id="keys_revoke",
        summary="keys revoke",
        responses=posted,
        openapi_extra=documented_body(Nothing),
    )
    async def revoke(request: Request, caller: CallerDep, ports: PortsDep, key: KeyId) -> Response:
        """The key opens nothing any more, within a second, at every replica. ``{"revoked": {…}}``."""
        await arguments_of(request, Nothing, ports.settings.body_seconds)
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                said = await credentials.revoke(
                    conn, key, caller, own=own_alone(request, caller), now=ports.clock.now()
                )  # fmt: skip
        keyring_of(request).forget()
        return json(200, {"revoked": said})

    @app.get("/v1/me", operation_id="me", summary="me", responses=documented(401, 403, 429, 503))
    async def me(caller: CallerDep, ports: PortsDep) -> Response:
        """As whom one came in: ``{"sender", "role", "operators", "grid", "tenant", "key", "now"}``."""
        return json(
            200,
            {
                "sender": caller.sender,
                "role": caller.role,
                "operators": list(caller.operators),
                "grid": caller.grid,
                "tenant": caller.tenant,
                "key": caller.key_id,
                "now": instant(ports.clock.now()),
            },
        )
