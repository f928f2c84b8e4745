"""API replicas as processes: each answers by itself, names its position, and one that is killed is not missed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fieldline_streams.kafka.replica import opened_replica
from fieldline_trace.api.caller import HERE
from fieldline_trace.api.ports import Moment
from fieldline_trace.api.sent import Sent
from fieldline_trace.capture import Door
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool
from fieldline_trace.store.ledger_read import listening

from tests.integration.feed.conftest import harvested, result
from tests.integration.follow.test_replica import judged, known
from tests.integration.kafka.test_judge import say
from tests.integration.kafka.working import SECONDS, WorkerProcess, lane


class ReplicaProcess:
    """``fieldline serve`` with a Kafka, as a process of its own."""

    def __init__(self, settings: Settings, name: str) -> None:
        told = settings.model_dump(include=settings.model_fields_set)
        environment = {f"FIELDLINE_{key.upper()}": str(value) for key, value in told.items()}
        self.log = Path(settings.data_dir).parent / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fieldline_streams.cli", "serve"],
                env=os.environ | environment | {"COLUMNS": "300"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def said(self, pattern: str) -> str:
        """What it says of ``pattern``, once it does."""
        async with asyncio.timeout(SECONDS):
            while (found := re.search(pattern, self.log.read_text())) is None:
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)
        return found[1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@pytest.fixture
def worker(trusted: Settings) -> Iterator[WorkerProcess]:
    one = WorkerProcess(trusted, "worker", "lane,judge,notices,clock")
    one.start()
    yield one
    one.end()


async def test_two_replicas_answer_alike_for_a_position_and_one_that_is_killed_is_not_missed(
    trusted: Settings, worker: WorkerProcess
) -> None:
    first = ReplicaProcess(trusted, "first")
    try:
        key = await first.said(r"the first administrator's key, shown this once: (\S+)")
        second = ReplicaProcess(trusted, "second")
        try:
            addresses = [await one.said(r"ready: (http\S+)") for one in (first, second)]
            headers = {"authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(headers=headers, timeout=SECONDS, trust_env=False) as client:
                taken = await client.post(f"{addresses[0]}/v1/events", json=[harvested(1), result(1)])
                assert taken.status_code == 202, taken.text
                receipt = taken.json()["receipts"][1]["receipt"]
                async with asyncio.timeout(SECONDS):
                    while (became := (await client.get(f"{addresses[1]}/v1/receipts/{receipt}")).json()).get(  # noqa: ASYNC110
                        "position"
                    ) is None:
                        await asyncio.sleep(0.05)
                query = {"at_least": became["position"], "wait": 60}
                answers = [await client.get(f"{address}/v1/alerts", params=query) for address in addresses]
                assert [answer.status_code for answer in answers] == [200, 200]
                assert answers[0].json() == answers[1].json()
                assert answers[0].json()["alerts"][0]["subject"] == "farm-1/leaf/L1"
                positions = {int(answer.headers["fieldline-position"]) for answer in answers}
                assert positions == {answers[0].json()["position"]}
                assert min(positions) >= became["position"]
                assert len({answer.headers["fieldline-as-of"] for answer in answers}) == 1
                first.end(signal.SIGKILL)
                assert (await client.get(f"{addresses[1]}/v1/alerts")).json()["alerts"]
                refused = await client.post(f"{addresses[1]}/v1/rebuild", json={})
                assert refused.status_code == 409
            assert second.end() == 0
        finally:
            second.process.kill()
    finally:
        first.process.kill()
        first.process.wait()


async def test_an_outage_of_the_database_loses_nothing(
    own_postgres: EmbeddedPostgres, own_settings: Settings, own_pool: Pool
) -> None:
    async with opened_replica(own_settings) as replica:
        await say(own_pool, 2)
        judge = await judged(own_pool)
        assert (await replica.answer("alerts", {}, HERE, Moment(at_least=judge.position, wait=SECONDS))).said
        await asyncio.to_thread(own_postgres.stop)
        asking = asyncio.create_task(replica.ask("alerts", {}))
        door = Door("farm-9", "producer", channel="http")
        (sent,) = await replica.take([json.dumps(harvested(9)).encode()], door)
        assert isinstance(sent, Sent), "the broker has it, whether or not PostgreSQL is there"
        await asyncio.to_thread(own_postgres.start)
        assert (await asking)["alerts"], "who asked meanwhile is answered, and need not know"
        await say(own_pool, 2, start=20)
        async with lane(own_settings), asyncio.timeout(SECONDS), listening(own_pool) as heard:
            while not await own_pool.fetchval("select exists (select from event where id = 'farm-9:1')"):
                await heard(SECONDS)
        judge = await judged(own_pool)
        asked = await replica.answer("alerts", {}, HERE, Moment(at_least=judge.position, wait=SECONDS))
        assert asked.position == judge.position
        assert known(replica.followed.world) == known(judge.world)
