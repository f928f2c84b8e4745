"""Somebody takes back or replaces what was said."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Digest, Id, Name, Prose, choice, said


class Target(Part):
    """The event that is corrected."""

    id: Id = Field(**said("Its id", example="urn:uuid:7c8…"))
    digest: Digest | None = Field(None, **said("Digest of its canonical content: which variant", example="0f" * 32))
    sender: Name | None = Field(None, **said("Who sent it; missing: the sender of this correction", example="hof-1"))


class Corrected(Envelope):
    """更正: withdraws an event, or replaces it by others. It counts from the sender, the operator, or an authority."""

    CODE: ClassVar[int] = 10
    DETAIL: ClassVar[bool] = True

    kind: Literal["corrected"] = "corrected"
    target: Target = Field(**said("What is corrected", example={"id": "urn:uuid:7c8…"}))
    action: Annotated[str, choice("withdraw", "replace")] = Field(
        **said("Withdraw it, or replace it by others", example="withdraw")
    )
    replacements: list[Id] = Field([], **said("Ids of the events that replace it", example=["urn:uuid:7c9…"]))
    reason: Prose = Field(**said("Why", term="更正原因", example="The lot number was misread"))

    def agree(self) -> None:
        """Replacements where something is replaced, and only there."""
        if self.action == "replace" and not self.replacements:
            raise Fault.by("replacements_missing", "replacements")
        if self.action == "withdraw" and self.replacements:
            raise Fault.by("replacements_of_withdrawal", "replacements", f"a list of {len(self.replacements)}")
