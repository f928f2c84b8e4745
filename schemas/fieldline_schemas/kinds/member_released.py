"""The emergency role let a member of a scope go."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import BatchKey, Id, Prose, SiteKey, said
from fieldline_schemas.flows import Flow, Still


class MemberReleased(Envelope):
    """The batch at `site` is held by the scope no longer."""

    CODE: ClassVar[int] = 15
    FLOW: ClassVar[Flow] = Still(("batch",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["member_released"] = "member_released"
    site: SiteKey = Field(**said("Where the batch lies", term="场所", example="market-5"))
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    batch: BatchKey = Field(**said("The batch", term="批次", example="hof-1/leaf/L1"))
    reason: Prose = Field(**said("Why", example="The correction showed another lot"))
