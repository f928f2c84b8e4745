"""Topics of alerts and scopes, and webhooks, among workers: every version told in order, whoever tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from fieldline_schemas.topics import ALERTS, SCOPE_CHANGES
from fieldline_streams.kafka.connect import client
from fieldline_streams.kafka.notices import Topics
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import topic_name
from fieldline_trace.follow.judge import Judge
from fieldline_trace.notices import subscribers
from fieldline_trace.notices.sending import Notices
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed

from tests.integration.kafka.test_judge import say
from tests.integration.kafka.working import SECONDS, trusting
from tests.integration.notices.receiver import receiving
from tests.integration.notices.test_notices import NOW, by_subject

Told = list[tuple[str, str, dict[str, object]]]
"""Key, id and content of messages, in their order by partition."""


@pytest.fixture
def trusted(kafka_settings: Settings) -> Settings:
    return trusting(kafka_settings, notice_loopback=True, notice_pause_seconds=0.02)


@asynccontextmanager
async def telling(settings: Settings, name: str = "one") -> AsyncIterator[Running]:
    """A worker's telling of topics, and its webhooks, in this process."""
    running = Running(settings.model_copy(update={"worker_id": name}))
    await running.open()
    tasks = [
        asyncio.create_task(Topics(running).run()),
        asyncio.create_task(Notices(running.pool, running.settings, running.metrics).run(running.stopping)),
    ]
    try:
        yield running
        assert not any(task.done() for task in tasks)
    finally:
        running.stopping.set()
        await asyncio.gather(*tasks)
        await running.close()


async def judged(pool: Pool, chapters: int, start: int = 0) -> None:
    """A story, captured and judged."""
    await say(pool, chapters, start)
    judge = Judge(pool)
    await judge.load()
    while await judge.step():
        pass


async def written(pool: Pool) -> list[str]:
    rows = await pool.fetch(
        "select 'alert.' || id || '.' || version as id, position from alert_version"
        " union all select 'scope.' || scope || '.' || version, position from scope_version order by position"
    )
    return [row["id"] for row in rows]


async def told(settings: Settings, ids: list[str]) -> Told:
    """What the topics say, once they have said all of ``ids``."""
    consumer = AIOKafkaConsumer(
        topic_name(settings, ALERTS),
        topic_name(settings, SCOPE_CHANGES),
        **client(settings),
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    found: Told = []
    try:
        async with asyncio.timeout(SECONDS):
            while not set(ids) <= {one for _, one, _ in found}:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        one = dict(record.headers)["fieldline-id"].decode()
                        found.append((record.key.decode(), one, json.loads(record.value)))
    finally:
        await consumer.stop()
    return found


async def test_every_version_is_told_in_order_by_its_subject_and_once_where_nothing_breaks(
    trusted: Settings, pool: Pool
) -> None:
    async with telling(trusted):
        await judged(pool, 6)
        await judged(pool, 6, start=10)
        ids = await written(pool)
        found = await told(trusted, ids)
    assert sorted(one for _, one, _ in found) == sorted(ids)
    assert by_subject([one for _, one, _ in found]) == by_subject(ids)
    for key, one, said in found:
        kind, _, _ = one.partition(".")
        assert said[kind] == key
        assert one == f"{kind}.{key}.{said['version']}"


async def test_topics_are_told_on_by_another_worker_in_the_same_order(trusted: Settings, pool: Pool) -> None:
    async with telling(trusted, "two"):
        async with telling(trusted, "one"):
            await judged(pool, 4)
            await told(trusted, await written(pool))
            await judged(pool, 4, start=10)
        await judged(pool, 4, start=20)
        ids = await written(pool)
        found = await told(trusted, ids)
    assert by_subject([one for _, one, _ in found]) == by_subject(ids)


async def test_a_worker_that_lost_its_seat_can_put_nothing_behind_what_the_next_one_said(
    trusted: Settings, pool: Pool
) -> None:
    async with telling(trusted, "frozen") as frozen:
        await judged(pool, 2)
        await told(trusted, await written(pool))
        # As after a freeze: its seat has lapsed, and it does not know.
        await pool.execute("update seat set until = 0")
        async with telling(trusted, "next"):
            await pool.execute("update follower_position set position = 0 where follower = 'topics'")
            await judged(pool, 2, start=10)
            ids = await written(pool)
            found = await told(trusted, ids)
            assert not frozen.stopping.is_set()
    versions = by_subject([one for _, one, _ in found])
    assert {subject: max(told) for subject, told in versions.items()} == {
        subject: said[-1] for subject, said in by_subject(ids).items()
    }
    assert {subject: told[-1] for subject, told in versions.items()} == {
        subject: said[-1] for subject, said in by_subject(ids).items()
    }


async def test_an_outage_of_the_database_loses_nothing(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    settings = own_settings.model_copy(update={"notice_loopback": True})
    async with receiving() as receiver, telling(settings):
        async with borrowed(own_pool) as conn:
            await subscribers.add(
                conn, url=receiver.url, topics=("alerts", "scope-changes"), content="whole", tenant="default",
                note="", by="admin", now=NOW, loopback=True,
            )  # fmt: skip
        await judged(own_pool, 3)
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.to_thread(own_postgres.start)
        await judged(own_pool, 3, start=10)
        ids = await written(own_pool)
        found = await told(settings, ids)
        got = await receiver.until(lambda got: {one.id for one in got} >= set(ids))
    assert by_subject([one for _, one, _ in found]) == by_subject(ids)
    assert {one.id for one in got} == set(ids)


async def test_webhooks_of_two_workers_are_each_posted_in_order(trusted: Settings, pool: Pool) -> None:
    async with receiving() as receiver, telling(trusted, "one"), telling(trusted, "two"):
        async with borrowed(pool) as conn:
            await subscribers.add(
                conn, url=receiver.url, topics=("alerts", "scope-changes"), content="ids", tenant="default",
                note="", by="admin", now=NOW, loopback=True,
            )  # fmt: skip
        await judged(pool, 12)
        ids = await written(pool)
        got = await receiver.until(lambda got: {one.id for one in got} >= set(ids))
    assert by_subject([one.id for one in got]) == by_subject(ids)
    assert len(got) == len(ids)
