"""Capture: a micro-batch of raw events, whoever handed in which, to the truth: one transaction, one ledger entry.

Capture decides nothing but whether an event can be read and is new. It stores what was said. Several lanes may run side
by side: names get their numbers in statements of their own, the rows of a transaction are written in sorted order, and
only the last statement, which takes the head of the ledger, makes lanes queue.

The same micro-batch may be handed in again after any outage: what was stored is found to be a repeat.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import NamedTuple, TypeAlias

import asyncpg
from fieldline_schemas.faults import Fault

from fieldline_trace.store import Connection, Q, is_outage, outages_as_unavailable

from .chain import joined, leaves_of
from .door import Door, Handed, Through
from .identify import Content, Name, Sorted, differing, name_of, sort_out
from .keys import Keys, door_number, intern
from .pack import Interned, pack
from .personal import Persons
from .quiet import uncollected
from .reading import EVENT_BYTES_MAX, Read, Unread, of_ways, senders_of
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
from .slices import read_in_slices

EVENTS_MAX = 65_535
"""Most events in one micro-batch: the index of an event in its block has 16 bits."""

_UNSTORABLE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError, ValueError)


Within: TypeAlias = Callable[[Connection], Awaitable[None]]
Turn: TypeAlias = Callable[[], Awaitable[bool]]
"""Returns whether there was one before to wait for."""

_STALE_SECONDS = 60.0
"""Whoever waited longer for its turn is told the time anew: what lies ahead is told by it."""


@dataclass(frozen=True, slots=True)
class _How:
    keys: Keys
    anew: bool
    within: Within | None
    turn: Turn | None


class _Rows(NamedTuple):
    events: bytes
    mentions: bytes
    record: bytes
    leaves: bytes
    labels: list[tuple[int, str]]


class _NotOurs(Exception):
    """``within`` failed; its error is the cause."""


class _Undone(Exception):
    """Raised in a transaction to see whether all but its last statement can be done."""


class _Raced(Exception):
    """Another lane has stored one of our ids since we looked."""


class _Stale(Exception):
    """The turn came so late that what was made ready is to be made again."""


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
    """``take_all`` for events of one sender."""
    handed = [Handed(raw, door, history) for raw in raws]
    return await take_all(conn, handed, keys=keys, event_bytes=event_bytes, persons=persons, anew=anew)


async def take_all(
    conn: Connection,
    handed: Sequence[Handed],
    *,
    keys: Keys | None = None,
    event_bytes: int = EVENT_BYTES_MAX,
    persons: Persons | None = None,
    anew: bool = True,
    within: Within | None = None,
    turn: Turn | None = None,
) -> list[Receipt]:
    """Store a micro-batch, whoever handed in what; a receipt for each event, in order. When this returns, what was
    accepted is durable.

    ``conn`` must be in no transaction. ``keys``: what this process remembers of this database, shared by its lanes;
    without it all is looked up. ``event_bytes``: a longer event is refused. ``persons``: splits off who is named;
    without it an event that names a person is refused. ``anew``: handed in by the senders, which settles what was
    refused before under the same ids. ``within``: awaited in the transaction before the head of the ledger is taken;
    what it raises is raised, and nothing is stored. Where nothing is to be stored it has a transaction of its own.
    It may be awaited again where the transaction before was undone. ``turn``: awaited before each transaction, when all
    is ready for it, so that one micro-batch can be made ready while the one before is written; what it raises is
    raised, and nothing is stored. It returns at once where it has returned before, and whether it waited for another.
    ``Unavailable`` where PostgreSQL is away: hand in the same again; nothing is lost and nothing doubled.
    ``ValueError`` for more than 65,535 events.
    """
    if len(handed) > EVENTS_MAX:
        raise ValueError(f"{len(handed)} events; a micro-batch has at most {EVENTS_MAX}")
    with outages_as_unavailable():
        if conn.is_in_transaction():
            raise ValueError("the connection is in a transaction; capture has its own")
        reads, unreads = await read_in_slices(handed, event_bytes, persons)
        receipts: dict[int, Receipt] = {}
        how = _How(Keys() if keys is None else keys, anew, within, turn)
        try:
            await _store_what_can_be(conn, reads, unreads, how, receipts)
        except _NotOurs as failed:
            raise (failed.__cause__ or failed) from None
        except Exception as error:
            if is_outage(error):
                conn.terminate()  # it may have broken in the middle of a message, and look whole
            raise
    return [receipts[index] for index in range(len(handed))]


async def _store_what_can_be(
    conn: Connection, reads: list[Read], unreads: list[Unread], how: _How, receipts: dict[int, Receipt]
) -> None:
    """Store; where PostgreSQL cannot hold some of the events, find them, so that they hold up no other."""
    try:
        await _store(conn, reads, unreads, how, receipts)
        return
    except _UNSTORABLE as error:
        if not reads:
            raise
        faulty = await _faulty(conn, reads, how, error)
    culprits = {culprit.index for culprit in faulty}
    rest = [read for read in reads if read.index not in culprits]
    if faulty:
        await _store_what_can_be(conn, rest, [*unreads, *faulty], how, receipts)
        return
    # Each part can be stored, all in one cannot. ``within`` belongs to the last: the others are repeats by then.
    half = len(reads) // 2
    await _store_what_can_be(conn, reads[:half], unreads, replace(how, within=None), receipts)
    await _store_what_can_be(conn, reads[half:], [], how, receipts)


async def _faulty(conn: Connection, reads: list[Read], how: _How, error: Exception) -> list[Unread]:
    """Which of these events, that cannot be stored together for ``error``, cannot be stored; nothing is stored."""
    if len(reads) == 1:
        fault = Fault.by("cannot_be_stored", why=storable(str(error))[:300])
        return [Unread(reads[0].index, reads[0].raw, reads[0].digest, fault, reads[0].through)]
    half = len(reads) // 2
    found: list[Unread] = []
    for some in (reads[:half], reads[half:]):
        try:
            await _store(conn, some, [], replace(how, within=_undo), {})
        except _Undone:
            continue
        except _UNSTORABLE as its:
            found += await _faulty(conn, some, how, its)
    return found


async def _undo(conn: Connection) -> None:
    raise _Undone


async def _store(
    conn: Connection, reads: list[Read], unreads: list[Unread], how: _How, receipts: dict[int, Receipt]
) -> None:
    keys = how.keys
    numbers = await intern(conn, keys, reads, unreads)
    ways = {read.through for read in reads}
    doors = {way: await door_number(conn, keys, way, numbers.parties[way.door.sender]) for way in ways}
    # Looking for known ids costs a tenth of everything, claiming ids that are known costs the claim. So look where
    # the last micro-batch had repeats, and after a claim that failed.
    look = keys.repeats_expected
    while True:
        known = await _known(conn, numbers, reads) if look else {}
        with uncollected():
            found = sort_out(reads, known)
        try:
            await _write(conn, found, unreads, how, doors, numbers, receipts)
        except _Raced:
            look = True
            continue
        except _Stale:
            continue
        keys.repeats_expected = bool(found.repeats or found.variants)
        keys.remember(numbers)
        return


async def _known(conn: Connection, numbers: Interned, reads: Sequence[Read]) -> dict[Name, list[Content]]:
    """What is stored under the names of ``reads``."""
    if not reads:
        return {}
    parties = numbers.parties
    with uncollected():
        names = sorted({name_of(read) for read in reads})
        senders = {parties[sender]: sender for sender in senders_of(reads)}
        wanted = [parties[sender] for sender, _ in names], [name for _, name in names]
        del names
    rows = await conn.fetch(Q["identity_known"], *wanted)
    known = {(senders[row["sender"]], row["id"]): [Content(row["digest"], row["number"], None)] for row in rows}
    closer = differing(reads, {name: contents[0].digest for name, contents in known.items()})
    if closer:
        firsts = [known[name][0] for name in closer]
        rows = await conn.fetch(Q["event_bodies"], [first.number for first in firsts])
        bodies = {row["number"]: row["body"] for row in rows}
        for first in firsts:
            first.body = bodies.get(first.number)
        wanted = [parties[sender] for sender, _ in closer], [name for _, name in closer]
        for row in await conn.fetch(Q["identity_variants"], *wanted):
            content = Content(row["digest"], row["number"], None, row["canonical"])
            known[senders[row["sender"]], row["id"]].append(content)
    return known


async def _write(
    conn: Connection,
    found: Sorted,
    unreads: Sequence[Unread],
    how: _How,
    doors: Mapping[Through, int],
    numbers: Interned,
    receipts: dict[int, Receipt],
) -> None:
    """The transaction, and the receipts for what it stored."""
    new, parties = found.new, numbers.parties
    senders = sorted(parties[sender] for sender in senders_of(new) | senders_of(unreads))
    opened = await conn.fetchrow(Q["capture_open"], senders)
    assert opened is not None
    block, now, month = opened["block"], opened["now"], opened["month"]
    first_number = block << 16

    def settled(number: int) -> int:
        return number if number >= 0 else first_number - 1 - number

    variants = {place: settled(first) for place, (first, _) in found.variants.items()}
    position = 0
    rows: _Rows | None = None
    if new:
        if month not in how.keys.months:
            await conn.execute(Q["capture_month"], month)
            how.keys.months.add(month)
        rows = await _rows(new, block, now, month, doors, numbers, variants)
    if rows or unreads or how.within is not None:
        unsettled = opened["unsettled"]
        if how.turn is not None:
            unsettled = await _turned(conn, how.turn, senders, unsettled)
        async with conn.transaction():
            if rows is not None:
                await _write_identities(conn, found, first_number, parties)
                await _copy(conn, "event", EVENT_COLUMNS, rows.events)
                await _copy(conn, "mention", MENTION_COLUMNS, rows.mentions)
                if rows.labels:
                    await conn.execute(Q["labels_new"], *zip(*rows.labels, strict=True))
                await conn.execute(Q["record_new"], block, rows.record)
                later = [first_number + place for place, read in enumerate(new) if read.unreadable_yet]
                if later:
                    await conn.execute(Q["unread_add"], later)
                await _write_persons(conn, new, now)
            rejected = await write_rejected(conn, unreads, parties, now) if unreads else {}
            if new and how.anew and (unsettled or unreads):
                await close_resent(conn, unreads, new, first_number, parties, now)
            if how.within is not None:
                await _theirs(how.within, conn)
            if rows is not None:
                entry = await conn.fetchrow(Q["ledger_append"], block, len(new), rows.leaves)
                assert entry is not None
                position = entry["position"]
        for unread in unreads:
            number = rejected[unread.through.door.sender, unread.digest]
            receipts[unread.index] = Refused(number, unread.fault)
    for place, read in enumerate(new):
        number, name = first_number + place, read.said.id
        first = variants.get(place)
        receipts[read.index] = (
            Accepted(number, position, name) if first is None else Variant(number, position, name, first)
        )
    for read, as_number in found.repeats:
        receipts[read.index] = Repeated(settled(as_number), read.said.id)


async def _turned(conn: Connection, turn: Turn, senders: Sequence[int], unsettled: bool) -> bool:
    """Whether anything of these senders waits to be mended, now that it is our turn: one before us may have refused
    what we bring. ``_Stale`` where that took long."""
    began = time.monotonic()
    one_before = await turn()
    if time.monotonic() - began > _STALE_SECONDS:
        raise _Stale
    return bool(await conn.fetchval(Q["capture_unsettled"], senders)) if one_before else unsettled


async def _rows(
    new: Sequence[Read],
    block: int,
    now: int,
    month: date,
    doors: Mapping[Through, int],
    numbers: Interned,
    variants: Mapping[int, int],
) -> _Rows:
    """What a micro-batch writes, with a breath for others between its parts."""
    first_number, saids = block << 16, [read.said for read in new]
    with uncollected():
        events = event_copy(new, first_number, month, of_ways(new, doors.__getitem__), numbers)
    await asyncio.sleep(0)
    with uncollected():
        mentions = mention_copy(saids, first_number, numbers)
    await asyncio.sleep(0)
    with uncollected():
        record = pack(new, numbers, block=block, received_at=now, variants=variants).pack()
    await asyncio.sleep(0)
    ways = of_ways(new, leaves_of)
    leaves = joined([leaf(read.said.id, read.digest) for leaf, read in zip(ways, new, strict=True)])
    return _Rows(events, mentions, record, leaves, labels_of(saids, numbers))


async def _theirs(within: Within, conn: Connection) -> None:
    """What fails here is not an event's fault, whatever it is."""
    try:
        await within(conn)
    except _UNSTORABLE as error:
        raise _NotOurs from error


async def _copy(conn: Connection, table: str, columns: Sequence[str], rows: bytes) -> None:
    await conn.copy_to_table(table, source=BytesIO(rows), columns=columns, format="binary")


async def _write_identities(conn: Connection, found: Sorted, first_number: int, parties: Mapping[str, int]) -> None:
    """Claim the ids. ``_Raced`` where another lane was faster with one of them, or with the same variant."""
    firsts = [read for place, read in enumerate(found.new) if place not in found.variants]
    if firsts:
        numbers = [first_number + place for place in range(len(found.new)) if place not in found.variants]
        try:
            senders = of_ways(firsts, lambda through: parties[through.door.sender])
            await _copy(conn, "identity", IDENTITY_COLUMNS, identity_copy(firsts, numbers, senders))
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            raise _Raced from None
    variants = []
    for place, (_, canonical) in found.variants.items():
        read = found.new[place]
        variants.append((parties[read.through.door.sender], read.said.id, canonical, read.digest, first_number + place))
    if variants:
        done = await conn.execute(Q["identity_variant_new"], *zip(*sorted(variants), strict=True))
        if done != f"INSERT 0 {len(variants)}":
            raise _Raced


async def _write_persons(conn: Connection, new: Sequence[Read], now: int) -> None:
    """Who is meant by the pseudonyms in what is stored."""
    named: dict[str, tuple[str, str]] = {}
    for read in new:
        if read.persons:
            named.update({one: (read.through.door.tenant, value) for one, value in read.persons.items()})
    if named:
        rows = [(pseudonym, *of) for pseudonym, of in sorted(named.items())]
        await conn.execute(Q["persons_new"], now, *zip(*rows, strict=True))
