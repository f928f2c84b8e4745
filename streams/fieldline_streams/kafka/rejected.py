"""What was refused, told on a topic: whatever door it came by, and whoever kept it, at least once.

The table is the truth. What is in it and was not told yet is told in order of number, and marked when the broker has
it; a crash in between tells it twice, under the same key.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from aiokafka.errors import KafkaError, KafkaTimeoutError
from fieldline_schemas.times import instant
from fieldline_schemas.topics import REJECTED
from fieldline_trace.errors import Unavailable
from fieldline_trace.store import Q, borrowed, outages_as_unavailable

from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import MESSAGE_BYTES_OVER, topic_name

_log = logging.getLogger(__name__)

AT_ONCE = 200
QUIET_SECONDS = 5.0
"""How often the table is looked at where nobody wakes us: others refuse, too."""
PAUSE_SECONDS = 0.5
SEND_SECONDS = 10.0
"""How long the broker may take; then it is tried again."""
RAW_BYTES = 100_000
"""More of a refused text is not told, nor what would make a message that the broker does not take: the table has it
whole."""
FRAME_BYTES = 1_000
"""What a message has beyond its value, at most."""


class RejectedTopic:
    """Tells what was refused. Any number of workers may run one."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was refused just now."""
        self._woken.set()

    async def run(self) -> None:
        """Tell until the worker stops; an outage is waited out."""
        while not self._running.stopping.is_set():
            self._woken.clear()
            pause = QUIET_SECONDS
            try:
                while await self.publish():
                    pass
            except (Unavailable, KafkaError) as error:
                _log.warning("what was refused is told later: %r", error)
                pause = PAUSE_SECONDS
            waits = [asyncio.ensure_future(event.wait()) for event in (self._running.stopping, self._woken)]
            try:
                # After an outage being woken hurries nothing.
                await asyncio.wait(
                    waits if pause == QUIET_SECONDS else waits[:1],
                    timeout=pause,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                for wait in waits:
                    wait.cancel()

    async def publish(self) -> int:
        """Tell some of what was not told; how many. ``Unavailable`` or ``KafkaError``:
        it is told again."""
        with outages_as_unavailable():
            async with borrowed(self._running.pool) as conn, conn.transaction():
                if not await conn.fetchval(Q["rejected_telling"]):
                    return 0  # another worker tells
                rows = await conn.fetch(Q["rejected_untold"], AT_ONCE)
                if not rows:
                    return 0
                await self._send(rows)
                await conn.execute(Q["rejected_told"], [row["number"] for row in rows])
                return len(rows)

    async def _send(self, rows: Sequence[Any]) -> None:
        topic = topic_name(self._running.settings, REJECTED)
        producer = self._running.producer
        most = self._running.settings.event_bytes + MESSAGE_BYTES_OVER - FRAME_BYTES
        try:
            async with asyncio.timeout(SEND_SECONDS):
                sent = [await producer.send(topic, said(row, most), key=str(row["number"]).encode()) for row in rows]
                await asyncio.gather(*sent)
        except TimeoutError:
            raise KafkaTimeoutError(f"no answer within {SEND_SECONDS} s") from None


def said(row: Any, most: int) -> bytes:
    """A row of ``rejected_untold`` as a message: what AsyncAPI calls ``RejectedEvent``; without the text where it would
    have more than ``most`` bytes with it."""
    raw: bytes = row["raw"]
    told: dict[str, Any] = {
        "number": row["number"],
        "sender": row["sender"],
        "role": row["role"],
        "tenant": row["tenant"],
        "channel": row["channel"],
        "received": instant(row["received_at"]),
        "id": row["event_id"],
        "code": row["code"],
        "field": row["field"],
        "value": row["value"],
        "rule": row["rule"],
        "arguments": row["arguments"],
        "bytes": len(raw),
        "raw": None,
        "base64": None,
    }
    if len(raw) <= RAW_BYTES:
        with contextlib.suppress(UnicodeDecodeError):
            told["raw"] = raw.decode()
        if told["raw"] is None:
            told["base64"] = base64.b64encode(raw).decode()
    message = msgspec.json.encode(told)
    if len(message) > most:  # what cannot be read is longer in JSON than it was
        message = msgspec.json.encode(told | {"raw": None, "base64": None})
    return message
