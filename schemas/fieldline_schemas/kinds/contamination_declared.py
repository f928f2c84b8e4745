"""Somebody declares that a site, a place in it or water was contaminated for a while."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Name, Prose, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.hazards import HazardClass
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_schemas.windows import Windowed, declared


class CleanBreak(Part):
    """A cleaning with its record: what was there before does not reach what came after."""

    at: Time = Field(**said("When it was done", term="清洁时间", example="2026-03-03T05:00:00+08:00"))
    record: Name | None = Field(None, **said("Number of its record", term="清洁记录", example="CIP-118"))


class ContaminationDeclared(Envelope):
    """污染窗口: what was at ``site`` (at its ``location``: a line, a room), or was fed by ``source`` (water, a
    tank), in the window may have been contaminated. An authority or the site's operator says so; correcting it takes it
    back."""

    CODE: ClassVar[int] = 42
    FLOW: ClassVar[Flow] = Windowed(declared, Still(("source",)))
    DETAIL: ClassVar[bool] = True

    kind: Literal["contamination_declared"] = "contamination_declared"
    site: SiteKey = Field(**said("Where: GLN or the operator's name for it", term="场所", example="plant-7"))
    source: BatchKey | None = Field(
        None,
        **said("Batch or pool that it came from: water, a tank, a silo", term="污染来源", example="canal-3/water/~"),
    )
    since: Time | None = Field(
        None, **said("The window begins; missing: not known", term="起始时间", example="2026-03-01T22:00:00+08:00")
    )
    until: Time | None = Field(
        None, **said("The window ends; missing: not known, or not over", term="结束时间", example="2026-03-04")
    )
    clean_breaks: list[CleanBreak] = Field(
        [], **said("Documented cleanings that part the window", example=[{"at": "2026-03-03T05:00:00+08:00"}])
    )
    hazard_class: HazardClass = Field(**said("Class of the hazard", term="危害因素", example="pathogen"))
    hazard: Name = Field(**said("The hazard itself", term="危害因素", example="Listeria monocytogenes"))
    reason: Prose = Field(**said("Why", example="Swab 14 of the slicer was positive"))

    def agree(self) -> None:
        """A window that does not end before it begins."""
        since = NEVER if self.since is None else self.since.lo
        until = FOREVER if self.until is None else self.until.hi
        if since > until:
            raise Fault.by("window_order", "until")
