"""What the lane makes of messages, and whom it tells what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import ConsumerRecord
from fieldline_trace.capture import Handed, Receipt, Refused

from fieldline_streams.kafka.envelope import Envelopes
from fieldline_streams.kafka.rejected import RejectedTopic
from fieldline_streams.kafka.running import Running
from fieldline_streams.kafka.signing import KeysKnown


class Intake:
    """Messages to capture's input. ``rejected`` is woken when something was refused."""

    def __init__(self, running: Running, rejected: RejectedTopic | None = None) -> None:
        self._running = running
        self._rejected = rejected
        self._envelopes: Envelopes | None = None

    async def handed(self, records: Sequence[ConsumerRecord]) -> list[Handed]:
        """One for each message, in order; what is not as it should be is one that is refused. ``Unavailable`` where
        PostgreSQL is away."""
        if self._envelopes is None:
            running = self._running
            self._envelopes = Envelopes(running.settings, running.deployment.stream_key, KeysKnown(running.pool))
        return await self._envelopes.handed(records)

    async def told(self, records: Sequence[ConsumerRecord], receipts: Sequence[Receipt]) -> None:
        """Have what was refused told, now that it is kept."""
        if self._rejected is not None and any(isinstance(receipt, Refused) for receipt in receipts):
            self._rejected.wake()
