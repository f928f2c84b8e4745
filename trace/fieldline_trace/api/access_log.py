"""The access log: each reading of another's data, written before it is answered.

What many read at once is written in one transaction, so a reader waits for one commit, and readers do not queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from fieldline_trace.api.caller import ANY_OPERATOR, Caller
from fieldline_trace.api.ports import Clock
from fieldline_trace.capture.rows import storable
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
    whose: str


class AccessLog:
    """Writes who read whose data."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._waiting: list[tuple[_Seen, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def seen(self, caller: Caller, operation: str, subject: str, whose: Iterable[str]) -> None:
        """Write that ``caller`` reads data of ``whose`` (senders and operators) about ``subject``; what is its own is
        left out, and where nothing else remains there is nothing to write. ``Unavailable`` where it cannot be written:
        then nothing may be answered."""
        others = sorted({name for name in whose if name} - ({caller.sender, *caller.operators} - {ANY_OPERATOR}))
        if not others:
            return
        if len(others) > WHOSE_MOST:
            others = [*others[:WHOSE_MOST], "…"]
        row = _Seen(
            self._clock.now(),
            caller.sender,
            caller.role,
            caller.tenant,
            caller.key_id,
            operation,
            storable(subject)[:SUBJECT_MOST],
            msgspec.json.encode(others).decode(),
        )
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        """Whoever comes while one transaction is under way goes with the next."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    with outages_as_unavailable():
                        async with borrowed(self._pool) as conn:
                            columns = zip(*(row for row, _ in batch), strict=True)
                            await conn.execute(Q["access_new"], *(list(column) for column in columns))
                except Exception as error:
                    for _, written in batch:
                        if not written.done():
                            written.set_exception(error)
                else:
                    for _, written in batch:
                        if not written.done():
                            written.set_result(None)
        finally:
            self._writing = None
