"""Seed or seedlings went into a plot; animals or fish into a herd or pond."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Quantity, said
from fieldline_schemas.flows import Flow, Made


class Planted(Event):
    """种植/投放: seed went into a plot, seedlings into a house, young animals into a herd or pond."""

    CODE: ClassVar[int] = 16
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batch")

    kind: Literal["planted"] = "planted"
    in_batches: list[BatchRef] = Field(
        [], **said("Seed, seedlings, chicks, fry", term="种子种苗", example=["seed-co/rocket/48088"])
    )
    out_batch: BatchRef = Field(
        **said("The plot, herd or pond as a pool, or the crop as a batch", term="地块", example="hof-1/rocket/~PLOT7")
    )
    area_m2: Quantity | None = Field(None, **said("Area that was planted", term="面积", unit="m2", example="2600"))
