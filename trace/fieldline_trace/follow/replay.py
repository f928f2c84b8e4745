"""Applying the ledger from its beginning: at start, for what was known at a position, and for rebuilds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import asyncpg

from fieldline_trace.errors import EntryFails, FieldlineError
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.fetch import fetch_amounts, fetch_events, fetch_names
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.world import World
from fieldline_trace.store import Connection, outages_as_unavailable
from fieldline_trace.store.ledger_read import Entry, entries_after

AT_ONCE: Final = 64
"""Entries that are read, and whose names are fetched, together."""


async def apply_all(conn: Connection, world: World, names: NameBook, entries: list[Entry]) -> AsyncIterator[Outcome]:
    """Apply entries one by one; names of all of them are fetched first, and for each what its corrections need.

    ``EntryFails`` where one cannot be applied: ``world`` is of no use then.
    """
    with outages_as_unavailable():
        if entries:
            await fetch_names(conn, names, [world.needs(entry) for entry in entries])
        for entry in entries:
            try:
                await fetch_events(conn, names, world.needs(entry).events | world.targets(entry, names))
                await fetch_amounts(conn, names, world.amounts_wanted(entry, names))
                outcome = world.apply(entry, names)
            except (FieldlineError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                raise
            except Exception as error:
                raise EntryFails(entry.position, type(error).__name__) from error
            yield outcome


async def replay(conn: Connection, world: World, names: NameBook, until: int) -> AsyncIterator[Outcome]:
    """Apply the ledger to ``world`` up to position ``until``, or to its end if that comes first."""
    while world.position < until:
        entries = await entries_after(conn, world.position, AT_ONCE)
        entries = [entry for entry in entries if entry.position <= until]
        if not entries:
            return
        async for outcome in apply_all(conn, world, names, entries):
            yield outcome


async def world_at(conn: Connection, position: int) -> tuple[World, NameBook]:
    """All that was known at ``position``."""
    world, names = World(), NameBook()
    async for _ in replay(conn, world, names, position):
        pass
    return world, names
