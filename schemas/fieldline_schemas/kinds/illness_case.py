"""Somebody fell ill."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.fields import BatchKey, Flag, Id, Name, SiteKey, Time, said
from fieldline_schemas.flows import Exposed, Flow
from fieldline_schemas.hazards import HazardClass


class Exposure(Part):
    """What the patient ate, where and when."""

    batch: BatchKey = Field(**said("The batch eaten of", term="批次", example="school-3/lunch/2026-03-02"))
    site: SiteKey = Field(**said("Where it was eaten", term="场所", example="school-3 canteen"))
    at: Time | None = Field(None, **said("When it was eaten; missing: as the event's `at`", example="2026-03-02"))


class IllnessCase(Envelope):
    """食源性疾病病例: a case under a pseudonym, and what it was exposed to."""

    CODE: ClassVar[int] = 7
    FLOW: ClassVar[Flow] = Exposed("exposures")
    DETAIL: ClassVar[bool] = True

    kind: Literal["illness_case"] = "illness_case"
    case: Id = Field(**said("Pseudonym of the case; never a name", term="病例", example="case-2011-0017"))
    onset: Time | None = Field(None, **said("First symptoms", term="发病时间", example="2026-03-04"))
    cluster: Name | None = Field(
        None, **said("Cluster that it is counted to", term="聚集性病例", example="school-3 March")
    )
    exposures: list[Exposure] = Field(
        [],
        **said("What was eaten", example=[{"batch": "school-3/lunch/2026-03-02", "site": "school-3 canteen"}]),
    )
    hazard_class: HazardClass | None = Field(None, **said("Class of the hazard", term="危害因素", example="pathogen"))
    hazard: Name | None = Field(None, **said("What was found in the patient", term="危害因素", example="STEC O104:H4"))
    strain: Name | None = Field(
        None, **said("Sequence type or cluster of the isolate", term="分离株分型", example="ST678")
    )
    confirmed: Flag = Field(False, **said("Confirmed by a laboratory", example=True))
