"""One step either side: the holdings that a recorded move joins to others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from fieldline_schemas.flows import Moved
from fieldline_schemas.registry import KINDS

from fieldline_trace.api.visible.levels import Place
from fieldline_trace.follow.world import World
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.terms import CONFLICTING, DISPUTED, RECORDED

_SAID: Final = (RECORDED, CONFLICTING, DISPUTED)
"""Bases of links that somebody asserted."""
_MOVING: Final = frozenset(model.CODE for model in KINDS.models.values() if isinstance(model.FLOW, Moved))


def beside(world: World, batches: Iterable[int], inside: Callable[[int], bool]) -> set[Place]:
    """Holdings of ``batches`` at sites that are not ``inside``, joined by a recorded move to a holding that is.

    A batch changes into another at one site only, so whatever is one step from a site is the same batch elsewhere. That
    a lot is one whole, and what fills gaps, is no step: it would lead from a lot to all who ever had it.
    """
    index = world.index
    found: set[Place] = set()
    for batch in batches:
        seeds = [Seed(*place) for place in map(index.holding, index.holdings_of(batch)) if inside(place[1])]
        if not seeds:
            continue
        for follow in (index.forward, index.backward):
            trace = follow(seeds, times=False, depth=1, bases=_SAID)
            same = (trace.hops == 1) & (trace.batch == index.canonical(batch)) & (trace.via_event >= 0)
            for at in np.flatnonzero(same):
                site, event = int(trace.site[at]), int(trace.via_event[at])
                if not inside(site) and world.rows.kind(event) in _MOVING:
                    found.add((int(trace.batch[at]), site))
    return found
