"""What an authority may know: what lies at sites in its area, and one step either side by its operator's name alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.grids import Grids
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.visible.levels import INSIDE, NEAR, Place, mine
from fieldline_trace.api.visible.moves import beside
from fieldline_trace.api.visible.view import holdings_of, said_by, scopes_with_own, unique
from fieldline_trace.recall.scope import Scope
from fieldline_trace.store import Q


class JurisdictionView:
    """A regulator's view. ``View`` says what the methods are for. A site without a code is outside."""

    def __init__(self, desk: Desk, caller: Caller, grids: Grids) -> None:
        self._desk = desk
        self._caller = caller
        self._mine = mine(caller)
        self._grids = grids

    async def levels(self, places: Iterable[Place]) -> dict[Place, int]:
        wanted = set(places)
        inside = await self._inside(
            site for _, site in wanted | holdings_of(self._desk, {batch for batch, _ in wanted})
        )
        found = dict.fromkeys(beside(self._desk.world, self._split(wanted, inside), inside.__contains__), NEAR)
        found |= {place: INSIDE for place in wanted if place[1] in inside}
        return {place: level for place, level in found.items() if place in wanted}

    async def batches(self, numbers: Iterable[int]) -> set[int]:
        wanted, world = set(numbers), self._desk.world
        canonical = {number: world.index.canonical(number) for number in wanted}
        places = holdings_of(self._desk, canonical.values())
        rows = [
            row
            for row in await self._desk.conn.fetch(Q["visible_mentions"], unique(wanted))
            if world.rows.knows(row["event"])
        ]
        named_at = {row["event"]: world.rows.site(row["event"]) for row in rows}
        inside = await self._inside([*(site for _, site in places), *named_at.values()])
        seen = {batch for batch, site in places if site in inside}
        named = {
            row["batch"]
            for row in rows
            if named_at[row["event"]] in inside or said_by(self._desk, self._mine, row["event"])
        }
        return {number for number, batch in canonical.items() if batch in seen or number in named}

    async def events(self, said: Iterable[Mapping[str, Any]]) -> list[bool]:
        shown, names = list(said), self._desk.names
        sites = {event["site"]: names.site_number(event["site"]) or 0 for event in shown if event["site"]}
        inside = await self._inside(sites.values())
        return [event["sender"] in self._mine or sites.get(event["site"], 0) in inside for event in shown]

    async def scopes(self, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
        return await scopes_with_own(self, scopes)

    def _split(self, wanted: set[Place], inside: set[int]) -> list[int]:
        """Batches of which some places lie outside."""
        return unique({batch for batch, site in wanted if site not in inside})

    async def _inside(self, sites: Iterable[int]) -> set[int]:
        codes = await self._grids.of(self._desk.conn, self._desk.world, {site for site in sites if site})
        return {site for site, code in codes.items() if code.startswith(self._caller.grid)}
