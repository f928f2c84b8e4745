"""A person opened a scope."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Id, Name, Prose, SiteKey, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.hazards import HazardClass


class Seed(Part):
    """What a scope starts from: a lot, or the holding of it at one site."""

    batch: BatchKey = Field(**said("The lot", term="批次", example="hof-1/leaf/L1"))
    site: SiteKey | None = Field(None, **said("Only what lies there", term="场所", example="market-5"))


class ScopeOpened(Envelope):
    """A draft is opened, or a scope from seeds of a person's own."""

    CODE: ClassVar[int] = 13
    FLOW: ClassVar[Flow] = Still(("seeds",))
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
        """A draft, or seeds with their hazard."""
        if (self.scope is None) == (not self.seeds):
            raise Fault("scope", self.scope or "", "either a draft's scope or seeds are named")
        if self.seeds and self.hazard_class is None:
            raise Fault("hazard_class", "", "seeds need the class of the hazard")
        if self.seeds and self.hazard is None:
            raise Fault("hazard", "", "seeds need the hazard")
