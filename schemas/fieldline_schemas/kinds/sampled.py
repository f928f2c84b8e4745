"""A sample was taken of batches."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, Name, said
from fieldline_schemas.flows import Drawn, Flow


class Sampled(Event):
    """抽样: what the sample was drawn of, and where; results name it."""

    CODE: ClassVar[int] = 8
    FLOW: ClassVar[Flow] = Drawn("batches")
    DETAIL: ClassVar[bool] = True

    kind: Literal["sampled"] = "sampled"
    batches: list[BatchRef] = Field(
        **said("What the sample was drawn of", term="批次", example=["hof-1/leaf/L1"], at_least=1)
    )
    sample: Id = Field(**said("Number of the sample", term="样品编号", example="S-2026-0042"))
    kind_of_sample: Name | None = Field(
        None, **said("Supervisory, release, retained, environmental …", term="抽样类型", example="supervisory")
    )
