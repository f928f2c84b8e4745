"""Where the records stop, and whom to ask.

``{"position", "asked", "direction", "ends": [{"batch", "labels", "site", "operator", "why", "ask", "hops",
"certainty", "events"}], "begins", "more"}``. ``ask`` is the operator whose records are missing; ``begins``: how many
batches begin by a record that needs no input, such as a harvest. ``why``, back: ``unexplained`` (it was drawn on there,
and no record says how it came there), ``no_origin`` (no record says where it was made), ``made_of_nothing`` (it was
made, of what is not said), ``incomplete`` (more was made there than was put in: an input is not recorded); forward:
``no_arrival`` (it was sent, and no record says that it came), ``not_said`` (it came, and nothing says what became of
it), ``sent_to_nobody`` (it left for a place that is not named).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from fieldline_schemas.batch_key import lot_of
from fieldline_schemas.batch_parts import POOL
from fieldline_schemas.batch_spellings import parts_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.record import DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.registry import kind_of
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.members import CERTAINTY
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.units import opened
from fieldline_trace.lineage import Seed, Trace
from fieldline_trace.lineage.listed import listed
from fieldline_trace.lineage.lying import Links
from fieldline_trace.lineage.terms import DECLARED

ORIGINS = frozenset({"harvested", "milked", "landed", "slaughtered", "planted", "imported"})
"""Kinds that begin a batch of nothing that was a batch before."""
_ENDS = frozenset({"served", "sold", "disposed", "exported", "sampled", "sample_retained", "illness_case"})


class EndsArguments(BaseModel):
    """Of which batch, which way."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch or unit in any spelling, or a lot number as printed.")
    direction: Literal["back", "forward"] = Field(default="back", description="Where from, or where to.")
    limit: int = Field(default=200, ge=1, le=10_000, description="Ends that are named; the rest are counted.")


async def dead_ends(desk: Desk, asked: EndsArguments) -> dict[str, Any]:
    """Where the records of a batch's lineage stop, nearest first, with the operator to ask."""
    what = await named(desk, asked.batch)
    index = desk.world.index
    seeds = [Seed(batch) for batch in await opened(desk, what.batches)]
    whole = index.backward(seeds) if asked.direction == "back" else index.forward(seeds)
    found = listed(index, whole, desk.world.is_pool)
    links = desk.world.presence.lying.links(found.holding.astype(np.int64))
    links = links.select(links.basis < DECLARED)
    ends, begins = _back(desk, found, links) if asked.direction == "back" else _forward(desk, found, links)
    rows = sorted(ends, key=lambda end: (int(found.hops[end[0]]), int(found.batch[end[0]]), end[1]))
    shown = rows[: asked.limit]
    labels = await desk.labels(int(found.batch[row]) for row, _, _ in shown)
    operators = await desk.operators((int(found.batch[row]), int(found.site[row])) for row, _, _ in shown)
    events = await desk.events(number for _, _, numbers in shown for number in numbers)
    said = []
    for row, why, numbers in shown:
        batch, site = int(found.batch[row]), int(found.site[row])
        key = desk.names.batch_key(batch)
        here = operators.get(site)
        said.append(
            {
                "batch": key,
                "labels": labels.get(batch, []),
                "site": desk.names.site_key(site) or None,
                "operator": here,
                "why": why,
                "ask": (_issuer(key) or here) if why == "no_origin" else here,
                "hops": int(found.hops[row]),
                "certainty": CERTAINTY[int(found.certainty[row])],
                "events": [events[number]["id"] for number in numbers if number in events],
            }
        )
    return {
        "position": desk.position,
        "asked": {"text": what.text, "by": what.by, "batches": [desk.names.batch_key(one) for one in what.batches]},
        "direction": asked.direction,
        "ends": said,
        "begins": begins,
        "more": len(rows) - len(shown),
    }


def _issuer(key: str) -> str:
    try:
        return parts_of(key).issuer
    except Fault:  # a unit, an item
        return ""


End = tuple[int, str, list[int]]
"""Row of the trace, why it ends there, events that show it."""


def _back(desk: Desk, found: Trace, links: Links) -> tuple[list[End], int]:
    """Holdings with unexplained draws, and batches of which no record says where they were made, or of what."""
    world, index = desk.world, desk.world.index
    ends: list[End] = []
    shape, begins = links.shape & SHAPE_MASK, 0
    first: dict[int, int] = {}
    for row, batch in enumerate(found.batch.tolist()):
        first.setdefault(batch, row)
    made = links.select(links.incoming & (shape == MADE))
    inputs, _ = world.presence.lying.counts(made.row)
    births: dict[int, list[tuple[int, int]]] = {}
    for at, event, count in zip(made.at.tolist(), made.event.tolist(), inputs.tolist(), strict=True):
        births.setdefault(int(found.batch[at]), []).append((event, count))
    for batch, row in first.items():
        if world.is_pool(batch) and lot_of(desk.names.batch_key(batch)) == POOL:
            continue
        born = births.get(batch, [])
        if not born:
            born = _births_elsewhere(desk, batch)
        if not born:
            ends.append((row, "no_origin", []))
        elif all(count == 0 for _, count in born):
            if any(kind_of(world.rows.kind(event)) in ORIGINS for event, _ in born if event >= 0):
                begins += 1
            else:
                ends.append((row, "made_of_nothing", [event for event, _ in born]))
    incomplete = world.risks.balances.incomplete()
    for row, holding in enumerate(found.holding.tolist()):
        odd = incomplete.get((int(found.batch[row]), int(found.site[row])))
        if odd is not None:
            ends.append((row, "incomplete", odd[:20]))
        gap = index.gap_state(holding)
        if gap is not None:
            ends.append((row, "unexplained", list(gap.unexplained)[:20]))
    return ends, begins


def _births_elsewhere(desk: Desk, batch: int) -> list[tuple[int, int]]:
    lying = desk.world.presence.lying
    links = lying.links(lying.of_batches([batch]))
    made = links.select(links.incoming & ((links.shape & SHAPE_MASK) == MADE) & (links.basis < DECLARED))
    counts, _ = lying.counts(made.row)
    return list(zip(made.event.tolist(), counts.tolist(), strict=True))


def _forward(desk: Desk, found: Trace, links: Links) -> tuple[list[End], int]:
    """Holdings that nothing is said of after they came, and goods that were sent to places that are not named."""
    world = desk.world
    shape = links.shape & SHAPE_MASK
    out: dict[int, list[int]] = {}
    into: dict[int, list[int]] = {}
    for at, event, incoming, kind in zip(
        links.at.tolist(), links.event.tolist(), links.incoming.tolist(), shape.tolist(), strict=True
    ):
        if incoming and kind != RECEIVED:
            into.setdefault(at, []).append(event)
        elif not incoming:
            out.setdefault(at, []).append(event)
        if not incoming and kind == DRAWN and event >= 0 and kind_of(world.rows.kind(event)) not in _ENDS:
            into.setdefault(-1 - at, []).append(event)
    seen = {int(at) for at in links.at[links.incoming & (shape == RECEIVED)].tolist()}
    moved = {int(at) for at in links.at[links.incoming & (shape == MOVED)].tolist()}
    ends: list[End] = []
    for row in range(len(found)):
        nowhere = into.get(-1 - row)
        if nowhere:
            ends.append((row, "sent_to_nobody", nowhere[:20]))
        if row not in out:
            came = [event for event in into.get(row, []) if event >= 0]
            shipped_only = (
                row in moved
                and row not in seen
                and all(kind_of(world.rows.kind(event)) != "received" for event in came)
            )
            ends.append((row, "no_arrival" if shipped_only else "not_said", came[:20]))
    return ends, 0
