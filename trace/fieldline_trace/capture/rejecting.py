"""Keeping what was refused, and closing it when its sender has handed in something readable in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from fieldline_trace.store import Connection, Q

from .door import Door
from .reading import Read, Unread
from .rows import storable


class _Named(msgspec.Struct):
    """As much of an event as says which one it is."""

    id: str | None = None


_named = msgspec.json.Decoder(_Named).decode
_ID_BYTES = 1_000_000
"""Longer inputs are not read for their id."""


def id_of(raw: bytes) -> str | None:
    """The id that an input bears, where it is JSON at all and PostgreSQL can hold it."""
    if len(raw) > _ID_BYTES:
        return None
    try:
        name = _named(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return name if name and len(name) <= 256 and name.isprintable() else None


async def write_rejected(
    conn: Connection, sender: int, unreads: Sequence[Unread], door: Door, now: int, history: bool
) -> dict[bytes, int]:
    """Keep what was refused; the number it is kept under, by digest of the raw bytes."""
    once = {unread.digest: unread for unread in unreads}
    times = Counter(unread.digest for unread in unreads)
    rows: list[tuple[object, ...]] = [
        (
            digest,
            times[digest],
            unread.raw,
            id_of(unread.raw),
            storable(unread.fault.field),
            storable(unread.fault.value),
            storable(unread.fault.told("en")),
            unread.fault.code,
            unread.fault.arguments,
        )
        for digest, unread in sorted(once.items())
    ]
    operators = sorted(door.operators) if door.operators is not None else None
    values = (sender, door.role, door.tenant, door.channel, history, operators, now)
    stored = await conn.fetch(Q["rejected_new"], *values, *zip(*rows, strict=True))
    return {row["digest"]: row["number"] for row in stored}


async def close_resent(
    conn: Connection,
    sender: int,
    unreads: Sequence[Unread],
    new: Sequence[Read],
    first_number: int,
    door: Door,
    now: int,
) -> None:
    """What waits to be mended under the id of a new event waits no longer. Of one micro-batch the last word counts."""
    last: dict[str, int] = {}
    for unread in unreads:
        name = id_of(unread.raw)
        if name is not None:
            last[name] = max(last.get(name, 0), unread.index)
    closing = {
        read.said.id: number for number, read in enumerate(new, first_number) if read.index >= last.get(read.said.id, 0)
    }
    if closing:
        await conn.execute(Q["rejected_resent"], sender, now, door.sender, *zip(*closing.items(), strict=True))
