"""The judge among workers: one judges, another takes over, nobody writes twice, and an outage loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from fieldline_streams.kafka.judge import Bench
from fieldline_streams.kafka.ledger_topic import LedgerTopic
from fieldline_streams.kafka.running import Running
from fieldline_trace.capture import Door, take
from fieldline_trace.errors import Conflict
from fieldline_trace.follow import stored
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.rebuild import rebuild
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool
from fieldline_trace.store.ledger_read import head, listening

from tests.integration.feed.conftest import story
from tests.integration.kafka.working import SECONDS, WorkerProcess

Make = Callable[[str, str], WorkerProcess]


@pytest.fixture
def worker(trusted: Settings) -> Iterator[Make]:
    made: list[WorkerProcess] = []

    def make(name: str, parts: str = "judge") -> WorkerProcess:
        made.append(WorkerProcess(trusted, name, parts))
        return made[-1]

    yield make
    for one in made:
        one.end()


async def say(pool: Pool, chapters: int, start: int = 0) -> int:
    """Capture a story, each event an entry of its own; the last position."""
    async with pool.acquire() as conn:
        for role, event in story(chapters, start):
            sender = "lab" if role == "laboratory" else event["operator"]
            await take(conn, [json.dumps(event).encode()], Door(sender, role))
    return (await head(pool)).position


async def until_judged(pool: Pool, position: int) -> None:
    async with asyncio.timeout(SECONDS), listening(pool, "judged") as heard:
        while await stored.position(pool) < position:
            await heard(SECONDS)


async def whole(pool: Pool) -> None:
    """What is written is what the ledger gives, each version once."""
    assert (await rebuild(pool)).differed == []


async def until_logged(processes: Sequence[WorkerProcess], word: str) -> WorkerProcess:
    """The process that says ``word`` first."""
    async with asyncio.timeout(SECONDS):
        while True:
            for one in processes:
                if word in one.log.read_text():
                    return one
            await asyncio.sleep(0.02)


async def test_of_two_workers_one_judges_and_the_other_takes_over_when_it_is_killed(pool: Pool, worker: Make) -> None:
    both = worker("one", "judge"), worker("two", "judge")
    for one in both:
        one.start()
    await until_judged(pool, await say(pool, 3))
    first = await until_logged(both, "this worker judges")
    [second] = [one for one in both if one is not first]
    await first.kill()
    await until_judged(pool, await say(pool, 3, start=10))
    assert "this worker judges" in second.log.read_text()
    first.start()
    await until_judged(pool, await say(pool, 3, start=20))
    assert await second.stop() == 0
    await until_judged(pool, await say(pool, 3, start=30))
    await whole(pool)


async def test_a_judge_that_is_frozen_past_its_session_and_thawed_writes_nothing_twice(
    pool: Pool, worker: Make
) -> None:
    both = worker("one", "judge"), worker("two", "judge")
    for one in both:
        one.start()
    await until_judged(pool, await say(pool, 2))
    frozen = await until_logged(both, "this worker judges")
    frozen.signal(signal.SIGSTOP)
    await until_judged(pool, await say(pool, 4, start=10))  # another took over
    frozen.signal(signal.SIGCONT)
    await until_judged(pool, await say(pool, 4, start=20))
    for one in both:
        assert await one.stop() == 0
    await whole(pool)


@asynccontextmanager
async def judging(settings: Settings) -> AsyncIterator[Bench]:
    """A bench in this process, whose turn it is."""
    running = Running(settings)
    await running.open()
    bench = Bench(running)
    bench.turn(True)
    task = asyncio.create_task(bench.run())
    try:
        yield bench
        assert not task.done()
    finally:
        running.stopping.set()
        bench.wake()
        await task
        await running.close()


async def test_two_judges_at_once_write_each_version_once(trusted: Settings, pool: Pool) -> None:
    async with judging(trusted) as one, judging(trusted) as two:
        last = 0
        for start in range(0, 40, 4):
            last = await say(pool, 4, start)
            one.wake()
            two.wake()
        await until_judged(pool, last)
    await whole(pool)


async def test_who_was_overtaken_stands_back_and_judges_again_when_the_other_is_gone(
    trusted: Settings, pool: Pool
) -> None:
    async with judging(trusted) as bench:
        await until_judged(pool, await say(pool, 1))
        other = Judge(pool)
        await other.load()
        last = await say(pool, 2, start=10)
        with contextlib.suppress(Conflict):  # whichever of both is overtaken
            while await stored.position(pool) < last:
                await other.step()
        bench.wake()
        await until_judged(pool, await say(pool, 1, start=20))
    await whole(pool)


async def test_an_outage_of_the_database_loses_nothing(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    async with judging(own_settings):
        await until_judged(own_pool, await say(own_pool, 3))
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.to_thread(own_postgres.start)
        await until_judged(own_pool, await say(own_pool, 3, start=10))
    await whole(own_pool)


async def test_a_position_that_was_not_published_is_judged_a_moment_later(trusted: Settings, pool: Pool) -> None:
    async with judging(trusted):
        last = await say(pool, 1)  # captured past the topic: nobody wakes the judge
        await until_judged(pool, last)
    await whole(pool)


async def test_what_is_published_is_the_last_position_and_never_waits_for_a_broker(trusted: Settings) -> None:
    running = Running(trusted)
    await running.open()
    topic = LedgerTopic(running)
    try:
        await topic.publish([1, 2])
        await topic.publish([3])
        await running.producer.stop()
        await topic.publish([4])  # the broker is gone: nobody hears of it
    finally:
        await running.close()
