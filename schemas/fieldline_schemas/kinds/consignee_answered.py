"""A consignee answered a recall."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.fields import Amount, BatchKey, Flag, Id, OperatorKey, Prose, UnitCode, said
from fieldline_schemas.flows import Flow, Still


class Account(Part):
    """What became of a batch at the consignee's."""

    batch: BatchKey = Field(**said("The batch", term="批次", example="plant-7/salad/S1"))
    unit: UnitCode = Field(**said("UN/ECE Rec 20 code or a common spelling", term="计量单位", example="KGM"))
    received: Amount | None = Field(None, **said("How much came", term="收货量", unit="see `unit`", example="40"))
    held: Amount | None = Field(None, **said("How much is there, held", term="封存量", unit="see `unit`", example="12"))
    sold: Amount | None = Field(
        None, **said("How much was sold or used", term="已销量", unit="see `unit`", example="28")
    )
    returned: Amount | None = Field(None, **said("How much went back", term="退回量", unit="see `unit`", example="0"))
    disposed: Amount | None = Field(
        None, **said("How much was disposed of", term="处置量", unit="see `unit`", example="0")
    )


class ConsigneeAnswered(Envelope):
    """收货方答复: what the consignee says became of the batches, and whether it told its own customers."""

    CODE: ClassVar[int] = 45
    FLOW: ClassVar[Flow] = Still(("accounts",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["consignee_answered"] = "consignee_answered"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    consignee: OperatorKey = Field(**said("Who answers", term="收货方", example="market-5"))
    accounts: list[Account] = Field(
        [], **said("Each batch", example=[{"batch": "plant-7/salad/S1", "unit": "KGM", "held": "12", "sold": "28"}])
    )
    passed_on: Flag = Field(False, **said("Its own customers were told", term="已通知下游", example=True))
    note: Prose | None = Field(None, **said("What else it says", term="备注", example="Stock check done"))
