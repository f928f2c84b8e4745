"""Names to numbers: what a process remembers, and PostgreSQL for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Final

from fieldline_trace.store import Connection, Q

from .door import Door, Through
from .pack import Interned, place_of
from .reading import Read, Unread, senders_of

REMEMBERED: Final = 500_000
"""Most names of one sort that a process remembers, about 100 bytes each."""
_SORTS: Final = ("batch", "site", "party")


class Keys:
    """What one process remembers of one database's numbers; lanes may share it.

    Only what a durable commit has used is remembered: a number that is forgotten in a crash of PostgreSQL may be
    handed out again.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: dict[str, dict[str, int]] = {sort: {} for sort in _SORTS}
        self.doors: dict[tuple[Door, bool], int] = {}
        self.months: set[date] = set()
        self.repeats_expected = True
        """Whether the last micro-batch had ids that were known."""

    def known(self, sort: str) -> dict[str, int]:
        """Numbers that are remembered of ``batch``, ``site`` or ``party``."""
        return self._known[sort]

    def remember(self, interned: Interned) -> None:
        """Keep numbers that a durable commit has used. The oldest are forgotten when there are too many."""
        for sort, numbers in zip(_SORTS, interned, strict=True):
            known = self._known[sort]
            known.update(numbers)
            if len(known) > self._most:
                for name in list(islice(known, len(known) - self._most // 2)):
                    del known[name]


def named(reads: Sequence[Read], unreads: Sequence[Unread] = ()) -> tuple[set[str], set[str], set[str]]:
    """All batches, sites and parties that have to have numbers before events can be stored, or kept as refused."""
    batches: set[str] = set()
    sites: set[str] = set()
    parties = senders_of(reads) | senders_of(unreads)
    for read in reads:
        said = read.said
        batches.update(said.mentions)
        parties.add(said.operator)
        parties.add(said.other)
        sites.add(said.site)
        if said.location:
            sites.add(place_of(said))
        sites.update(said.places)
        for step in said.steps:
            for holdings in (step.ins, step.outs):
                for _, site in holdings:
                    sites.add(site)
    sites.discard("")
    parties.discard("")
    return batches, sites, parties


async def intern(conn: Connection, keys: Keys, reads: Sequence[Read], unreads: Sequence[Unread]) -> Interned:
    """Numbers of all names in events; new names get theirs in statements of their own, so that lanes never wait for
    each other's transactions. Names that nothing uses in the end do no harm."""
    numbers = []
    for sort, names in zip(_SORTS, named(reads, unreads), strict=True):
        found, missing = await _look(conn, keys, sort, names)
        while missing:
            found.update(await _pairs(conn, Q[f"keys_{sort}_new"], missing))
            missing = [name for name in missing if name not in found]
            if missing:  # another lane was faster; what it made is committed
                found.update(await _pairs(conn, Q[f"keys_{sort}"], missing))
                missing = [name for name in missing if name not in found]
        numbers.append(found)
    batches, sites, parties = numbers
    sites[""] = parties[""] = 0
    return Interned(batches, sites, parties)


async def known_numbers(conn: Connection, keys: Keys, reads: Sequence[Read]) -> Interned | str:
    """Numbers of all names in ``reads``, making none; the name that has none, if there is one."""
    numbers = []
    for sort, names in zip(_SORTS, named(reads), strict=True):
        found, missing = await _look(conn, keys, sort, names)
        if missing:
            return f"{sort} {missing[0]}"
        numbers.append(found)
    batches, sites, parties = numbers
    sites[""] = parties[""] = 0
    return Interned(batches, sites, parties)


async def _look(conn: Connection, keys: Keys, sort: str, names: set[str]) -> tuple[dict[str, int], list[str]]:
    """Numbers of those names that have one, and the others, sorted."""
    known = keys.known(sort)
    found = {name: known[name] for name in names if name in known}
    missing = sorted(names.difference(found))
    if missing:
        found.update(await _pairs(conn, Q[f"keys_{sort}"], missing))
    return found, [name for name in missing if name not in found]


async def _pairs(conn: Connection, statement: str, names: Sequence[str]) -> dict[str, int]:
    return {row["key"]: row["number"] for row in await conn.fetch(statement, names)}


async def door_number(conn: Connection, keys: Keys, through: Through, sender: int) -> int:
    """The number of the door of a way in, made if it is new."""
    door, history = through.door, through.history
    number = keys.doors.get((door, history))
    while number is None:
        values = (sender, door.role, door.tenant, door.channel, history, door.mender)
        number = await conn.fetchval(Q["capture_door"], *values)
        if number is None:
            await conn.execute(Q["capture_door_new"], *values)
        else:
            keys.doors[door, history] = number
    return number
