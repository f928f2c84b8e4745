"""Reference data that results are judged by changed."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.fields import Amount, Name, Prose, Time, said


class LimitRow(Part):
    """One greatest content, in force from one day on and before another."""

    standard: Name = Field(**said("Standard and edition", term="标准", example="GB 2762-2025"))
    clause: Name | None = Field(None, **said("Its clause", term="条款", example="4.1"))
    analyte: Name = Field(**said("What is limited", term="检测项目", example="lead"))
    product: Name = Field(**said("Product or class of products", term="产品", example="leafy vegetables"))
    maximum: Amount = Field(**said("Greatest content", term="限量", unit="see `unit`", example="0.3"))
    unit: Name = Field(**said("Unit of it", term="单位", example="mg/kg"))
    since: Time | None = Field(None, **said("In force from", term="实施日期", example="2026-09-02"))
    until: Time | None = Field(None, **said("In force before", term="废止日期", example="2030-01-01"))


class ReferenceChanged(Envelope):
    """参考数据变更: limits in the place of those of the same standard, analyte and product, or beside them.
    What was decided before keeps its versions; results that they touch are judged again."""

    CODE: ClassVar[int] = 53
    DETAIL: ClassVar[bool] = True

    kind: Literal["reference_changed"] = "reference_changed"
    limits: list[LimitRow] = Field(
        **said(
            "The limits",
            example=[
                {
                    "standard": "GB 2762-2025",
                    "analyte": "lead",
                    "product": "leafy vegetables",
                    "maximum": "0.3",
                    "unit": "mg/kg",
                }
            ],
            at_least=1,
        )
    )
    source: Prose = Field(**said("Where the figures were read", term="来源", example="The standard's own text"))
    reason: Prose = Field(**said("Why", term="理由", example="The edition came into force"))
