"""Posting what is due, for as long as a process lives. Any number of processes may.

A notice is taken for posting by a lease in PostgreSQL, of each subject only the first that waits: so what is told of
one alert arrives in its order, and a process that dies with a notice in its hands loses a moment. Each subscriber is
served by itself, so one that is slow or dead keeps no other waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Sequence
from typing import Any, Final

from fieldline_trace.errors import Unavailable
from fieldline_trace.metrics import Metrics
from fieldline_trace.notices.fanout import fan_out
from fieldline_trace.notices.posting import Posted, Poster
from fieldline_trace.notices.sealing import Seals
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, Q, borrowed, outages_as_unavailable
from fieldline_trace.store.ledger_read import listening

_log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Notices of one subscriber that are posted at once, each of another subject."""
LONGEST_PAUSE_SECONDS: Final = 21_600.0
LOOK_SECONDS: Final = 1.0
"""How often it is looked for what is due though nobody was woken."""
LEASE_OVER_SECONDS: Final = 20.0
"""What a lease lasts beyond the longest try."""
FORGET_SECONDS: Final = 3600.0
RETRY_SECONDS: Final = (0.1, 0.5, 1.0, 5.0)
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND


class Notices:
    """Enters and posts notices of one process."""

    def __init__(self, pool: Pool, settings: Settings, metrics: Metrics) -> None:
        self._pool = pool
        self._settings = settings
        self._metrics = metrics
        self._seals = Seals.of(settings)
        self._poster = Poster(seconds=settings.notice_seconds, loopback=settings.notice_loopback)
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._again = asyncio.Event()
        """A subscriber was served: look again for what is due."""
        self._forgotten = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set. Nothing that PostgreSQL or a receiver does ends it."""
        failures = 0
        try:
            while not stop.is_set():
                try:
                    await self._listen(stop)
                except Exception as error:
                    failures += 1
                    if not isinstance(error, Unavailable):
                        _log.exception("notices failed")
                    with contextlib.suppress(TimeoutError):
                        pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
                        await asyncio.wait_for(stop.wait(), pause)
        finally:
            for task in self._serving.values():
                task.cancel()
            await asyncio.gather(*self._serving.values(), return_exceptions=True)
            await self._poster.close()

    async def _listen(self, stop: asyncio.Event) -> None:
        async with listening(self._pool, "judged") as heard:
            while not stop.is_set():
                pause = await self._look()
                waits = [asyncio.create_task(wait) for wait in (heard(pause), self._again.wait(), stop.wait())]
                try:
                    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                    for one in done:
                        one.result()
                finally:
                    for one in waits:
                        one.cancel()
                    await asyncio.gather(*waits, return_exceptions=True)
                self._again.clear()

    async def _look(self) -> float:
        """Enter what is new, and begin to serve whom something is due for; seconds until the next is."""
        now = _now()
        async with borrowed(self._pool) as conn:
            await fan_out(conn, now=now)
            with outages_as_unavailable():
                rows = await conn.fetch(Q["notices_due"])
                if time.monotonic() - self._forgotten > FORGET_SECONDS:
                    await conn.execute(Q["notices_forget"], now - self._settings.notice_days * DAY)
                    self._forgotten = time.monotonic()
                self._metrics.notices_waiting.set(await conn.fetchval(Q["notices_waiting"]))
        pause = LOOK_SECONDS
        for row in rows:
            if row["id"] in self._serving:
                continue
            if row["due_at"] > now:
                pause = min(pause, (row["due_at"] - now) / SECOND)
                continue
            self._serving[row["id"]] = asyncio.create_task(self._serve(row["id"]), name=f"notices of {row['id']}")
        return max(0.01, pause)

    async def _serve(self, subscriber: str) -> None:
        try:
            if not await self._round(subscriber):
                await asyncio.sleep(LOOK_SECONDS)  # what is due is in another process's hands
            while await self._round(subscriber):
                pass
        except Unavailable:
            pass  # what was not settled is posted again when its lease is over
        except Exception:
            _log.exception("notices of subscriber %s failed", subscriber)
        finally:
            del self._serving[subscriber]
            self._again.set()

    async def _round(self, subscriber: str) -> bool:
        """Post what is due to one subscriber; whether there was anything."""
        now = _now()
        lease = now + int((self._settings.notice_seconds + LEASE_OVER_SECONDS) * SECOND)
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn, conn.transaction():
                told = await conn.fetchrow(Q["subscriber_posted"], subscriber)
                rows = [] if told is None else await conn.fetch(Q["notices_claim"], subscriber, now, lease, AT_ONCE)
        if told is None or not rows:
            return False
        kept = [told["secret"]] + ([told["old_secret"]] if told["old_until"] > now else [])
        secrets = [self._seals.opened(one) for one in kept]
        await asyncio.gather(*(self._post(subscriber, told["url"], secrets, lease, row) for row in rows))
        return True

    async def _post(self, subscriber: str, url: str, secrets: Sequence[str], lease: int, row: Any) -> None:
        posted = await self._poster.post(url, row["id"], row["body"], secrets)
        now = _now()
        async with borrowed(self._pool) as conn:
            with outages_as_unavailable():
                if posted.arrived:
                    await conn.execute(Q["notices_delivered"], subscriber, row["id"], lease, now, posted.said)
                else:
                    await conn.execute(
                        Q["notices_failed"], subscriber, row["id"], lease, *self._next(posted, row["tries"], now)
                    )
        if posted.arrived and row["position"]:
            self._metrics.notice_seconds.observe(max(0.0, (now - row["received_at"]) / SECOND))
        dead = posted.final or row["tries"] >= self._settings.notice_tries
        self._metrics.notices.labels("delivered" if posted.arrived else "dead" if dead else "failed").inc()

    def _next(self, posted: Posted, tries: int, now: int) -> tuple[str, int, int, str]:
        """State, when it is due, now, and what is said of it, after a try that failed."""
        state = "dead" if posted.final or tries >= self._settings.notice_tries else "waiting"
        pause = min(self._settings.notice_pause_seconds * 3.0 ** (tries - 1), LONGEST_PAUSE_SECONDS)
        return state, now + int(pause * random.uniform(0.8, 1.2) * SECOND), now, posted.said  # noqa: S311


def _now() -> int:
    return time.time_ns() // 1000
