"""One batch became several."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, said
from fieldline_schemas.flows import Flow, Made


class Split(Event):
    """分装: a batch was parted into batches with lot numbers of their own."""

    CODE: ClassVar[int] = 24
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("certificate",)
    FLOW: ClassVar[Flow] = Made(ins="in_batch", outs="out_batches")

    kind: Literal["split"] = "split"
    in_batch: BatchRef = Field(**said("What was parted", term="入库批次", example="trader-2/rice/R1"))
    out_batches: list[BatchRef] = Field(
        **said("Its parts", term="出库批次", example=["trader-2/rice/R1-a", "trader-2/rice/R1-b"], at_least=1)
    )
    certificate: Id | None = Field(
        None, **said("Compliance certificate that was issued anew", term="承诺达标合格证", example="CC-2026-88")
    )
