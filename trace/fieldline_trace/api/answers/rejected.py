"""What was refused, kept to mend and hand in again.

A row is ``{"id", "received", "times", "sender", "channel", "field", "value", "rule", "status", "begin"}``; the same
bytes handed in again by the same sender are one row, ``times`` counted; ``rejected show``
adds ``raw``, the whole input as text (bytes that are no UTF-8 are shown as ``\\xNN``).
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Q

BEGIN = 120
"""Characters of the input that a list shows."""


class ListArguments(BaseModel):
    """How many, and of whom."""

    model_config = ConfigDict(extra="forbid")

    sender: str | None = Field(default=None, description="Of this sender alone.")
    limit: int = Field(default=50, ge=1, le=10_000, description="Most that are listed, the latest first.")


class ShowArguments(BaseModel):
    """Which one."""

    model_config = ConfigDict(extra="forbid")

    rejected: int = Field(description="Its number, as receipts and the list name it.")


async def rejected_list(desk: Desk, asked: ListArguments) -> dict[str, Any]:
    """``{"position", "rejected", "count"}``, the latest first; ``count`` is of all that there are."""
    rows = await desk.conn.fetch(Q["answer_rejected"], asked.sender, asked.limit)
    return {
        "position": desk.world.position,
        "rejected": [_said(row) for row in rows],
        "count": await desk.conn.fetchval(Q["answer_rejected_count"], asked.sender),
    }


async def rejected_show(desk: Desk, asked: ShowArguments) -> dict[str, Any]:
    """One that was refused, with all of what was handed in. ``NotFound`` where there is none of this number."""
    row = await desk.conn.fetchrow(Q["answer_rejected_one"], asked.rejected)
    if row is None:
        raise NotFound(f"nothing was refused under the number {asked.rejected}")
    return {"position": desk.world.position, **_said(row), "raw": _text(row["raw"])}


def _said(row: Any) -> dict[str, Any]:
    return {
        "id": row["number"],
        "received": instant(row["last_at"]),
        "times": row["times"],
        "sender": row["sender"],
        "channel": row["channel"],
        "field": row["field"],
        "value": row["value"],
        "rule": row["rule"],
        "status": row["status"],
        "begin": _text(row["raw"])[:BEGIN],
    }


def _text(raw: bytes) -> str:
    return bytes(raw).decode("utf-8", errors="backslashreplace")
