"""Rolling upgrades: what the older release cannot read waits, is not refused, and is judged by the newer one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas.kinds.harvested import Harvested
from fieldline_schemas.topics import EVENTS
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import topic_name
from fieldline_trace.capture import Verified, verify
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool
from fieldline_trace.store.ledger_read import listening

from tests.integration.feed.conftest import harvested, result
from tests.integration.kafka.working import SECONDS, WorkerProcess, until_captured

ROOT = Path(__file__).parent.parent.parent.parent


class NextRelease(WorkerProcess):
    """A worker in which harvests have a second version."""

    def start(self) -> None:
        """Start it."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.kafka.next_release"],
                env=os.environ | self._environment | {"PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@pytest.fixture
def releases(trusted: Settings) -> Iterator[tuple[WorkerProcess, NextRelease]]:
    parts = "lane,judge"
    both = WorkerProcess(trusted, "this", parts), NextRelease(trusted, "next", parts)
    yield both
    for one in both:
        one.end()


async def say(settings: Settings, sender: str, role: str, event: dict[str, Any]) -> None:
    topic = next(topic for topic in EVENTS if event["kind"] in topic.kinds)
    producer = await opened_producer(settings)
    try:
        headers = [("fieldline-sender", sender.encode()), ("fieldline-role", role.encode())]
        await producer.send_and_wait(topic_name(settings, topic), json.dumps(event).encode(), headers=headers)
    finally:
        await producer.stop()


async def until_standing(pool: Pool, subjects: set[str]) -> None:
    async with asyncio.timeout(SECONDS), listening(pool, "judged") as heard:
        while not subjects <= {
            row["subject"] for row in await pool.fetch("select subject from alert where rule = 'TEST_FAILED'")
        }:
            await heard(1.0)


async def harvests(pool: Pool) -> set[str]:
    """Batches of which a harvest is known that could be read."""
    rows = await pool.fetch(
        "select b.key from mention m join batch b on b.number = m.batch join event e on e.number = m.event"
        " where e.kind = 1"
    )
    return {row["key"] for row in rows}


async def test_an_event_of_the_next_release_waits_for_it_and_is_judged_then(
    trusted: Settings,
    pool: Pool,
    releases: tuple[WorkerProcess, NextRelease],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older, newer = releases
    older.start()
    future = harvested(1) | {"version": 2}
    await say(trusted, "farm-1", "producer", future)
    await say(trusted, "lab", "laboratory", result(1))
    await until_captured(pool, 2)
    await until_standing(pool, {"farm-1/leaf/L1"})
    assert await pool.fetchval("select count(*) from rejected") == 0
    assert await pool.fetchval("select count(*) from unread") == 1
    assert await harvests(pool) == set()

    newer.start()  # beside the older one
    await until_captured(pool, 3)
    assert await pool.fetchval("select count(*) from unread") == 0
    assert await older.stop() == 0
    await say(trusted, "farm-2", "producer", harvested(2) | {"version": 2})
    await say(trusted, "lab", "laboratory", result(2))
    await until_standing(pool, {"farm-1/leaf/L1", "farm-2/leaf/L1"})
    # Said once more it changes nothing, whichever way it was read first.
    await say(trusted, "farm-1", "producer", future)
    await say(trusted, "farm-3", "producer", harvested(3))
    await until_captured(pool, 6)
    assert await harvests(pool) == {f"farm-{number}/leaf/L1" for number in (1, 2, 3)}
    assert await newer.stop() == 0
    monkeypatch.setattr(Harvested, "VERSION", 2)
    monkeypatch.setattr(Harvested, "UPCASTS", {1: lambda event: event})
    async with pool.acquire() as conn:
        verified = await verify(conn)
    assert isinstance(verified, Verified), verified
