"""Batches lay in store."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Time, said
from fieldline_schemas.flows import Flow, Seen
from fieldline_schemas.readings import Reading


class Stored(Event):
    """贮存: batches lay at ``site``, at its ``location``, from ``at`` until ``until``. It dates, explains nothing,
    and draws nothing."""

    CODE: ClassVar[int] = 29
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("readings",)
    FLOW: ClassVar[Flow] = Seen("batches")

    kind: Literal["stored"] = "stored"
    batches: list[BatchRef] = Field(**said("What lay there", term="批次", example=["plant-7/salad/S1"], at_least=1))
    until: Time | None = Field(
        None, **said("Until when; missing: it was seen at `at`", term="贮存结束时间", example="2026-03-03")
    )
    readings: list[Reading] = Field(
        [],
        **said("Temperatures", term="温度记录", unit="Cel", example=[{"value": "3.5", "at": "2026-03-02T06:00:00Z"}]),
    )
