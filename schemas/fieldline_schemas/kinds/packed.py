"""Batches were packed."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Flag, Name, OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Made
from fieldline_schemas.kill_step import KillStep


class Packed(Event):
    """包装: packed batches are made of what was packed and of the packaging. The first packing of raw produce also says
    where and when it was harvested and cooled."""

    CODE: ClassVar[int] = 23
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("kill_step",)
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batches", beside="packaging")

    kind: Literal["packed"] = "packed"
    in_batches: list[BatchRef] = Field(
        **said("What was packed", term="入库批次", example=["hof-1/leaf/L1"], at_least=1)
    )
    packaging: list[BatchRef] = Field(
        [], **said("Packaging and food-contact material", term="包装材料", example=["pack-co/punnet/P400"])
    )
    out_batches: list[BatchRef] = Field(
        **said("The packed batches", term="出库批次", example=["plant-7/salad/S1"], at_least=1)
    )
    initial: Flag = Field(False, **said("First packing of raw produce", term="初次包装", example=True))
    commodity: Name | None = Field(None, **said("Commodity and variety", term="品种", example="rocket, wild"))
    received: Time | None = Field(None, **said("When the packer received it", term="接收日期", example="2026-03-01"))
    farm: SiteKey | None = Field(None, **said("Where it was harvested", term="采收农场", example="hof-1"))
    field: Name | None = Field(None, **said("The field, or its coordinates", term="采收地块", example="plot 7"))
    harvester: OperatorKey | None = Field(None, **said("Who harvested", term="采收方", example="hof-1"))
    harvested: Time | None = Field(None, **said("When it was harvested", term="采收日期", example="2026-03-01"))
    cooler: SiteKey | None = Field(None, **said("Where it was cooled", term="冷却场所", example="cooler-2"))
    cooled: Time | None = Field(None, **said("When it was cooled", term="冷却日期", example="2026-03-01"))
    document: Name | None = Field(
        None, **said("Reference document: type and number", term="凭证", example="packing order 5561")
    )
    kill_step: KillStep | None = Field(
        None,
        **said(
            "A step that kills a hazard, with its record",
            term="杀菌步骤",
            example={"hazard_classes": ["pathogen"], "record": "CCP-1/4"},
        ),
    )
