"""Somebody complained, or tipped off."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import BatchKey, Count, Id, Name, OperatorKey, Personal, Prose, choice, said
from fieldline_schemas.flows import Flow, Still


class Complaint(Envelope):
    """投诉/举报: what somebody said of a batch, a product or a site. Who it was stands apart, under a pseudonym."""

    CODE: ClassVar[int] = 40
    FLOW: ClassVar[Flow] = Still(("batch",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["complaint"] = "complaint"
    number: Id = Field(**said("Number of the complaint", term="投诉编号", example="12315-2026-000881"))
    batch: BatchKey | None = Field(None, **said("Batch", term="批次", example="plant-7/salad/S1"))
    product: Name | None = Field(None, **said("Product, as it was named", term="产品", example="mixed salad 200 g"))
    about: OperatorKey | None = Field(None, **said("Operator", term="被投诉方", example="market-5"))
    category: Annotated[
        str | None, choice("illness", "injury", "foreign_body", "spoiled", "label", "price", "tip_off", "other")
    ] = Field(None, **said("What it is about", term="投诉类型", example="foreign_body"))
    injured: Count | None = Field(None, **said("How many were hurt or ill", term="受伤人数", unit="people", example=1))
    line: Name | None = Field(None, **said("Where it came in", term="受理渠道", example="12315"))
    text: Prose = Field(**said("What was said, without names", term="投诉内容", example="A piece of glass"))
    informant: Personal | None = Field(
        None, **said("Who said it", term="投诉人", example="informant number 4", personal=True)
    )
    contact: Personal | None = Field(
        None, **said("How to reach them", term="联系方式", example="telephone of informant number 4", personal=True)
    )
