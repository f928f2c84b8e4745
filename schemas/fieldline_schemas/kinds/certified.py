"""Batches or a product got a certificate."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Id, Name, OperatorKey, Time, choice, said
from fieldline_schemas.flows import Flow, Still


class Certified(Envelope):
    """认证/合格证: a certificate for batches, or for a holder's product while it is valid."""

    CODE: ClassVar[int] = 37
    DETAIL: ClassVar[bool] = True
    FLOW: ClassVar[Flow] = Still(("batches",))

    kind: Literal["certified"] = "certified"
    certificate: Id = Field(**said("Its number", term="证书编号", example="CC-2026-88"))
    scheme: Annotated[str, choice("compliance", "green", "organic", "geographic", "quarantine", "quality", "other")] = (
        Field(**said("What it certifies", term="认证类型", example="compliance"))
    )
    scheme_name: Name | None = Field(None, **said("The scheme by its name", term="认证项目", example="GB/T 19630"))
    holder: OperatorKey = Field(**said("Whose certificate it is", term="持证方", example="hof-1"))
    issuer: OperatorKey | None = Field(
        None, **said("Who issued it; missing: the holder itself", term="发证方", example="certifier-2")
    )
    batches: list[BatchRef] = Field([], **said("Batches that it is for", term="批次", example=["hof-1/leaf/L1"]))
    product: Name | None = Field(None, **said("Product that it is for", term="产品", example="rocket"))
    valid_from: Time | None = Field(None, **said("Valid from", term="有效期起", example="2026-01-01"))
    valid_until: Time | None = Field(None, **said("Valid until", term="有效期至", example="2026-12-31"))

    def agree(self) -> None:
        """Batches or a product."""
        if not self.batches and self.product is None:
            raise Fault.by("certified_nothing", "batches")
