"""A replica comes to the judge's state by itself, goes no further than it, and writes nothing."""

from __future__ import annotations

import asyncio

import pytest
from fieldline_trace.errors import Conflict
from fieldline_trace.follow import stored
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.replica import Replica
from fieldline_trace.follow.world import World
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Pool

from tests.integration.kafka.test_judge import say


def known(world: World) -> tuple[object, ...]:
    """What stands in a world: alerts by version, scopes by version and members, and how far it is."""
    return (
        world.position,
        world.received_at,
        {alert.id: (alert.version, alert.standing) for alert in world.alerts.values()},
        {name: (scope.version, scope.status, scope.members()) for name, scope in world.scopes.items()},
    )


async def judged(pool: Pool) -> Judge:
    judge = Judge(pool)
    await judge.load()
    while await judge.step():
        pass
    return judge


async def test_a_replica_knows_what_the_judge_knows(pool: Pool) -> None:
    await say(pool, 5)
    judge = await judged(pool)
    replica = Replica(pool, Metrics())
    await replica.load()
    assert known(replica.world) == known(judge.world)
    assert replica.position == judge.position


async def test_a_replica_goes_no_further_than_the_judge_has_written(pool: Pool) -> None:
    await say(pool, 2)
    await judged(pool)
    replica = Replica(pool)
    await replica.load()
    written = await stored.position(pool)
    await say(pool, 2, start=10)
    assert await replica.step() == 0
    assert replica.position == written
    judge = await judged(pool)
    await replica.load()
    assert known(replica.world) == known(judge.world)


async def test_a_replica_writes_nothing(pool: Pool) -> None:
    await say(pool, 3)
    await judged(pool)
    name = await pool.fetchval(
        "select format('alter database %I set default_transaction_read_only = on', current_database())"
    )
    await pool.execute(name)  # every connection refuses writes from here on
    await pool.expire_connections()
    replica = Replica(pool)
    await replica.load()
    assert replica.position == await stored.position(pool)


async def test_who_waits_for_a_position_is_told_when_it_is_applied(pool: Pool) -> None:
    replica, stop = Replica(pool), asyncio.Event()
    running = asyncio.create_task(replica.run(stop))
    waiting = asyncio.create_task(replica.reached(await say(pool, 2)))
    await judged(pool)
    await asyncio.wait_for(waiting, 60)
    stop.set()
    await asyncio.wait_for(running, 60)


async def test_a_judge_that_was_set_back_is_said(pool: Pool) -> None:
    await say(pool, 2)
    await judged(pool)
    replica = Replica(pool)
    await replica.load()
    await pool.execute("update follower_position set position = 1 where follower = 'judge'")
    with pytest.raises(Conflict, match="the judge stands at 1"):
        await replica.step()
