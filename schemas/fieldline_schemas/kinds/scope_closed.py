"""A person closed a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope
from fieldline_schemas.fields import Id, Prose, said


class ScopeClosed(Envelope):
    """A scope is closed; it is watched from then on."""

    CODE: ClassVar[int] = 14
    DETAIL: ClassVar[bool] = True

    kind: Literal["scope_closed"] = "scope_closed"
    scope: Id = Field(**said("The scope", example="scope-0a1b2c3d4e5f"))
    reason: Prose = Field(**said("Why", example="All consignees have answered"))
