"""Whether the ledger is what was written: the chain of hashes walked from its beginning.

``{"position", "ok", "entries", "events", "hash", "broken"}``; ``broken`` is None or ``{"position", "event", "what"}``,
the first place at fault.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.capture import Broken, verify
from fieldline_trace.errors import Unavailable


class VerifyArguments(BaseModel):
    """Nothing to say: the whole ledger is walked."""

    model_config = ConfigDict(extra="forbid")


class RebuildArguments(BaseModel):
    """Nothing to say: everything that followers wrote is derived again."""

    model_config = ConfigDict(extra="forbid")


async def verify_ledger(desk: Desk, asked: VerifyArguments) -> dict[str, Any]:
    """Walk the chain; the first bad position and event are named."""
    found = await verify(desk.conn)
    if isinstance(found, Broken):
        return {
            "position": desk.world.position,
            "ok": False,
            "entries": None,
            "events": None,
            "hash": None,
            "broken": {"position": found.position, "event": found.event, "what": found.what},
        }
    return {
        "position": desk.world.position,
        "ok": True,
        "entries": found.position,
        "events": found.events,
        "hash": found.hash.hex(),
        "broken": None,
    }


async def rebuild_needs_the_runtime(desk: Desk, asked: RebuildArguments) -> dict[str, Any]:
    """Only who runs the judge can put it to rest, so the runtime answers this itself."""
    raise Unavailable("a rebuild is for the process that runs the judge")
