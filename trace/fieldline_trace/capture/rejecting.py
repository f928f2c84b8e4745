"""Keeping what was refused, and closing it when its sender has handed in something readable in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from fieldline_trace.store import Connection, Q

from .identify import name_of
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
    conn: Connection, unreads: Sequence[Unread], senders: Mapping[str, int], now: int
) -> dict[tuple[str, bytes], int]:
    """Keep what was refused; the number it is kept under, by sender and digest of the raw bytes. ``senders``: their
    numbers. Of the same bytes from one sender the last way in counts."""
    once = {(senders[unread.through.door.sender], unread.digest): unread for unread in unreads}
    times = Counter((senders[unread.through.door.sender], unread.digest) for unread in unreads)
    rows: list[tuple[object, ...]] = []
    for name in sorted(once):
        unread = once[name]
        door, fault = unread.through.door, unread.fault
        rows.append(
            (
                name[0],
                door.role,
                door.tenant,
                door.channel,
                unread.through.history,
                None if door.operators is None else msgspec.json.encode(sorted(door.operators)).decode(),
                unread.digest,
                times[name],
                unread.raw,
                id_of(unread.raw),
                storable(fault.field),
                storable(fault.value),
                storable(fault.told("en")),
                fault.code,
                fault.arguments,
            )
        )
    stored = await conn.fetch(Q["rejected_new"], now, *zip(*rows, strict=True))
    named = {number: name for name, number in senders.items()}
    return {(named[row["sender"]], row["digest"]): row["number"] for row in stored}


async def close_resent(
    conn: Connection,
    unreads: Sequence[Unread],
    new: Sequence[Read],
    first_number: int,
    senders: Mapping[str, int],
    now: int,
) -> None:
    """What waits to be mended under the id of a new event waits no longer. Of one micro-batch the last word counts."""
    last: dict[tuple[str, str], int] = {}
    for unread in unreads:
        name = id_of(unread.raw)
        if name is not None:
            sender = unread.through.door.sender
            last[sender, name] = max(last.get((sender, name), 0), unread.index)
    closing = {
        name_of(read): number
        for number, read in enumerate(new, first_number)
        if read.index >= last.get(name_of(read), 0)
    }
    if closing:
        rows = [(senders[sender], sender, name, number) for (sender, name), number in closing.items()]
        await conn.execute(Q["rejected_resent"], now, *zip(*rows, strict=True))
