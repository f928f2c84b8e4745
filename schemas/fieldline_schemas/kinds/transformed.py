"""Batches became other batches at one site."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Flag, Name, said
from fieldline_schemas.flows import Flow, Made
from fieldline_schemas.kill_step import KillStep


class Transformed(Event):
    """加工转化: processing, splitting, commingling, packing, re-lotting. No inputs: a birth; no outputs: all was used
    up."""

    CODE: ClassVar[int] = 2
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("kill_step",)
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batches", timeless="timeless", process="transformation_id")

    kind: Literal["transformed"] = "transformed"
    in_batches: list[BatchRef] = Field([], **said("What went in", term="入库批次", example=["hof-1/leaf/L1"]))
    out_batches: list[BatchRef] = Field([], **said("What came out", term="出库批次", example=["plant-7/salad/S1"]))
    transformation_id: Name | None = Field(
        None, **said("What several events about one process share", example="urn:uuid:0a1b")
    )
    timeless: Flag = Field(False, **said("The order of dates says nothing about this step", example=False))
    kill_step: KillStep | None = Field(
        None,
        **said(
            "A step that kills a hazard, with its record",
            term="杀菌步骤",
            example={"hazard_classes": ["pathogen"], "record": "CCP-1/4"},
        ),
    )

    def agree(self) -> None:
        """At least one batch."""
        if not self.in_batches and not self.out_batches:
            raise Fault.by("transformed_nothing", "out_batches")
