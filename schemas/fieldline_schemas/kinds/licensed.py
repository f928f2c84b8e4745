"""An authority licensed an operator."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, Name, OperatorKey, Personal, Time, said


class Licensed(Envelope):
    """许可: an operator may do what the licence says, while it is valid."""

    CODE: ClassVar[int] = 38
    DETAIL: ClassVar[bool] = True

    kind: Literal["licensed"] = "licensed"
    licence: Id = Field(**said("Its number", term="许可证编号", example="SC10137010500012"))
    holder: OperatorKey = Field(**said("Who may", term="持证方", example="plant-7"))
    activity: Name = Field(
        **said("What for: production, sale, catering, inputs …", term="许可范围", example="production")
    )
    products: list[Name] = Field(
        [], **said("Products that it is limited to", term="品种", example=["ready-to-eat salad"])
    )
    valid_from: Time | None = Field(None, **said("Valid from", term="有效期起", example="2024-01-01"))
    valid_until: Time | None = Field(None, **said("Valid until", term="有效期至", example="2028-12-31"))
    authority: OperatorKey | None = Field(None, **said("Who licensed", term="发证机关", example="county-authority"))
    responsible: Personal | None = Field(
        None,
        **said("The person responsible for safety", term="食品安全负责人", example="officer number 3", personal=True),
    )
