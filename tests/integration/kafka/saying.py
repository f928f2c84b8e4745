"""Keys, messages and a consumer for tests of what is said on Kafka."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from fieldline_streams.kafka.connect import client
from fieldline_streams.kafka.topics import topic_name
from fieldline_trace.api.http.credentials import DAY, Scope, make
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, open_store

SECONDS = 60.0


def event(name: str, **more: Any) -> bytes:
    """A harvest at the farm."""
    said = {"id": name, "kind": "harvested", "operator": "hof-1", "site": "field", "out_batch": f"hof-1/leaf/{name}"}
    return json.dumps(said | more).encode()


def record(value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()) -> ConsumerRecord[Any, Any]:
    """A message as a consumer gets it."""
    return ConsumerRecord("farm", 0, 7, 0, 0, None, value, None, 0, len(value or b""), tuple(headers))


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


async def key_for(pool: Pool, sender: str, role: str = "producer", **more: Any) -> str:
    """A key that opens for a day."""
    expires_at = more.pop("expires_at", now() + DAY)
    async with pool.acquire() as conn:
        return (await make(conn, Scope(sender, role, **more), now=now(), by="test", expires_at=expires_at)).key


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Pool]:
    """The database of ``settings``."""
    assert settings.database_url is not None
    pool = await open_store(settings.database_url)
    try:
        yield pool
    finally:
        await pool.close()


async def messages(settings: Settings, topic: str, count: int) -> list[ConsumerRecord[Any, Any]]:
    """The first ``count`` messages of a topic, from its begin."""
    consumer = AIOKafkaConsumer(topic_name(settings, topic), **client(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(SECONDS):
            return [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
