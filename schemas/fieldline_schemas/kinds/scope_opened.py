"""A person opened a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Id, Name, OperatorKey, Prose, SiteKey, Time, said
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


class Matching(Part):
    """A description of lots: all that is said of it fits. A lot that comes later and fits is in."""

    product: Name | None = Field(
        None, **said("Product, with its issuer or without", term="产品", example="plant-7/infant formula")
    )
    operator: OperatorKey | None = Field(None, **said("Who issued the lot", term="生产经营者", example="plant-7"))
    lot_from: Name | None = Field(
        None, **said("Least code, by its first characters, as many as are said", term="批号起", example="22")
    )
    lot_to: Name | None = Field(None, **said("Greatest code, in the same way", term="批号止", example="37"))
    lot_has: list[Name] = Field(
        [], **said("The code has one of these in it", term="批号含", example=["K8", "SH", "Z2"])
    )
    produced_from: Time | None = Field(None, **said("Made then or later", term="生产日期起", example="2022-01-01"))
    produced_to: Time | None = Field(None, **said("Made then or earlier", term="生产日期止", example="2022-02-28"))
    expires_from: Time | None = Field(
        None, **said("Its shelf life ends then or later", term="保质期起", example="2022-04-01")
    )
    expires_to: Time | None = Field(
        None, **said("Its shelf life ends then or earlier", term="保质期止", example="2023-12-31")
    )
    site: SiteKey | None = Field(None, **said("It lies or lay there", term="场所", example="market-5"))
    batch: BatchKey | None = Field(None, **said("It came of this batch", term="来源批次", example="hof-1/leaf/L1"))

    def agree(self) -> None:
        """Something is said."""
        if not any(getattr(self, name) for name in _DESCRIBING):
            raise Fault.by("matching_nothing", "product")


_DESCRIBING = (
    "product", "operator", "lot_from", "lot_to", "lot_has", "produced_from", "produced_to", "expires_from",
    "expires_to", "site", "batch",
)  # fmt: skip


class ScopeOpened(Envelope):
    """A draft is opened, or a scope from seeds of a person's own, or on a description that lots fit."""

    CODE: ClassVar[int] = 13
    FLOW: ClassVar[Flow] = Windowed(opened, Still(("seeds", "matching"), sited=("seeds", "matching")))
    DETAIL: ClassVar[bool] = True

    kind: Literal["scope_opened"] = "scope_opened"
    scope: Id | None = Field(None, **said("The draft that is opened", example="scope-0a1b2c3d4e5f"))
    seeds: list[Seed] = Field(
        [], **said("What it starts from, where there is no draft", example=[{"batch": "hof-1/leaf/L1"}])
    )
    matching: Matching | None = Field(
        None, **said("And each lot that fits, also later ones", example={"product": "plant-7/salad", "lot_from": "22"})
    )
    hazard_class: HazardClass | None = Field(None, **said("Class of the hazard", term="危害因素", example="pathogen"))
    hazard: Name | None = Field(None, **said("The hazard itself", term="危害因素", example="STEC O104:H4"))
    title: Name | None = Field(None, **said("What people call it", example="Sprouts, March"))
    reason: Prose = Field(**said("Why", example="Second market sample failed"))

    def agree(self) -> None:
        """A draft, or seeds with their hazard; no window ends before it begins."""
        own = bool(self.seeds) or self.matching is not None
        if (self.scope is None) == (not own):
            raise Fault.by("scope_or_seeds", "scope", self.scope or "")
        if own and self.hazard_class is None:
            raise Fault.by("seeds_hazard_class", "hazard_class")
        if own and self.hazard is None:
            raise Fault.by("seeds_hazard", "hazard")
        for begin, end in (("produced_from", "produced_to"), ("expires_from", "expires_to")):
            lo, hi = getattr(self.matching, begin, None), getattr(self.matching, end, None)
            if lo is not None and hi is not None and lo.lo > hi.hi:
                raise Fault.by("window_order", end).at("matching")
        for at, seed in enumerate(self.seeds):
            since = NEVER if seed.since is None else seed.since.lo
            if since > (FOREVER if seed.until is None else seed.until.hi):
                raise Fault.by("window_order", "until").at("seeds", at)
