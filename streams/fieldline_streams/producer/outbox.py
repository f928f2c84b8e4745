"""Messages to a broker, in batches of one partition each, as many at a time as there is room for.

Whoever puts in more waits; whoever waits too long is told so. A message is placed when all copies that are in step have
it. One that was given up on may be placed all the same: put in again it is the same event, and is taken once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from fieldline_schemas.messages import Sentence
from fieldline_trace.errors import Unavailable

WAITING_EVENTS = 20_000
WAITING_BYTES = 32_000_000
"""Messages that may be under way at once, and their bytes."""
SECONDS = 30.0
"""How long a message may wait for room, and then for the broker."""
_ALONE = 8
"""So few go one by one: making a batch costs more than it saves."""


class Message(NamedTuple):
    """One message. ``topic``: its whole name."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Placed(NamedTuple):
    """Where a message is."""

    topic: str
    partition: int
    offset: int


class Outbox:
    """Bounded sending over a started, idempotent producer."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        *,
        events: int = WAITING_EVENTS,
        size: int = WAITING_BYTES,
        seconds: float = SECONDS,
    ) -> None:
        self._producer = producer
        self._most_events, self._most_size, self._seconds = events, size, seconds
        self._events = self._size = 0
        self._freed = asyncio.Event()
        self._partition = DefaultPartitioner()

    @property
    def waiting(self) -> int:
        """Messages under way."""
        return self._events

    def full(self) -> bool:
        """Whether there is no room at the moment."""
        return self._events >= self._most_events or self._size >= self._most_size

    async def put(self, messages: Sequence[Message], *, patient: bool = True) -> list[Placed]:
        """Where each is, once the broker has it. ``patient``: wait for room; else ``Unavailable`` at once where there
        is none. ``Unavailable`` where the broker does not answer: put in again what was to be sent; nothing is lost and
        nothing doubled."""
        if not patient and self.full():
            raise Unavailable(Sentence("kafka_full"))
        try:
            async with asyncio.timeout(self._seconds), self._room(messages):
                return await self._sent(messages)
        except TimeoutError:
            raise Unavailable(Sentence("kafka_away")) from None
        except KafkaError as error:
            raise Unavailable(Sentence("kafka_away")) from error

    async def post(self, one: Message) -> asyncio.Future[Placed]:
        """Hand one on when there is room; where it is, once the broker has it. ``Unavailable``, here or of the future,
        as that of ``put``."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._until_free()
                sent = await self._producer.send(one.topic, one.value, key=one.key, headers=one.headers)
        except (TimeoutError, KafkaError) as error:
            raise Unavailable(Sentence("kafka_away")) from error
        placed: asyncio.Future[Placed] = asyncio.get_running_loop().create_future()
        self._events += 1
        self._size += len(one.value)

        def late() -> None:
            if not placed.done():
                placed.set_exception(Unavailable(Sentence("kafka_away")))

        def done(sent: asyncio.Future[Any]) -> None:
            timer.cancel()
            if placed.done():
                return
            if sent.cancelled() or sent.exception() is not None:
                placed.set_exception(Unavailable(Sentence("kafka_away")))
            else:
                said = sent.result()
                placed.set_result(Placed(said.topic, said.partition, said.offset))

        timer = asyncio.get_running_loop().call_later(self._seconds, late)
        placed.add_done_callback(lambda _: self._leave(1, len(one.value)))
        sent.add_done_callback(done)
        return placed

    async def _until_free(self) -> None:
        while self.full():
            self._freed.clear()
            await self._freed.wait()

    def _leave(self, count: int, size: int) -> None:
        self._events -= count
        self._size -= size
        self._freed.set()

    @asynccontextmanager
    async def _room(self, messages: Sequence[Message]) -> AsyncIterator[None]:
        """Room for these, as soon as there is any: so that what is longer than all of it gets through, too."""
        size = sum(len(one.value) for one in messages)
        await self._until_free()
        self._events += len(messages)
        self._size += size
        try:
            yield
        finally:
            self._leave(len(messages), size)

    async def _sent(self, messages: Sequence[Message]) -> list[Placed]:
        if len(messages) <= _ALONE:
            futures = [
                await self._producer.send(one.topic, one.value, key=one.key, headers=one.headers) for one in messages
            ]
            return [Placed(said.topic, said.partition, said.offset) for said in await asyncio.gather(*futures)]
        parts: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place, one in enumerate(messages):
            parts[one.topic, await self._part(one)].append(place)
        placed: list[Placed | None] = [None] * len(messages)
        await asyncio.gather(
            *[self._batches(topic, part, places, messages, placed) for (topic, part), places in parts.items()]
        )
        return [one for one in placed if one is not None]

    async def _part(self, one: Message) -> int:
        parts = self._producer.client.cluster.partitions_for_topic(one.topic) or await self._producer.partitions_for(
            one.topic
        )
        known = sorted(parts)
        return int(self._partition(one.key, known, known))

    async def _batches(
        self, topic: str, part: int, places: list[int], messages: Sequence[Message], placed: list[Placed | None]
    ) -> None:
        """What goes to one partition, in its order."""
        waiting = []
        start = 0
        while start < len(places):
            batch = self._producer.create_batch()
            end = start
            while end < len(places):
                one = messages[places[end]]
                if batch.append(timestamp=None, key=one.key, value=one.value, headers=one.headers) is None:
                    break
                end += 1
            if end == start:  # longer than a batch
                one = messages[places[start]]
                end += 1
                future = await self._producer.send(topic, one.value, key=one.key, headers=one.headers, partition=part)
            else:
                future = await self._producer.send_batch(batch, topic, partition=part)
            waiting.append((places[start:end], future))
            start = end
        for some, future in waiting:
            said = await future
            for number, place in enumerate(some):
                placed[place] = Placed(topic, part, said.offset + number)
