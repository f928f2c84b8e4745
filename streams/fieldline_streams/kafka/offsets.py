"""Where the lane goes on in each partition: in PostgreSQL, in the transaction that stores what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import ConsumerRecord, TopicPartition
from fieldline_trace.errors import Fenced
from fieldline_trace.store import Connection, Q


async def offsets(conn: Connection, group: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Offset of the first message in each partition that is not captured; 0 where nothing was."""
    topics, parts = _columns(partitions)
    await conn.execute(Q["offsets_begin"], group, topics, parts)
    return {
        TopicPartition(row["topic"], row["part"]): row["next"]
        for row in await conn.fetch(Q["offsets_of"], group, topics, parts)
    }


async def move(conn: Connection, group: str, moves: Mapping[TopicPartition, tuple[int, int]]) -> None:
    """Go on in partitions, each from its old offset to a new one.

    ``Fenced`` where one does not stand at its old offset: somebody else has read there. Nothing is to be kept then.
    """
    topics, parts = _columns(moves)
    ordered = [moves[partition] for partition in map(TopicPartition, topics, parts)]
    old, new = [a for a, _ in ordered], [b for _, b in ordered]
    moved = await conn.fetchval(Q["offsets_move"], group, topics, parts, old, new)
    if moved != len(moves):
        raise Fenced(f"{len(moves) - moved} of {len(moves)} partitions were read on by another worker")


async def again(conn: Connection, group: str, topics: Iterable[str]) -> None:
    """Have a group read topics from their beginning, whoever is reading them now. What is there already changes
    nothing."""
    await conn.execute(Q["offsets_again"], group, sorted(topics))


def ends(records: Iterable[ConsumerRecord]) -> dict[TopicPartition, int]:
    """Of each partition the offset behind the last of its messages."""
    behind = {(record.topic, record.partition): record.offset + 1 for record in records}
    return {TopicPartition(*part): offset for part, offset in behind.items()}


def _columns(partitions: Iterable[TopicPartition]) -> tuple[list[str], list[int]]:
    ordered = sorted(partitions)
    return [partition.topic for partition in ordered], [partition.partition for partition in ordered]
