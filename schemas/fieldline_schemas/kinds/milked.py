"""Milk was drawn from a herd."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Count, Time, said
from fieldline_schemas.flows import Flow, Made
from fieldline_schemas.readings import Reading


class Milked(Event):
    """挤奶: milk of a herd, which is a pool, or of named animals. `at`: when milking ended."""

    CODE: ClassVar[int] = 19
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("cooled_at", "readings")
    FLOW: ClassVar[Flow] = Made(ins="sources", outs="out_batch")

    kind: Literal["milked"] = "milked"
    sources: list[BatchRef] = Field([], **said("The herd or the animals", term="畜群", example=["dairy-1/cow/~BARN2"]))
    out_batch: BatchRef = Field(
        **said("The milk: a batch, or the pool of its tank", term="生鲜乳批次", example="dairy-1/milk/~TANK7")
    )
    animals: Count | None = Field(None, **said("How many were milked", term="头数", unit="animals", example=64))
    cooled_at: Time | None = Field(
        None, **said("When it had come down to 0 to 4 °C", term="降温时间", example="2026-03-01T07:40:00+08:00")
    )
    readings: list[Reading] = Field([], **said("Temperatures", term="温度记录", unit="Cel", example=[{"value": "3.5"}]))
