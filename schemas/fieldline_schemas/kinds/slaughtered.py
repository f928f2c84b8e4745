"""Animals became carcasses."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Count, Id, said
from fieldline_schemas.flows import Flow, Made


class Slaughtered(Event):
    """屠宰: carcasses, offal and by-products of animals."""

    CODE: ClassVar[int] = 20
    FLOW: ClassVar[Flow] = Made(ins="animals", outs="out_batches")

    kind: Literal["slaughtered"] = "slaughtered"
    animals: list[BatchRef] = Field(
        **said(
            "The animals: a lot, a herd, or each by its ear tag",
            term="屠宰动物",
            example=["farm-4/pig/H12"],
            at_least=1,
        )
    )
    out_batches: list[BatchRef] = Field(
        [], **said("Carcasses, offal, by-products", term="出库批次", example=["abattoir-2/carcass/C12"])
    )
    heads: Count | None = Field(None, **said("How many animals", term="头数", unit="animals", example=40))
    condemned: Count | None = Field(
        None, **said("How many were condemned", term="不合格头数", unit="animals", example=1)
    )
    quarantine_certificate: Id | None = Field(
        None, **said("Certificate that they came with", term="动物检疫合格证明", example="4100123456")
    )
    meat_certificate: Id | None = Field(
        None, **said("Certificate that the meat leaves with", term="肉品品质检验合格证", example="4100654321")
    )
