"""Batches left the country."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Country, Id, Name, OperatorKey, SiteKey, Time, said
from fieldline_schemas.flows import Flow, Moved


class Exported(Event):
    """出口: batches left ``site`` for another country. With ``to_site`` it is a move."""

    CODE: ClassVar[int] = 33
    FLOW: ClassVar[Flow] = Moved("batches", origin="site", target="to_site", departed="at", other="to_operator")

    kind: Literal["exported"] = "exported"
    batches: list[BatchRef] = Field(**said("What left", term="批次", example=["plant-7/salad/S1"], at_least=1))
    country: Country = Field(**said("Country of destination, ISO 3166-1", term="目的国", example="JP"))
    to_site: SiteKey | None = Field(None, **said("Where to", term="收货场所", example="importer-3"))
    to_operator: OperatorKey | None = Field(None, **said("To whom", term="境外收货方", example="importer-3"))
    port: Name | None = Field(None, **said("Port of exit", term="出境口岸", example="Qingdao"))
    declaration: Id | None = Field(None, **said("Customs declaration", term="报关单号", example="422720260000054321"))
    inspection_applied: Time | None = Field(
        None, **said("When inspection was applied for", term="报检日期", example="2026-03-01")
    )
    certificate: Id | None = Field(None, **said("Health certificate", term="卫生证书", example="HC-2026-7781"))
