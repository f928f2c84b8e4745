"""Fetching the names and stored events that applying entries needs, from PostgreSQL or from a ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count, groupby
from typing import Any

import numpy as np
from fieldline_schemas import fast
from fieldline_schemas.batch_key import lot_of_item
from fieldline_schemas.said import NotYetReadable

from fieldline_trace.capture import MemoryLedger
from fieldline_trace.capture.rows import mentions_of
from fieldline_trace.follow.names import Amount, NameBook, Needs
from fieldline_trace.follow.world import World
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import Entry, Reader


async def fetch_names(conn: Reader, names: NameBook, needs: Sequence[Needs]) -> None:
    """Enter the keys that ``needs`` ask for and ``names`` lacks; no statement where it lacks none."""
    batches = names.missing_batches(np.unique(np.concatenate([one.batches for one in needs])))
    if batches:
        pairs = await _pairs(conn, "batch_keys", batches)
        names.put_batches(pairs)
        lots = sorted({lot for lot in (lot_of_item(key) for _, key in pairs) if lot is not None})
        if lots:
            names.put_batches(await _pairs(conn, "follow_batch_keys", lots), by_key=True)
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


async def fetch_amounts(conn: Reader, names: NameBook, batches: Iterable[int]) -> None:
    """Enter what all stored events say of amounts of ``batches``; no statement where there are none."""
    wanted = sorted(batches)
    for batch, rows in groupby(await conn.fetch(Q["follow_amounts"], wanted) if wanted else (), _batch_of):
        names.put_amounts(batch, [(row["event"], row["site"], row["role"], row["amount"], row["unit"]) for row in rows])


def _batch_of(row: Any) -> int:
    return int(row["batch"])


async def _pairs(conn: Reader, query: str, wanted: Sequence[int] | Sequence[str]) -> list[tuple[int, str]]:
    return [(row["number"], row["key"]) for row in await conn.fetch(Q[query], wanted)]


class LedgerInMemory:
    """A follower's view on a ledger in memory: names, records and events without I/O."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self.names = NameBook()
        self._named = [0, 0, 0]
        self._amounts: dict[int, list[Amount]] = {}
        self._gathered = 0

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
        wanted = world.amounts_wanted(entry, names)
        if wanted:
            self._gather()
            for batch in wanted:
                names.put_amounts(batch, self._amounts.get(batch, ()))
        return names

    def _gather(self) -> None:
        """What events say of amounts, by batch, as capture stores it."""
        ledger = self._ledger
        for number in list(ledger.events)[self._gathered :]:
            try:
                read = fast.read(ledger.events[number].body)
            except NotYetReadable:
                continue
            for batch, site, role, amount, unit in mentions_of(read):
                if amount:
                    said = (number, ledger.sites[site], role, Decimal(amount), unit)
                    self._amounts.setdefault(ledger.batches[batch], []).append(said)
        self._gathered = len(ledger.events)

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
