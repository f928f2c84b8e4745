"""Something was seen or said that tells nothing of material."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Name, Prose, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.readings import Reading


class Noted(Event):
    """记录: a room's temperature, equipment and where it stood, master data, an audit: kept; nothing flows."""

    CODE: ClassVar[int] = 51
    FLOW: ClassVar[Flow] = Still(("batches",))

    kind: Literal["noted"] = "noted"
    subject: Name = Field(**said("What it is about", term="事项", example="cold room 2"))
    batches: list[BatchRef] = Field([], **said("Batches that it names", term="批次", example=["plant-7/salad/S1"]))
    readings: list[Reading] = Field([], **said("Temperatures", term="温度记录", unit="Cel", example=[{"value": "3.5"}]))
    text: Prose | None = Field(None, **said("What is said", term="内容", example="Compressor 2 was replaced"))
