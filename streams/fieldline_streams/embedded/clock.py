"""The clock: time passes by events. A tick is written when the earliest deadline that the judge waits for is due.

So that an absence (no result, no arrival) is judged from the ledger alone, and a replay comes to the same end without
a timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from fieldline_schemas.times import instant
from fieldline_trace.errors import Unavailable

SENDER, ROLE, CHANNEL = "fieldline", "system", "clock"
LONGEST_SLEEP_SECONDS = 1.0
"""An earlier deadline may come with any event; so far apart are the looks."""


async def tick_when_due(
    hand_in: Callable[..., Awaitable[list[dict[str, Any]]]],
    next_deadline: Callable[[], int | None],
    stopping: asyncio.Event,
    now: Callable[[], int] = lambda: time.time_ns() // 1000,
) -> None:
    """Write one tick for each deadline that has come, until ``stopping``. Deadlines are microseconds since 1970 UTC."""
    ticked = None
    while not stopping.is_set():
        deadline, moment = next_deadline(), now()
        if deadline is not None and deadline <= moment and (ticked is None or ticked < deadline):
            with contextlib.suppress(Unavailable):
                await hand_in([tick(moment)], sender=SENDER, role=ROLE, channel=CHANNEL)
                ticked = moment
            continue
        pause = LONGEST_SLEEP_SECONDS
        if deadline is not None and deadline > moment:
            pause = min(pause, (deadline - moment) / 1_000_000)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


def tick(moment: int) -> bytes:
    """The event that says that it is ``moment`` (microseconds since 1970 UTC)."""
    return msgspec.json.encode({"id": f"urn:fieldline:tick:{moment}", "kind": "clock_ticked", "at": instant(moment)})
