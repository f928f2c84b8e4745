"""Temperatures as a logger or a person wrote them down."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fieldline_schemas.contract import Part
from fieldline_schemas.fields import Name, Signed, Time, choice, said


class Reading(Part):
    """One temperature."""

    value: Signed = Field(**said("What was read", term="温度", unit="see `unit`", example="-18.5"))
    unit: Annotated[str, choice("Cel", "[degF]")] = Field("Cel", **said("UCUM code", term="单位", example="Cel"))
    at: Time | None = Field(None, **said("When; missing: as the event's `at`", example="2026-03-02T06:00:00+08:00"))
    device: Name | None = Field(None, **said("The sensor", term="设备编号", example="logger-8"))
