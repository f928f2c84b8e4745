"""The lane: what is on Kafka is in the ledger once, whatever happens to broker, database and partitions meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from fieldline_schemas.topics import EVENTS
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.connect import admin
from fieldline_streams.kafka.intake import Intake
from fieldline_streams.kafka.offsets import move, offsets
from fieldline_streams.kafka.topics import create, read_again, topic_name
from fieldline_trace.capture import Handed, take_all
from fieldline_trace.errors import Fenced
from fieldline_trace.settings import Settings
from fieldline_trace.store import Connection, EmbeddedPostgres, Pool

from tests.integration.kafka.working import (
    SECONDS,
    SENDER,
    content,
    events,
    lane,
    offsets_in,
    produce,
    trusting,
    until,
    until_captured,
    whole,
)
from tests.kafka_broker import settings_on


async def test_events_of_all_topics_and_partitions_come_to_the_ledger_as_they_would_by_any_door(
    trusted: Settings, pool: Pool
) -> None:
    raws = events(600)
    await produce(trusted, raws)
    async with lane(trusted):
        await until_captured(pool, len(raws))
    await whole(pool, trusted, raws)


async def test_offsets_count_the_messages_that_are_stored(trusted: Settings, pool: Pool) -> None:
    await produce(trusted, events(500))
    async with lane(trusted):
        await until_captured(pool, 500)
    stood = await offsets_in(pool, trusted)
    assert sum(stood.values()) == 500
    await produce(trusted, events(100, first=500))
    async with lane(trusted):
        await until_captured(pool, 600)
    assert sum((await offsets_in(pool, trusted)).values()) == 600


async def test_a_second_lane_shares_the_partitions_and_takes_over_when_the_first_ends(
    trusted: Settings, pool: Pool
) -> None:
    other = trusted.model_copy(update={"worker_id": f"{trusted.worker_id}-2"})
    raws = events(900)
    async with lane(other):
        async with lane(trusted):
            await produce(trusted, raws[:600])
            await until_captured(pool, 600)
        await produce(trusted, raws[600:])
        await until_captured(pool, 900)
    await whole(pool, trusted, raws)


async def test_who_was_overtaken_writes_neither_events_nor_offsets(pool: Pool) -> None:
    part = TopicPartition("farm", 0)
    async with pool.acquire() as conn:
        assert await offsets(conn, "g", [part]) == {part: 0}

        async def ours(within: Connection) -> None:
            await move(within, "g", {part: (0, 10)})

        await take_all(conn, [Handed(events(1)[0], SENDER)], within=ours)
        with pytest.raises(Fenced):  # somebody who still believes that it stands at 0
            await take_all(conn, [Handed(raw, SENDER) for raw in events(5)], within=ours)
        assert await offsets(conn, "g", [part]) == {part: 10}
    assert await pool.fetchval("select count(*) from event") == 1


async def test_offsets_move_where_there_is_nothing_new_and_not_where_somebody_else_read_on(pool: Pool) -> None:
    part = TopicPartition("farm", 0)
    async with pool.acquire() as conn:
        await offsets(conn, "g", [part])

        async def moved(start: int) -> None:
            async def within(conn: Connection) -> None:
                await move(conn, "g", {part: (start, start + 1)})

            await take_all(conn, [Handed(events(1)[0], SENDER)], within=within)

        await moved(0)
        await moved(1)
        assert await offsets(conn, "g", [part]) == {part: 2}
        with pytest.raises(Fenced):
            await moved(1)
        assert await offsets(conn, "g", [part]) == {part: 2}
    assert await pool.fetchval("select count(*) from event") == 1


async def test_partitions_that_are_taken_away_during_a_write_are_written_once(trusted: Settings, pool: Pool) -> None:
    raws = events(400)
    other = trusted.model_copy(update={"worker_id": f"{trusted.worker_id}-2"})
    async with lane(trusted):
        async with pool.acquire() as held, held.transaction():
            # Its first write waits for the head of the ledger; meanwhile another lane asks for half the partitions.
            await held.execute("select from ledger_head for update")
            await produce(trusted, raws[:200])
            await until(pool, "select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
            second = lane(other)
            await second.__aenter__()
        try:
            await produce(trusted, raws[200:])
            await until_captured(pool, len(raws))
        finally:
            await second.__aexit__(None, None, None)
    await whole(pool, trusted, raws)


async def test_an_outage_of_the_database_loses_nothing(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    raws = events(900)
    await produce(own_settings, raws[:300])
    async with lane(own_settings) as running:
        await until_captured(own_pool, 300)
        await asyncio.to_thread(own_postgres.stop)
        await produce(own_settings, raws[300:600])
        await asyncio.to_thread(own_postgres.start)
        await produce(own_settings, raws[600:])
        await until_captured(own_pool, 900)
        assert not running.done()
    await whole(own_pool, own_settings, raws)


async def test_a_worker_that_ends_during_an_outage_does_not_wait_for_the_database(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    raws = events(200)
    async with asyncio.timeout(SECONDS):
        async with lane(own_settings):
            await produce(own_settings, raws[:100])
            await until_captured(own_pool, 100)
            await asyncio.to_thread(own_postgres.stop)
            await produce(own_settings, raws[100:])
        await asyncio.to_thread(own_postgres.start)
        async with lane(own_settings):
            await until_captured(own_pool, 200)
    await whole(own_pool, own_settings, raws)


async def test_a_broker_that_is_killed_and_comes_back_loses_nothing(
    own_broker: Broker, database: str, pool: Pool, tmp_path: Path
) -> None:
    settings = trusting(settings_on(own_broker.bootstrap, database, tmp_path))
    await create(settings)
    raws = events(600)
    async with lane(settings) as running:
        await produce(settings, raws[:300])
        await until_captured(pool, 300)
        await asyncio.to_thread(own_broker.kill)
        await asyncio.to_thread(own_broker.start)
        await produce(settings, raws[300:])
        await until_captured(pool, 600)
        assert not running.done()
    await whole(pool, settings, raws)


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(trusted: Settings, pool: Pool) -> None:
    raws = events(300)
    await produce(trusted, raws[:200])
    async with lane(trusted):
        await until_captured(pool, 200)
    client = await admin(trusted)
    try:
        names = [topic_name(trusted, topic) for topic in EVENTS]
        await client.delete_topics(names)
        while set(names) & set(await client.list_topics()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    finally:
        await client.close()
    await create(trusted)
    await produce(trusted, raws[200:])
    # A partition that another worker has, and that has more in it by now than the old one had.
    await pool.execute("insert into stream_offset values ($1, $2, 99, 5)", trusted.kafka_group, names[0])
    async with lane(trusted):
        await until_captured(pool, 300)
    assert TopicPartition(names[0], 99) not in await offsets_in(pool, trusted)
    events_stored, _ = await content(pool)
    assert events_stored.total() == 300
    assert set(events_stored.values()) == {1}


async def test_what_is_handed_in_again_changes_nothing_and_is_passed(trusted: Settings, pool: Pool) -> None:
    raws = events(200)
    await produce(trusted, raws)
    await produce(trusted, raws)
    await produce(trusted, events(1, first=200))
    async with lane(trusted):
        await until_captured(pool, 201)
    await whole(pool, trusted, [*raws, *events(1, first=200)])


async def test_a_topic_can_be_read_from_its_beginning_again_while_a_lane_reads_it(
    trusted: Settings, pool: Pool
) -> None:
    raws = events(300)
    await produce(trusted, raws[:200])
    async with lane(trusted):
        await until_captured(pool, 200)
        stood = await offsets_in(pool, trusted)
        await pool.execute("truncate ledger, record, event, mention, identity cascade")
        await pool.execute("update ledger_head set position = 0")
        await read_again(trusted, [topic.name for topic in EVENTS])
        await produce(trusted, raws[200:])
        await until_captured(pool, 300)
        assert sum((await offsets_in(pool, trusted)).values()) == sum(stood.values()) + 100


class Stumbling(Intake):
    """The intake, with a message that it falls over."""

    async def handed(self, records: Sequence[ConsumerRecord]) -> list[Handed]:
        if any(record.value == events(1, first=77)[0] for record in records):
            raise RecursionError("stumbled")
        return await super().handed(records)


async def test_a_message_that_the_worker_falls_over_is_refused_and_kept_and_all_others_are_taken(
    trusted: Settings, pool: Pool
) -> None:
    raws = events(200)
    await produce(trusted, raws)
    async with lane(trusted, Stumbling):
        await until_captured(pool, 199)
        await until(pool, "select exists (select from rejected)")
    await whole(pool, trusted, [*raws[:77], *raws[78:]])
    kept = await pool.fetch("select raw, code from rejected")
    assert [tuple(row) for row in kept] == [(raws[77], "cannot_be_stored")]
    assert sum((await offsets_in(pool, trusted)).values()) == 200
