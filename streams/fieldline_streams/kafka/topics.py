"""The topics on a broker, held against how they are declared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from fieldline_schemas.topics import DERIVED, EVENTS, Topic
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import borrowed, connect

from fieldline_streams.kafka.connect import admin, unavailable
from fieldline_streams.kafka.offsets import again

TOPICS: Final = (*EVENTS, *DERIVED)
MESSAGE_BYTES_OVER: Final = 65_536
"""What a message may have beyond the longest event: its headers and its frame."""
_EXISTS = 36
_UNKNOWN = 3
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Found:
    """One topic as it stands: its whole name, and what differs from how it is declared, in words; nothing: as it
    should be."""

    topic: Topic
    name: str
    differs: tuple[str, ...] = ()


def topic_name(settings: Settings, topic: Topic | str) -> str:
    """The name of a topic on the broker: the prefix of the settings before its own."""
    return settings.kafka_prefix + (topic if isinstance(topic, str) else topic.name)


def event_topics(settings: Settings) -> list[str]:
    """Names on the broker of the topics that events are handed in on."""
    return [topic_name(settings, topic) for topic in EVENTS]


def configured(settings: Settings, topic: Topic) -> dict[str, str]:
    """How the broker is to keep a topic."""
    return {
        "cleanup.policy": "compact" if topic.compact else "delete",
        "retention.ms": "-1" if topic.days is None else str(topic.days * 86_400_000),
        "max.message.bytes": str(settings.event_bytes + MESSAGE_BYTES_OVER),
    }


async def create(settings: Settings, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Make what is missing; the names that were made. What is there is left as it is.

    ``Unavailable`` where no broker answers or one does not let us.
    """
    client = await admin(settings)
    try:
        wanted = [
            NewTopic(
                topic_name(settings, topic),
                topic.partitions,
                settings.kafka_replicas,
                topic_configs=configured(settings, topic),
            )
            for topic in topics
        ]
        answer = await client.create_topics(wanted)
        made = []
        for name, code, *said in answer.topic_errors:
            if code == 0:
                made.append(name)
            elif code != _EXISTS:
                raise Unavailable(f"topic {name} is not made: {said[0] if said and said[0] else for_code(code)()}")
        # A broker answers before it tells others of what it made.
        names = {one.name for one in wanted}
        while names.difference(await _partitions(client, sorted(names))):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
        return made
    except KafkaError as error:
        raise unavailable(error) from error
    finally:
        await client.close()


async def read_again(settings: Settings, topics: Iterable[str]) -> None:
    """Have the workers read these topics, by their own names, from their beginning. ``Unavailable`` where PostgreSQL is
    away."""
    if settings.database_url is None:
        raise Unavailable("FIELDLINE_DATABASE_URL names no PostgreSQL, which is where offsets are")
    pool = await connect(settings.database_url, size=1)
    try:
        async with borrowed(pool) as conn:
            await again(conn, settings.kafka_group, [topic_name(settings, topic) for topic in topics])
    finally:
        await pool.close()


async def check(settings: Settings, topics: Sequence[Topic] = TOPICS) -> list[Found]:
    """Each topic as it stands on the broker. ``Unavailable`` where no broker answers."""
    client = await admin(settings)
    try:
        partitions = await _partitions(client, [topic_name(settings, topic) for topic in topics])
        found = []
        for topic in topics:
            name = topic_name(settings, topic)
            if name not in partitions:
                found.append(Found(topic, name, ("is missing",)))
                continue
            differs = []
            if partitions[name] != topic.partitions:
                differs.append(f"has {partitions[name]} partitions instead of {topic.partitions}")
            stands = await _configs(client, name)
            differs += [
                f"has {key}={stands[key]} instead of {value}"
                for key, value in configured(settings, topic).items()
                if stands.get(key, value) != value
            ]
            found.append(Found(topic, name, tuple(differs)))
        return found
    except KafkaError as error:
        raise unavailable(error) from error
    finally:
        await client.close()


async def _partitions(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """How many partitions each of ``names`` has; without those that are missing."""
    described = await client.describe_topics(names)
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["error_code"] != _UNKNOWN}


async def _configs(client: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}
