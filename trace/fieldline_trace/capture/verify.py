"""Verifying: that what is stored is what was received, in the order in which it was received."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
from fieldline_schemas.canonical import digest as canonical_digest
from fieldline_schemas.record import UNREADABLE_YET, Record
from fieldline_schemas.said import Said
from fieldline_schemas.wire import MOST_BYTES

from fieldline_trace.store import Connection, Q, outages_as_unavailable

from .chain import GENESIS, LEAF_BYTES, entry_hash, leaves_of
from .checkpoint import Checkpoint, differs
from .compare import differing_event
from .door import Door, Through
from .keys import Keys, known_numbers
from .mentioned import Mentioned, differing_event_of_mentions, missing_label
from .pack import Interned, pack
from .quiet import uncollected
from .reading import Read, read_all

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


async def verify(conn: Connection, against: Checkpoint | None = None) -> Verified | Broken:
    """Walk the ledger: positions and times, the chain, each event against its leaf, its columns and what is registered
    under its id, each record against its events, the head; then look for events of no entry, and hold what is kept of
    batches against the events. ``against``: then see that it goes through a head that was signed before. Reads
    everything, in one snapshot; writes nothing."""
    with outages_as_unavailable():
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            found = await _verify(conn)
            if against is None or isinstance(found, Broken):
                return found
            wrong = await differs(conn, against)
            return found if wrong is None else Broken(min(against.position, found.position + 1), None, wrong)


async def _verify(conn: Connection) -> Verified | Broken:
    head = await conn.fetchrow(Q["ledger_head"])
    position, received_at, prev, events = 0, 0, GENESIS, 0
    keys, mentioned = Keys(), Mentioned()
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
        wrong = await _wrong_entry(conn, entry, keys, mentioned)
        if wrong is not None:
            return wrong
        events += entry["count"]
    if head is None or (head["position"], head["received_at"], head["hash"]) != (position, received_at, prev):
        last = "nothing" if head is None else f"position {head['position']}"
        return Broken(position + 1, None, f"the head of the ledger names {last}, the last entry is {position}")
    stray = await conn.fetchval(Q["ledger_strays"])
    if stray is not None:
        return Broken(position + 1, stray, "the event belongs to no entry of the ledger")
    wrong = await _wrong_mentions(conn, mentioned, keys, position)
    return wrong or Verified(position, events, prev)


async def _entries(conn: Connection) -> AsyncIterator[Any]:
    async for entry in conn.cursor(Q["ledger_chain"], prefetch=_PAGE):
        yield entry


async def _wrong_entry(conn: Connection, entry: Any, keys: Keys, mentioned: Mentioned) -> Broken | None:
    position, first, leaves = entry["position"], entry["block"] << 16, entry["leaves"]
    if entry["count"] * LEAF_BYTES != len(leaves) or not leaves:
        return Broken(position, None, f"it counts {entry['count']} events and has {len(leaves) // LEAF_BYTES} leaves")
    stored = await conn.fetch(Q["ledger_events"], first)
    through: dict[tuple[Any, ...], Callable[[str, bytes], bytes]] = {}
    for place in range(entry["count"]):
        number = first + place
        row = stored[place] if place < len(stored) else None
        if row is None or row["number"] != number:
            return Broken(position, number, "the event is missing")
        door = _door(row)
        if door is None:
            return Broken(position, number, "who sent the event is missing")
        if door not in through:
            try:
                through[door] = leaves_of(_through(door))
            except ValueError as error:
                return Broken(position, number, f"who sent the event is no longer told: {error}")
        digest = sha256(row["body"]).digest()
        leaf = through[door](row["id"], digest)
        if leaf != leaves[place * LEAF_BYTES : (place + 1) * LEAF_BYTES]:
            return Broken(position, number, _what(leaf, leaves))
        if row["first"] is None or row["first"] > number:
            return Broken(position, number, "its id is not registered: the event could be stored a second time")
        if row["registered"] != digest or (row["canonical"] and row["canonical"] != canonical_digest(row["body"])):
            return Broken(position, number, "its content is not registered: the event could be stored a second time")
    if len(stored) > entry["count"]:
        return Broken(position, stored[entry["count"]]["number"], "the event was added to the entry")
    again = await _read_again(conn, stored, keys)
    if again is None:
        mentioned.skip(entry["block"])
        return None
    if isinstance(again, str):
        return Broken(position, None, again)
    reads, numbers = again
    record = await _record(conn, entry)
    if isinstance(record, Record):
        for read, flags in zip(reads, record.columns().flags.tolist(), strict=True):
            if flags & UNREADABLE_YET:
                _unread(read)
    mentioned.add(entry["block"], reads, numbers)
    return (
        _wrong_columns(position, stored, reads, numbers)
        or await _wrong_label(conn, position, reads, numbers)
        or _wrong_record(record, entry, stored, reads, numbers)
    )


def _door(row: Any) -> tuple[Any, ...] | None:
    if row["sender"] is None:
        return None
    return row["sender"], row["role"], row["tenant"], row["channel"], row["mender"], row["history"]


def _through(said: Sequence[Any]) -> Through:
    sender, role, tenant, channel, mender, history = said
    return Through(Door(sender, role, tenant, channel, mender=mender), history)


def _what(leaf: bytes, leaves: bytes) -> str:
    others = [leaves[start : start + LEAF_BYTES] for start in range(0, len(leaves), LEAF_BYTES)]
    if leaf in others:
        return f"the event is in the place of event {others.index(leaf)} of its entry"
    return "its bytes, id, sender, role, tenant or channel are not as they were received"


async def _read_again(conn: Connection, stored: Sequence[Any], keys: Keys) -> tuple[list[Read], Interned] | str | None:
    """The events of an entry as capture read them, with the numbers of their names; which name has none; None where an
    older release took what this one does not."""
    reads: list[Read] = []
    for said, rows in groupby(stored, _door):
        assert said is not None, "it was looked at before"
        with uncollected():
            some, unreads = read_all([row["body"] for row in rows], _through(said), MOST_BYTES, len(reads))
        if unreads:
            return None
        reads += some
    numbers = await known_numbers(conn, keys, reads)
    if isinstance(numbers, str):
        return f"{numbers} is named, but has no number"
    keys.remember(numbers)
    return reads, numbers


def _wrong_columns(position: int, stored: Sequence[Any], reads: Sequence[Read], numbers: Interned) -> Broken | None:
    """What is in columns beside an event against the event."""
    for row, read in zip(stored, reads, strict=True):
        said = read.said
        columns = (said.code, numbers.parties[said.operator], numbers.sites[said.site], said.grid or None)
        if (row["kind"], row["operator"], row["site"], row["grid"]) != columns:
            return Broken(position, row["number"], "its kind, operator, site or grid code is not what the event says")
    return None


async def _wrong_label(conn: Connection, position: int, reads: Sequence[Read], numbers: Interned) -> Broken | None:
    batch = await missing_label(conn, reads, numbers)
    return None if batch is None else Broken(position, None, f"the lot number as printed of batch {batch} is missing")


async def _wrong_mentions(conn: Connection, mentioned: Mentioned, keys: Keys, last: int) -> Broken | None:
    """What is kept of batches against what all events say."""
    blocks = await mentioned.differing(conn)
    if not blocks:
        return None
    entry = await conn.fetchrow(Q["ledger_first_of"], list(blocks))
    if entry is None:
        return Broken(last + 1, min(blocks) << 16, "a batch is said to be named by an event that is in no entry")
    stored = await conn.fetch(Q["ledger_events"], entry["block"] << 16)
    again = await _read_again(conn, stored, keys)
    assert isinstance(again, tuple), "it was read before, in this snapshot"
    number = await differing_event_of_mentions(conn, entry["block"], *again)
    return Broken(entry["position"], number, "what is kept of its batches and amounts is not what the event says")


def _unread(read: Read) -> None:
    """An event that the release which captured it could not read, as that one took it."""
    read.unreadable_yet, read.content = True, canonical_digest(read.raw)
    said = read.said
    read.said = Said(
        said.id, said.kind, said.code, said.version, said.operator, said.site, said.grid, said.at, [], [], [], [], False
    )


async def _record(conn: Connection, entry: Any) -> Record | Broken:
    """The record of an entry."""
    position, block = entry["position"], entry["block"]
    body = await conn.fetchval(Q["ledger_record"], block)
    if body is None:
        return Broken(position, None, "its record is missing")
    try:
        record = Record.unpack(body)
        record.columns()
    except (msgspec.DecodeError, ValueError) as error:
        return Broken(position, None, f"its record cannot be read: {error}")
    if (record.block, record.count) != (block, entry["count"]):
        return Broken(position, None, "its record is that of another entry")
    return record


def _wrong_record(
    record: Record | Broken, entry: Any, stored: Sequence[Any], reads: Sequence[Read], numbers: Interned
) -> Broken | None:
    """The record against the events that it was made of."""
    if isinstance(record, Broken):
        return record
    position, block = entry["position"], entry["block"]
    first_number = block << 16
    variants = {place: row["first"] for place, row in enumerate(stored) if row["first"] != first_number + place}
    made = pack(
        reads,
        numbers,
        block=block,
        received_at=entry["received_at"],
        variants=variants,
    )
    place = differing_event(record, made, entry["received_at"])
    if place is None:
        return None
    number = None if place < 0 else first_number + place
    return Broken(position, number, "the record that followers read says something else than the event")
