"""Whatever is written to a topic, its partition goes on; what is refused is in the table, and told on its topic."""

from __future__ import annotations

import asyncio
import importlib
import json
import secrets
from collections import Counter
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from aiokafka.record import default_records
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.intake import Intake
from fieldline_streams.kafka.lane import Lane
from fieldline_streams.kafka.rejected import RejectedTopic
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.signing import Signer
from fieldline_streams.kafka.topics import create, topic_name
from fieldline_trace.capture import Door, Handed, Keys, Verified, take_all, verify
from fieldline_trace.settings import Settings

from tests.integration.kafka.saying import SECONDS, event, key_for, messages, store
from tests.integration.kafka.working import until_captured
from tests.kafka_broker import settings_on


async def test_poison_among_events_is_refused_and_stops_no_partition(kafka_settings: Settings) -> None:
    settings = kafka_settings.model_copy(update={"event_bytes": 20_000})
    async with store(settings) as pool:
        key = await key_for(pool, "hof-1")
        gone = await key_for(pool, "hof-1")
        await pool.execute("update api_key set revoked_at = 1 where id = $1", gone.split("_")[1])
        good = [event(f"e{number}") for number in range(60)]
        poison = {
            b"\xff\xfe\x00 no text": Signer(key).headers(b"\xff\xfe\x00 no text"),
            b'{"kind": "no such"}': Signer(key).headers(b'{"kind": "no such"}'),
            b"[" * 5_000: Signer(key).headers(b"[" * 5_000),
            event("huge", **{"x-more": "y" * 30_000}): Signer(key).headers(event("huge", **{"x-more": "y" * 30_000})),
            event("foreign", operator="hof-2"): Signer(key).headers(event("foreign", operator="hof-2")),
            event("unsigned"): [],
            event("wrongly signed"): Signer(key).headers(b"something else"),
            event("gone"): Signer(gone).headers(event("gone")),
            event("unknown"): Signer("flk_nobody_" + secrets.token_urlsafe(32)).headers(event("unknown")),
        }
        said: list[tuple[bytes | None, list[tuple[str, bytes]]]] = [(raw, Signer(key).headers(raw)) for raw in good]
        none: tuple[bytes | None, list[tuple[str, bytes]]] = (None, [])
        for place, one in enumerate([*poison.items(), none]):
            said.insert(place * 5, one)
        running = Running(settings)
        await running.open()
        rejected = RejectedTopic(running)
        try:
            topic = topic_name(settings, "farm")
            for raw, headers in said:  # all in one partition
                await running.producer.send(topic, raw, key=b"one", headers=headers, partition=3)
            await running.producer.flush()
            async with asyncio.TaskGroup() as both:
                both.create_task(Lane(running, Intake(running, rejected), _nobody, Keys()).run())
                both.create_task(rejected.run())
                await until_captured(pool, len(good))
                told = await messages(settings, "rejected", len(poison) + 1)
                running.stopping.set()
        finally:
            await running.close()
        rows = {row["raw"]: row for row in await pool.fetch("select * from rejected")}
        assert set(rows) == {*poison, b""}
        assert Counter(row["code"] for row in rows.values())["message_signature"] == 1
        codes = {row["code"] for row in rows.values()}
        assert {"message_unsigned", "message_key_closed", "message_key_unknown", "event_too_long"} <= codes
        assert {"operator_foreign"} <= codes
        assert sorted(int(one.key) for one in told) == sorted(row["number"] for row in rows.values())
        for one in told:
            told_of = json.loads(one.value)
            row = next(row for row in rows.values() if row["number"] == told_of["number"])
            assert (told_of["code"], told_of["rule"], told_of["bytes"]) == (row["code"], row["rule"], len(row["raw"]))
        async with pool.acquire() as conn:
            verified = await verify(conn)
        assert isinstance(verified, Verified)
        assert verified.events == len(good)


async def _nobody(positions: object) -> None:
    pass


async def test_what_others_refused_is_told_once_and_what_was_not_marked_is_told_again(kafka_settings: Settings) -> None:
    """By HTTP, or by a worker that died between writing and telling."""
    async with store(kafka_settings) as pool:
        async with pool.acquire() as conn:
            await take_all(conn, [Handed(b"%d" % number, Door("hof-1", "producer")) for number in range(7)])
        running = Running(kafka_settings)
        await running.open()
        try:
            topic = RejectedTopic(running)
            assert await topic.publish() == 7
            assert await topic.publish() == 0
            await pool.execute("update rejected set told_at = null where number = 3")
            assert await topic.publish() == 1
        finally:
            await running.close()
        keys = [int(one.key) for one in await messages(kafka_settings, "rejected", 8)]
        assert Counter(keys) == {number: 2 if number == 3 else 1 for number in range(1, 8)}


async def test_what_is_too_long_to_be_told_whole_holds_up_nothing_behind_it(kafka_settings: Settings) -> None:
    settings = kafka_settings.model_copy(update={"event_bytes": 1_000})
    async with store(settings) as pool:
        async with pool.acquire() as conn:
            raws = b"\xff" * 60_000, b"\x01" * 60_000, b"2"  # longer in JSON than a message may be
            await take_all(conn, [Handed(raw, Door("hof-1", "producer")) for raw in raws])
        running = Running(settings)
        await running.open()
        try:
            assert await RejectedTopic(running).publish() == 3
        finally:
            await running.close()
        told = [json.loads(one.value or b"") for one in await messages(settings, "rejected", 3)]
        assert Counter((one["bytes"], one["raw"], one["base64"]) for one in told) == {
            (60_000, None, None): 2,
            (1, "2", None): 1,
        }


async def test_two_workers_tell_each_once(kafka_settings: Settings) -> None:
    async with store(kafka_settings) as pool:
        async with pool.acquire() as conn:
            await take_all(conn, [Handed(b"%d" % number, Door("hof-1", "producer")) for number in range(500)])
        running = Running(kafka_settings)
        await running.open()
        try:
            topics = [RejectedTopic(running) for _ in range(4)]
            while await pool.fetchval("select count(*) from rejected where told_at is null"):
                await asyncio.gather(*[topic.publish() for topic in topics])
        finally:
            await running.close()
        keys = [int(one.key) for one in await messages(kafka_settings, "rejected", 500)]
        assert sorted(keys) == list(range(1, 501))


async def test_an_outage_of_the_broker_loses_nothing_that_was_refused(
    own_broker: Broker, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldline_streams.kafka.rejected.SEND_SECONDS", 0.5)
    settings = settings_on(own_broker.bootstrap, database, tmp_path)
    await create(settings)
    async with store(settings) as pool:
        async with pool.acquire() as conn:
            await take_all(conn, [Handed(b"1", Door("hof-1", "producer"))])
        running = Running(settings)
        await running.open()
        topic = RejectedTopic(running)
        own_broker.kill()
        try:
            with pytest.raises(KafkaError):
                await topic.publish()
            assert await pool.fetchval("select told_at from rejected") is None
            own_broker.start()
            async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as both:
                both.create_task(topic.run())
                told = await messages(settings, "rejected", 1)
                running.stopping.set()
        finally:
            await running.close()
        assert [one.key for one in told] == [b"1"]


class _NoText(str):
    """A header's name that goes out as bytes that are no UTF-8, as clients in other languages can send it."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


async def test_a_header_whose_name_is_no_text_is_passed_and_what_lies_about_it_is_taken(
    kafka_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store(kafka_settings) as pool:
        key = await key_for(pool, "hof-1")
        running = Running(kafka_settings)
        await running.open()
        try:
            topic = topic_name(kafka_settings, "farm")

            async def send(value: bytes, headers: list[tuple[str, bytes]], part: int) -> None:
                await (await running.producer.send(topic, value, key=b"x", headers=headers, partition=part))

            await send(event("e1"), Signer(key).headers(event("e1")), 3)
            with monkeypatch.context() as sending:
                # The compiled writer takes a text's own encoding; this one asks for it.
                for name in ("aiokafka.producer.message_accumulator", "aiokafka.producer.producer"):
                    module = importlib.import_module(name)
                    sending.setattr(module, "DefaultRecordBatchBuilder", default_records._DefaultRecordBatchBuilderPy)
                await send(b"evil", [(_NoText("x"), b"1")], 3)
            await send(event("e2"), Signer(key).headers(event("e2")), 3)
            await send(event("e3"), Signer(key).headers(event("e3")), 4)
            async with asyncio.TaskGroup() as both:
                both.create_task(Lane(running, Intake(running), _nobody, Keys()).run())
                await until_captured(pool, 3)
                running.stopping.set()
            assert {row["id"] for row in await pool.fetch("select id from event")} == {"e1", "e2", "e3"}
            (refused,) = await pool.fetch("select raw, code from rejected")
            assert (refused["code"], refused["raw"].decode().endswith("partition 3, offset 1")) == (
                "cannot_be_stored",
                True,
            )
        finally:
            running.stopping.set()
            await running.close()
