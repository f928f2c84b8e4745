"""What a view is: one caller's eyes on what stands on a desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.visible.levels import HIDDEN, STATED, Place
from fieldline_trace.recall.scope import Scope


class View(Protocol):
    """What one caller may know. It answers for places and batches by number, and for events as answers show them."""

    async def levels(self, places: Iterable[Place]) -> dict[Place, int]:
        """How much of each of ``places`` the caller may know; what is left out is hidden."""

    async def batches(self, numbers: Iterable[int]) -> set[int]:
        """Those of ``numbers`` that the caller may name."""

    async def events(self, said: Iterable[Mapping[str, Any]]) -> list[bool]:
        """Of each event, as ``Desk.events`` says it, whether the caller may know of it."""

    async def scopes(self, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
        """Those of ``scopes`` that the caller may know of."""


def holdings_of(desk: Desk, batches: Iterable[int]) -> set[Place]:
    """All holdings of ``batches``."""
    index = desk.world.index
    return {index.holding(holding) for batch in set(batches) for holding in index.holdings_of(batch)}


async def scopes_with_own(view: View, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
    """Those of ``scopes`` that a holding of the caller's own, or in its jurisdiction, is a member of."""
    places = {
        name: set(zip(scope.table.batch.tolist(), scope.table.site.tolist(), strict=True))
        for name, scope in scopes.items()
    }
    levels = await view.levels(set().union(*places.values()))
    return {
        name: scope
        for name, scope in scopes.items()
        if any(levels.get(place, HIDDEN) >= STATED for place in places[name])
    }


def said_by(desk: Desk, parties: frozenset[str], event: int) -> bool:
    """Whether one of ``parties`` sent the event, or is the operator that it names."""
    rows, names = desk.world.rows, desk.names
    return names.party_key(rows.sender(event)) in parties or names.party_key(rows.operator(event)) in parties


def unique(numbers: Iterable[int]) -> list[int]:
    """Each once, in order."""
    found: list[int] = np.unique(np.fromiter(numbers, np.int64)).tolist()
    return found
