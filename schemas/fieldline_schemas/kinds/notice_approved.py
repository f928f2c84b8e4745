"""A public notice of a recall was approved."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import GridUnit, Id, Name, Prose, choice, said


class NoticeApproved(Envelope):
    """批准公告: the notice of a scope that the public may read, in Chinese and, where there is one, in English."""

    CODE: ClassVar[int] = 47
    DETAIL: ClassVar[bool] = True

    kind: Literal["notice_approved"] = "notice_approved"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    title_zh: Name = Field(**said("Title, in Chinese", term="公告标题", example="关于召回混合沙拉的公告"))
    text_zh: Prose = Field(**said("Text, in Chinese", term="公告正文", example="请停止食用并退回。"))
    title_en: Name | None = Field(None, **said("Title, in English", example="Recall of mixed salad"))
    text_en: Prose | None = Field(None, **said("Text, in English", example="Do not eat it; bring it back."))
    recall_class: Annotated[str | None, choice("I", "II", "III")] = Field(
        None, **said("Class of the recall", term="召回等级", example="I")
    )
    areas: list[GridUnit] = Field([], **said("Areas that it is for; none: all", term="公告范围", example=["4101"]))
