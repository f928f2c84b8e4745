"""A sample was taken of batches, or of a place."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Id, Name, choice, said
from fieldline_schemas.flows import Drawn, Flow
from fieldline_schemas.windows import Windowed, swabbed


class Sampled(Event):
    """抽样: what the sample was drawn of, and where; results name it. A swab or a water sample of a place is drawn of
    no batch: once it fails, what was at ``site`` (at its ``location``) since the last clean break may be
    contaminated."""

    CODE: ClassVar[int] = 8
    FLOW: ClassVar[Flow] = Windowed(swabbed, Drawn("batches"))
    DETAIL: ClassVar[bool] = True

    kind: Literal["sampled"] = "sampled"
    batches: list[BatchRef] = Field(
        [], **said("What the sample was drawn of; none: a sample of the place", term="批次", example=["hof-1/leaf/L1"])
    )
    sample: Id = Field(**said("Number of the sample", term="样品编号", example="S-2026-0042"))
    place_sample: Annotated[str | None, choice("surface", "water", "air", "other")] = Field(
        None, **said("Where no batch is named: what was sampled of the place", term="环境样品", example="surface")
    )
    kind_of_sample: Name | None = Field(
        None, **said("Supervisory, release, retained, environmental …", term="抽样类型", example="supervisory")
    )

    def agree(self) -> None:
        """Batches, or a sample of the place."""
        if not self.batches and self.place_sample is None:
            raise Fault.by("sample_of_nothing", "batches")
