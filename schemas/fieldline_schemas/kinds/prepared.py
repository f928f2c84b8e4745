"""A meal was made of its ingredients."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import said
from fieldline_schemas.flows import Flow, Made
from fieldline_schemas.kill_step import KillStep


class Prepared(Event):
    """餐饮制作: a kitchen made a meal, which is a batch like any other."""

    CODE: ClassVar[int] = 3
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("kill_step",)
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batch")

    kind: Literal["prepared"] = "prepared"
    out_batch: BatchRef = Field(**said("The meal", term="餐次批次", example="school-3/lunch/2026-03-02"))
    in_batches: list[BatchRef] = Field([], **said("Its ingredients", term="入库批次", example=["plant-7/salad/S1"]))
    kill_step: KillStep | None = Field(
        None,
        **said(
            "A step that kills a hazard, with its record",
            term="杀菌步骤",
            example={"hazard_classes": ["pathogen"], "record": "CCP-1/4"},
        ),
    )
