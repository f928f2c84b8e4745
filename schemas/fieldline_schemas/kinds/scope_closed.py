"""A person closed a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Flag, Id, Prose, said


class ScopeClosed(Envelope):
    """A scope is closed; it is watched from then on, until somebody archives it."""

    CODE: ClassVar[int] = 14
    DETAIL: ClassVar[bool] = True

    kind: Literal["scope_closed"] = "scope_closed"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    archived: Flag = Field(False, **said("It is not watched any longer, either", term="归档", example=True))
    reason: Prose = Field(**said("Why", example="All consignees have answered"))
