"""Capture: a micro-batch of raw events to the truth, in one transaction, with one ledger entry.

Capture decides nothing but whether an event can be read and is new. It stores what was said. Several lanes may run side
by side: names get their numbers in statements of their own, the rows of a transaction are written in sorted order, and
only the last statement, which takes the head of the ledger, makes lanes queue.

The same micro-batch may be handed in again after any outage: what was stored is found to be a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import asyncpg
from fieldline_schemas.faults import Fault

from fieldline_trace.store import Connection, Q, is_outage, outages_as_unavailable

from .chain import joined, leaves_of
from .door import Door
from .identify import Content, Sorted, differing, sort_out
from .keys import Keys, door_number, intern
from .pack import Interned, pack
from .personal import Persons
from .quiet import uncollected
from .reading import EVENT_BYTES_MAX, Read, Unread, read_all
from .receipts import Accepted, Receipt, Refused, Repeated, Variant
from .rejecting import close_resent, write_rejected
from .rows import (
    EVENT_COLUMNS,
    IDENTITY_COLUMNS,
    MENTION_COLUMNS,
    event_copy,
    identity_copy,
    labels_of,
    mention_copy,
    storable,
)

EVENTS_MAX = 65_535
"""Most events in one micro-batch: the index of an event in its block has 16 bits."""

_SLICE = 128
_SLICE_BYTES = 128 * 1024
"""What is read at one go: as many events, or the few that are as long, which takes 2 ms or so."""
_UNSTORABLE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError, ValueError)


class _Through(NamedTuple):
    door: Door
    history: bool
    anew: bool


class _Raced(Exception):
    """Another lane has stored one of our ids since we looked."""


async def take(
    conn: Connection,
    raws: Sequence[bytes],
    door: Door,
    *,
    history: bool = False,
    keys: Keys | None = None,
    event_bytes: int = EVENT_BYTES_MAX,
    persons: Persons | None = None,
    anew: bool = True,
) -> list[Receipt]:
    """Store a micro-batch; a receipt for each event, in order. When this returns, what was accepted is durable.

    ``conn`` must be in no transaction. ``history``: imported as history, which raises no notices or deadlines.
    ``keys``: what this process remembers of this database, shared by its lanes; without it all is looked up.
    ``event_bytes``: a longer event is refused. ``persons``: splits off who is named; without it an event that names a
    person is refused. ``anew``: handed in by the sender, which settles what was refused before under the same ids.
    ``Unavailable`` where PostgreSQL is away: hand in the same again; nothing is lost and nothing doubled.
    ``ValueError`` for more than 65,535 events.
    """
    if len(raws) > EVENTS_MAX:
        raise ValueError(f"{len(raws)} events; a micro-batch has at most {EVENTS_MAX}")
    with outages_as_unavailable():
        if conn.is_in_transaction():
            raise ValueError("the connection is in a transaction; capture has its own")
        reads, unreads = await _read(raws, door, event_bytes, persons)
        receipts: dict[int, Receipt] = {}
        try:
            await _store_what_can_be(conn, reads, unreads, _Through(door, history, anew), keys or Keys(), receipts)
        except Exception as error:
            if is_outage(error):
                conn.terminate()  # it may have broken in the middle of a message, and look whole
            raise
    return [receipts[index] for index in range(len(raws))]


async def _read(
    raws: Sequence[bytes], door: Door, event_bytes: int, persons: Persons | None
) -> tuple[list[Read], list[Unread]]:
    """Read in slices: between them other lanes hear from PostgreSQL, and whoever else shares the thread goes on."""
    reads: list[Read] = []
    unreads: list[Unread] = []
    start = 0
    while start < len(raws):
        end, room = start, _SLICE_BYTES
        while end < len(raws) and end < start + _SLICE and room > 0:
            room -= len(raws[end])
            end += 1
        with uncollected():
            read, unread = read_all(raws[start:end], door, event_bytes, first=start, persons=persons)
        reads += read
        unreads += unread
        start = end
        await asyncio.sleep(0)
    return reads, unreads


async def _store_what_can_be(
    conn: Connection,
    reads: list[Read],
    unreads: list[Unread],
    through: _Through,
    keys: Keys,
    receipts: dict[int, Receipt],
) -> None:
    """Store; where PostgreSQL cannot hold one of the events, halve until it is found, so that it holds up no other."""
    try:
        await _store(conn, reads, unreads, through, keys, receipts)
    except _UNSTORABLE as error:
        if not reads:
            raise
        if len(reads) == 1:
            fault = Fault.by("cannot_be_stored", why=storable(str(error))[:300])
            culprit = Unread(reads[0].index, reads[0].raw, reads[0].digest, fault)
            await _store(conn, [], [*unreads, culprit], through, keys, receipts)
            return
        half = len(reads) // 2
        await _store_what_can_be(conn, reads[:half], unreads, through, keys, receipts)
        await _store_what_can_be(conn, reads[half:], [], through, keys, receipts)


async def _store(
    conn: Connection,
    reads: list[Read],
    unreads: list[Unread],
    through: _Through,
    keys: Keys,
    receipts: dict[int, Receipt],
) -> None:
    door = through.door
    numbers = await intern(conn, keys, reads, door)
    sender = numbers.parties[door.sender]
    number_of_door = await door_number(conn, keys, door, through.history, sender)
    # Looking for known ids costs a tenth of everything, claiming ids that are known costs the claim. So look where
    # the last micro-batch had repeats, and after a claim that failed.
    look = keys.repeats_expected
    while True:
        found = sort_out(reads, await _known(conn, sender, reads) if look else {})
        try:
            await _write(conn, found, unreads, through, number_of_door, keys, numbers, receipts)
        except _Raced:
            look = True
            continue
        keys.repeats_expected = bool(found.repeats or found.variants)
        keys.remember(numbers)
        return


async def _known(conn: Connection, sender: int, reads: Sequence[Read]) -> dict[str, list[Content]]:
    """What is stored under the ids of ``reads``."""
    rows = await conn.fetch(Q["identity_known"], sender, sorted({read.said.id for read in reads}))
    known = {row["id"]: [Content(row["digest"], row["number"], None)] for row in rows}
    closer = differing(reads, {name: contents[0].digest for name, contents in known.items()})
    if closer:
        firsts = [known[name][0] for name in closer]
        rows = await conn.fetch(Q["event_bodies"], [first.number for first in firsts])
        bodies = {row["number"]: row["body"] for row in rows}
        for first in firsts:
            first.body = bodies.get(first.number)
        for row in await conn.fetch(Q["identity_variants"], sender, closer):
            known[row["id"]].append(Content(row["digest"], row["number"], None, row["canonical"]))
    return known


async def _write(
    conn: Connection,
    found: Sorted,
    unreads: Sequence[Unread],
    through: _Through,
    number_of_door: int,
    keys: Keys,
    numbers: Interned,
    receipts: dict[int, Receipt],
) -> None:
    """The transaction, and the receipts for what it stored."""
    door, history = through.door, through.history
    new, sender = found.new, numbers.parties[door.sender]
    opened = await conn.fetchrow(Q["capture_open"], sender)
    assert opened is not None
    block, now, month = opened["block"], opened["now"], opened["month"]
    first_number = block << 16

    def settled(number: int) -> int:
        return number if number >= 0 else first_number - 1 - number

    variants = {place: settled(first) for place, (first, _) in found.variants.items()}
    position = 0
    if new or unreads:
        if new and month not in keys.months:
            await conn.execute(Q["capture_month"], month)
            keys.months.add(month)
        saids = [read.said for read in new]
        with uncollected():
            events = event_copy(new, first_number, month, number_of_door, numbers)
        await asyncio.sleep(0)
        with uncollected():
            mentions = mention_copy(saids, first_number, numbers)
        await asyncio.sleep(0)
        with uncollected():
            record = pack(new, numbers, door, block=block, received_at=now, variants=variants, history=history).pack()
        await asyncio.sleep(0)
        leaf = leaves_of(door, history)
        leaves = joined([leaf(read.said.id, read.digest) for read in new])
        async with conn.transaction():
            if new:
                await _write_identities(conn, sender, found, first_number)
                await _copy(conn, "event", EVENT_COLUMNS, events)
                await _copy(conn, "mention", MENTION_COLUMNS, mentions)
                labels = labels_of(saids, numbers)
                if labels:
                    batches, texts = zip(*labels, strict=True)
                    await conn.execute(Q["labels_new"], batches, texts)
                await conn.execute(Q["record_new"], block, record)
                await _write_persons(conn, new, door, now)
            rejected = await write_rejected(conn, sender, unreads, door, now, history) if unreads else {}
            if new and through.anew and (opened["unsettled"] or unreads):
                await close_resent(conn, sender, unreads, new, first_number, door, now)
            if new:
                entry = await conn.fetchrow(Q["ledger_append"], block, len(new), leaves)
                assert entry is not None
                position = entry["position"]
        for unread in unreads:
            receipts[unread.index] = Refused(rejected[unread.digest], unread.fault)
    for place, read in enumerate(new):
        number, name = first_number + place, read.said.id
        first = variants.get(place)
        receipts[read.index] = (
            Accepted(number, position, name) if first is None else Variant(number, position, name, first)
        )
    for read, as_number in found.repeats:
        receipts[read.index] = Repeated(settled(as_number), read.said.id)


async def _copy(conn: Connection, table: str, columns: Sequence[str], rows: bytes) -> None:
    await conn.copy_to_table(table, source=BytesIO(rows), columns=columns, format="binary")


async def _write_identities(conn: Connection, sender: int, found: Sorted, first_number: int) -> None:
    """Claim the ids. ``_Raced`` where another lane was faster with one of them, or with the same variant."""
    firsts = [read for place, read in enumerate(found.new) if place not in found.variants]
    if firsts:
        numbers = [first_number + place for place in range(len(found.new)) if place not in found.variants]
        try:
            await _copy(conn, "identity", IDENTITY_COLUMNS, identity_copy(firsts, numbers, sender))
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            raise _Raced from None
    variants = sorted(
        (found.new[place].said.id, canonical, found.new[place].digest, first_number + place)
        for place, (_, canonical) in found.variants.items()
    )
    if variants:
        done = await conn.execute(Q["identity_variant_new"], sender, *zip(*variants, strict=True))
        if done != f"INSERT 0 {len(variants)}":
            raise _Raced


async def _write_persons(conn: Connection, new: Sequence[Read], door: Door, now: int) -> None:
    """Who is meant by the pseudonyms in what is stored."""
    named: dict[str, str] = {}
    for read in new:
        if read.persons:
            named.update(read.persons)
    if named:
        await conn.execute(Q["persons_new"], door.tenant, now, *zip(*sorted(named.items()), strict=True))
