"""A batch got another lot number."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Prose, said
from fieldline_schemas.flows import Flow, Made


class Relabelled(Event):
    """改签批号: the same goods under a new number; the old batch is an input of the new one. Goods that keep their lot
    and are only called by a second key are `same_batch`."""

    CODE: ClassVar[int] = 26
    FLOW: ClassVar[Flow] = Made(ins="in_batches", outs="out_batch")

    kind: Literal["relabelled"] = "relabelled"
    in_batches: list[BatchRef] = Field(
        **said("Under which number they came", term="原批次", example=["seed-co/fenugreek/48088"], at_least=1)
    )
    out_batch: BatchRef = Field(**said("The new number", term="新批次", example="trader-2/fenugreek/6832"))
    reason: Prose | None = Field(None, **said("Why", term="原因", example="Own numbering"))
