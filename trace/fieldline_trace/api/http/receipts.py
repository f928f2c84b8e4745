"""What became of one event: found by its receipt, however long ago and after any restart.

A receipt is ``event-NUMBER`` (stored) or ``rejected-NUMBER`` (refused, and kept), so it needs no table of its own.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from fastapi.responses import Response
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant

from fieldline_trace.api.faults import fault_said
from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep, own_alone
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Connection, Q, borrowed, outages_as_unavailable

_FORM = re.compile(r"(event|rejected)-([0-9]{1,18})")


def add(app: FastAPI) -> None:
    """Put the route into ``app``."""

    @app.get(
        "/v1/receipts/{receipt}",
        operation_id="receipt",
        summary="receipt",
        responses=documented(401, 403, 404, 422, 429, 503),
    )
    async def receipt(
        request: Request,
        caller: CallerDep,
        ports: PortsDep,
        access: AccessDep,
        receipt: Annotated[str, Path(max_length=64, description="As it was answered when the event was handed in.")],
    ) -> Response:
        """What became of an event: `captured` at a position, or `refused` with the fault; `became` is the receipt of
        the event that it became when it was mended."""
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                said = await _found(conn, receipt)
        if said is None or (own_alone(request, caller) and said["sender"] != caller.sender):
            raise NotFound(Sentence("receipt_not_known", name=repr(receipt[:64])))
        if not caller.local:
            await access.seen(caller, "receipt", receipt, [said["sender"]])
        return json(200, said)


async def _found(conn: Connection, receipt: str) -> dict[str, Any] | None:
    form = _FORM.fullmatch(receipt)
    if form is None:
        return None
    number = int(form[2])
    if form[1] == "event":
        row = await conn.fetchrow(Q["receipt_event"], number)
        return (
            None
            if row is None
            else {
                "receipt": receipt,
                "state": "captured",
                "sender": row["sender"],
                "id": row["id"],
                "number": row["number"],
                "position": row["position"],
                "received": instant(row["received_at"]),
            }
        )
    row = await conn.fetchrow(Q["receipt_rejected"], number)
    if row is None:
        return None
    return {
        "receipt": receipt,
        "state": "refused",
        "sender": row["sender"],
        "rejected": row["number"],
        "received": instant(row["received_at"]),
        **fault_said(Fault(row["field"], row["value"], row["rule"], row["code"], row["arguments"])),
        "status": row["status"],
        "became": None if row["event"] is None else f"event-{row['event']}",
    }
