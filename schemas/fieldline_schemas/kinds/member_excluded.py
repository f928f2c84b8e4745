"""A person took a batch out of a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import BatchKey, Id, Prose, said
from fieldline_schemas.flows import Flow, Still


class MemberExcluded(Envelope):
    """The batch, or what lies of it at `site`, is no member of the scope, for the reason and on the evidence named;
    what was made of it stays. What is definitely of the failed lot stays, too."""

    CODE: ClassVar[int] = 48
    FLOW: ClassVar[Flow] = Still(("batch",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["member_excluded"] = "member_excluded"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    batch: BatchKey = Field(**said("The batch", term="批次", example="hof-1/leaf/L1"))
    evidence: list[Id] = Field([], **said("Ids of the events that it rests on", example=["urn:uuid:7c8…"]))
    reason: Prose = Field(**said("Why", example="Heated to 95 °C for 10 minutes, by its own record"))
