"""Time passed."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Time, said
from fieldline_schemas.times import instant


class ClockTicked(Envelope):
    """The clock says that `at` has come: deadlines up to it are over."""

    CODE: ClassVar[int] = 12
    DETAIL: ClassVar[bool] = True

    kind: Literal["clock_ticked"] = "clock_ticked"
    at: Time = Field(**said("The instant that has come", example="2026-03-01T00:30:00Z"))

    def agree(self) -> None:
        """An instant."""
        if self.at.lo != self.at.hi:
            raise Fault.by("tick_instant", "at", example=instant(1_772_325_000_000_000))
