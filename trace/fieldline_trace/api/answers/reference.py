"""The limits that results are judged by at the position named.

``{"position", "limits", "asked", "loads"}``; a limit is ``{"standard", "clause", "analyte", "product", "maximum",
"unit", "since", "until", "status", "source", "ends", "superseded_by", "in_force"}``. ``until`` is what it says itself,
``ends`` from which day on it is in force no longer, be it because the edition ``superseded_by`` takes its place;
``in_force``: on the day asked for, else on the position's. With a product and a day it is the one that a result on them
would meet, and ``matched`` says whether it is the product's own, its class's, or ``none``. ``loads``: every act that
changed limits and stands, as ``{"event", "limits", "judged"}``: how many limits it said, and how many results it had
judged again.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fieldline_schemas.kinds.reference_changed import ReferenceChanged
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.follow.limits_in_force import ANCHOR
from fieldline_trace.reference.limits import Limit, Limits, day_of


class ReferenceArguments(BaseModel):
    """Which limits."""

    model_config = ConfigDict(extra="forbid")

    standard: str | None = Field(default=None, description="Of this standard and edition alone.")
    analyte: str | None = Field(default=None, description="Of this analyte alone, in any spelling.")
    product: str | None = Field(default=None, description="With `analyte`: the limit that this product meets.")
    on: date | None = Field(default=None, description="In force on this day; with `product`, else on the position's.")


async def reference(desk: Desk, asked: ReferenceArguments) -> dict[str, Any]:
    """Limits, with source and dates."""
    risks = desk.world.risks
    limits, day = risks.limits.now, asked.on or day_of(desk.world.received_at)
    every = [
        one
        for one in limits.every
        if asked.standard in (None, one.standard)
        and (asked.analyte is None or one.analyte == limits.products.analyte(asked.analyte))
        and (asked.on is None or limits.in_force(one, asked.on))
    ]
    matched: str | None = None
    if asked.product is not None and asked.analyte is not None:
        met = limits.meet(asked.analyte, asked.product, day)
        every, matched = ([met.limit], met.matched) if met is not None else ([], "none")
    loads = risks.facts.about(ANCHOR, kind=ReferenceChanged)
    events = await desk.events(fact.number for fact in loads)
    return {
        "position": desk.position,
        "asked": {"analyte": asked.analyte, "product": asked.product, "matched": matched},
        "limits": [{**limit_said(one), **_ends(limits, one, day)} for one in every],
        "loads": [
            {
                "event": events[fact.number]["id"],
                "limits": len(fact.event.limits),
                "judged": risks.judged_again.get(fact.number, 0),
            }
            for fact in loads
            if isinstance(fact.event, ReferenceChanged)
        ],
    }


def _ends(limits: Limits, one: Limit, day: date) -> dict[str, Any]:
    ends, later = limits.ends(one), limits.superseded(one)
    return {
        "ends": ends.isoformat() if ends else None,
        "superseded_by": later[1] if later else None,
        "in_force": limits.in_force(one, day),
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
