"""A process that kills what it is meant for: heating, high pressure, freezing, each with its own record."""

from __future__ import annotations

from pydantic import Field

from fieldline_schemas.contract import Part
from fieldline_schemas.fields import Name, said
from fieldline_schemas.hazards import HazardClass


class KillStep(Part):
    """What a step killed, by the record of that batch. It demotes a hazard and never removes one."""

    hazard_classes: list[HazardClass] = Field(
        **said("Classes of hazards that it ends", term="危害因素", example=["pathogen"], at_least=1)
    )
    record: Name = Field(
        **said("Number of the batch's own record of it", term="记录编号", example="CCP-1 2026-03-01/4")
    )
    process: Name | None = Field(None, **said("What was done", term="工艺", example="82 °C for 15 s"))
