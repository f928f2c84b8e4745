"""Reading the ledger, the events and the names. Reads only; every function takes a connection or a pool."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, TypeAlias

import asyncpg

from .outage import outages_as_unavailable
from .pool import Connection, Pool, borrowed
from .queries import Q

Reader: TypeAlias = "Connection | Pool"


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry. ``received_at``: microseconds since 1970 UTC; ``record``: for ``Record.unpack``."""

    position: int
    received_at: int
    block: int
    count: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's position, time of receipt and hash; position and time 0 where the ledger is empty."""

    position: int
    received_at: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it was said, and when and by whom. ``kind`` is the kind's number; ``operator`` and ``site`` are keys,
    empty where none is named."""

    number: int
    position: int
    received_at: int
    id: str
    kind: int
    operator: str
    site: str
    grid: str
    body: bytes
    sender: str
    role: str
    tenant: str
    channel: str
    mender: str = ""
    """Who mended it after the sender had handed it in; empty where it is as the sender said it."""


async def entries_after(conn: Reader, position: int, limit: int = 100) -> list[Entry]:
    """Up to ``limit`` entries after ``position``, in order, without a gap."""
    with outages_as_unavailable():
        return [Entry(*row.values()) for row in await conn.fetch(Q["ledger_after"], position, limit)]


async def head(conn: Reader, *, settled: bool = False) -> Head:
    """The last entry. ``settled``: first wait for lanes that are committing, so that no answer that is given for this
    position changes afterwards."""
    with outages_as_unavailable():
        row = await conn.fetchrow(Q["ledger_head_shared" if settled else "ledger_head"])
    assert row is not None
    return Head(*row.values())


async def position_at(conn: Reader, time: int) -> int:
    """The last position received at or before ``time`` (microseconds since 1970 UTC); 0 where there is none."""
    with outages_as_unavailable():
        return int(await conn.fetchval(Q["ledger_position_at"], time))


@contextlib.asynccontextmanager
async def listening(pool: Pool, channel: str = "ledger") -> AsyncIterator[Callable[[float], Any]]:
    """Within, ``await heard(seconds)`` waits until something was notified on ``channel`` since the last call, and says
    whether; it may also be that the time is over. ``Unavailable`` where the connection broke."""
    woken = asyncio.Event()

    def wake(*_: object) -> None:
        woken.set()

    async def heard(seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), seconds)
        with outages_as_unavailable():
            if conn.is_closed():
                raise ConnectionError("the listening connection is closed")
        said = woken.is_set()
        woken.clear()
        return said

    async with borrowed(pool) as conn:
        with outages_as_unavailable():
            conn.add_termination_listener(wake)
            await conn.add_listener(channel, wake)
        try:
            yield heard
        finally:
            with contextlib.suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError):
                conn.remove_termination_listener(wake)
                await conn.remove_listener(channel, wake)


async def wait(pool: Pool, position: int, seconds: float) -> bool:
    """Wait up to ``seconds`` until the ledger is past ``position``; whether it is."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    async with listening(pool) as heard:
        while (await head(pool)).position <= position:
            left = until - loop.time()
            if left <= 0:
                return False
            await heard(left)
    return True


async def event_rows(conn: Reader, numbers: Iterable[int]) -> list[StoredEvent]:
    """Events by number, in order of number; unknown numbers are missing."""
    with outages_as_unavailable():
        rows = await conn.fetch(Q["event_rows"], list(numbers))
    return [
        StoredEvent(
            number=row["number"],
            position=row["position"],
            received_at=row["received_at"],
            id=row["id"],
            kind=row["kind"],
            operator=row["operator"] or "",
            site=row["site"] or "",
            grid=row["grid"] or "",
            body=row["body"],
            sender=row["sender"],
            role=row["role"],
            tenant=row["tenant"],
            channel=row["channel"],
            mender=row["mender"],
        )
        for row in rows
    ]


async def batch_keys(conn: Reader, numbers: Iterable[int]) -> dict[int, str]:
    """Canonical keys by number."""
    return await _pairs(conn, "batch_keys", numbers)


async def site_keys(conn: Reader, numbers: Iterable[int]) -> dict[int, str]:
    """Canonical keys by number."""
    return await _pairs(conn, "site_keys", numbers)


async def party_keys(conn: Reader, numbers: Iterable[int]) -> dict[int, str]:
    """Keys by number, of senders and operators."""
    return await _pairs(conn, "party_keys", numbers)


async def batch_number(conn: Reader, key: str) -> int | None:
    """The number of a batch by its canonical key; None where no event names it."""
    return await _number(conn, "batch_number", key)


async def site_number(conn: Reader, key: str) -> int | None:
    """The number of a site by its canonical key; None where no event names it."""
    return await _number(conn, "site_number", key)


async def party_number(conn: Reader, key: str) -> int | None:
    """The number of a sender or operator; None where it is not known."""
    return await _number(conn, "party_number", key)


async def batches_after(conn: Reader, number: int, limit: int = 100_000) -> list[tuple[int, str]]:
    """(number, canonical key) of batches after ``number``, in order, for those who hold all of them."""
    with outages_as_unavailable():
        return [(row[0], row[1]) for row in await conn.fetch(Q["batches_after"], number, limit)]


async def labels(conn: Reader, batches: Sequence[int]) -> dict[int, list[str]]:
    """Lot numbers as printed, by batch, sorted; batches without any are missing."""
    with outages_as_unavailable():
        rows = await conn.fetch(Q["labels"], list(batches))
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["batch"], []).append(row["label"])
    return found


async def batches_labelled(conn: Reader, label: str, limit: int = 1000) -> list[str]:
    """Canonical keys of the batches that bear ``label`` as lot number as printed."""
    with outages_as_unavailable():
        return [row[0] for row in await conn.fetch(Q["batches_labelled"], label, limit)]


async def near_batches(conn: Reader, text: str, limit: int = 5) -> list[str]:
    """Known batches that somebody who typed ``text`` may have meant, best first: those that bear it as lot number, that
    begin alike, or that contain it."""
    found = set(await batches_labelled(conn, text, limit))
    with outages_as_unavailable():
        for length in (len(text) - 1, len(text) * 3 // 4, len(text) // 2):
            start = text[:length]
            if start and len(found) < 4 * limit:
                rows = await conn.fetch(Q["batches_between"], start, _after(start), 20 * limit)
                found.update(row[0] for row in rows)
        if len(found) < limit and text:
            found.update(row[0] for row in await conn.fetch(Q["batches_containing"], text, 4 * limit))
    return sorted(found, key=lambda key: (-SequenceMatcher(None, text, key).ratio(), key))[:limit]


def _after(start: str) -> str:
    """The least text, by code points, that is greater than all that begin with ``start``."""
    last = ord(start[-1])
    following = 0xE000 if last == 0xD7FF else last + 1  # surrogates are no characters
    return start[:-1] + chr(following) if last < 0x10FFFF else _after(start[:-1])


async def _pairs(conn: Reader, name: str, numbers: Iterable[int]) -> dict[int, str]:
    with outages_as_unavailable():
        return {row["number"]: row["key"] for row in await conn.fetch(Q[name], list(numbers))}


async def _number(conn: Reader, name: str, key: str) -> int | None:
    with outages_as_unavailable():
        found = await conn.fetchval(Q[name], key)
    return None if found is None else int(found)
