"""Workers as processes: killed, frozen, ended in order, and ended by what they cannot do."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator

import pytest
from fieldline_streams.kafka.worker import named
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool

from tests.integration.kafka.working import (
    SECONDS,
    WorkerProcess,
    events,
    produce,
    until_captured,
    whole,
)

Make = Callable[[str], WorkerProcess]


@pytest.fixture
def worker(trusted: Settings) -> Iterator[Make]:
    made: list[WorkerProcess] = []

    def make(name: str) -> WorkerProcess:
        made.append(WorkerProcess(trusted, name))
        return made[-1]

    yield make
    for one in made:
        one.end()


async def test_a_worker_that_is_killed_midway_loses_and_doubles_nothing(
    trusted: Settings, pool: Pool, worker: Make
) -> None:
    raws = events(6000)
    await produce(trusted, raws[:5000])
    one = worker("one")
    for some in (1, 2500):
        one.start()
        await until_captured(pool, some)
        await one.kill()
    await produce(trusted, raws[5000:])
    one.start()
    await until_captured(pool, len(raws))
    assert await one.stop() == 0
    await whole(pool, trusted, raws)


async def test_what_a_killed_worker_had_is_taken_over_by_the_other_and_both_may_be_killed(
    trusted: Settings, pool: Pool, worker: Make
) -> None:
    raws = events(4000)
    one, two = worker("one"), worker("two")
    one.start()
    two.start()
    await produce(trusted, raws[:1000])
    await until_captured(pool, 1000)
    await one.kill()
    await produce(trusted, raws[1000:2000])
    await until_captured(pool, 2000)  # by the other one alone
    await produce(trusted, raws[2000:3000])
    await two.kill()
    await produce(trusted, raws[3000:])
    two.start()
    await until_captured(pool, len(raws))
    await whole(pool, trusted, raws)


async def test_a_worker_that_was_frozen_past_its_session_writes_nothing_twice(
    trusted: Settings, pool: Pool, worker: Make
) -> None:
    raws = events(3000)
    one, two = worker("one"), worker("two")
    one.start()
    await produce(trusted, raws[:1000])
    await until_captured(pool, 1000)
    one.signal(signal.SIGSTOP)
    two.start()
    await produce(trusted, raws[1000:2000])
    await until_captured(pool, 2000)
    one.signal(signal.SIGCONT)
    await produce(trusted, raws[2000:])
    await until_captured(pool, len(raws))
    assert await one.stop() == 0
    assert await two.stop() == 0
    await whole(pool, trusted, raws)


async def test_a_worker_whose_lane_cannot_go_on_ends_with_a_word(trusted: Settings, pool: Pool, worker: Make) -> None:
    one = worker("one")
    one.start()
    await produce(trusted, events(10))
    await until_captured(pool, 10)
    await pool.execute("drop table stream_offset")
    await produce(trusted, events(10, first=10))
    assert await one.ended() == 3
    assert (
        "a part of it failed: UndefinedTableError('relation \"stream_offset\" does not exist')" in one.log.read_text()
    )


async def test_a_worker_without_a_broker_says_so(pool: Pool, trusted: Settings, worker: Make) -> None:
    nowhere = WorkerProcess(trusted.model_copy(update={"kafka": "127.0.0.1:9"}), "one")
    nowhere.start()
    assert await nowhere.ended() == 3
    assert "Kafka is not reached" in nowhere.log.read_text()


async def test_two_workers_never_bear_one_name(trusted: Settings) -> None:
    unnamed = trusted.model_copy(update={"worker_id": None})
    with named(unnamed) as one, named(unnamed) as other:
        assert one.worker_id != other.worker_id
        taken = trusted.model_copy(update={"worker_id": one.worker_id})
        with pytest.raises(Unavailable, match="another worker"), named(taken):
            pass
    with named(unnamed) as again:
        assert again.worker_id == one.worker_id


async def test_a_worker_ends_in_order_when_it_is_told_before_it_has_begun_to_read(
    trusted: Settings, pool: Pool, worker: Make
) -> None:
    one = worker("one")
    one.start()
    async with asyncio.timeout(SECONDS):
        while "runs" not in one.log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await one.stop() == 0
