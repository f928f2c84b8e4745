"""The risk score of a batch, a product, an operator or a site, and every point of it.

``{"position", "asked", "weights", "score", "points", "rows": [{"why", "points", "what", "batch", "site", "alert",
"certainty", "hops", "events"}], "more"}``. ``score``: 0 to 100. ``why``: ``alert`` that stands about it, ``inherited``
from an alert on what went into it, or ``fact``. ``weights``: the edition that it was weighed by. ``more``: rows that
are not listed; they count all the same.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import lots_under, named, site_named
from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.follow.exposure import About, points_of
from fieldline_trace.reference.weights import load_weights
from fieldline_trace.risk.scoring import Point, total


class RiskArguments(BaseModel):
    """Whose score: one of these."""

    model_config = ConfigDict(extra="forbid")

    batch: str | None = Field(default=None, description="A batch in any spelling, or a lot number.")
    product: str | None = Field(default=None, description="Or all lots of a product: OPERATOR/PRODUCT.")
    operator: str | None = Field(default=None, description="Or all that an operator issued, and the operator itself.")
    site: str | None = Field(default=None, description="Or all that lies or lay at a site, and the site itself.")
    rows: int = Field(default=100, ge=1, le=10_000, description="Rows that are listed, at most.")


async def risk(desk: Desk, asked: RiskArguments) -> dict[str, Any]:
    """The score, and every point of it with the alert, the fact or the path that it comes from."""
    whose = asked.model_dump(exclude={"rows"})
    if sum(value is not None for value in whose.values()) != 1:
        raise Rejected(Fault.by("risk_of_one", "batch", asked.batch or ""))
    weights = load_weights()
    points = points_of(desk.world, desk.names, await _about(desk, asked), weights)
    events = await desk.events(number for one in points[: asked.rows] for number in one.evidence)
    sum_of_all = total(points)
    return {
        "position": desk.position,
        "asked": whose,
        "weights": weights.edition,
        "score": weights.score(sum_of_all),
        "points": sum_of_all,
        "rows": [_said(one, events) for one in points[: asked.rows]],
        "more": max(0, len(points) - asked.rows),
    }


async def _about(desk: Desk, asked: RiskArguments) -> About:
    if asked.batch is not None:
        return About((await named(desk, asked.batch)).batches)
    if asked.site is not None:
        site = await site_named(desk, asked.site)
        holdings = desk.world.presence.lying.at_site(site).tolist()
        batches = await desk.known(desk.world.index.holding(one)[0] for one in holdings)
        return About(batches, site=desk.names.site_key(site))
    batches = await lots_under(desk, asked.product or asked.operator or "")
    if asked.operator is not None:
        return About(batches, operator=asked.operator.strip().rstrip("/"))
    if not batches:
        raise NotFound(Sentence("batch_not_known", text=repr(asked.product)))
    return About(batches)


def _said(one: Point, events: Any) -> dict[str, Any]:
    return {
        "why": one.why,
        "points": one.points,
        "what": one.what,
        "batch": one.batch or None,
        "site": one.site or None,
        "alert": one.alert or None,
        "certainty": one.certainty or None,
        "hops": one.hops if one.why == "inherited" else None,
        "events": [events[number]["id"] for number in one.evidence if number in events],
    }
