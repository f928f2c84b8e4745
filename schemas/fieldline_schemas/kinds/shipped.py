"""Batches left a site."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class Shipped(Event):
    """发货: batches left ``site`` at ``at``. With ``to_site`` it is a move; the arrival may be said here or by a
    receipt."""

    CODE: ClassVar[int] = 4
    FLOW: ClassVar[Flow] = Moved(
        "batches",
        origin="site",
        target="to_site",
        departed="at",
        arrived="arrived",
        other="to_operator",
        planned="planned_arrival",
    )

    kind: Literal["shipped"] = "shipped"
    batches: list[BatchRef] = Field(**said("What left", term="批次", example=["plant-7/salad/S1"], at_least=1))
    to_site: SiteKey | None = Field(None, **said("Where to", term="收货场所", example="school-3 kitchen"))
    to_operator: OperatorKey | None = Field(None, **said("To whom", term="收货方", example="school-3"))
    planned_arrival: Time | None = Field(None, **said("When it should arrive; may lie ahead", example="2026-03-02"))
    arrived: Time | None = Field(None, **said("When it arrived", example="2026-03-02T06:10:00+08:00"))
