"""Mending what was refused, and taking it in after all.

What is mended keeps its original beside the corrected text, and who corrected it. It enters the ledger as said by its
sender, through the door it came by, with the mender named in its leaf. Identity is what makes it count once: however
often it is replayed, or handed in anew meanwhile, the same id with the same content is one event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.text import prose

from fieldline_trace.errors import Conflict, NotFound, Rejected
from fieldline_trace.store import Connection, Q, outages_as_unavailable

from .door import Door, Handed, Through
from .keys import Keys
from .personal import Persons
from .reading import EVENT_BYTES_MAX, read_all
from .receipts import Receipt, Refused, Repeated
from .rows import storable
from .take import take_all

OPEN, MENDED, REPLAYED, RESENT, DISMISSED = "open", "mended", "replayed", "resent", "dismissed"
STATUSES = (OPEN, MENDED, REPLAYED, RESENT, DISMISSED)
"""What becomes of a refused event. ``resent``: its sender handed in a readable one with its id."""
_UNSETTLED = (OPEN, MENDED)
_AT_ONCE = 500


class Bounds(NamedTuple):
    """What a sender may say: in which role, and for which operators (None: for anybody)."""

    role: str
    operators: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    door: Door
    history: bool
    raw: bytes
    status: str
    event: int | None
    event_id: str


async def mend(
    conn: Connection,
    number: int,
    raw: bytes,
    *,
    by: str,
    sender: str | None = None,
    bounds: Bounds | None = None,
    persons: Persons | None = None,
    event_bytes: int = EVENT_BYTES_MAX,
) -> None:
    """Put ``raw`` in the place of what was refused under ``number``; the original is kept. A later call mends anew.

    ``bounds``: what its sender may say by now, where it is the sender who mends.

    ``NotFound`` where there is no such number (of ``sender``, where one is named), ``Conflict`` where it is settled,
    ``Rejected`` where ``raw`` cannot be taken either, or its sender may not say it.
    """
    with outages_as_unavailable():
        async with conn.transaction():
            (row,) = await _rows(conn, [number], sender, bounds)
            if row.status not in _UNSETTLED:
                raise Conflict(Sentence("rejected_settled", number=number, status=row.status))
            _, unreads = read_all([raw], Through(row.door, row.history), event_bytes, persons=persons)
            if unreads:
                raise Rejected(unreads[0].fault)
            await conn.execute(Q["rejected_mend"], number, raw, _named(by))


async def replay(
    conn: Connection,
    numbers: Sequence[int] | None,
    *,
    by: str,
    sender: str | None = None,
    bounds: Bounds | None = None,
    rule: str | None = None,
    persons: Persons | None = None,
    keys: Keys | None = None,
    event_bytes: int = EVENT_BYTES_MAX,
) -> list[tuple[int, Receipt]]:
    """Take in what was refused: what was mended as it is now, the rest as it came, since the reader may have learned.

    ``numbers``: which; None: all that waits, of ``sender`` and refused for a rule that contains ``rule`` where these
    are given. ``bounds``: what their sender may say by now, where it is the sender who replays. A receipt each, in
    order of number: what is in the ledger already is ``Repeated``, what still cannot be read ``Refused``, with today's
    fault. ``NotFound`` and ``Conflict`` (what was dismissed) before anything is taken.
    """
    _named(by)
    receipts: list[tuple[int, Receipt]] = []
    with outages_as_unavailable():
        for some in await _chunks(conn, numbers, sender, rule):
            rows = await _rows(conn, some, sender, bounds)
            receipts += await _replayed(conn, rows, by, persons, keys, event_bytes)
    return receipts


async def dismiss(
    conn: Connection, numbers: Sequence[int], *, by: str, reason: str, sender: str | None = None, erase: bool = False
) -> None:
    """Say of what was refused that it is not to be taken in, and why. ``erase``: forget its text, too, which may name a
    person. ``NotFound``; ``Conflict`` where one of them is in the ledger; ``Rejected`` where there is no reason."""
    try:
        why = prose(reason)
    except Fault as fault:
        raise Rejected(fault.at("reason")) from None
    with outages_as_unavailable():
        async with conn.transaction():
            rows = await _rows(conn, numbers, sender)
            for row in rows:
                if row.status in (REPLAYED, RESENT):
                    known = {"number": row.number, "status": row.status, "event": row.event}
                    raise Conflict(Sentence("rejected_in_ledger", **known))
            todo = [row.number for row in rows if row.status in _UNSETTLED]
            if todo:
                await conn.execute(Q["rejected_settle"], todo, DISMISSED, _named(by), why, [None] * len(todo))
            if erase:
                await conn.execute(Q["rejected_forget"], [row.number for row in rows])


async def _chunks(
    conn: Connection, numbers: Sequence[int] | None, sender: str | None, rule: str | None
) -> list[list[int]]:
    """The numbers in order, a part at a time; all are known, and none was dismissed."""
    if numbers is not None:
        wanted = sorted(set(numbers))
        for row in await _rows(conn, wanted, sender):
            if row.status == DISMISSED:
                raise Conflict(Sentence("rejected_dismissed", number=row.number))
        return [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]
    chunks: list[list[int]] = []
    last = 0
    while True:
        found = await conn.fetch(Q["rejected_unsettled_after"], last, sender, rule, _AT_ONCE)
        if not found:
            return chunks
        chunks.append([row["number"] for row in found])
        last = chunks[-1][-1]


async def _replayed(
    conn: Connection,
    rows: list[_Row],
    by: str,
    persons: Persons | None,
    keys: Keys | None,
    event_bytes: int,
) -> list[tuple[int, Receipt]]:
    receipts: dict[int, Receipt] = {
        row.number: Repeated(row.event or 0, row.event_id) for row in rows if row.status not in _UNSETTLED
    }
    todo = [row for row in rows if row.status in _UNSETTLED]
    readable: list[_Row] = []
    for row in todo:
        _, unreads = read_all([row.raw], Through(row.door, row.history), event_bytes, persons=persons)
        if not unreads:
            readable.append(row)
            continue
        number, fault = row.number, unreads[0].fault
        texts = [storable(text) for text in (fault.field, fault.value, fault.told("en"))]
        await conn.execute(Q["rejected_fault"], number, *texts, fault.code, fault.arguments)
        receipts[number] = Refused(number, fault)
    taken = await take_all(
        conn,
        [Handed(row.raw, row.door, row.history) for row in readable],
        keys=keys,
        event_bytes=event_bytes,
        persons=persons,
        anew=False,
    )
    settled: list[tuple[int, int]] = []
    for row, receipt in zip(readable, taken, strict=True):
        receipts[row.number] = receipt
        if not isinstance(receipt, Refused):
            settled.append((row.number, receipt.number))
    if settled:
        done, events = zip(*settled, strict=True)
        await conn.execute(Q["rejected_settle"], done, REPLAYED, by, "", events)
    return [(row.number, receipts[row.number]) for row in rows]


async def _rows(
    conn: Connection, numbers: Sequence[int], sender: str | None, bounds: Bounds | None = None
) -> list[_Row]:
    """What was refused under these numbers, in order; ``NotFound`` where there is none of one of them, or it is another
    sender's."""
    found = {row["number"]: row for row in await conn.fetch(Q["rejected_rows"], list(numbers))}
    for number in numbers:
        if number not in found or sender not in (None, found[number]["sender"]):
            raise NotFound(Sentence("rejected_not_known", number=number))
    return [_row(found[number], bounds) for number in sorted(found)]


def _row(row: Any, bounds: Bounds | None) -> _Row:
    mended = row["mended"]
    door = Door(
        row["sender"],
        row["role"],
        row["tenant"],
        row["channel"],
        operators=None if row["operators"] is None else frozenset(row["operators"]),
        mender="" if mended is None else row["mended_by"],
    )
    if bounds is not None:
        door = door.narrowed(*bounds)
    raw = row["raw"] if mended is None else mended
    return _Row(row["number"], door, row["history"], raw, row["status"], row["event"], row["event_id"] or "")


def _named(by: str) -> str:
    if not 0 < len(by) <= 256 or not by.isprintable():
        raise Rejected(Fault.of(by, "mender_name", "by"))
    return by
