"""The clock: time passes by events. A tick is written when the earliest deadline that the judge waits for is due.

So that an absence (no result, no arrival) is judged from the ledger alone, and a replay comes to the same end without
a timer. Any number of clocks may run: the tick of a deadline has one id and says one thing, whoever writes it, so a
second one is a repeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

import msgspec
from fieldline_schemas.times import instant
from fieldline_trace.errors import Unavailable

_log = logging.getLogger(__name__)

SENDER, ROLE, CHANNEL = "fieldline", "system", "clock"
LONGEST_SLEEP_SECONDS = 1.0
"""An earlier deadline may come with any event; so far apart are the looks."""
MINUTE: Final = 60_000_000
"""Microseconds."""


class Due(NamedTuple):
    """The earliest deadline (None: there is none), and what time it is; microseconds since 1970 UTC."""

    deadline: int | None
    now: int


def wall_clock() -> int:
    """What time this machine says it is."""
    return time.time_ns() // 1000


async def tick_when_due(
    take: Callable[[bytes], Awaitable[Any]], due: Callable[[], Awaitable[Due]], stopping: asyncio.Event
) -> None:
    """Hand one tick to ``take`` for each deadline that has come, until ``stopping``."""
    ticked = None
    while not stopping.is_set():
        pause = LONGEST_SLEEP_SECONDS
        try:
            deadline, now = await due()
            if deadline is not None and deadline <= now and (ticked is None or ticked < deadline):
                moment = moment_of(deadline, now)
                await take(tick(moment))
                ticked = moment
                continue
            if deadline is not None and deadline > now:
                pause = min(pause, (deadline - now) / 1_000_000)
        except Unavailable:
            pass  # it will be back; the deadline stays
        except Exception:
            _log.exception("the clock could not tick")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


def moment_of(deadline: int, now: int) -> int:
    """What a tick for a deadline that has come says it is: the deadline itself, or, where that is long past, the full
    minute, which passes many at once. Never ahead of ``now``, and the same for all who write it within a minute."""
    return max(deadline, now - now % MINUTE)


def tick(moment: int) -> bytes:
    """The event that says that it is ``moment`` (microseconds since 1970 UTC)."""
    return msgspec.json.encode({"id": f"urn:fieldline:tick:{moment}", "kind": "clock_ticked", "at": instant(moment)})
