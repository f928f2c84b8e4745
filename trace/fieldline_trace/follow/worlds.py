"""Earlier states of knowledge: what stood at a position, worked out from the ledger's beginning when somebody asks.

It costs what a start costs up to there, in time and in memory, so the last few are kept and one is worked out at a
time; meanwhile everything else goes on.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.replay import replay
from fieldline_trace.follow.world import World
from fieldline_trace.store import Connection

State = tuple[World, NameBook]


class Worlds:
    """The last ``most`` states that were asked for."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[int, State] = OrderedDict()
        self._alone = asyncio.Lock()

    async def at(self, conn: Connection, position: int) -> State:
        """All that was known at ``position``, which the ledger has reached."""
        async with self._alone:
            state = self._kept.pop(position, None)
            if state is None:
                while len(self._kept) >= self._most:
                    self._kept.popitem(last=False)
                state = World(), NameBook()
                async for _ in replay(conn, *state, position):
                    await asyncio.sleep(0)  # an entry takes milliseconds: let others have theirs
            self._kept[position] = state
            return state

    def __len__(self) -> int:
        return len(self._kept)
