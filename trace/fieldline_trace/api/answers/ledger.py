"""Whether the ledger is what was written: the chain of hashes walked from its beginning.

``{"position", "ok", "entries", "events", "hash", "broken", "against"}``; ``broken`` is None or ``{"position", "event",
"what"}``, the first place at fault. ``against`` is None, or of the checkpoint that it was held against ``{"position",
"received", "public_key", "own_key"}``: whether this installation's own key signed it.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.capture import Broken, Checkpoint, checkpoint, verify
from fieldline_trace.errors import Unavailable


class VerifyArguments(BaseModel):
    """The whole ledger is walked; then it may be held against a head that was signed before."""

    model_config = ConfigDict(extra="forbid")

    against: dict[str, Any] | None = Field(default=None, description="A checkpoint, as it was exported.")
    key: str | None = Field(default=None, description="Public key that has to have signed it, hexadecimal.")


class CheckpointArguments(BaseModel):
    """Nothing to say: the head as it is now is signed."""

    model_config = ConfigDict(extra="forbid")


class RebuildArguments(BaseModel):
    """Nothing to say: everything that followers wrote is derived again."""

    model_config = ConfigDict(extra="forbid")


async def verify_ledger(desk: Desk, asked: VerifyArguments) -> dict[str, Any]:
    """Walk the chain; the first bad position and event are named. ``Rejected`` where ``against`` is no checkpoint, or
    not signed by ``key``."""
    signed = None if asked.against is None else Checkpoint.read(asked.against, asked.key)
    against = None
    if signed is not None:
        against = {
            "position": signed.position,
            "received": instant(signed.received_at),
            "public_key": signed.public_key.hex(),
            "own_key": None if desk.deployment is None else signed.public_key == desk.deployment.public_key,
        }
    found = await verify(desk.conn, signed)
    if isinstance(found, Broken):
        return {
            "position": desk.position,
            "ok": False,
            "entries": None,
            "events": None,
            "hash": None,
            "broken": {"position": found.position, "event": found.event, "what": found.what},
            "against": against,
        }
    return {
        "position": desk.position,
        "ok": True,
        "entries": found.position,
        "events": found.events,
        "hash": found.hash.hex(),
        "broken": None,
        "against": against,
    }


async def checkpoint_ledger(desk: Desk, asked: CheckpointArguments) -> dict[str, Any]:
    """The head as it is now, signed: ``{"position", "checkpoint"}``."""
    signed = await checkpoint(desk.conn, desk.installation.signing)
    return {"position": desk.position, "checkpoint": signed.said()}


async def rebuild_needs_the_runtime(desk: Desk, asked: RebuildArguments) -> dict[str, Any]:
    """Only who runs the judge can put it to rest, so the runtime answers this itself."""
    raise Unavailable(Sentence("for_the_judge"))
