"""The access log: each reading of another's data, written before it is answered.

What many read at once is written in one transaction, so a reader waits for one commit, and readers do not queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.ports import Clock
from fieldline_trace.store import Pool, Q, borrowed, outages_as_unavailable

WHOSE_MOST = 1000
"""Names that one line holds; a reading of more is counted by an ellipsis beside them."""
SUBJECT_MOST = 500


class _Seen(NamedTuple):
    at: int
    sender: str
    role: str
    tenant: str
    key: str
    operation: str
    subject: str
    whose: list[str]


class AccessLog:
    """Writes who read whose data."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._waiting: list[_Seen] = []
        self._writing: asyncio.Task[None] | None = None

    async def seen(self, caller: Caller, operation: str, subject: str, whose: Iterable[str]) -> None:
        """Write that ``caller`` reads data of ``whose`` (senders and operators) about ``subject``; what is its own is
        left out, and where nothing else remains there is nothing to write. ``Unavailable`` where it cannot be written:
        then nothing may be answered."""
        others = sorted({name for name in whose if name} - {caller.sender, *caller.operators})
        if not others:
            return
        if len(others) > WHOSE_MOST:
            others = [*others[:WHOSE_MOST], "…"]
        self._waiting.append(
            _Seen(
                self._clock.now(),
                caller.sender,
                caller.role,
                caller.tenant,
                caller.key_id,
                operation,
                subject.replace("\x00", "")[:SUBJECT_MOST],
                others,
            )
        )
        # Whoever comes while one write is under way goes with the next.
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        batch, self._waiting = self._waiting, []
        if batch:
            with outages_as_unavailable():
                async with borrowed(self._pool) as conn:
                    await conn.execute(Q["access_new"], *(list(column) for column in zip(*batch, strict=True)))
