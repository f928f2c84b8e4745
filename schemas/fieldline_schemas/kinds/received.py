"""Batches reached a site."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class Received(Event):
    """收货: batches reached ``site`` at ``at``. With ``from_site`` it is a move; without, it dates and explains
    nothing."""

    CODE: ClassVar[int] = 5
    FLOW: ClassVar[Flow] = Moved(
        "batches", origin="from_site", target="site", departed="departed", arrived="at", other="from_operator"
    )

    kind: Literal["received"] = "received"
    batches: list[BatchRef] = Field(**said("What arrived", term="批次", example=["plant-7/salad/S1"], at_least=1))
    from_site: SiteKey | None = Field(None, **said("Where from", term="发货场所", example="plant-7 dock"))
    from_operator: OperatorKey | None = Field(None, **said("From whom", term="供货方", example="plant-7"))
    departed: Time | None = Field(None, **said("When it left there", example="2026-03-01T22:00:00+08:00"))
