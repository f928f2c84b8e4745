"""Who is meant by a pseudonym, for those who may know, and forgetting it.

``{"position", "pseudonym", "value", "since", "erased"}``; ``erased`` is null or ``{"at", "by", "reason"}``, and then
``value`` is null. ``person erase`` adds ``refused``: of how many refused inputs that named the person the text is gone.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.capture.erase import Person, erase, person


class PersonArguments(BaseModel):
    """Which one."""

    model_config = ConfigDict(extra="forbid")

    pseudonym: str = Field(min_length=1, max_length=128, description="As events and answers name the person.")


class EraseArguments(PersonArguments):
    """Which one, and why."""

    reason: str = Field(description="Why it is forgotten.")
    by: str = Field(min_length=1, max_length=256, description="Who does it.")


async def person_show(desk: Desk, asked: PersonArguments) -> dict[str, Any]:
    """Who it is. Whoever answers this has to have seen that the asker may know, and keep that it was asked."""
    return {"position": desk.position, **_said(await person(desk.conn, asked.pseudonym))}


async def person_erase(desk: Desk, asked: EraseArguments) -> dict[str, Any]:
    """Forget who it is. The events that name the pseudonym stay, and every hash with them."""
    erased, refused = await erase(desk.conn, asked.pseudonym, by=asked.by, reason=asked.reason)
    return {"position": desk.position, **_said(erased), "refused": refused}


def _said(found: Person) -> dict[str, Any]:
    erased = None
    if found.erased_at is not None:
        erased = {"at": instant(found.erased_at), "by": found.erased_by, "reason": found.reason}
    return {
        "pseudonym": found.pseudonym,
        "value": found.value,
        "since": instant(found.first_at),
        "erased": erased,
    }
