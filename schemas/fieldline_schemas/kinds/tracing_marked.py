"""An investigator set how sites and batches count in an analysis."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Flag, Prose, Signed, SiteKey, said
from fieldline_schemas.flows import Flow, Still


class Mark(Part):
    """How one site or one batch counts."""

    batch: BatchKey | None = Field(None, **said("The batch", term="批次", example="hof-1/leaf/L1"))
    site: SiteKey | None = Field(None, **said("The site", term="场所", example="plant-7"))
    weight: Signed | None = Field(None, **said("Weight of the finding; 0: none", term="权重", example="1"))
    cross_contamination: Flag | None = Field(
        None, **said("What is there at a time may get into all else", term="交叉污染", example=True)
    )
    kill_step: Flag | None = Field(None, **said("Nothing survives here", term="杀菌步骤", example=False))
    observed: Flag | None = Field(None, **said("Watched in the analysis", term="关注", example=True))

    def agree(self) -> None:
        """A batch or a site, and something said of it."""
        if (self.batch is None) == (self.site is None):
            raise Fault.by("mark_of_one", "batch", self.batch or "")
        if all(said is None for said in (self.weight, self.cross_contamination, self.kill_step, self.observed)):
            raise Fault.by("mark_of_nothing", "weight")


class TracingMarked(Envelope):
    """溯源标记: weights, cross-contamination, kill steps and what is observed, for ranking sources. Lineage and scopes
    are as they were."""

    CODE: ClassVar[int] = 46
    FLOW: ClassVar[Flow] = Still(("marks",))

    kind: Literal["tracing_marked"] = "tracing_marked"
    marks: list[Mark] = Field([], **said("Sites and batches", example=[{"site": "plant-7", "weight": "1"}]))
    whole: Flag = Field(False, **said("These are all the marks: earlier ones count no more", example=False))
    temporal_order: Flag | None = Field(
        None, **said("At sites with cross-contamination, dates exclude", term="按时间顺序", example=True)
    )
    reason: Prose = Field(**said("Why", term="原因", example="Patients named this shop"))

    def agree(self) -> None:
        """Something is said."""
        if not self.marks and not self.whole and self.temporal_order is None:
            raise Fault.by("marks_missing", "marks")
