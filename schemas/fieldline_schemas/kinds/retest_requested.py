"""Whoever a result is about asked for a retest."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, OperatorKey, Prose, Time, said


class RetestRequested(Envelope):
    """复检申请: `operator` contests a report, by when and to whom the law lets it. What is held stays held."""

    CODE: ClassVar[int] = 54
    DETAIL: ClassVar[bool] = True

    kind: Literal["retest_requested"] = "retest_requested"
    operator: OperatorKey = Field(**said("Who asks", term="复检申请人", example="hof-1"))
    lab: OperatorKey = Field(**said("Laboratory of the report that is contested", term="初检机构", example="lab-north"))
    report: Id = Field(**said("Number of that report", term="报告编号", example="R-2026-981"))
    result_received: Time | None = Field(
        None, **said("When the result reached who asks; missing: its date", term="收到结果日期", example="2026-03-07")
    )
    retest_lab: OperatorKey | None = Field(None, **said("Who is to retest", term="复检机构", example="lab-south"))
    reason: Prose | None = Field(None, **said("Why", term="申请理由", example="The sample was not from our lot"))
