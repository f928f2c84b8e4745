"""Who read whose data: for administrators, and for each whose data they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from fieldline_schemas.times import instant

from fieldline_trace.api.http.gate import CallerDep, PortsDep, own_alone
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.api.visible.levels import issued_by, mine
from fieldline_trace.store import Q, borrowed, outages_as_unavailable


def add(app: FastAPI) -> None:
    """Put the routes into ``app``."""

    @app.get(
        "/v1/access",
        operation_id="access_list",
        summary="access list",
        responses=documented(401, 403, 422, 429, 503),
    )
    async def access_list(
        request: Request,
        caller: CallerDep,
        ports: PortsDep,
        limit: Annotated[int, Query(ge=1, le=1000, description="Most that are listed, the latest first.")] = 100,
        before: Annotated[
            int | None, Query(ge=0, lt=1 << 63, description="Those before this number: the next page.")
        ] = None,
        whose: Annotated[
            str | None, Query(max_length=256, description="Of this sender's or operator's data alone.")
        ] = None,
    ) -> Response:
        """Who read whose data, the latest first: ``{"accesses": [{"number", "at", "sender", "role", "key",
        "operation", "subject", "whose"}]}``. Administrators see all of their tenant, others who read their own."""
        names = None if whose is None else [whose]
        own = mine(caller)
        if own_alone(request, caller):
            names = sorted(own) if whose is None else sorted(own & {whose})
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                rows = await conn.fetch(Q["access_of"], None if caller.local else caller.tenant, names, before, limit)
        shown = None if not own_alone(request, caller) else own
        return json(200, {"accesses": [_said(row, shown) for row in rows]})


def _said(row: Any, own: frozenset[str] | None) -> dict[str, Any]:
    """A line; to those whose data were read, without the names of the others and what was asked about these."""
    return {
        "number": row["number"],
        "at": instant(row["at"]),
        "sender": row["sender"],
        "role": row["role"],
        "key": row["key"],
        "operation": row["operation"],
        "subject": row["subject"] if own is None or _is_own(row["subject"], own) else "",
        "whose": [name for name in row["whose"] if own is None or name in own],
    }


def _is_own(subject: str, own: frozenset[str]) -> bool:
    """Whether what was asked about is one of ``own``, or one batch that one of them issued."""
    return subject in own or (", " not in subject and issued_by(subject, own))
