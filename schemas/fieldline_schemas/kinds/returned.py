"""Batches went back."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import OperatorKey, Prose, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class Returned(Event):
    """退货: batches went back from ``site`` to ``to_site``."""

    CODE: ClassVar[int] = 31
    FLOW: ClassVar[Flow] = Moved(
        "batches", origin="site", target="to_site", departed="at", arrived="arrived", other="to_operator"
    )

    kind: Literal["returned"] = "returned"
    batches: list[BatchRef] = Field(**said("What went back", term="批次", example=["plant-7/salad/S1"], at_least=1))
    to_site: SiteKey | None = Field(None, **said("Where to", term="退往场所", example="plant-7"))
    to_operator: OperatorKey | None = Field(None, **said("To whom", term="退往方", example="plant-7"))
    arrived: Time | None = Field(None, **said("When it arrived", example="2026-03-05"))
    reason: Prose | None = Field(None, **said("Why", term="退货原因", example="Recalled"))
