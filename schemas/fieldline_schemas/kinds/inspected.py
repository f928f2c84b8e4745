"""Somebody looked at a site, or at batches there."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Amount, Id, Name, Personal, Prose, Time, choice, said
from fieldline_schemas.flows import Flow, Still


class Inspected(Event):
    """检查: a look at a site, or at batches there, with its outcome. Tests of samples are `tested`."""

    CODE: ClassVar[int] = 36
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("batches",)
    FLOW: ClassVar[Flow] = Still(("batches",))

    kind: Literal["inspected"] = "inspected"
    type: Annotated[
        str,
        choice(
            "patrol", "supervision", "special", "follow_up", "purchase", "release", "import", "export", "self_check"
        ),
    ] = Field(**said("Which sort of inspection", term="检查类型", example="supervision"))
    batches: list[BatchRef] = Field([], **said("Batches looked at", term="批次", example=["plant-7/salad/S1"]))
    outcome: Annotated[str, choice("passed", "failed", "to_rectify")] = Field(
        **said("What came of it", term="检查结果", example="to_rectify")
    )
    score: Amount | None = Field(None, **said("Points", term="得分", unit="points", example=87))
    grade: Name | None = Field(None, **said("Grade", term="等级", example="B"))
    findings: list[Prose] = Field([], **said("What was found", term="检查发现", example=["Cold room 2 at 9 °C"]))
    rectify_by: Time | None = Field(None, **said("Until when it is put right", term="整改期限", example="2026-03-20"))
    report: Id | None = Field(None, **said("Number of the report", term="检查记录编号", example="I-2026-311"))
    inspector: Personal | None = Field(
        None, **said("Who looked", term="检查人员", example="inspector number 2", personal=True)
    )
