"""The way in of API replicas: what HTTP hands in goes to Kafka, and is acknowledged when the broker has it.

What cannot be read is refused at once, and kept. What people decide is waited for until it is captured: whoever acted
reads on from there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from aiokafka import AIOKafkaProducer
from fieldline_schemas.canonical import digest as canonical_digest
from fieldline_schemas.topics import key_of, topic_of
from fieldline_trace.api.receipts import outcome_of
from fieldline_trace.api.sent import Sending, Sent, became
from fieldline_trace.capture import Deployment, Door, Handed, Receipt, Refused, take_all
from fieldline_trace.capture.reading import Read, Unread
from fieldline_trace.capture.slices import read_in_slices
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool, borrowed, outages_as_unavailable

from fieldline_streams.kafka.signing import DoorSigner
from fieldline_streams.kafka.topics import topic_name
from fieldline_streams.producer.outbox import Message, Outbox

ACT_SECONDS = 10.0
"""How long an act is waited for; then its receipt says that it is on its way."""
_LOOK_SECONDS = 0.02
_ACTS = "acts"


class KafkaIntake:
    """``api.ports.Intake`` over Kafka."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        settings: Settings,
        deployment: Deployment,
        pool: Pool,
        metrics: Metrics,
        *,
        outbox: Outbox | None = None,
    ) -> None:
        """``producer``: started, idempotent. ``pool``: for what is refused at once, and to see what became of acts.
        ``outbox``: other bounds than its own."""
        self._settings, self._deployment, self._pool, self._metrics = settings, deployment, pool, metrics
        self._outbox = Outbox(producer) if outbox is None else outbox

    async def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt | Sent]:
        """See :class:`~fieldline_trace.api.ports.Intake`: ``Sent`` for what the broker has. ``Unavailable`` at once
        where more is under way than there is room for, and where the broker does not answer."""
        persons, most = self._deployment.persons, self._settings.event_bytes
        reads, unreads = await read_in_slices([Handed(raw, door, history) for raw in raws], most, persons)
        told: dict[int, Receipt | Sent] = {}
        sent = [self._sending(raws[read.index], read) for read in reads]
        signer = DoorSigner(self._deployment.stream_key, door, history=history)
        messages = []
        for read in reads:
            raw = raws[read.index]  # who is named is split off where it is captured
            topic = topic_name(self._settings, topic_of(read.said.kind))
            messages.append(Message(topic, key_of(read.said, raw).encode(), raw, signer.headers(raw)))
        await self._outbox.put(messages, patient=False)
        secret = self._deployment.stream_key
        for read, one in zip(reads, sent, strict=True):
            told[read.index] = Sent(one.receipt(secret), one.id)
        told.update(await self._refuse(unreads))
        acts = [
            (read.index, one) for read, one in zip(reads, sent, strict=True) if topic_of(read.said.kind).name == _ACTS
        ]
        told.update(await self._captured(acts))
        receipts = [told[index] for index in range(len(raws))]
        # What is taken is counted where it is captured.
        for outcome, count in Counter(outcome_of(one) for one in receipts if isinstance(one, Refused)).items():
            self._metrics.events.labels(door.channel, outcome).inc(count)
        return receipts

    def _sending(self, raw: bytes, read: Read) -> Sending:
        canonical = read.content if read.content is not None else canonical_digest(read.raw)
        return Sending.of(read.through.door.sender, read.said.id, sha256(raw).digest(), canonical)

    async def _refuse(self, unreads: Sequence[Unread]) -> dict[int, Receipt]:
        """Keep what cannot be read, as capture keeps it."""
        if not unreads:
            return {}
        handed = [Handed(one.raw, one.through.door, one.through.history, one.fault) for one in unreads]
        with outages_as_unavailable():
            async with borrowed(self._pool) as conn:
                receipts = await take_all(conn, handed)
        return {one.index: receipt for one, receipt in zip(unreads, receipts, strict=True)}

    async def _captured(self, acts: Sequence[tuple[int, Sending]]) -> dict[int, Receipt]:
        """What became of acts, as far as that is known in time."""
        found: dict[int, Receipt] = {}
        waiting = list(acts)
        deadline = asyncio.get_running_loop().time() + ACT_SECONDS
        while waiting and asyncio.get_running_loop().time() < deadline:
            with outages_as_unavailable():
                async with borrowed(self._pool) as conn:
                    for index, sent in waiting:
                        receipt = await became(conn, sent)
                        if receipt is not None:
                            found[index] = receipt
            waiting = [one for one in waiting if one[0] not in found]
            if waiting:
                await asyncio.sleep(_LOOK_SECONDS)
        return found
