"""Batches came into the country."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Country, Id, Name, OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class Imported(Event):
    """进口: batches reached the importer's ``site``, or the port, at ``at``. With ``from_site`` it is a move."""

    CODE: ClassVar[int] = 32
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("inspection_applied", "certificate")
    FLOW: ClassVar[Flow] = Moved(
        "batches", origin="from_site", target="site", departed="departed", arrived="at", other="from_operator"
    )

    kind: Literal["imported"] = "imported"
    batches: list[BatchRef] = Field(**said("What came in", term="批次", example=["mill-9/flour/F3"], at_least=1))
    country: Country = Field(**said("Country of origin, ISO 3166-1", term="原产国", example="EG"))
    from_site: SiteKey | None = Field(None, **said("Where from", term="发货场所", example="mill-9"))
    from_operator: OperatorKey | None = Field(
        None, **said("The producer or exporter", term="境外企业", example="mill-9")
    )
    departed: Time | None = Field(None, **said("When it left there", example="2026-02-10"))
    port: Name | None = Field(None, **said("Port of entry", term="入境口岸", example="Qingdao"))
    declaration: Id | None = Field(None, **said("Customs declaration", term="报关单号", example="422720261000012345"))
    inspection_applied: Time | None = Field(
        None, **said("When inspection was applied for", term="报检日期", example="2026-03-01")
    )
    certificate: Id | None = Field(
        None, **said("Certificate of inspection and quarantine", term="入境货物检验检疫证明", example="226000012345")
    )
