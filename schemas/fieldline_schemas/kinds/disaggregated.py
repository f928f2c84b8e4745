"""Batches, items or units were taken out of a unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import UnitKey, said
from fieldline_schemas.flows import Flow, Loaded


class Disaggregated(Event):
    """拆分出物流单元: what was taken out of a unit. Without ``children``: all that was in it."""

    CODE: ClassVar[int] = 28
    FLOW: ClassVar[Flow] = Loaded(unit="parent", children="children", out=True)

    kind: Literal["disaggregated"] = "disaggregated"
    parent: UnitKey = Field(
        **said("The unit: its SSCC, or unit/OWNER/NAME", term="物流单元", example="00/395060001343529998")
    )
    children: list[BatchRef] = Field(
        [], **said("What was taken out of it; none: all", term="批次", example=["plant-7/salad/S1"])
    )
