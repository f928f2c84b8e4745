"""A person opened a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Id, Name, Prose, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.hazards import HazardClass
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_schemas.windows import Windowed, opened


class Seed(Part):
    """What a scope starts from: a lot, or the holding of it at one site; or a window: what was at a site, or was fed
    from a batch, at some time."""

    batch: BatchKey | None = Field(None, **said("The lot", term="批次", example="hof-1/leaf/L1"))
    site: SiteKey | None = Field(None, **said("Only what lies there", term="场所", example="market-5"))
    location: Name | None = Field(
        None, **said("Only what was at this line, room or equipment of the site", term="场所内位置", example="slicer 2")
    )
    since: Time | None = Field(
        None, **said("What was there, or was fed from the batch, from then on", term="起始时间", example="2026-03-01")
    )
    until: Time | None = Field(None, **said("And until then", term="结束时间", example="2026-03-04"))

    def agree(self) -> None:
        """A batch or a site."""
        if not self.batch and not self.site:
            raise Fault.by("seed_of_nothing", "batch")
        if self.location is not None and self.batch:
            raise Fault.by("seed_place_and_batch", "location", self.location)


class ScopeOpened(Envelope):
    """A draft is opened, or a scope from seeds of a person's own."""

    CODE: ClassVar[int] = 13
    FLOW: ClassVar[Flow] = Windowed(opened, Still(("seeds",)))
    DETAIL: ClassVar[bool] = True

    kind: Literal["scope_opened"] = "scope_opened"
    scope: Id | None = Field(None, **said("The draft that is opened", example="scope-0a1b2c3d4e5f"))
    seeds: list[Seed] = Field(
        [], **said("What it starts from, where there is no draft", example=[{"batch": "hof-1/leaf/L1"}])
    )
    hazard_class: HazardClass | None = Field(None, **said("Class of the hazard", term="危害因素", example="pathogen"))
    hazard: Name | None = Field(None, **said("The hazard itself", term="危害因素", example="STEC O104:H4"))
    title: Name | None = Field(None, **said("What people call it", example="Sprouts, March"))
    reason: Prose = Field(**said("Why", example="Second market sample failed"))

    def agree(self) -> None:
        """A draft, or seeds with their hazard; no window ends before it begins."""
        if (self.scope is None) == (not self.seeds):
            raise Fault.by("scope_or_seeds", "scope", self.scope or "")
        if self.seeds and self.hazard_class is None:
            raise Fault.by("seeds_hazard_class", "hazard_class")
        if self.seeds and self.hazard is None:
            raise Fault.by("seeds_hazard", "hazard")
        for at, seed in enumerate(self.seeds):
            since = NEVER if seed.since is None else seed.since.lo
            if since > (FOREVER if seed.until is None else seed.until.hi):
                raise Fault.by("window_order", "until").at("seeds", at)
