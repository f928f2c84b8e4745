"""One batch: how it is spelled, where it is, how much, and what was said of it.

``{"position", "batch", "batches", "spellings", "labels", "holdings": [{"batch", "site", "operator", "quantity",
"unit"}], "units": […], "events": [{"id", "kind", "standing", …}]}``. A lot number that several batches bear is answered
with all of them; ``batch`` is the first. Of a unit, ``units`` tells what it holds and where it is, and ``holdings`` are
those of what it holds.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.batch_spellings import spellings
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.quantities import amounts_of
from fieldline_trace.api.answers.units import opened, units_said
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.store import Q


class BatchArguments(BaseModel):
    """Which batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch or unit in any spelling, or a lot number as printed.")


async def batch(desk: Desk, asked: BatchArguments) -> dict[str, Any]:
    """``quantity`` is what came to the site less what is recorded to have left it, a decimal text; None where it is
    not known."""
    what = await named(desk, asked.batch)
    index, names = desk.world.index, desk.names
    keys = [names.batch_key(number) for number in what.batches]
    batches = await opened(desk, what.batches)
    every = {index.holding(holding) for number in batches for holding in index.holdings_of(number)}
    places = sorted(place for place in every if place[1] != NOWHERE)
    amounts = await amounts_of(desk, places)
    operators = await desk.operators(places)
    labels = await desk.labels(what.batches)
    rows = await desk.conn.fetch(Q["answer_event_numbers"], list(what.batches), desk.position)
    events = await desk.events(row["event"] for row in rows)
    holdings = []
    for number, site in places:
        found = amounts.get((number, site))
        left = found.left if found else None
        holdings.append(
            {
                "batch": names.batch_key(number),
                "site": names.site_key(site),
                "operator": operators.get(site),
                "quantity": None if left is None else format(left[0].normalize(), "f"),
                "unit": None if left is None else left[1],
            }
        )
    return {
        "position": desk.position,
        "batch": keys[0],
        "batches": keys,
        "asked": {"text": what.text, "by": what.by},
        "spellings": list(dict.fromkeys(spelling for key in keys for spelling in spellings(key))),
        "labels": sorted({label for found in labels.values() for label in found}),
        "holdings": sorted(holdings, key=lambda holding: (holding["batch"], holding["site"])),
        "units": await units_said(desk, what.batches),
        "events": [events[number] for number in sorted(events)],
    }
