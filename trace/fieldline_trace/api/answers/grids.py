"""Where sites lie: the administrative code of each, by what events name.

A site has the code that most events of whoever acts there name for it, of equals the least; where none of theirs names
one, that which most of all events name. So nobody puts a competitor's site into, or out of, an authority's sight by
naming another code for it. What events name is counted as the ledger grows; for an earlier position it is counted anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from fieldline_trace.follow.world import World
from fieldline_trace.store import Connection, Q


class Grids:
    """Codes of sites as of the last position asked for. One for a process; questions take turns at it."""

    def __init__(self) -> None:
        self._counted = _Counted()
        self._alone = asyncio.Lock()

    async def of(self, conn: Connection, world: World, sites: Iterable[int]) -> dict[int, str]:
        """The code of each site that has one, as known at the position of ``world``."""
        async with self._alone:
            if world.position < self._counted.position:
                counted = _Counted()
                await counted.up_to(conn, world.position)
            else:
                counted = self._counted
                await counted.up_to(conn, world.position)
            return {site: code for site in sites if (code := counted.code(site, world.operator_of(site)))}


class _Counted:
    def __init__(self) -> None:
        self.position = 0
        self._named: dict[int, dict[tuple[int, str], int]] = {}
        """Site -> (operator, code) -> events."""

    async def up_to(self, conn: Connection, position: int) -> None:
        if position == self.position:
            return
        for row in await conn.fetch(Q["visible_grids"], self.position, position):
            codes = self._named.setdefault(row["site"], {})
            who = row["operator"], row["grid"]
            codes[who] = codes.get(who, 0) + row["count"]
        self.position = position

    def code(self, site: int, operator: int) -> str:
        named = self._named.get(site, {})
        own = {code: count for (who, code), count in named.items() if operator and who == operator}
        if not own:
            for (_, code), count in named.items():
                own[code] = own.get(code, 0) + count
        return min(own, key=lambda code: (-own[code], code), default="")
