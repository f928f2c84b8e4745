"""Temperatures as a logger or a person wrote them down."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field

from fieldline_schemas.contract import Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Name, Time, Value, choice, said

_NUMBER: Final = re.compile(r"[+-]?\d{1,4}(\.\d{1,9})?\Z", re.ASCII)


def _temperature(value: Any) -> str:
    """A number of degrees, negative or not, as it was written."""
    text = str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.match(text.strip()):
        raise Fault.of(value, "a temperature is a decimal number such as -18.5")
    number = Decimal(text.strip())
    return f"{number.normalize():f}" if number else "0"


Temperature = Annotated[
    str,
    Value(
        _temperature,
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[+-]?\d{1,4}(\.\d{1,9})?\s*$"}]},
        text=False,
    ),
]
"""Content: canonical decimal text."""


class Reading(Part):
    """One temperature."""

    value: Temperature = Field(**said("What was read", term="温度", unit="see `unit`", example="-18.5"))
    unit: Annotated[str, choice("Cel", "[degF]")] = Field("Cel", **said("UCUM code", term="单位", example="Cel"))
    at: Time | None = Field(None, **said("When; missing: as the event's `at`", example="2026-03-02T06:00:00+08:00"))
    device: Name | None = Field(None, **said("The sensor", term="设备编号", example="logger-8"))
