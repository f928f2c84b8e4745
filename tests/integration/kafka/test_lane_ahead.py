"""The lane under a backlog: the next micro-batch is made ready beside the write of the one before, and none is lost,
doubled or written before its turn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
from aiokafka import ConsumerRecord
from fieldline_schemas.topics import EVENTS
from fieldline_streams.kafka.intake import Intake
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import topic_name
from fieldline_trace.capture import Handed
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool
from fieldline_trace.store.ledger_read import listening

from tests.integration.kafka.working import (
    HEADERS,
    content,
    events,
    lane,
    offsets_in,
    trusting,
    until,
    until_captured,
    whole,
)

AT_ONCE = 50


@pytest.fixture
def trusted(kafka_settings: Settings) -> Settings:
    return trusting(kafka_settings, lane_events=AT_ONCE)


async def _backlog(settings: Settings, raws: Sequence[bytes]) -> str:
    """Hand all to one partition, number 3, so that a look for events finds as many as may be. The topic's name."""
    topic = topic_name(settings, EVENTS[0])
    producer = await opened_producer(settings)
    for raw in raws:
        await producer.send(topic, raw, partition=3, headers=HEADERS)
    await producer.stop()
    return topic


NEXT_IS_READY = (
    # Each event but the shipments makes a batch of its own, and what is made ready has numbers for its batches.
    f"select count(*) > {AT_ONCE + 11} and not exists (select from ledger) from batch"
)


async def test_the_next_is_made_ready_while_one_is_written_and_is_written_after_it(
    trusted: Settings, pool: Pool
) -> None:
    raws = events(6 * AT_ONCE)
    await _backlog(trusted, raws)
    async with pool.acquire() as held:
        async with held.transaction():
            await held.execute("select from ledger_head for update")
            running = lane(trusted)
            await running.__aenter__()
            await until(pool, NEXT_IS_READY)
        try:
            await until_captured(pool, len(raws))
        finally:
            await running.__aexit__(None, None, None)
    await whole(pool, trusted, raws)
    assert sum((await offsets_in(pool, trusted)).values()) == len(raws)


async def test_what_is_ready_is_given_up_where_the_one_before_it_was_overtaken(trusted: Settings, pool: Pool) -> None:
    raws = events(6 * AT_ONCE)
    topic = await _backlog(trusted, raws)
    async with pool.acquire() as held:
        async with held.transaction():
            # The first write waits before it comes to its offset; meanwhile somebody else has read one message.
            await held.execute("lock table record in share row exclusive mode")
            running = lane(trusted)
            await running.__aenter__()
            await until(pool, NEXT_IS_READY)
            await pool.execute("update stream_offset set next = 1 where topic = $1 and part = 3", topic)
        try:
            await until(pool, f"select exists (select from stream_offset where next = {len(raws)})")
        finally:
            await running.__aexit__(None, None, None)
    stored, _ = await content(pool)
    assert set(stored.values()) == {1}
    assert {name for name, _ in stored} == {f"e{number}" for number in range(1, len(raws))}


async def test_few_connections_are_enough_where_the_one_that_writes_is_cut(trusted: Settings, pool: Pool) -> None:
    raws = events(6 * AT_ONCE)
    await _backlog(trusted, raws)
    few = trusted.model_copy(update={"pool_size": 3})
    async with AsyncExitStack() as stack:

        class Crowded(Intake):
            """Beside what listens all the time, as a worker's notices do."""

            async def handed(self, records: Sequence[ConsumerRecord]) -> list[Handed]:
                if not self._listen:
                    self._listen = True
                    for _ in range(2):
                        await stack.enter_async_context(listening(self._running.pool))
                return await super().handed(records)

            _listen = False

        async with pool.acquire() as held:
            async with held.transaction():
                await held.execute("select from ledger_head for update")
                running = lane(few, Crowded)
                await running.__aenter__()
                await until(pool, "select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
                await pool.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where wait_event_type = 'Lock' and datname = current_database()"
                )
            try:
                await until_captured(pool, len(raws))
            finally:
                await stack.aclose()
                await running.__aexit__(None, None, None)
    await whole(pool, trusted, raws)
