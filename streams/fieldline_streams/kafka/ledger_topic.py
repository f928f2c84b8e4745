"""The topic `ledger`: says that the ledger has come to a position. What the entry says is read from PostgreSQL.

It is transport and no truth: a position that is not published costs those who follow a delay of a second at most. So
publishing never keeps the lane waiting and never fails it, and of positions that queue up only the last is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import msgspec
from aiokafka.errors import KafkaError
from fieldline_schemas.topics import LEDGER

from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.topics import topic_name

_log = logging.getLogger(__name__)


class LedgerTopic:
    """Publishes positions of the ledger once they are durable."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._topic = topic_name(running.settings, LEDGER)
        self._last = 0
        self._told = 0
        self._telling: asyncio.Task[None] | None = None

    async def publish(self, positions: Sequence[int]) -> None:
        """Tell that the ledger has come to the last of ``positions``. Does not wait for the broker, does not raise."""
        self._last = max(self._last, *positions)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(), name="ledger topic")

    async def _tell(self) -> None:
        while self._told < self._last:
            position = self._last
            try:
                # Queued is enough: it goes out with whatever else the producer has for the broker.
                await self._running.producer.send(self._topic, msgspec.json.encode({"position": position}))
            except KafkaError as error:
                _log.warning("not published: %r", error, extra={"position": position})
            self._told = position
