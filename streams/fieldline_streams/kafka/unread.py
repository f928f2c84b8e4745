"""What an earlier release could not read is taken in by the first worker that can, while others may still be of that
release."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Final

from fieldline_trace.capture.receipts import Accepted, Variant
from fieldline_trace.capture.unread import take_unread
from fieldline_trace.errors import Unavailable
from fieldline_trace.store import borrowed

from fieldline_streams.kafka.ledger_topic import LedgerTopic
from fieldline_streams.kafka.running import Running

_log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 5.0
"""How often it is looked for what waits: workers of an earlier release may still put something there."""
REST: Final = 20.0
"""Times as long as a look took, at least, it is not looked again: what waits for a release after this one may be
much."""


async def reading_on(running: Running) -> None:
    """Take in what waits and can be read, until the worker ends. Nothing that fails here ends it."""
    topic = LedgerTopic(running)
    while not running.stopping.is_set():
        began, pause = time.monotonic(), LOOK_SECONDS
        try:
            async with borrowed(running.pool) as conn:
                receipts = await take_unread(
                    conn, event_bytes=running.settings.event_bytes, persons=running.deployment.persons
                )
            positions = [one.position for one in receipts if isinstance(one, Accepted | Variant)]
            if positions:
                _log.info("%d events that waited for this release were taken in", len(positions))
                await topic.publish(positions)
            if receipts:
                continue
            pause = max(pause, REST * (time.monotonic() - began))
        except Unavailable:
            pass  # they wait a little longer
        except Exception:
            _log.exception("events that waited for this release could not be taken in")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.stopping.wait(), pause)
