"""Holding what is kept of batches, beside the events, against what the events say of them.

Answers read amounts and lot numbers there. Mentions have no index by event, so the table is read once for all: each
block's rows are counted and their fingerprints added up, here and in PostgreSQL. Only where the sums of a block differ
its rows are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import md5

from fieldline_schemas.said import Said

from fieldline_trace.store import Connection, Q

from .pack import Interned
from .reading import Read
from .rows import labels_of, mentions_of

_Row = tuple[int, int, int, int, str, str]
"""Batch, event, site, role, amount and unit (empty where there are none)."""


class Mentioned:
    """What the events of all blocks that were added say of batches, as counts and sums."""

    def __init__(self) -> None:
        self._sums: dict[int, tuple[int, int]] = {}
        self._unread: set[int] = set()

    def add(self, block: int, reads: Sequence[Read], numbers: Interned) -> None:
        """The events of one block."""
        count = total = 0
        for row in _rows(block, [read.said for read in reads], numbers):
            count += 1
            total += _fingerprint(row)
        self._sums[block] = (count, total)

    def skip(self, block: int) -> None:
        """The events of this block cannot be read by this release: nothing is said about it."""
        self._unread.add(block)

    async def differing(self, conn: Connection) -> set[int]:
        """Blocks of which other mentions are kept than their events say, and blocks that were not added."""
        stored = {row["block"]: (row["count"], int(row["sum"])) for row in await conn.fetch(Q["ledger_mentions"])}
        blocks = (self._sums.keys() | stored.keys()) - self._unread
        return {block for block in blocks if self._sums.get(block, (0, 0)) != stored.get(block, (0, 0))}


async def differing_event_of_mentions(conn: Connection, block: int, reads: Sequence[Read], numbers: Interned) -> int:
    """The first event of a block of which other mentions are kept than it says. There is one."""
    said = list(_rows(block, [read.said for read in reads], numbers))
    kept = [
        (row["batch"], row["event"], row["site"], row["role"], row["amount"] or "", row["unit"] or "")
        for row in await conn.fetch(Q["ledger_mentions_of_block"], block << 16)
    ]
    differing = Counter(said)
    differing.subtract(kept)
    return min(row[1] for row, times in differing.items() if times)


async def missing_label(conn: Connection, reads: Sequence[Read], numbers: Interned) -> int | None:
    """The number of a batch whose lot number as printed is not kept; None where all are."""
    labels = labels_of([read.said for read in reads], numbers)
    if not labels:
        return None
    batches, texts = zip(*labels, strict=True)
    number: int | None = await conn.fetchval(Q["ledger_label_missing"], batches, texts)
    return number


def _rows(block: int, saids: Sequence[Said], numbers: Interned) -> Iterator[_Row]:
    for number, said in enumerate(saids, block << 16):
        for batch, site, role, amount, unit in mentions_of(said):
            yield numbers.batches[batch], number, numbers.sites[site], role, amount, unit


def _fingerprint(row: _Row) -> int:
    """64 bits, as PostgreSQL reckons them."""
    digest = md5(" ".join(map(str, row)).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
