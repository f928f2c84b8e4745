"""Batches reached a site."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event, Part
from fieldline_schemas.fields import Id, OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class PurchaseCheck(Part):
    """进货查验: what the receiver saw of the supplier's papers. A field that is missing was not seen."""

    licence: Id | None = Field(None, **said("The supplier's licence", term="供货者许可证", example="SC10137010500012"))
    certificates: list[Id] = Field([], **said("Certificates of the goods", term="合格证明", example=["CC-2026-88"]))
    inspection: Id | None = Field(
        None, **said("Record of the receiver's own inspection", term="进货查验记录", example="I-2026-311")
    )


class Received(Event):
    """收货: batches reached ``site`` at ``at``. With ``from_site`` it is a move; without, it dates and explains
    nothing."""

    CODE: ClassVar[int] = 5
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("check",)
    FLOW: ClassVar[Flow] = Moved(
        "batches", origin="from_site", target="site", departed="departed", arrived="at", other="from_operator"
    )

    kind: Literal["received"] = "received"
    batches: list[BatchRef] = Field(**said("What arrived", term="批次", example=["plant-7/salad/S1"], at_least=1))
    from_site: SiteKey | None = Field(None, **said("Where from", term="发货场所", example="plant-7 dock"))
    from_operator: OperatorKey | None = Field(None, **said("From whom", term="供货方", example="plant-7"))
    departed: Time | None = Field(None, **said("When it left there", example="2026-03-01T22:00:00+08:00"))
    check: PurchaseCheck | None = Field(
        None,
        **said("What was seen of the supplier's papers", term="进货查验", example={"licence": "SC10137010500012"}),
    )
