"""A producer of events: checks each before it is sent, signs it, and says when the broker has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from aiokafka.errors import KafkaError
from fieldline_schemas import fast
from fieldline_schemas.faults import Fault
from fieldline_schemas.said import NotYetReadable
from fieldline_schemas.topics import key_of, topic_of
from fieldline_trace.errors import Rejected
from fieldline_trace.settings import Settings

from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.signing import ROLE, SENDER, Headers, Signer
from fieldline_streams.kafka.topics import topic_name

from .events import Event, raw_of
from .outbox import SECONDS, WAITING_EVENTS, Message, Outbox, Placed

Sent: TypeAlias = "asyncio.Future[Placed]"
AT_ONCE = 2000
_BATCH_BYTES = 262_144


class Producer:
    """Emits events. Made by :meth:`opened`; any number of tasks may use it."""

    def __init__(self, settings: Settings, outbox: Outbox, headers: Callable[[bytes], Headers]) -> None:
        self._settings, self._outbox, self._headers = settings, outbox, headers
        self._under_way: set[Sent] = set()
        self._failed: BaseException | None = None

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        settings: Settings,
        *,
        key: str | None = None,
        sender: str | None = None,
        role: str = "producer",
        waiting: int = WAITING_EVENTS,
        seconds: float = SECONDS,
    ) -> AsyncIterator[Producer]:
        """A producer on the brokers of ``settings``; on leaving, what is under way is waited for.

        ``key``: signs. ``sender`` and ``role``: said in headers, which is believed only where the deployment trusts the
        brokers' access rights. ``waiting``: events under way at most; who sends more waits. ``seconds``: how long one
        may take. ``ValueError`` where neither is given; ``Unavailable`` where no broker answers.
        """
        if key is not None:
            headers = Signer(key).headers
        elif sender is not None:
            said = [(SENDER, sender.encode()), (ROLE, role.encode())]

            def headers(value: bytes) -> Headers:
                return said

        else:
            raise ValueError("an event is signed with a key, or names its sender")
        inner = await opened_producer(settings, max_batch_size=_BATCH_BYTES, request_timeout_ms=int(seconds * 1000))
        try:
            producer = cls(settings, Outbox(inner, events=waiting, seconds=seconds), headers)
            yield producer
            await producer.flush()
        finally:
            with suppress(TimeoutError, KafkaError):
                await asyncio.wait_for(inner.stop(), seconds)

    async def send(self, event: Event) -> Sent:
        """Hand one event on when there is room; what is answered is where it is, once the broker has it. ``Rejected``
        where it cannot be read: nothing is sent. ``Unavailable`` where there is no room in time."""
        sent = await self._outbox.post(self._message(event))
        self._under_way.add(sent)
        sent.add_done_callback(self._done)
        return sent

    async def send_all(self, events: Iterable[Event]) -> list[Placed | Fault]:
        """Send many, in batches, and wait for all: where each is, or why it was not sent. ``Unavailable`` where the
        broker does not answer: some may be there; send all of them again."""
        told: list[Placed | Fault] = []
        for chunk in _chunks(events):
            messages: list[Message] = []
            places: list[int] = []
            for event in chunk:
                try:
                    messages.append(self._message(event))
                    places.append(len(told))
                    told.append(_NOWHERE)
                except Rejected as rejected:
                    told.append(rejected.fault)
            for place, placed in zip(places, await self._outbox.put(messages), strict=True):
                told[place] = placed
        return told

    async def flush(self) -> None:
        """Wait for all that was sent. ``Unavailable`` where one since the last time was not placed."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def _done(self, sent: Sent) -> None:
        self._under_way.discard(sent)
        if not sent.cancelled() and (failed := sent.exception()) is not None:
            self._failed = failed

    def _message(self, event: Event) -> Message:
        raw = raw_of(event)
        try:
            if len(raw) > self._settings.event_bytes:
                raise Fault.by("event_too_long", "", f"{len(raw)} bytes", most=self._settings.event_bytes)
            said = fast.read(raw)
        except NotYetReadable as future:
            said = future.said
        except Fault as fault:
            raise Rejected(fault) from None
        topic = topic_name(self._settings, topic_of(said.kind))
        return Message(topic, key_of(said, raw).encode(), raw, self._headers(raw))


_NOWHERE = Placed("", -1, -1)


def _chunks(events: Iterable[Event]) -> Iterator[list[Event]]:
    chunk: list[Event] = []
    for event in events:
        chunk.append(event)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
