"""Batches were cooled before they were packed."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Name, Time, said
from fieldline_schemas.flows import Flow, Seen
from fieldline_schemas.readings import Reading


class Cooled(Event):
    """冷却: batches were cooled at ``site``, from ``at`` until ``until``. It says where they were, no more."""

    CODE: ClassVar[int] = 22
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("readings",)
    FLOW: ClassVar[Flow] = Seen("batches")

    kind: Literal["cooled"] = "cooled"
    batches: list[BatchRef] = Field(**said("What was cooled", term="批次", example=["hof-1/leaf/L1"], at_least=1))
    until: Time | None = Field(None, **said("When it was done", term="结束时间", example="2026-03-01T15:00:00+08:00"))
    method: Name | None = Field(
        None, **said("Ice, forced air, vacuum, hydrocooling …", term="冷却方式", example="vacuum")
    )
    readings: list[Reading] = Field([], **said("Temperatures", term="温度记录", unit="Cel", example=[{"value": "3.5"}]))
