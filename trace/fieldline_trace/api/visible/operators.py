"""What a producer may know: its own, and one step either side.

Its own sites are those where it acts most, or to which goods were shipped for it where nobody acts: by the word of
others, before its own. At a site where others act most, a market hall, it knows what it said of itself there, and no
more: naming somebody's site in an event opens nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.visible.levels import INSIDE, NEAR, STATED, Place, issued_by, mine
from fieldline_trace.api.visible.moves import beside
from fieldline_trace.api.visible.view import holdings_of, said_by, scopes_with_own, unique
from fieldline_trace.recall.scope import Scope
from fieldline_trace.store import Q

_OUT = 2
"""Role of a batch in an event that made it."""


class OperatorView:
    """A producer's view. ``View`` says what the methods are for."""

    def __init__(self, desk: Desk, caller: Caller) -> None:
        self._desk = desk
        self._mine = mine(caller)

    async def levels(self, places: Iterable[Place]) -> dict[Place, int]:
        wanted = set(places)
        own_sites = await self._own_sites(wanted | holdings_of(self._desk, {batch for batch, _ in wanted}))
        found = {place: INSIDE for place in wanted if place[1] in own_sites}
        left = unique({batch for batch, site in wanted if site not in own_sites})
        if left:
            found |= dict.fromkeys(beside(self._desk.world, left, own_sites.__contains__), NEAR)
            stated, _ = await self._stated(left)
            found |= {place: max(level, found.get(place, 0)) for place, level in stated.items()}
        return {place: level for place, level in found.items() if place in wanted}

    async def batches(self, numbers: Iterable[int]) -> set[int]:
        wanted, world = set(numbers), self._desk.world
        canonical = {number: world.index.canonical(number) for number in wanted}
        levels = await self.levels(holdings_of(self._desk, canonical.values()))
        seen = {batch for batch, _ in levels}
        _, named = await self._stated(unique(wanted))
        return {
            number
            for number, batch in canonical.items()
            if batch in seen or number in named or issued_by(self._desk.names.batch_key(number), self._mine)
        }

    async def events(self, said: Iterable[Mapping[str, Any]]) -> list[bool]:
        return [event["sender"] in self._mine or event["operator"] in self._mine for event in said]

    async def scopes(self, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
        return await scopes_with_own(self, scopes)

    async def _own_sites(self, places: set[Place]) -> set[int]:
        world, names = self._desk.world, self._desk.names
        acting = {site: world.operator_of(site) for _, site in places if site}
        own = {site for site, party in acting.items() if names.party_key(party) in self._mine}
        silent = [place for place in places if place[1] and not acting[place[1]]]
        if silent:
            for site, said in (await self._desk.shipped_for(silent)).items():
                others = [whom for sender, whom in said if sender not in self._mine]
                if self._mine.intersection(others or [whom for _, whom in said]):
                    own.add(site)
        return own

    async def _stated(self, batches: list[int]) -> tuple[dict[Place, int], set[int]]:
        """Places of which the caller, or who named it as the operator, said something of ``batches``; and where batches
        that it issued were made. Then the batches that such events name."""
        world = self._desk.world
        issued = {batch for batch in batches if issued_by(self._desk.names.batch_key(batch), self._mine)}
        found: dict[Place, int] = {}
        named: set[int] = set()
        for row in await self._desk.conn.fetch(Q["visible_mentions"], batches):
            batch, event, site, role = row
            if not world.rows.knows(event):
                continue
            own = said_by(self._desk, self._mine, event)
            if own:
                named.add(batch)
            if site and (own or (role == _OUT and batch in issued)):
                place = world.index.canonical(batch), site
                level = STATED if not own or site == world.rows.site(event) else NEAR
                found[place] = max(level, found.get(place, 0))
        return found, named
