"""A site, or a place in it, was cleaned."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Event
from fieldline_schemas.fields import Name, said
from fieldline_schemas.hazards import HazardClass


class Cleaned(Event):
    """清洗消毒: `site`, or its `location`, was cleaned, with a record: what was there before does not reach what comes
    after."""

    CODE: ClassVar[int] = 50
    DETAIL: ClassVar[bool] = True

    kind: Literal["cleaned"] = "cleaned"
    record: Name | None = Field(None, **said("Number of its record", term="清洁记录", example="CIP-118"))
    procedure: Name | None = Field(
        None, **said("What was done", term="清洗消毒方法", example="CIP with peracetic acid")
    )
    hazard_classes: list[HazardClass] = Field(
        [],
        **said("Classes of hazards that it ends; none: all that cleaning ends", term="危害因素", example=["pathogen"]),
    )
