"""Another country or system gave notice of a hazard."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Envelope
from fieldline_schemas.fields import Country, Id, Name, Prose, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.hazards import HazardClass


class ExternalNotice(Envelope):
    """外部通报: a notice of another system (RASFF, INFOSAN, another authority) that live batches are matched with."""

    CODE: ClassVar[int] = 41
    FLOW: ClassVar[Flow] = Still(("batches",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["external_notice"] = "external_notice"
    system: Name = Field(**said("Which system", term="通报系统", example="RASFF"))
    reference: Id = Field(**said("Its number there", term="通报编号", example="2026.1187"))
    product: Name = Field(**said("Product, as it is named there", term="产品", example="sesame seed"))
    batches: list[BatchRef] = Field([], **said("Batches that it names", term="批次", example=["mill-9/sesame/F3"]))
    country: Country | None = Field(None, **said("Country of origin, ISO 3166-1", term="原产国", example="EG"))
    notified_by: Name | None = Field(None, **said("Who gave notice", term="通报方", example="Germany"))
    classification: Name | None = Field(
        None, **said("Alert, information, border rejection …", term="通报级别", example="alert")
    )
    hazard_class: HazardClass = Field(**said("Class of the hazard", term="危害因素", example="pathogen"))
    hazard: Name = Field(**said("The hazard itself", term="危害因素", example="Salmonella"))
    text: Prose | None = Field(None, **said("What else it says", term="通报内容", example="Lots F1 to F9"))
