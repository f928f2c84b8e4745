"""A person put a batch into a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import BatchKey, Id, Prose, said
from fieldline_schemas.flows import Flow, Still


class MemberIncluded(Envelope):
    """The batch, or what lies of it at `site`, is a member of the scope, whatever the records say, and what was made of
    it with it."""

    CODE: ClassVar[int] = 49
    FLOW: ClassVar[Flow] = Still(("batch",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["member_included"] = "member_included"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    batch: BatchKey = Field(**said("The batch", term="批次", example="hof-1/leaf/L2"))
    evidence: list[Id] = Field([], **said("Ids of the events that it rests on", example=["urn:uuid:7c8…"]))
    reason: Prose = Field(**said("Why", example="Stood open beside the leaking drum"))
