"""Which lots could have been at a place in a window, no lot known; and what else was there between clean breaks.

``{"position", "site", "location", "since", "until", "windows", "lots": [{"batch", "labels", "product", "site",
"operator", "from", "until", "certainty", "basis", "made_there"}]}``: a batch is there until its quantity is
gone, it is disposed of, or its shelf life has passed. ``windows`` are what clean breaks leave of the one asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fieldline_schemas.batch_key import product_of
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.members import BASIS, CERTAINTY
from fieldline_trace.api.answers.windowed import what_lay_there, window_asked, window_said
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.parts import NOWHERE


class PresentArguments(BaseModel):
    """Where and when."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(description="The place: a site.")
    location: str | None = Field(default=None, description="A line, room or equipment of it alone.")
    since: str | None = Field(default=None, description="From then on: a time or date.")
    until: str | None = Field(default=None, description="And until then.")
    product: str | None = Field(default=None, description="Lots of this product alone.")


async def present(desk: Desk, asked: PresentArguments) -> dict[str, Any]:
    """The lots that could have been at a place in a window, as clean breaks bound it."""
    window = await window_asked(desk, [], asked.site, asked.location, asked.since, asked.until)
    if window is None:
        raise AssertionError("a site is a window")
    amounts = await what_lay_there(desk, window)
    declarations, index = desk.world.declarations, desk.world.index
    with declarations.previewed(window, amounts) as seed:
        found = index.forward([Seed(seed.batch, NOWHERE)], depth=1)
        bounds = declarations.bounds(seed.batch) or [window]
        rows = np.flatnonzero((found.hops == 1) & (found.site == window.site))
        stays = desk.world.presence.stays(found.holding[rows].astype(np.int64), window.location)
    labels = await desk.labels(int(batch) for batch in found.batch[rows])
    operators = await desk.operators((int(found.batch[row]), window.site) for row in rows[:1])
    lots = []
    for at, row in enumerate(rows.tolist()):
        batch = int(found.batch[row])
        key = desk.names.batch_key(batch)
        if asked.product is not None and product_of(key) != asked.product:
            continue
        there = time_said(int(stays.lo[at]), int(stays.hi[at]))
        lots.append(
            {
                "batch": key,
                "labels": labels.get(batch, []),
                "product": product_of(key),
                "site": desk.names.site_key(window.site),
                "operator": operators.get(window.site),
                "from": there["from"],
                "until": there["to"],
                "certainty": CERTAINTY[int(found.certainty[row])],
                "basis": BASIS[int(found.basis[row])],
                "made_there": bool(stays.made_lo[at] <= stays.made_hi[at]),
            }
        )
    return {
        "position": desk.position,
        **{name: value for name, value in window_said(desk, window).items() if name != "source"},
        "windows": [window_said(desk, one) for one in bounds],
        "lots": sorted(lots, key=lambda one: (one["from"] or "", one["batch"])),
    }
