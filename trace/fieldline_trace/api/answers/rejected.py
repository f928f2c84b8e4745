"""What was refused, kept to be mended and taken in after all.

A row is ``{"id", "received", "times", "sender", "channel", "field", "value", "rule", "rule_code", "arguments",
"status", "mended", "settled", "event", "begin"}``; the same bytes handed in again by the same sender are one row,
``times`` counted. ``status``: ``open``, ``mended``, ``replayed``, ``resent`` (its sender handed in a readable one with
its id) or ``dismissed``. ``mended`` is null or ``{"by", "at"}``, ``settled`` null or ``{"by", "at", "reason"}``,
``event`` the number of the event that it became. ``rejected show`` adds ``raw``, the whole input as text (bytes that
are no UTF-8 are shown as ``\\xNN``), and ``corrected``, the text that it was mended to, or null.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.faults import fault_said
from fieldline_trace.api.receipts import receipt_said
from fieldline_trace.capture import dismiss, mend, replay
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Q

BEGIN = 120
"""Characters of the input that a list shows."""
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""Number of one that was refused: what the database can hold."""
Status = Literal["open", "mended", "replayed", "resent", "dismissed"]
_BY = Field(min_length=1, max_length=256, description="Who does it.")
_SENDER = Field(default=None, description="Only what this sender handed in.")


class ListArguments(BaseModel):
    """How many, and of whom."""

    model_config = ConfigDict(extra="forbid")

    sender: str | None = Field(default=None, description="Of this sender alone.")
    status: Status | None = Field(default=None, description="Only what is so.")
    limit: int = Field(default=50, ge=1, le=10_000, description="Most that are listed, the latest first.")


class ShowArguments(BaseModel):
    """Which one."""

    model_config = ConfigDict(extra="forbid")

    rejected: Number = Field(description="Its number, as receipts and the list name it.")
    sender: str | None = _SENDER


class MendArguments(ShowArguments):
    """Which one, and what it should have been."""

    raw: str = Field(description="The corrected event, as it should have been handed in.")
    by: str = _BY


class ReplayArguments(BaseModel):
    """Which ones: by number, or all that wait."""

    model_config = ConfigDict(extra="forbid")

    rejected: list[Number] | None = Field(default=None, description="Numbers; none: all that wait.", max_length=10_000)
    sender: str | None = _SENDER
    rule: str | None = Field(default=None, description="Of all: those refused for a rule that contains this.")
    by: str = _BY


class DismissArguments(BaseModel):
    """Which ones, and why."""

    model_config = ConfigDict(extra="forbid")

    rejected: list[Number] = Field(min_length=1, max_length=10_000, description="Numbers.")
    reason: str = Field(description="Why it is not to be taken in.")
    erase: bool = Field(default=False, description="Forget its text, too.")
    sender: str | None = _SENDER
    by: str = _BY


async def rejected_list(desk: Desk, asked: ListArguments) -> dict[str, Any]:
    """``{"position", "rejected", "count"}``, the latest first; ``count`` is of all that there are."""
    rows = await desk.conn.fetch(Q["answer_rejected"], asked.sender, asked.status, asked.limit)
    return {
        "position": desk.position,
        "rejected": [_said(row) for row in rows],
        "count": await desk.conn.fetchval(Q["answer_rejected_count"], asked.sender, asked.status),
    }


async def rejected_show(desk: Desk, asked: ShowArguments) -> dict[str, Any]:
    """One that was refused, with all of what was handed in. ``NotFound`` where there is none of this number."""
    row = await desk.conn.fetchrow(Q["answer_rejected_one"], asked.rejected)
    if row is None or asked.sender not in (None, row["sender"]):
        raise NotFound(Sentence("rejected_not_known", number=asked.rejected))
    corrected = None if row["mended"] is None else _text(row["mended"])
    return {"position": desk.position, **_said(row), "raw": _text(row["raw"]), "corrected": corrected}


async def rejected_mend(desk: Desk, asked: MendArguments) -> dict[str, Any]:
    """Put a corrected text in its place; it is taken in by a replay. The row as it is then."""
    here = desk.installation
    await mend(
        desk.conn,
        asked.rejected,
        asked.raw.encode("utf-8", "surrogatepass"),
        by=asked.by,
        sender=asked.sender,
        bounds=desk.bounds,
        persons=here.persons,
        event_bytes=here.event_bytes,
    )
    return await rejected_show(desk, ShowArguments(rejected=asked.rejected))


async def rejected_replay(desk: Desk, asked: ReplayArguments) -> dict[str, Any]:
    """``{"position", "receipts": [{"rejected", …}]}``: what became of each, as a receipt says it."""
    here = desk.installation
    receipts = await replay(
        desk.conn,
        asked.rejected,
        by=asked.by,
        sender=asked.sender,
        bounds=desk.bounds,
        rule=asked.rule,
        persons=here.persons,
        event_bytes=here.event_bytes,
    )
    said = [{**receipt_said(receipt), "rejected": number} for number, receipt in receipts]
    return {"position": desk.position, "receipts": said}


async def rejected_dismiss(desk: Desk, asked: DismissArguments) -> dict[str, Any]:
    """``{"position", "dismissed"}``: the numbers."""
    await dismiss(desk.conn, asked.rejected, by=asked.by, reason=asked.reason, sender=asked.sender, erase=asked.erase)
    return {"position": desk.position, "dismissed": sorted(set(asked.rejected))}


def _said(row: Any) -> dict[str, Any]:
    mended = None if row["mended_at"] is None else {"by": row["mended_by"], "at": instant(row["mended_at"])}
    settled = None
    if row["settled_at"] is not None:
        settled = {"by": row["settled_by"], "at": instant(row["settled_at"]), "reason": row["reason"]}
    return {
        "id": row["number"],
        "received": instant(row["last_at"]),
        "times": row["times"],
        "sender": row["sender"],
        "channel": row["channel"],
        **_fault_said(row),
        "status": row["status"],
        "mended": mended,
        "settled": settled,
        "event": row["event"],
        "begin": _text(row["raw"])[:BEGIN],
    }


def _fault_said(row: Any) -> dict[str, Any]:
    """The fault, in the language that is spoken where the catalogue still has its sentence and nothing was erased."""
    fault = Fault(row["field"], row["value"], row["rule"], row["code"], row["arguments"])
    try:
        return fault_said(fault)
    except KeyError:
        return fault_said(Fault(row["field"], row["value"], row["rule"], "", {})) | {"rule_code": row["code"]}


def _text(raw: bytes) -> str:
    return bytes(raw).decode("utf-8", errors="backslashreplace")
