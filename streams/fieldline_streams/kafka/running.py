"""What the parts of one worker share: connections, keys and the producer, open for as long as any part runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fieldline_trace.capture import Deployment
from fieldline_trace.errors import Unavailable
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, open_store

from fieldline_streams.kafka.connect import client, unavailable
from fieldline_streams.kafka.idempotent import IdempotentProducer
from fieldline_streams.kafka.topics import MESSAGE_BYTES_OVER

LINGER_MS = 5
"""How long a message of ours waits for company."""
STOP_SECONDS = 10.0
"""How long a broker that is away may hold up the end of a worker."""


class Running:
    """Made with a worker, opened before any of its parts begins, closed after all have ended."""

    pool: Pool
    producer: AIOKafkaProducer

    def __init__(self, settings: Settings, metrics: Metrics | None = None) -> None:
        self.settings = settings
        self.metrics = Metrics() if metrics is None else metrics
        self.deployment = Deployment(settings.data_dir, settings.event_bytes)
        self.stopping = asyncio.Event()
        """Set when the worker is to end."""
        self._open = False

    async def open(self) -> None:
        """Connect. ``Unavailable`` where PostgreSQL or Kafka is not reached."""
        if self.settings.database_url is None:
            raise Unavailable("FIELDLINE_DATABASE_URL names no PostgreSQL: workers share one")
        self.pool = await open_store(
            self.settings.database_url,
            size=self.settings.pool_size,
            statement_seconds=self.settings.statement_seconds,
        )
        try:
            self.producer = await opened_producer(self.settings)
        except BaseException:
            self.pool.terminate()
            raise
        self._open = True

    async def close(self) -> None:
        """Send what waits, and let go."""
        self.stopping.set()
        if not self._open:
            return
        self._open = False
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(self.producer.stop(), STOP_SECONDS)
        try:
            await asyncio.wait_for(self.pool.close(), 5)
        except (TimeoutError, OSError):
            self.pool.terminate()


async def opened_producer(settings: Settings, **arguments: Any) -> AIOKafkaProducer:
    """A started producer that repeats nothing and loses nothing. ``Unavailable`` where no broker answers."""
    given: dict[str, Any] = {
        "acks": "all",
        "compression_type": "lz4",
        "linger_ms": LINGER_MS,
        "max_request_size": settings.event_bytes + MESSAGE_BYTES_OVER,
    }
    made = AIOKafkaProducer if "transactional_id" in arguments else IdempotentProducer
    producer = made(**client(settings), **given | arguments)
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise unavailable(error) from error
    return producer
