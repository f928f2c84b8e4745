"""Those who emit: checked before it is sent, signed, bounded, there once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from aiokafka.admin import NewTopic
from fieldline_schemas import fast
from fieldline_schemas.canonical import digest
from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.harvested import Harvested
from fieldline_schemas.topics import key_of
from fieldline_schemas.whole import read_whole
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.connect import admin
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import create
from fieldline_streams.producer import Message, Outbox, Placed, Producer, raw_of
from fieldline_trace.errors import Rejected, Unavailable
from fieldline_trace.settings import Settings

from tests.integration.kafka.saying import SECONDS, event, key_for, messages, store
from tests.integration.kafka.working import events, lane, trusting, until_captured, whole
from tests.kafka_broker import settings_on


async def test_what_is_sent_is_signed_keyed_by_its_batch_and_taken_once(kafka_settings: Settings) -> None:
    async with store(kafka_settings) as pool:
        key = await key_for(pool, "hof-1")
        made = Harvested.model_validate(
            {
                "id": "typed",
                "operator": "hof-1",
                "site": "field",
                "at": "2026-03",
                "zone": "Asia/Shanghai",
                "out_batch": {"batch": "hof-1/spinach/S9", "quantity": "300", "unit": "kg"},
            }
        )
        async with Producer.opened(kafka_settings, key=key) as producer:
            placed = await (await producer.send(made))
            await producer.send(json.loads(event("mapped")))
            await producer.send(event("raw"))
            await producer.send(event("raw"))
        assert placed.topic.endswith("farm")
        async with lane(kafka_settings):
            await until_captured(pool, 3)
        assert [row["id"] for row in await pool.fetch("select id from event order by id")] == ["mapped", "raw", "typed"]
        assert await pool.fetchval("select count(*) from rejected") == 0
        found = await messages(kafka_settings, "farm", 4)
        assert {one.key for one in found} == {b"hof-1/spinach/S9", b"hof-1/leaf/mapped", b"hof-1/leaf/raw"}


async def test_what_cannot_be_read_is_refused_before_it_is_sent_with_the_same_fault(kafka_settings: Settings) -> None:
    settings = kafka_settings.model_copy(update={"event_bytes": 5_000})
    async with Producer.opened(settings, sender="hof-1") as producer:
        for bad, code in (
            (b'{"kind": "no such"}', "kind_unknown"),
            (b"nothing", ""),
            (event("long", **{"x-more": "y" * 6_000}), "event_too_long"),
        ):
            with pytest.raises(Rejected) as refused:
                await producer.send(bad)
            (same,) = await producer.send_all([bad])
            assert isinstance(same, Fault)
            assert (same.code, same.field) == (refused.value.fault.code, refused.value.fault.field)
            assert code in ("", same.code)
        good, unread, other = await producer.send_all([event("a"), b"{}", event("b")])
    assert isinstance(good, Placed)
    assert isinstance(unread, Fault)
    assert isinstance(other, Placed)
    assert {json.loads(one.value)["id"] for one in await messages(settings, "farm", 2)} == {"a", "b"}


async def test_batches_say_where_each_event_is(kafka_settings: Settings) -> None:
    raws = events(3000)
    async with Producer.opened(kafka_settings, sender="hof-1") as producer:
        placed = await producer.send_all(raws)
    assert len(set(placed)) == 3000
    where = {one: raw for one, raw in zip(placed, raws, strict=True) if isinstance(one, Placed)}
    for topic in ("processing", "distribution"):
        count = sum(1 for one in where if one.topic.endswith(topic))
        for one in await messages(kafka_settings, topic, count):
            assert where[Placed(one.topic, one.partition, one.offset)] == one.value


async def test_a_batch_is_always_in_the_same_partition(kafka_settings: Settings) -> None:
    async with Producer.opened(kafka_settings, sender="hof-1") as producer:
        many = await producer.send_all([event(f"e{number % 20}", **{"x-n": number}) for number in range(200)])
        one = [await (await producer.send(event(f"e{number}"))) for number in range(20)]
    parts = [placed.partition for placed in many if isinstance(placed, Placed)]
    assert parts == [one[number % 20].partition for number in range(200)]
    assert len(set(parts)) > 3


async def test_a_killed_broker_costs_time_and_nothing_else(own_broker: Broker, database: str, tmp_path: Path) -> None:
    settings = trusting(settings_on(own_broker.bootstrap, database, tmp_path))
    await create(settings)
    raws = events(2000)
    async with store(settings) as pool, lane(settings), Producer.opened(settings, sender="hof-1") as producer:

        async def emits() -> None:
            for start in range(0, len(raws), 100):
                while True:
                    try:
                        await producer.send_all(raws[start : start + 100])
                        break
                    except Unavailable:
                        continue

        emitting = asyncio.create_task(emits())
        await until_captured(pool, 300)
        own_broker.kill()
        own_broker.start()
        async with asyncio.timeout(SECONDS):
            await emitting
        await until_captured(pool, len(raws))
        await whole(pool, settings, raws)


async def test_who_sends_more_than_there_is_room_for_waits_and_who_must_not_wait_is_told(
    own_broker: Broker, database: str, tmp_path: Path
) -> None:
    settings = settings_on(own_broker.bootstrap, database, tmp_path)
    await create(settings)
    async with Producer.opened(settings, sender="hof-1", waiting=10, seconds=2.0) as producer:
        await _until_sent(producer, event("before"))
        own_broker.kill()
        sent = [await producer.send(event(f"e{number}")) for number in range(10)]
        with pytest.raises(Unavailable):
            await producer._outbox.put([Message("t", b"k", b"v", [])], patient=False)
        eleventh = asyncio.create_task(producer.send(event("e10")))
        done = await asyncio.gather(*sent, return_exceptions=True)
        assert Counter(map(type, done)) == {Unavailable: 10}
        with contextlib.suppress(Unavailable):
            await eleventh
        with pytest.raises(Unavailable):
            await producer.flush()
        assert producer._outbox.waiting == 0
        own_broker.start()
        await _until_sent(producer, event("after"))


async def _until_sent(producer: Producer, raw: bytes) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            with contextlib.suppress(Unavailable):
                await producer.send_all([raw])
                return


@pytest.mark.parametrize(
    ("act", "key"),
    [
        ({"kind": "scope_closed", "scope": "scope-1", "reason": "over"}, "scope-1"),
        ({"kind": "alert_acknowledged", "alert": "alert-1"}, "alert-1"),
        (
            {"kind": "corrected", "operator": "hof-1", "target": {"id": "e1"}, "action": "withdraw", "reason": "no"},
            "e1",
        ),
        ({"kind": "harvested", "operator": "hof-1", "site": "f", "out_batch": "hof-1/a/1"}, "hof-1/a/1"),
        ({"kind": "clock_ticked", "at": "2026-03-01T00:30:00Z"}, "me"),
    ],
)
def test_an_event_is_keyed_by_what_it_is_about(act: dict[str, object], key: str) -> None:
    raw = json.dumps({"id": "me", **act}).encode()
    assert key_of(fast.read(raw), raw) == key


@pytest.mark.parametrize("at", ["2026-03", "2026-03-01", "2026-03-01T08:00:00+08:00", None, {"from": "2026"}])
def test_a_kind_made_in_python_says_what_its_json_says(at: object) -> None:
    raw = json.dumps(
        {
            "id": "e1",
            "kind": "harvested",
            "operator": "hof-1",
            "site": "field",
            "at": at,
            "zone": "Asia/Shanghai",
            "out_batch": {"batch": "hof-1/spinach/S9", "quantity": 300, "unit": "kg", "expires": "2026-04"},
            "x-note": {"a": [1]},
        }
    ).encode()
    again = read_whole(raw_of(read_whole(raw)))
    assert again == read_whole(raw)
    assert digest(raw_of(again)) == digest(raw_of(read_whole(raw)))


def test_an_outbox_is_bounded_by_what_it_is_told() -> None:
    assert not Outbox(None, events=1).full()
    assert Outbox(None, events=0).full()


async def test_what_the_broker_refuses_holds_up_nothing_behind_it(kafka_settings: Settings) -> None:
    topic = f"{kafka_settings.kafka_prefix}narrow"
    small, long = (Message(topic, b"k", os.urandom(size), []) for size in (10, 5_000))
    client = await admin(kafka_settings)
    try:
        await client.create_topics([NewTopic(topic, 1, 1, topic_configs={"max.message.bytes": "2000"})])
        producer = await opened_producer(kafka_settings)
        try:
            outbox = Outbox(producer)
            assert [one.offset for one in await outbox.put([small])] == [0]
            many = [Message(topic, b"k", os.urandom(300), []) for _ in range(9)]
            for refused in ([long], many):  # message by message, and as a batch
                with pytest.raises(Unavailable):
                    await outbox.put(refused)
                await outbox.put([small])
            assert [one.offset for one in await outbox.put([small] * 9)] == list(range(3, 12))
        finally:
            await producer.stop()
    finally:
        await client.delete_topics([topic])
        await client.close()
