"""A person said that scopes are one incident."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, Name, Prose, said


class IncidentJoined(Envelope):
    """食品安全事故: these scopes are one incident; said again of the same incident, more scopes join it."""

    CODE: ClassVar[int] = 60
    DETAIL: ClassVar[bool] = True

    kind: Literal["incident_joined"] = "incident_joined"
    incident: Id = Field(**said("The incident, named by who opens it", term="食品安全事故", example="2026-sprouts"))
    scopes: list[Id] = Field(**said("The scopes", term="召回范围", example=["scope-0a1b2c3d4e5f"], at_least=1))
    title: Name | None = Field(None, **said("What people call it", example="Sprouts, March"))
    reason: Prose = Field(**said("Why", example="Both have seed lot 48088 in common"))
