"""Batches were destroyed or rendered harmless."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, Name, Personal, Prose, choice, said
from fieldline_schemas.flows import Drawn, Flow


class Disposed(Event):
    """处置: batches, or the quantities named of them, are gone."""

    CODE: ClassVar[int] = 35
    FLOW: ClassVar[Flow] = Drawn("batches")

    kind: Literal["disposed"] = "disposed"
    batches: list[BatchRef] = Field(**said("What is gone", term="批次", example=["plant-7/salad/S1"], at_least=1))
    method: Annotated[
        str, choice("harmless_disposal", "destroyed", "feed", "compost", "rendered", "energy", "donated", "other")
    ] = Field(**said("How", term="处置方式", example="harmless_disposal"))
    place: Name | None = Field(None, **said("Where, if not at the site", term="处置地点", example="rendering plant 4"))
    certificate: Id | None = Field(None, **said("Number of the proof", term="处置凭证", example="D-2026-17"))
    witness: Personal | None = Field(
        None, **said("Who was there", term="见证人", example="officer number 3", personal=True)
    )
    scope: Id | None = Field(None, **said("The scope that asked for it", example="scope-0a1b2c3d4e5f"))
    reason: Prose | None = Field(None, **said("Why", term="处置原因", example="Recalled"))
