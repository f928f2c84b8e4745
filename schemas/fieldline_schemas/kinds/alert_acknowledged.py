"""A person took an alert on."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, Prose, said


class AlertAcknowledged(Envelope):
    """警报确认: somebody has seen the alert and says what is done about it."""

    CODE: ClassVar[int] = 43
    DETAIL: ClassVar[bool] = True

    kind: Literal["alert_acknowledged"] = "alert_acknowledged"
    alert: Id = Field(**said("The alert", term="警报编号", example="alert-0a1b2c3d4e5f"))
    note: Prose | None = Field(None, **said("What is done", term="处理意见", example="Sampled again"))
