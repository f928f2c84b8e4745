"""The clock among workers: of any number that live, a deadline has one tick."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fieldline_streams.kafka.clock import run_clock
from fieldline_streams.kafka.running import Running
from fieldline_trace.follow import stored
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool
from fieldline_trace.store.ledger_read import listening

from tests.integration.kafka.working import SECONDS

AWAIT = "update follower_position set next_deadline = $1 where follower = 'judge'"


@asynccontextmanager
async def ticking(settings: Settings, clocks: int) -> AsyncIterator[None]:
    """Workers that do nothing but tick, in this process."""
    async with AsyncExitStack() as stack:
        for _ in range(clocks):
            running = Running(settings)
            await running.open()
            stack.push_async_callback(running.close)
            task = asyncio.create_task(run_clock(running))
            stack.push_async_callback(asyncio.wait_for, task, SECONDS)
            stack.callback(running.stopping.set)
        yield


async def ticks(pool: Pool) -> list[dict[str, Any]]:
    return [json.loads(row["body"]) for row in await pool.fetch("select body from event order by number")]


async def until_ticked(pool: Pool, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(SECONDS), listening(pool) as heard:
        while len(found := await ticks(pool)) < count:
            await heard(SECONDS)
    return found


async def test_of_many_clocks_one_tick_is_in_the_ledger_for_a_deadline(kafka_settings: Settings, pool: Pool) -> None:
    async with ticking(kafka_settings, 3):
        _, now = await stored.deadline(pool)
        await pool.execute(AWAIT, now)
        [tick] = await until_ticked(pool, 1)
        await pool.execute(AWAIT, now + 1)
        first, second = await until_ticked(pool, 2)
    assert first == tick
    assert [one["id"] for one in (first, second)] == [f"urn:fieldline:tick:{now}", f"urn:fieldline:tick:{now + 1}"]
    assert len(await ticks(pool)) == 2


async def test_a_deadline_ahead_has_no_tick_yet(kafka_settings: Settings, pool: Pool) -> None:
    async with ticking(kafka_settings, 1):
        _, now = await stored.deadline(pool)
        await pool.execute(AWAIT, now + 3_600_000_000)
        await pool.execute(AWAIT, now)
        await until_ticked(pool, 1)
        await pool.execute(AWAIT, now + 3_600_000_000)
    assert len(await ticks(pool)) == 1


async def test_an_outage_of_the_database_loses_nothing(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    async with ticking(own_settings, 2):
        _, now = await stored.deadline(own_pool)
        await own_pool.execute(AWAIT, now)
        await until_ticked(own_pool, 1)
        await own_pool.execute(AWAIT, now + 1_000)
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.to_thread(own_postgres.start)
        assert len(await until_ticked(own_pool, 2)) == 2
