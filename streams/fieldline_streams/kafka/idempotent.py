"""A producer that repeats nothing, and goes on after something that it gave up on.

The client counts what it sends to each partition, and the broker takes nothing behind a gap: after one message that it
refused, or that waited too long for a leader, all later ones for that partition would be refused until the process
ends. So after each failure this one asks for a new id, under which it counts anew. Of one partition one batch is under
way at a time, so nothing of what went out under the old id waits behind the gap.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer.transaction_manager import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, PidAndEpoch

_log = logging.getLogger(__name__)


class IdempotentProducer(AIOKafkaProducer):  # type: ignore[misc]
    """One without transactions: who has those opens another one after a failure."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments, enable_idempotence=True)

    async def send(self, *arguments: Any, **named: Any) -> asyncio.Future[Any]:
        """As the client's."""
        return self._looked_after(await super().send(*arguments, **named))

    async def send_batch(self, *arguments: Any, **named: Any) -> asyncio.Future[Any]:
        """As the client's."""
        return self._looked_after(await super().send_batch(*arguments, **named))

    def _looked_after(self, sent: asyncio.Future[Any]) -> asyncio.Future[Any]:
        sent.add_done_callback(self._look)
        return sent

    def _look(self, sent: asyncio.Future[Any]) -> None:
        counted = self._txn_manager
        if sent.cancelled() or (error := sent.exception()) is None or not counted.has_pid():
            return
        _log.warning("counting anew after %r", error)
        # The client has no name for this. Its sender waits for an id before it takes anything more from its queue.
        counted._pid_and_epoch = PidAndEpoch(NO_PRODUCER_ID, NO_PRODUCER_EPOCH)
        counted._pid_waiter = asyncio.get_running_loop().create_future()
        counted._sequence_numbers = defaultdict(int)
