"""Which batches a text names: for acts, which have to say keys.

``{"position", "text", "by", "batches"}``; ``by`` is ``key``, ``label`` (lot number as printed) or ``lot`` (the lot of
keys).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import named


class NameArguments(BaseModel):
    """What somebody typed."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling, or a lot number as printed.")


async def name_batch(desk: Desk, asked: NameArguments) -> dict[str, Any]:
    """The keys of the batches meant. ``NotFound`` suggests near ones."""
    what = await named(desk, asked.batch)
    keys = [desk.names.batch_key(batch) for batch in what.batches]
    return {"position": desk.position, "text": what.text, "by": what.by, "batches": keys}
