"""How much of a batch came to a site, and how much of it is recorded to have left again: ``recall.amounts`` over what
is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from fieldline_schemas.registry import code_of

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.recall.amounts import Amounts, Said, Way, amounts
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
    return {place: amounts(ways) for place, ways in said.items()}


async def quantities_of(desk: Desk, places: Iterable[Place]) -> dict[Place, tuple[Decimal, str]]:
    """What came to each of ``places``; those where nothing is recorded to have come are left out."""
    return {place: found.came for place, found in (await amounts_of(desk, places)).items() if found.came}
