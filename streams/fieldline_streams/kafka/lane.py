"""The capture lane: events from Kafka to the ledger in micro-batches, on a consumer of its own.

Where it goes on in each partition is written in the transaction that stores what was read there, from the offset that
stood before to the new one. So a micro-batch is there with its offsets or not at all, whoever is killed when; and who
was frozen while another took over its partitions finds other offsets, and writes nothing.

One lock is around each write and around each change of partitions. A write that cannot be done is tried again until
it can, or until the partition is taken from us; it is never left out. While there is a backlog, the next micro-batch is
read and made ready beside the write of the one before, and waits for its turn: it is written only after that one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from fieldline_schemas.faults import Fault
from fieldline_trace.api.receipts import outcome_of
from fieldline_trace.capture import Accepted, Handed, Keys, Receipt, Refused, Variant, take_all
from fieldline_trace.errors import Fenced, FieldlineError, Unavailable
from fieldline_trace.store import Connection, borrowed, outages_as_unavailable

from fieldline_streams.kafka.connect import client
from fieldline_streams.kafka.envelope import NOBODY, place_of
from fieldline_streams.kafka.offsets import again, ends, move, offsets
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import event_topics
from fieldline_streams.kafka.turn import TakenFromUs, Turn, UnderWay

_log = logging.getLogger(__name__)
T = TypeVar("T")

RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between tries while PostgreSQL or Kafka is away; the last repeats."""
_LOOK_MS = 200
"""How long one look for events lasts where there are none."""
_LAG_SECONDS = 1.0
_CONNECTIONS_AHEAD = 4
"""With fewer, what is made ready could hold the last one that what is before it waits for: notices listen on two."""


class Intake(Protocol):
    """What makes capture's input of messages, and is told what became of them."""

    async def handed(self, records: Sequence[ConsumerRecord]) -> list[Handed]:
        """One for each message, in order; what is not as it should be is one that is refused."""

    async def told(self, records: Sequence[ConsumerRecord], receipts: Sequence[Receipt]) -> None:
        """What became of each, once that is durable."""


class Lane(ConsumerRebalanceListener):  # type: ignore[misc]
    """One lane. ``published`` hears the positions of the ledger that each micro-batch got, once they are durable."""

    def __init__(
        self, running: Running, intake: Intake, published: Callable[[Sequence[int]], Awaitable[None]], keys: Keys
    ) -> None:
        settings = running.settings
        self._running = running
        self._metrics = running.metrics
        self._intake = intake
        self._published = published
        self._keys = keys
        self._group = settings.kafka_group
        self._most = settings.lane_events
        self._ahead = settings.pool_size >= _CONNECTIONS_AHEAD
        self._writing = asyncio.Lock()
        self._revoking = asyncio.Event()
        self._generation = 0
        """Counts changes of partitions: what was fetched before one is not written after it."""
        self._stands: dict[TopicPartition, int] = {}
        """Offset in PostgreSQL of each partition that is ours."""
        self._reads_on: dict[TopicPartition, int] = {}
        """The same, behind what is under way."""
        self._under_way = UnderWay()
        """One micro-batch that is written, and one that is made ready."""
        self._settled = False
        """Whether the consumer stands where PostgreSQL says."""
        self._lag_due = 0.0
        self.ended = asyncio.Event()

    async def run(self) -> None:
        """Capture until the worker stops. ``Unavailable`` where no broker answers at the start."""
        settings = self._running.settings
        milliseconds = int(settings.kafka_session_seconds * 1000)
        consumer = self._consumer = AIOKafkaConsumer(
            **client(settings),
            group_id=self._group,
            group_instance_id=None if settings.worker_id is None else f"{settings.worker_id}-lane",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=milliseconds,
            heartbeat_interval_ms=milliseconds // 4,
            fetch_min_bytes=settings.lane_fetch_bytes,
            fetch_max_wait_ms=settings.lane_fetch_ms,
        )
        consumer.subscribe(event_topics(settings), listener=self)
        try:
            await self._started()
            failures = 0
            while not self._running.stopping.is_set():
                try:
                    await self._step()
                    failures = 0
                except (TakenFromUs, Fenced):
                    self._settled = False
                except KafkaError as error:
                    failures += 1
                    self._settled = False
                    _log.warning("the lane reads on after %r", error)
                    await self._pause(failures)
            await self._under_way.ended()
        finally:
            try:
                await self._under_way.ended(cut_off=True)
                await consumer.stop()
            finally:
                self.ended.set()

    async def _started(self) -> None:
        failures = 0
        while not self._running.stopping.is_set():
            try:
                await self._consumer.start()
                return
            except KafkaError as error:
                failures += 1
                _log.warning("Kafka is not reached: %r", error)
                await self._pause(failures)

    async def _step(self) -> None:
        if not self._settled:
            await self._under_way.finished()
            await self._settle()
        generation = self._generation
        try:
            fetched = await self._consumer.getmany(timeout_ms=_LOOK_MS, max_records=self._most)
        except UnicodeDecodeError:
            await self._under_way.finished()
            await self._past_what_the_client_dies_of()
            return
        if generation != self._generation or not self._settled:
            self._settled = False  # fetched before partitions changed: the consumer may stand too far
            return
        records = [record for part, messages in fetched.items() for record in self._new(part, messages)]
        if not self._settled:
            return
        before = len(self._under_way)
        if records:
            self._under_way.begin(self._write_in_turn(records, generation))
        # Where there is a backlog, the next is made ready beside this one. Else it is left to gather.
        backlog = self._ahead and 2 * len(records) >= self._most
        await self._under_way.finished(before if backlog else None)
        self._tell_lag()

    def _write_in_turn(
        self, records: Sequence[ConsumerRecord], generation: int, fault: Fault | None = None
    ) -> Coroutine[Any, Any, None]:
        """``_write``, in its turn, which is after what is under way now."""

        def ours() -> bool:
            return generation == self._generation and self._settled

        return self._write_and_end(records, Turn(self._writing, self._under_way.last, ours), fault)

    async def _write_and_end(self, records: Sequence[ConsumerRecord], turn: Turn, fault: Fault | None) -> None:
        try:
            await self._write(records, turn, fault)
        finally:
            turn.over()

    async def _past_what_the_client_dies_of(self) -> None:
        """The client reads names of headers as UTF-8, and raises where one is none, before we see any of the message.
        So messages are taken one by one up to that one, which is refused by its place, and passed.

        It goes through a batch from its begin, so what the same producer sent behind it in one batch is passed, too.
        """
        await self._settle()
        for part in list(self._stands):
            while part in self._stands and not self._revoking.is_set():
                generation, fault = self._generation, None
                try:
                    found = await self._consumer.getmany(part, timeout_ms=_LOOK_MS, max_records=1)
                    records = [record for messages in found.values() for record in messages]
                except UnicodeDecodeError:
                    fault = Fault.by("cannot_be_stored", why="the name of a header is no UTF-8")
                    records = [place_of(part, self._stands[part])]
                if not records:
                    break
                await self._write_in_turn(records, generation, fault)
                if generation != self._generation or not self._settled:
                    return
                if fault is not None:
                    _log.error("message %d of %s cannot be read, and is passed", records[0].offset, part.topic)
                    self._consumer.seek(part, self._stands[part])

    def _new(self, part: TopicPartition, messages: Sequence[ConsumerRecord]) -> Iterable[ConsumerRecord]:
        stands = self._reads_on[part]
        if messages[0].offset < stands:
            # The broker no longer has what comes next, and the consumer began anew. Look at both again.
            self._settled = False
            return []
        self._reads_on[part] = messages[-1].offset + 1
        return messages

    async def _write(self, records: Sequence[ConsumerRecord], turn: Turn, fault: Fault | None = None) -> None:
        """Store ``records`` with the offsets behind them; nothing of it where somebody else has read on. With ``fault``
        they are refused."""
        began = time.perf_counter()
        try:
            receipts = await self._patiently(lambda: self._once(records, turn, fault))
        except Fenced as fenced:
            _log.warning("nothing written: %s", fenced)
            self._settled = False
            return
        except (FieldlineError, asyncpg.PostgresError, asyncpg.InterfaceError, TakenFromUs):
            raise
        except Exception as error:
            if fault is not None:
                raise
            await self._write_apart(records, turn, error)
            return
        self._metrics.capture_seconds.observe(time.perf_counter() - began)
        self._metrics.capture_events.observe(len(records))
        self._stands.update(ends(records))
        await self._tell(records, receipts)

    async def _write_apart(self, records: Sequence[ConsumerRecord], turn: Turn, error: Exception) -> None:
        """One of ``records`` is one that we die of. It is found and refused, so that it holds up no other."""
        if len(records) == 1:
            _log.error("message %d of %s is refused", records[0].offset, records[0].topic, exc_info=error)
            await self._write(records, turn, Fault.by("cannot_be_stored", why=type(error).__name__))
            return
        half = len(records) // 2
        await self._write(records[:half], turn)
        if self._settled:  # else the second half would go over the first, which somebody else has to do
            await self._write(records[half:], turn)

    async def _once(self, records: Sequence[ConsumerRecord], turn: Turn, fault: Fault | None) -> list[Receipt]:
        handed = await (self._intake.handed(records) if fault is None else self._refused(records, fault))

        async def within(conn: Connection) -> None:
            await move(conn, self._group, self._moves(records))  # from where we stand now that it is our turn

        with outages_as_unavailable():
            async with borrowed(self._running.pool) as conn:
                return await take_all(
                    conn,
                    handed,
                    keys=self._keys,
                    event_bytes=self._running.settings.event_bytes,
                    persons=self._running.deployment.persons,
                    within=within,
                    turn=turn.come,
                )

    async def _refused(self, records: Sequence[ConsumerRecord], fault: Fault) -> list[Handed]:
        """What refuses ``records``, under the names of their senders where those can be made out."""
        try:
            return [one._replace(fault=fault) for one in await self._intake.handed(records)]
        except FieldlineError:
            raise
        except Exception:
            return [Handed(record.value or b"", NOBODY, fault=fault) for record in records]

    def _moves(self, records: Sequence[ConsumerRecord]) -> dict[TopicPartition, tuple[int, int]]:
        return {part: (self._stands[part], end) for part, end in ends(records).items()}

    async def _tell(self, records: Sequence[ConsumerRecord], receipts: Sequence[Receipt]) -> None:
        positions = sorted({one.position for one in receipts if isinstance(one, (Accepted, Variant))})
        oldest = min(record.timestamp for record in records)
        self._metrics.durable_seconds.observe(max(0.0, time.time() - oldest / 1000))
        if positions:
            _log.debug("captured %d events", len(records), extra={"position": positions[-1]})
            self._metrics.ledger_position.set(positions[-1])
            await self._published(positions)
        for record, receipt in zip(records, receipts, strict=True):
            if isinstance(receipt, Refused):
                where = {"topic": record.topic, "offset": record.offset, "rejected": receipt.rejected_id}
                _log.info("refused: %s", receipt.fault.code, extra=where)
        await self._intake.told(records, receipts)
        for outcome, count in Counter(map(outcome_of, receipts)).items():
            self._metrics.events.labels("kafka", outcome).inc(count)

    def _tell_lag(self) -> None:
        if (now := time.monotonic()) < self._lag_due:
            return
        self._lag_due = now + _LAG_SECONDS
        ends = {part: self._consumer.highwater(part) for part in self._stands} if self._settled else {}
        behind = sum(max(0, end - self._stands[part]) for part, end in ends.items() if end is not None)
        self._metrics.lane_behind.set(behind)

    # Partitions come and go.

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Wait for the write under way, or have it given up; write nothing more there."""
        self._revoking.set()
        try:
            async with self._writing:
                self._changed()
        finally:
            self._revoking.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing is read before it is known where to go on."""
        self._changed()
        self._consumer.pause(*assigned)

    def _changed(self) -> None:
        self._generation += 1
        self._settled = False
        self._stands, self._reads_on = {}, {}

    async def _settle(self) -> None:
        """Have the consumer stand where PostgreSQL says."""
        generation = self._generation
        assigned = sorted(self._consumer.assignment())
        stands = await self._patiently(lambda: self._read(assigned)) if assigned else {}
        first = await self._consumer.beginning_offsets(assigned) if assigned else {}
        last = await self._consumer.end_offsets(assigned) if assigned else {}
        remade = sorted({part.topic for part in assigned if stands[part] > last[part]})
        if remade:
            # Its other partitions are new ones, too, even where they have more in them by now than the old ones had,
            # and whoever reads them: who does finds other offsets with the next write, and looks again.
            _log.warning(
                "%s ends before what was captured of it: it was made anew, and is read from its beginning",
                ", ".join(remade),
            )
            await self._patiently(lambda: self._again(remade))
            stands |= {part: 0 for part in assigned if part.topic in remade}
        for part in assigned:
            if 0 < stands[part] < first[part]:
                _log.error(
                    "partition %d of %s: the broker deleted offsets %d to %d before they were captured: its retention "
                    "is too short",
                    part.partition, part.topic, stands[part], first[part] - 1,
                )  # fmt: skip
        if generation != self._generation:
            return
        for part in assigned:
            self._consumer.seek(part, max(stands[part], first[part]))
        self._consumer.resume(*assigned)
        self._stands, self._reads_on = stands, dict(stands)
        self._settled = True

    async def _read(self, parts: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        with outages_as_unavailable():
            async with borrowed(self._running.pool) as conn:
                return await offsets(conn, self._group, parts)

    async def _again(self, topics: Sequence[str]) -> None:
        with outages_as_unavailable():
            async with borrowed(self._running.pool) as conn:
                await again(conn, self._group, topics)

    # Outages.

    async def _patiently(self, tried: Callable[[], Awaitable[T]]) -> T:
        """What ``tried`` gives, once PostgreSQL is there; ``TakenFromUs`` where that is for somebody else to do."""
        failures, generation = 0, self._generation
        while True:
            try:
                return await tried()
            except Unavailable:
                failures += 1
                self._metrics.capture_retries.inc()
                await self._pause(failures)
                if self._revoking.is_set() or self._running.stopping.is_set() or generation != self._generation:
                    raise TakenFromUs from None

    async def _pause(self, failures: int) -> None:
        """A moment, cut short where partitions are taken from us or the worker ends."""
        waits: list[asyncio.Task[Any]] = [
            asyncio.create_task(event.wait()) for event in (self._revoking, self._running.stopping)
        ]
        pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
        try:
            await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
