"""Events that came in a version from the future: kept unread, and taken in anew by the first release that reads them.

What changes answers is an entry of the ledger. So an event that waited is entered once more, where the ledger stands
then, under the door that it came by; from there on it is judged like any other, and the entry of old keeps its place in
the chain, unread for ever. Whoever hands it in again meanwhile, or is killed here, ends in the same: its id is
registered for one event that can be read.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas import fast
from fieldline_schemas.faults import Fault
from fieldline_schemas.said import NotYetReadable

from fieldline_trace.store import Connection, Q, outages_as_unavailable

from .door import Door, Handed
from .keys import Keys
from .personal import Persons
from .reading import EVENT_BYTES_MAX
from .receipts import Receipt
from .take import take_all

AT_ONCE = 1000


async def take_unread(
    conn: Connection,
    *,
    keys: Keys | None = None,
    event_bytes: int = EVENT_BYTES_MAX,
    persons: Persons | None = None,
) -> list[Receipt]:
    """Take in some of what waited for this release; the receipts, none where nothing is left that it can read.
    ``Unavailable`` where PostgreSQL is away."""
    with outages_as_unavailable():
        rows = await _readable(conn)
        if not rows:
            return []
        numbers = [row["number"] for row in rows]
        await conn.execute(Q["unread_anew"], [row["id"] for row in rows], [row["party"] for row in rows], numbers)

        async def done(within: Connection) -> None:
            await within.execute(Q["unread_done"], numbers)

        return await take_all(
            conn,
            [Handed(row["body"], _door(row), row["history"]) for row in rows],
            keys=keys,
            event_bytes=event_bytes,
            persons=persons,
            anew=False,
            within=done,
        )


async def _readable(conn: Connection) -> list[Any]:
    """Events that wait and can be read, however many before them cannot be yet."""
    behind = 0
    while True:
        page = await conn.fetch(Q["unread_rows"], AT_ONCE, behind)
        rows = [row for row in page if _reads(row["body"])]
        if rows or len(page) < AT_ONCE:
            return rows
        behind = page[-1]["number"]


def _reads(raw: bytes) -> bool:
    """Whether this release can say what the event is: what it finds wrong then is refused, and kept."""
    try:
        fast.read(raw)
    except NotYetReadable:
        return False
    except Fault:
        return True
    return True


def _door(row: Any) -> Door:
    return Door(row["sender"], row["role"], row["tenant"], row["channel"], mender=row["mender"])
