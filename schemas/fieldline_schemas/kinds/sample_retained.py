"""A sample of a meal or batch was set aside."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, Name, Quantity, Time, said
from fieldline_schemas.flows import Drawn, Flow
from fieldline_schemas.readings import Reading


class SampleRetained(Event):
    """留样: a sample of each meal or batch, kept in the cold for as long as the rule says."""

    CODE: ClassVar[int] = 34
    FLOW: ClassVar[Flow] = Drawn("batch", grams="mass_g")
    DETAIL: ClassVar[bool] = True

    kind: Literal["sample_retained"] = "sample_retained"
    batch: BatchRef = Field(**said("What it is a sample of", term="留样批次", example="school-3/lunch/2026-03-02"))
    sample: Id | None = Field(None, **said("Number of the sample", term="留样编号", example="R-2026-0302-1"))
    mass_g: Quantity = Field(**said("How much was set aside", term="留样量", unit="g", example=125))
    until: Time | None = Field(
        None, **said("Until when it is kept", term="留样截止", example="2026-03-04T12:00:00+08:00")
    )
    storage: Name | None = Field(None, **said("Where it is kept", term="存放位置", example="sample fridge 1"))
    readings: list[Reading] = Field([], **said("Temperatures", term="温度记录", unit="Cel", example=[{"value": "3.5"}]))
