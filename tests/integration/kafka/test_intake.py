"""What HTTP hands in where API replicas stand before Kafka: refused at once or safe with the broker, and findable."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.intake_http import KafkaIntake
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import create
from fieldline_streams.producer import Outbox
from fieldline_trace.api.http.app import create_app
from fieldline_trace.api.ports import Ports
from fieldline_trace.api.sent import BEGINS, Sending, Sent, became, sending_of
from fieldline_trace.capture import Accepted, Door, Variant
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings

from tests.integration.kafka.saying import SECONDS, event, key_for, messages, now
from tests.integration.kafka.working import lane, until_captured
from tests.kafka_broker import settings_on

JSON = {"content-type": "application/json"}
HOF = Door("hof-1", "producer", operators=frozenset({"hof-1"}))


@asynccontextmanager
async def _intake(settings: Settings, **bounds: Any) -> AsyncIterator[tuple[Running, KafkaIntake]]:
    running = Running(settings)
    await running.open()
    outbox = Outbox(running.producer, **bounds) if bounds else None
    try:
        yield (
            running,
            KafkaIntake(running.producer, settings, running.deployment, running.pool, running.metrics, outbox=outbox),
        )
    finally:
        await running.close()


class _Clock:
    def now(self) -> int:
        return now()


@asynccontextmanager
async def _door(settings: Settings, **bounds: Any) -> AsyncIterator[tuple[Running, httpx.AsyncClient]]:
    """The HTTP door over Kafka, for who hands in: it answers no question here."""
    async with _intake(settings, **bounds) as (running, intake):
        answers: Any = None
        ports = Ports(intake, answers, answers, _Clock(), running.pool, running.metrics, settings)
        key = await key_for(running.pool, "hof-1")
        transport = httpx.ASGITransport(create_app(ports))
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers) as client:
            yield running, client


async def test_what_is_handed_in_is_safe_with_the_broker_then_captured_and_its_receipt_finds_it(
    kafka_settings: Settings,
) -> None:
    async with _door(kafka_settings) as (running, client):
        answered = await client.post("/v1/events", content=event("e1"), headers=JSON)
        assert answered.status_code == 202
        (receipt,) = answered.json()["receipts"]
        assert set(receipt) == {"outcome", "receipt", "id"}
        again = await client.post("/v1/events", content=event("e1"), headers=JSON)
        assert again.json()["receipts"] == [receipt], "the same is the same, however often it is handed in"
        path = f"/v1/receipts/{receipt['receipt']}"
        before = (await client.get(path)).json()
        assert before == {"receipt": receipt["receipt"], "state": "accepted", "sender": "hof-1", "id": "e1"}
        async with lane(kafka_settings):
            after = (await client.get(path, params={"wait": 60})).json()
        assert (after["state"], after["receipt"], after["id"]) == ("captured", receipt["receipt"], "e1")
        assert after["position"] >= 1
        assert await running.pool.fetchval("select count(*) from event") == 1
        channel = await running.pool.fetchval("select d.channel from event e join door d on d.number = e.door")
        assert channel == "http", "the door goes along"
        forged = (await client.get(path[:-6] + "AAAAAA")).status_code
        assert forged == 404


async def test_what_cannot_be_read_is_refused_at_once_and_kept_and_the_rest_goes_on(kafka_settings: Settings) -> None:
    async with _door(kafka_settings) as (running, client):
        alone = await client.post("/v1/events", content=b'{"kind": "no such"}', headers=JSON)
        assert alone.status_code == 422
        lines = b"\n".join([event("e1"), b"{}", event("e2", operator="hof-9"), event("e3")])
        answered = await client.post("/v1/events", content=lines, headers={"content-type": "application/x-ndjson"})
        assert answered.status_code == 202
        outcomes = [one["outcome"] for one in answered.json()["receipts"]]
        assert outcomes == ["accepted", "refused", "refused", "accepted"]
        assert await running.pool.fetchval("select count(*) from rejected") == 3
        refused = answered.json()["receipts"][1]["receipt"]
        assert (await client.get(f"/v1/receipts/{refused}")).json()["state"] == "refused"
        assert len(await messages(kafka_settings, "farm", 2)) == 2


async def test_a_variant_and_what_the_lane_refuses_are_found_by_their_receipts(kafka_settings: Settings) -> None:
    async with _intake(kafka_settings) as (running, intake):
        first, other, respelled = await intake.take(
            [event("e1"), event("e1", out_batch="hof-1/leaf/other"), event("e1").replace(b": ", b":  ")], HOF
        )
        assert isinstance(first, Sent)
        assert isinstance(other, Sent)
        assert isinstance(respelled, Sent)
        (named,) = await intake.take([_sold()], Door("shop-2", "producer"))
        assert isinstance(named, Sent)
        async with lane(kafka_settings):
            await until_captured(running.pool, 3)
        found = []
        for sent in (first, other, respelled, named):
            sending = sending_of(running.deployment.stream_key, sent.receipt)
            assert sending is not None
            async with running.pool.acquire() as conn:
                found.append(await became(conn, sending))
        said, otherwise, again, sold = found
        assert said == again, "spelled otherwise it is the same"
        # Which of two contents of one id comes first is the partitions' to say.
        assert {type(said), type(otherwise)} == {Accepted, Variant}
        assert isinstance(sold, Accepted)
        assert await running.pool.fetchval("select count(*) from person") == 1, "split off where it is captured"


def _sold() -> bytes:
    said = {"id": "s1", "kind": "sold", "operator": "shop-2", "site": "shop", "at": "2026-03-02T10:00:00Z"}
    return json.dumps(said | {"batches": ["hof-1/leaf/e1"], "buyer": "Li Lei"}).encode()


async def test_what_people_decide_is_waited_for(kafka_settings: Settings) -> None:
    act = event("c1", kind="corrected", target={"id": "e1"}, action="withdraw", reason="wrong", out_batch=None)
    act = act.replace(b', "out_batch": null', b"")
    async with _intake(kafka_settings) as (_, intake), lane(kafka_settings):
        (receipt,) = await intake.take([act], HOF)
    assert isinstance(receipt, Accepted)
    assert receipt.position == 1


async def test_more_than_there_is_room_for_is_told_with_a_time_to_come_back(kafka_settings: Settings) -> None:
    async with _door(kafka_settings, events=0) as (running, client):
        answered = await client.post("/v1/events", content=event("e1"), headers=JSON)
        assert answered.status_code == 503
        assert answered.headers["retry-after"]
        assert await running.pool.fetchval("select count(*) from event") == 0


async def test_a_broker_that_is_away_is_said_and_what_is_handed_in_again_counts_once(
    own_broker: Broker, database: str, tmp_path: Path
) -> None:
    settings = settings_on(own_broker.bootstrap, database, tmp_path)
    await create(settings)
    raws = [event(f"e{number}") for number in range(200)]
    async with _intake(settings, seconds=1.0) as (running, intake):
        said = False

        async def hands_in() -> None:
            nonlocal said
            for start in range(0, len(raws), 10):
                if start == 100:
                    own_broker.kill()
                while True:
                    try:
                        receipts = await intake.take(raws[start : start + 10], HOF)
                    except Unavailable:
                        if own_broker.pid is None:  # a busy machine may have it said before, too
                            said = True
                            await asyncio.to_thread(own_broker.start)
                        continue
                    assert all(isinstance(one, Sent) for one in receipts)
                    break

        async with asyncio.timeout(3 * SECONDS), lane(settings):
            await hands_in()
            await until_captured(running.pool, len(raws))
        assert said
        ids = [row["id"] for row in await running.pool.fetch("select id from event")]
        assert Counter(ids) == {f"e{number}": 1 for number in range(200)}


def test_a_receipt_is_its_deployments_alone() -> None:
    sending = Sending.of("hof-1", "urn:é:1", bytes(range(32)), bytes(32))
    receipt = sending.receipt(b"a" * 32)
    assert receipt.startswith(BEGINS)
    assert sending_of(b"a" * 32, receipt) == sending
    assert sending_of(b"b" * 32, receipt) is None
    for broken in (BEGINS, BEGINS + "é", BEGINS + "A", receipt[:-1], receipt + "A", BEGINS + "A" * 3000):
        assert sending_of(b"a" * 32, broken) is None
