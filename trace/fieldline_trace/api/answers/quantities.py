"""How much of a batch came to a site, and how much of it is recorded to have left again: ``recall.amounts`` over what
is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from fieldline_schemas.record import DRAWN, MADE, MOVED, SHAPE_MASK
from fieldline_schemas.registry import code_of

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.recall.amounts import IN, MOVED_IN, MOVED_OUT, NAMED, Amounts, Said, Way, amounts
from fieldline_trace.store import Q

Place = tuple[int, int]
"""Batch and site, by number."""


async def amounts_of(desk: Desk, places: Iterable[Place]) -> dict[Place, Amounts]:
    """The amounts at ``places``, as far as events that stand say them. Places of which nothing is said are left out."""
    wanted = set(places)
    received = code_of("received")
    said: dict[Place, dict[Way, Said]] = defaultdict(lambda: defaultdict(dict))
    rows = await desk.conn.fetch(Q["answer_amounts"], sorted({batch for batch, _ in wanted}), desk.position)
    for row in rows:
        place = (row["batch"], row["site"])
        if place not in wanted or desk.world.standing_of(row["event"]) == "withdrawn":
            continue
        identity = said[place][row["role"], row["kind"] == received].setdefault((row["sender"], row["id"]), {})
        sums = identity.setdefault(row["event"], {})
        sums[row["unit"]] = sums.get(row["unit"], Decimal(0)) + row["amount"]
    if desk.world.catalogue.units:
        _in_units(desk, wanted, [row for row in rows if row["role"] == NAMED], said)
    return {place: amounts(ways) for place, ways in said.items() if ways}


def _in_units(desk: Desk, places: Iterable[Place], packed: Iterable[Any], said: dict[Place, dict[Way, Said]]) -> None:
    """What units brought to places, and took from them: as much as was packed into them, as far as that is said."""
    world, units = desk.world, desk.world.content.units
    amount: dict[tuple[int, int], dict[str, Decimal]] = {}
    for row in packed:
        if world.standing_of(row["event"]) != "withdrawn":
            first = world.rows.find(world.rows.identity(row["event"]))[0]
            sums = amount.setdefault((first, row["batch"]), {})
            sums[row["unit"]] = max(row["amount"], sums.get(row["unit"], row["amount"]))
    batches = {batch for _, batch in amount}
    for batch, site in places:
        holding = world.index.holding_of(batch, site) if batch in batches else None
        if holding is None:
            continue
        links = world.presence.lying.links(np.array([holding]))
        for event in np.unique(links.event).tolist():
            for step, at, packings in units.packings(event, batch):
                shape = step.shape & SHAPE_MASK
                if at == site:
                    role = {MOVED: MOVED_OUT, MADE: IN, DRAWN: IN}.get(shape)
                else:
                    role = MOVED_IN if shape == MOVED and step.outs[0][1] == site else None
                if role is None:
                    continue
                way = role, world.rows.kind(event) == code_of("received")
                sums = said[batch, site][way].setdefault((-1, str(event)), {}).setdefault(event, {})
                for packing in packings:
                    for unit, much in amount.get((packing, batch), {}).items():
                        sums[unit] = sums.get(unit, Decimal(0)) + much


async def quantities_of(desk: Desk, places: Iterable[Place]) -> dict[Place, tuple[Decimal, str]]:
    """What came to each of ``places``; those where nothing is recorded to have come are left out."""
    return {place: found.came for place, found in (await amounts_of(desk, places)).items() if found.came}
