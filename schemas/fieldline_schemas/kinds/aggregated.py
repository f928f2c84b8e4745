"""Batches, items or units were packed into a unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import UnitKey, said
from fieldline_schemas.flows import Flow, Loaded


class Aggregated(Event):
    """组合: what was packed into a unit (a pallet, a case, a crate), and goes where it goes until it is taken out."""

    CODE: ClassVar[int] = 27
    FLOW: ClassVar[Flow] = Loaded(unit="parent", children="children")

    kind: Literal["aggregated"] = "aggregated"
    parent: UnitKey = Field(
        **said("The unit: its SSCC, or unit/OWNER/NAME", term="物流单元", example="00/395060001343529998")
    )
    children: list[BatchRef] = Field(
        **said(
            "Batches, items and units that were packed into it", term="批次", example=["plant-7/salad/S1"], at_least=1
        )
    )
