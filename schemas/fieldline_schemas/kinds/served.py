"""Batches were eaten, or sold to be eaten."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Count, said
from fieldline_schemas.flows import Flow, Made


class Served(Event):
    """供餐: batches were served at ``site``. With ``out_batch`` the sitting is a batch, which cases can name."""

    CODE: ClassVar[int] = 6
    FLOW: ClassVar[Flow] = Made(ins="batches", outs="out_batch", else_drawn=True)

    kind: Literal["served"] = "served"
    batches: list[BatchRef] = Field(
        **said("What was served", term="批次", example=["school-3/lunch/2026-03-02"], at_least=1)
    )
    servings: Count | None = Field(None, **said("How many people were served", unit="servings", example=120))
    out_batch: BatchRef | None = Field(
        None, **said("The sitting", term="餐次", example="school-3/sitting/2026-03-02-2")
    )
