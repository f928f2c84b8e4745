"""Notices among workers: the topics `alerts` and `scope-changes`, and webhooks.

The topics are told by one worker at a time, in order, from a cursor that stands in PostgreSQL. Its seat lapses when it
is silent, and its producer is transactional under one name: where another has sat down, whatever the former one still
has in its hands is refused by the broker, so no older version ever stands behind a newer one. A crash between telling
and moving the cursor tells again, under the same id (header `fieldline-id`).

Webhooks are posted by every worker that has this part; each notice by one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Final

import faust
import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow import stored
from fieldline_trace.follow.pages import page
from fieldline_trace.follow.told import FeedItem
from fieldline_trace.notices.said import notice_id, subject_of, topic_of
from fieldline_trace.notices.sending import Notices
from fieldline_trace.store import Q, borrowed, outages_as_unavailable
from fieldline_trace.store.ledger_read import listening
from mode import Service

from fieldline_streams.answering import FOLLOWER_PAUSES
from fieldline_streams.kafka.running import Running, opened_producer
from fieldline_streams.kafka.topics import topic_name

_log = logging.getLogger(__name__)

SEAT: Final = "topics"
PAGE: Final = 500
"""Alerts, and scopes, that are told in one transaction."""
LOOK_SECONDS: Final = 1.0
"""How often it is looked for something to tell, or for a seat that has become free, though nobody was woken."""
SECOND: Final = 1_000_000


def add_notices(app: faust.App, running: Running) -> None:
    """Let the worker of ``app`` tell of what the judge writes."""

    @app.service
    class Telling(Service):
        """Tells the topics, and posts webhooks."""

        @Service.task
        async def tell(self) -> None:
            await Topics(running).run()

        @Service.task
        async def post(self) -> None:
            await Notices(running.pool, running.settings, running.metrics).run(running.stopping)


class Topics:
    """Tells `alerts` and `scope-changes` what the judge wrote, when it is this worker's turn."""

    def __init__(self, running: Running) -> None:
        self._running = running
        settings = running.settings
        self._me = f"{settings.worker_id or 'worker'}-{time.time_ns():x}"
        self._seconds = settings.kafka_session_seconds
        self._producer: AIOKafkaProducer | None = None
        self._seated_until = 0.0

    async def run(self) -> None:
        """Until the worker ends. Nothing that PostgreSQL or Kafka does ends it."""
        failures = 0
        stop = self._running.stopping
        try:
            while not stop.is_set():
                try:
                    async with listening(self._running.pool, "judged") as heard:
                        while not stop.is_set():
                            await self._tell()
                            failures = 0
                            await heard(LOOK_SECONDS)
                except (Unavailable, Conflict, KafkaError) as error:
                    failures += 1
                    _log.warning("topics are told later: %r", error)
                except Exception:
                    failures += 1
                    _log.exception("topics are told later")
                await self._leave()
                if failures:
                    with contextlib.suppress(TimeoutError):
                        pause = FOLLOWER_PAUSES[min(failures, len(FOLLOWER_PAUSES)) - 1]
                        await asyncio.wait_for(stop.wait(), pause)
        finally:
            await self._leave()

    async def _tell(self) -> None:
        """Tell all there is, if the seat is ours."""
        while await self._seated():
            async with borrowed(self._running.pool) as conn:
                with outages_as_unavailable():
                    after = int(await conn.fetchval(Q["topics_cursor"]))
                    until = await stored.position(conn)
                    if after >= until:
                        return
                    items, upto = await page(conn, after, until, PAGE)
            if items:
                await self._send(items)
            async with borrowed(self._running.pool) as conn:
                with outages_as_unavailable():
                    if await conn.execute(Q["topics_advance"], after, upto) != "UPDATE 1":
                        raise Conflict("another worker has told the topics meanwhile")

    async def _send(self, items: list[FeedItem]) -> None:
        producer = await self._opened()
        async with producer.transaction():
            for item in items:
                await producer.send(
                    topic_name(self._running.settings, topic_of(item)),
                    msgspec.json.encode(item.said),
                    key=subject_of(item).encode(),
                    headers=[("fieldline-id", notice_id(item).encode())],
                )

    async def _opened(self) -> AIOKafkaProducer:
        """The producer of whoever sits; with its first message all that a former one had in its hands is refused."""
        if self._producer is None:
            settings = self._running.settings
            name = f"{settings.kafka_prefix}{settings.kafka_group}-topics"
            self._producer = await opened_producer(settings, transactional_id=name, linger_ms=0)
        return self._producer

    async def _seated(self) -> bool:
        """Whether the seat is ours for a while; it is taken where it is free."""
        now = time.monotonic()
        if now < self._seated_until - self._seconds / 2:
            return True
        async with borrowed(self._running.pool) as conn:
            with outages_as_unavailable():
                until = await conn.fetchval(Q["seat_take"], SEAT, self._me, int(self._seconds * SECOND))
        if until is None:
            await self._put_away()
            return False
        self._seated_until = now + self._seconds
        return True

    async def _leave(self) -> None:
        """Another may sit down at once."""
        await self._put_away()
        if self._seated_until:
            self._seated_until = 0.0
            with contextlib.suppress(Unavailable):
                async with borrowed(self._running.pool) as conn:
                    with outages_as_unavailable():
                        await conn.execute(Q["seat_leave"], SEAT, self._me)

    async def _put_away(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError):
                await producer.stop()
