"""Verifying: that what is stored is what was received, in the order in which it was received."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from fieldline_schemas.record import Record

from fieldline_trace.store import Connection, Q, outages_as_unavailable

from .chain import GENESIS, LEAF_BYTES, entry_hash, leaves_of
from .door import Door

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """All is as it was received: ``events`` in entries 1 to ``position``, and the hash of the last one, which stands
    for everything."""

    position: int
    events: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first position that is not as it was, the number of its first event that is not (None where it is the entry
    itself), and what is wrong."""

    position: int
    event: int | None
    what: str


async def verify(conn: Connection) -> Verified | Broken:
    """Walk the ledger: positions and times, the chain, each event against its leaf, records, the head; then look for
    events of no entry. Reads everything, in one snapshot; writes nothing."""
    with outages_as_unavailable():
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            return await _verify(conn)


async def _verify(conn: Connection) -> Verified | Broken:
    head = await conn.fetchrow(Q["ledger_head"])
    position, received_at, prev, events = 0, 0, GENESIS, 0
    async for entry in _entries(conn):
        if entry["position"] != position + 1:
            return Broken(position + 1, None, f"the entry is missing; the next one is {entry['position']}")
        position = entry["position"]
        if entry["received_at"] <= received_at:
            return Broken(position, None, "its time of receipt is not later than that of the entry before")
        received_at = entry["received_at"]
        if entry["prev"] != prev:
            return Broken(position, None, "it is not chained to the entry before")
        leaves = entry["leaves"]
        if entry_hash(prev, position, received_at, entry["block"], leaves) != entry["hash"]:
            return Broken(position, None, "its hash is not that of its position, time, block, leaves and predecessor")
        prev = entry["hash"]
        wrong = await _wrong_event(conn, entry) or await _wrong_record(conn, entry)
        if wrong is not None:
            return wrong
        events += entry["count"]
    if head is None or (head["position"], head["received_at"], head["hash"]) != (position, received_at, prev):
        last = "nothing" if head is None else f"position {head['position']}"
        return Broken(position + 1, None, f"the head of the ledger names {last}, the last entry is {position}")
    stray = await conn.fetchval(Q["ledger_strays"])
    if stray is not None:
        return Broken(position + 1, stray, "the event belongs to no entry of the ledger")
    return Verified(position, events, prev)


async def _entries(conn: Connection) -> AsyncIterator[Any]:
    async for entry in conn.cursor(Q["ledger_chain"], prefetch=_PAGE):
        yield entry


async def _wrong_event(conn: Connection, entry: Any) -> Broken | None:
    position, first, leaves = entry["position"], entry["block"] << 16, entry["leaves"]
    if entry["count"] * LEAF_BYTES != len(leaves):
        return Broken(position, None, f"it counts {entry['count']} events and has {len(leaves) // LEAF_BYTES} leaves")
    stored = await conn.fetch(Q["ledger_events"], first)
    makers: dict[tuple[str, ...], Any] = {}
    for place in range(entry["count"]):
        number = first + place
        row = stored[place] if place < len(stored) else None
        if row is None or row["number"] != number:
            return Broken(position, number, "the event is missing")
        if row["sender"] is None:
            return Broken(position, number, "who sent the event is missing")
        through = (row["sender"], row["role"], row["tenant"], row["channel"])
        if through not in makers:
            try:
                makers[through] = leaves_of(Door(*through))
            except ValueError as error:
                return Broken(position, number, f"who sent the event is no longer told: {error}")
        leaf = makers[through](row["id"], sha256(row["body"]).digest())
        if leaf != leaves[place * LEAF_BYTES : (place + 1) * LEAF_BYTES]:
            return Broken(position, number, _what(leaf, leaves))
        if row["first"] is None or row["first"] > number:
            return Broken(position, number, "its id is not registered: the event could be stored a second time")
    if len(stored) > entry["count"]:
        return Broken(position, stored[entry["count"]]["number"], "the event was added to the entry")
    return None


def _what(leaf: bytes, leaves: bytes) -> str:
    others = [leaves[start : start + LEAF_BYTES] for start in range(0, len(leaves), LEAF_BYTES)]
    if leaf in others:
        return f"the event is in the place of event {others.index(leaf)} of its entry"
    return "its bytes, id, sender, role, tenant or channel are not as they were received"


async def _wrong_record(conn: Connection, entry: Any) -> Broken | None:
    position = entry["position"]
    body = await conn.fetchval(Q["ledger_record"], entry["block"])
    if body is None:
        return Broken(position, None, "its record is missing")
    try:
        record = Record.unpack(body)
    except msgspec.DecodeError as error:
        return Broken(position, None, f"its record cannot be read: {error}")
    if (record.block, record.count) != (entry["block"], entry["count"]):
        return Broken(position, None, "its record is that of another entry")
    return None
