"""What became of one event: found by its receipt, however long ago and after any restart.

A receipt is ``event-NUMBER`` (stored), ``rejected-NUMBER`` (refused, and kept), or ``sent-…`` (on a stream when it was
answered), so it needs no table of its own.
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant

from fieldline_trace.api.faults import fault_said
from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep, own_alone
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.api.ports import Ports
from fieldline_trace.api.receipts import receipt_said
from fieldline_trace.api.sent import BEGINS, LONGEST, became, sending_of
from fieldline_trace.capture import Deployment
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Connection, Q, borrowed, outages_as_unavailable

_LOOK_SECONDS = 0.1
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
        receipt: Annotated[
            str, Path(max_length=LONGEST, description="As it was answered when the event was handed in.")
        ],
        wait: Annotated[
            float,
            Query(ge=0, le=60, description="How long to wait for what is on a stream to be captured, in seconds."),
        ] = 0.0,
    ) -> Response:
        """What became of an event: `accepted` as long as it is on a stream, `captured` at a position, or `refused`
        with the fault; `became` is the receipt of the event that it became when it was mended."""
        said = await _waited(ports, receipt, wait) if receipt.startswith(BEGINS) else await _looked(ports, receipt)
        if said is None or (own_alone(request, caller) and said["sender"] != caller.sender):
            raise NotFound(Sentence("receipt_not_known", name=repr(receipt[:64])))
        if not caller.local:
            await access.seen(caller, "receipt", receipt, [said["sender"]])
        return json(200, said)


async def _looked(ports: Ports, receipt: str) -> dict[str, Any] | None:
    with outages_as_unavailable():
        async with borrowed(ports.pool) as conn:
            return await _found(conn, receipt)


async def _waited(ports: Ports, receipt: str, seconds: float) -> dict[str, Any] | None:
    """What became of what was sent, at the latest after ``seconds``."""
    sent = sending_of(Deployment(ports.settings.data_dir).stream_key, receipt)
    if sent is None:
        return None
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        with outages_as_unavailable():
            async with borrowed(ports.pool) as conn:
                now = await became(conn, sent)
                if now is not None:
                    said = await _found(conn, receipt_said(now)["receipt"])
                    return None if said is None else said | {"receipt": receipt}
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return {"receipt": receipt, "state": "accepted", "sender": sent.sender, "id": sent.id}
        await asyncio.sleep(min(left, _LOOK_SECONDS))


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
