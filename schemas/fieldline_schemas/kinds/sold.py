"""Batches were sold."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, Name, OperatorKey, Personal, SiteKey, said
from fieldline_schemas.flows import Flow, Moved


class Sold(Event):
    """销售: batches went to a buyer. With ``to_site`` it is a move, without they go no further that anybody knows."""

    CODE: ClassVar[int] = 30
    FLOW: ClassVar[Flow] = Moved("batches", origin="site", target="to_site", departed="at", other="to_operator")

    kind: Literal["sold"] = "sold"
    batches: list[BatchRef] = Field(**said("What was sold", term="批次", example=["plant-7/salad/S1"], at_least=1))
    to_site: SiteKey | None = Field(None, **said("The buyer's site", term="购买方场所", example="market-5"))
    to_operator: OperatorKey | None = Field(
        None, **said("The buyer, if an operator", term="购买方", example="market-5")
    )
    channel: Name | None = Field(
        None, **said("Counter, wholesale market, online platform …", term="销售渠道", example="platform-1")
    )
    order: Id | None = Field(None, **said("Number of order or receipt", term="订单号", example="O-2026-1187"))
    buyer: Personal | None = Field(
        None, **said("The buyer, if a person", term="购买人", example="buyer number 17", personal=True)
    )
