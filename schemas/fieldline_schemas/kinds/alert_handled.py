"""A person gave an alert to somebody, dismissed it, or passed it on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Id, Name, Prose, choice, said


class AlertHandled(Envelope):
    """警报处置: an alert was assigned to somebody, dismissed with a reason, or escalated. It stands as long as its
    evidence does."""

    CODE: ClassVar[int] = 52
    DETAIL: ClassVar[bool] = True

    kind: Literal["alert_handled"] = "alert_handled"
    alert: Id = Field(**said("The alert", term="警报编号", example="alert-0a1b2c3d4e5f"))
    action: Annotated[str, choice("assign", "dismiss", "escalate")] = Field(
        **said("What was done with it", term="处置方式", example="assign")
    )
    to: Name | None = Field(None, **said("To which office it goes", term="交办对象", example="county-office-2"))
    reason: Prose = Field(**said("Why", term="理由", example="The market lies in its county"))

    def agree(self) -> None:
        """To whom, of what is assigned or escalated."""
        if self.action != "dismiss" and self.to is None:
            raise Fault.by("alert_to_nobody", "to")
