"""A consignee was told of a recall."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import BatchKey, Id, OperatorKey, Personal, Time, choice, said
from fieldline_schemas.flows import Flow, Still


class ConsigneeNotified(Envelope):
    """通知收货方: who got recalled batches was told, when and how."""

    CODE: ClassVar[int] = 44
    FLOW: ClassVar[Flow] = Still(("batches",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["consignee_notified"] = "consignee_notified"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    consignee: OperatorKey = Field(**said("Who was told", term="收货方", example="market-5"))
    batches: list[BatchKey] = Field([], **said("Batches told of", term="批次", example=["plant-7/salad/S1"]))
    via: Annotated[str, choice("phone", "message", "email", "letter", "visit", "portal", "other")] = Field(
        "other", **said("How", term="通知方式", example="phone")
    )
    answer_by: Time | None = Field(None, **said("Until when an answer is asked", term="答复期限", example="2026-03-07"))
    contact: Personal | None = Field(
        None, **said("Who was reached", term="联系人", example="contact number 6", personal=True)
    )
