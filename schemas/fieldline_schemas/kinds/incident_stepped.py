"""A step of handling an incident was taken."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, Prose, choice, said

STEPS: Final = ("report", "first_response", "assessment", "handling", "disclosure", "summary")
"""The steps, in their order; none is skipped."""


class IncidentStepped(Envelope):
    """事故处置步骤: a step was taken. It counts once all steps before it are said, in whatever order they are said."""

    CODE: ClassVar[int] = 61
    DETAIL: ClassVar[bool] = True

    kind: Literal["incident_stepped"] = "incident_stepped"
    incident: Id = Field(**said("The incident", term="食品安全事故", example="2026-sprouts"))
    step: Annotated[str, choice(*STEPS)] = Field(**said("Which", term="步骤", example="report"))
    reason: Prose = Field(**said("What was done", example="Reported to the county authority within two hours"))
