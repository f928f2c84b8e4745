"""Topics: made as they are declared, once, and held against that."""

from __future__ import annotations

from dataclasses import replace

from fieldline_schemas.topics import EVENTS, LEDGER
from fieldline_streams.kafka.topics import TOPICS, check, create, topic_name
from fieldline_trace.settings import Settings


async def test_topics_are_made_as_they_are_declared(kafka_settings: Settings) -> None:
    found = await check(kafka_settings)
    assert [one.topic for one in found] == list(TOPICS)
    assert {one.name: one.differs for one in found if one.differs} == {}


async def test_what_is_there_is_not_made_again(kafka_settings: Settings) -> None:
    assert await create(kafka_settings) == []


async def test_a_missing_topic_is_named(kafka_settings: Settings) -> None:
    elsewhere = kafka_settings.model_copy(update={"kafka_prefix": kafka_settings.kafka_prefix + "other-"})
    found = await check(elsewhere, EVENTS[:1])
    assert found[0].name == topic_name(elsewhere, EVENTS[0])
    assert found[0].differs == ("is missing",)


async def test_a_topic_that_differs_says_in_what(kafka_settings: Settings) -> None:
    declared = replace(LEDGER, partitions=LEDGER.partitions + 1, days=99)
    [found] = await check(kafka_settings, [declared])
    assert found.differs == (
        f"has {LEDGER.partitions} partitions instead of {LEDGER.partitions + 1}",
        f"has retention.ms={-1 if LEDGER.days is None else LEDGER.days * 86_400_000} instead of {99 * 86_400_000}",
    )
