"""Reading a micro-batch: each event by itself, before any transaction begins."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TypeVar

import msgspec
from fieldline_schemas import fast
from fieldline_schemas.canonical import digest as canonical_digest
from fieldline_schemas.faults import Fault
from fieldline_schemas.personal import personal_paths
from fieldline_schemas.said import NotYetReadable, Said

from .door import ACTS, Door, Through
from .personal import NO_SECRET, Persons, names_persons

_log = logging.getLogger(__name__)
T = TypeVar("T")

EVENT_BYTES_MAX = 1_000_000


class Read(msgspec.Struct, gc=False):
    """One event that can be stored. ``index``: its place among those that were handed in."""

    index: int
    raw: bytes
    digest: bytes
    """SHA-256 of ``raw``."""
    said: Said
    through: Through
    unreadable_yet: bool = False
    content: bytes | None = None
    """Digest of the canonical content, worked out where followers read the whole event."""
    persons: dict[str, str] | None = None
    """Who is meant by the pseudonyms that took the place of persons in ``raw``; None where it names nobody."""


class Unread(msgspec.Struct, gc=False):
    """One event that cannot: kept as it came, with the fault."""

    index: int
    raw: bytes
    digest: bytes
    fault: Fault
    through: Through


def of_ways(reads: Sequence[Read], of: Callable[[Through], T]) -> list[T]:
    """What ``of`` says of the way in of each event; it is asked once for each way."""
    ways = {through: of(through) for through in {read.through for read in reads}}
    if len(ways) == 1:
        return list(ways.values()) * len(reads)
    return [ways[read.through] for read in reads]


def senders_of(events: Iterable[Read | Unread]) -> set[str]:
    """Who handed in these events."""
    return {through.door.sender for through in {event.through for event in events}}


def read_all(
    raws: Sequence[bytes],
    through: Through,
    most: int = EVENT_BYTES_MAX,
    first: int = 0,
    *,
    persons: Persons | None = None,
) -> tuple[list[Read], list[Unread]]:
    """What can be stored of what came one way, and what cannot, each in the order in which it came. ``most``: bytes of
    one event. ``first``: index of the first one. ``persons``: makes the pseudonyms; without it an event that names a
    person is refused."""
    door = through.door
    reads: list[Read] = []
    unreads: list[Unread] = []
    free: set[str] = set()
    """Kinds that whoever came through this door may say without being looked at closer."""
    read = fast.read
    for index, raw in enumerate(raws, first):
        digest = sha256(raw).digest()
        later = False
        try:
            if len(raw) > most:
                raise Fault.by("event_too_long", "", f"{len(raw)} bytes", most=most)
            said = read(raw)
        except NotYetReadable as future:
            said, later = future.said, True
        except Fault as fault:
            unreads.append(Unread(index, raw, digest, fault, through))
            continue
        except MemoryError:
            raise  # the world's fault, not the event's
        except Exception as error:  # a flaw of the reader, which must not hold up those who came along
            name = type(error).__name__
            _log.exception("the reader failed at the event whose SHA-256 is %s", digest.hex())
            unreads.append(Unread(index, raw, digest, Fault.by("reader_failed", why=name), through))
            continue
        named = None
        if said.kind not in free:
            forbidden = door.forbids(said.kind, said.operator)
            if forbidden is None and personal_paths(said.kind):
                try:
                    raw, digest, said, named = _without_persons(raw, digest, said, door, persons)
                except Fault as fault:
                    forbidden = fault
            elif door.operators is None and said.kind not in ACTS:
                free.add(said.kind)
            if forbidden is not None:
                unreads.append(Unread(index, raw, digest, forbidden, through))
                continue
        content = canonical_digest(raw) if said.detail or later else None
        reads.append(Read(index, raw, digest, said, through, later, content, named))
    return reads, unreads


def _without_persons(
    raw: bytes, digest: bytes, said: Said, door: Door, persons: Persons | None
) -> tuple[bytes, bytes, Said, dict[str, str] | None]:
    """The event, its digest and what it says with pseudonyms for persons, and who they are. ``Fault`` where there is
    no way to make pseudonyms."""
    if persons is None:
        if names_persons(raw, said.kind):
            raise NO_SECRET
        return raw, digest, said, None
    split, named = persons.split(raw, said.kind, door.tenant)
    if not named:
        return raw, digest, said, None
    try:
        said = fast.read(split)
    except NotYetReadable as future:
        said = future.said
    return split, sha256(split).digest(), said, named
