"""The limits that results are judged by at the position named.

``{"position", "limits", "asked"}``; a limit is ``{"standard", "clause", "analyte", "product", "maximum", "unit",
"since", "until", "status", "source"}``. With a product and a day it is the one that a result on them would meet, and
``matched`` says whether it is the product's own, its class's, or ``none``.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.reference.limits import Limit, day_of


class ReferenceArguments(BaseModel):
    """Which limits."""

    model_config = ConfigDict(extra="forbid")

    standard: str | None = Field(default=None, description="Of this standard and edition alone.")
    analyte: str | None = Field(default=None, description="Of this analyte alone, in any spelling.")
    product: str | None = Field(default=None, description="With `analyte`: the limit that this product meets.")
    on: date | None = Field(default=None, description="In force on this day; with `product`, else on the position's.")


async def reference(desk: Desk, asked: ReferenceArguments) -> dict[str, Any]:
    """Limits, with source and dates."""
    limits = desk.world.risks.limits.now
    every = [
        one
        for one in limits.every
        if asked.standard in (None, one.standard)
        and (asked.analyte is None or one.analyte == limits.products.analyte(asked.analyte))
        and (asked.on is None or one.holds_on(asked.on))
    ]
    matched: str | None = None
    if asked.product is not None and asked.analyte is not None:
        met = limits.meet(asked.analyte, asked.product, asked.on or day_of(desk.world.received_at))
        every, matched = ([met.limit], met.matched) if met is not None else ([], "none")
    return {
        "position": desk.position,
        "asked": {"analyte": asked.analyte, "product": asked.product, "matched": matched},
        "limits": [limit_said(one) for one in every],
    }


def limit_said(one: Limit) -> dict[str, Any]:
    """One limit as answers say it."""
    return {
        "standard": one.standard,
        "clause": one.clause or None,
        "analyte": one.analyte,
        "product": one.product,
        "maximum": f"{one.maximum.normalize():f}",
        "unit": one.unit,
        "since": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat() if one.until else None,
        "status": one.status or None,
        "source": one.source,
    }
