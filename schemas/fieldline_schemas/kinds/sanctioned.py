"""An authority took a measure against an operator."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Amount, Id, OperatorKey, Prose, Time, choice, said


class Sanctioned(Envelope):
    """处罚/失信: a measure against an operator, for as long as it says; history stays readable."""

    CODE: ClassVar[int] = 39
    DETAIL: ClassVar[bool] = True

    kind: Literal["sanctioned"] = "sanctioned"
    subject: OperatorKey = Field(**said("Against whom", term="当事人", example="trader-2"))
    measure: Annotated[
        str, choice("warning", "fine", "confiscation", "suspension", "licence_revoked", "blacklist", "ban")
    ] = Field(**said("What was done", term="处罚种类", example="blacklist"))
    since: Time | None = Field(None, **said("From when", term="起始日期", example="2026-03-01"))
    until: Time | None = Field(None, **said("Until when; missing: for good", term="截止日期", example="2029-02-28"))
    amount: Amount | None = Field(None, **said("Fine", term="罚款金额", unit="CNY", example=50000))
    decision: Id | None = Field(
        None, **said("Number of the decision", term="处罚决定书文号", example="鲁市监处罚〔2026〕12号")
    )
    licence: Id | None = Field(None, **said("Licence that it is about", term="许可证编号", example="SC10137010500012"))
    reason: Prose = Field(**said("Why", term="处罚事由", example="Sold a batch that was held"))
