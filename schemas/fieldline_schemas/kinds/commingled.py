"""Several batches became one."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, said
from fieldline_schemas.flows import Flow, Made


class Commingled(Event):
    """混装: batches were mixed, and may not be told apart again."""

    CODE: ClassVar[int] = 25
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("certificate",)
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batch")

    kind: Literal["commingled"] = "commingled"
    in_batches: list[BatchRef] = Field(
        **said("What was mixed", term="入库批次", example=["hof-1/leaf/L1", "hof-2/leaf/L4"], at_least=2)
    )
    out_batch: BatchRef = Field(
        **said("The mixture: a batch, or a pool (a silo, a tank)", term="出库批次", example="trader-2/leaf/M1")
    )
    certificate: Id | None = Field(
        None, **said("Compliance certificate that was issued anew", term="承诺达标合格证", example="CC-2026-88")
    )
