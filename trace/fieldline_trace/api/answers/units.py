"""Units in answers: what was asked of a unit is asked of what it holds at the position, or held last.

A unit is told as ``{"unit", "content", "holds": [{"batch", "certainty"}], "site", "left_for"}``. ``content`` is
``now``, ``last`` (nothing is in it any longer, as far as records tell: what was in last) or ``unknown`` (no record
tells what was ever put in; its moves count as soon as one does). ``left_for`` is the site that it was last said to go
to, where its arrival is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.lineage.terms import POOLED


async def opened(desk: Desk, batches: Iterable[int]) -> tuple[int, ...]:
    """``batches``, with what units hold in place of them; each once. What may be in counts where nothing surely is."""
    found: dict[int, None] = {}
    for batch in batches:
        if batch in desk.world.catalogue.units:
            held = desk.world.held(batch)
            found.update(dict.fromkeys(await desk.known(held.sure or held.content)))
        else:
            found[batch] = None
    return tuple(found)


async def units_said(desk: Desk, batches: Iterable[int]) -> list[dict[str, Any]]:
    """The units among ``batches``."""
    said = []
    for unit in batches:
        if unit not in desk.world.catalogue.units:
            continue
        held = desk.world.held(unit)
        known = await desk.known(held.content)
        place = held.place
        said.append(
            {
                "unit": desk.names.batch_key(unit),
                "content": "unknown" if not held.known else "now" if held.now else "last",
                "holds": sorted(
                    (
                        {
                            "batch": desk.names.batch_key(batch),
                            "certainty": "definite" if held.content[batch] < POOLED else "possible",
                        }
                        for batch in known
                    ),
                    key=lambda one: one["batch"],
                ),
                "site": desk.names.site_key(place.site) if place.site else None,
                "left_for": desk.names.site_key(place.left_for) if place.left_for else None,
            }
        )
    return said
