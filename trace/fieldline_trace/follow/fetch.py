"""Fetching the names and stored events that applying entries needs, from PostgreSQL or from a ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np

from fieldline_trace.capture import MemoryLedger
from fieldline_trace.follow.names import NameBook, Needs
from fieldline_trace.follow.world import World
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import Entry, Reader


async def fetch_names(conn: Reader, names: NameBook, needs: Sequence[Needs]) -> None:
    """Enter the keys that ``needs`` ask for and ``names`` lacks; no statement where it lacks none."""
    batches = names.missing_batches(np.unique(np.concatenate([one.batches for one in needs])))
    if batches:
        names.put_batches(await _pairs(conn, "batch_keys", batches))
    sites = names.missing_sites(np.unique(np.concatenate([one.sites for one in needs])))
    if sites:
        names.put_sites(await _pairs(conn, "site_keys", sites))
    parties = names.missing_parties(np.unique(np.concatenate([one.parties for one in needs])))
    if parties:
        names.put_parties(await _pairs(conn, "party_keys", parties))
    batch_keys = {key for one in needs for key in one.batch_keys if names.batch_number(key) is None}
    if batch_keys:
        names.put_batches(await _pairs(conn, "follow_batch_keys", sorted(batch_keys)), by_key=True)
    site_keys = {key for one in needs for key in one.site_keys if names.site_number(key) is None}
    if site_keys:
        names.put_sites(await _pairs(conn, "follow_site_keys", sorted(site_keys)))


async def fetch_events(conn: Reader, names: NameBook, numbers: Iterable[int]) -> None:
    """Enter records and digests of stored events; what an earlier entry needed is dropped."""
    names.forget()
    wanted = sorted(numbers)
    if wanted:
        for row in await conn.fetch(Q["follow_records"], sorted({number >> 16 for number in wanted})):
            names.put_record(row["block"], row["body"])
        for row in await conn.fetch(Q["follow_bodies"], wanted):
            names.put_event(row["number"], row["body"])


async def _pairs(conn: Reader, query: str, wanted: Sequence[int] | Sequence[str]) -> list[tuple[int, str]]:
    return [(row["number"], row["key"]) for row in await conn.fetch(Q[query], wanted)]


class LedgerInMemory:
    """A follower's view on a ledger in memory: names, records and events without I/O."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self.names = NameBook()
        self._named = [0, 0, 0]

    def prepare(self, world: World, entry: Entry) -> NameBook:
        """The names that applying ``entry`` needs."""
        ledger, names = self._ledger, self.names
        names.put_batches(self._new(0, ledger.batches), by_key=True)
        names.put_sites(self._new(1, ledger.sites))
        names.put_parties(self._new(2, ledger.parties))
        names.forget()
        blocks = {one.block: one.record for one in ledger.entries}
        for number in world.needs(entry).events | world.targets(entry, names):
            names.put_event(number, ledger.events[number].body)
            names.put_record(number >> 16, blocks[number >> 16])
        return names

    def _new(self, which: int, known: dict[str, int]) -> list[tuple[int, str]]:
        keys = list(known)[self._named[which] :]
        first = self._named[which]
        self._named[which] = len(known)
        return [(number, key) for number, key in zip(count(first), keys, strict=False) if key]


def follow_memory(ledger: MemoryLedger, until: int | None = None) -> World:
    """A world that has applied a ledger in memory, up to position ``until``, or all of it."""
    world, view = World(), LedgerInMemory(ledger)
    for entry in ledger.entries[:until]:
        world.apply(entry, view.prepare(world, entry))
    return world
