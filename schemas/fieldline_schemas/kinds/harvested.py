"""A batch came from a plot, a herd, a pond or a tank: where lineage begins."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import said
from fieldline_schemas.flows import Flow, Made


class Harvested(Event):
    """采收: a first batch, and what it was grown from as far as that is known."""

    CODE: ClassVar[int] = 1
    FLOW: ClassVar[Flow] = Made(ins="sources", outs="out_batch")

    kind: Literal["harvested"] = "harvested"
    out_batch: BatchRef = Field(**said("The batch that was harvested", term="出库批次", example="hof-1/leaf/L1"))
    sources: list[BatchRef] = Field(
        [], **said("Seed, feed, plot, herd it came from", term="来源", example=["seed-co/rocket/48088"])
    )
