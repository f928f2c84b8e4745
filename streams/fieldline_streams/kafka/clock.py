"""The clock of the workers: whichever lives writes the tick of a deadline. Two write the same, which is one."""

from __future__ import annotations

import faust
from fieldline_trace.capture import Accepted, Door, take
from fieldline_trace.follow import stored
from fieldline_trace.store import borrowed, outages_as_unavailable
from mode import Service

from fieldline_streams.embedded.clock import CHANNEL, ROLE, SENDER, Due, tick_when_due
from fieldline_streams.kafka.ledger_topic import LedgerTopic
from fieldline_streams.kafka.running import Running


def add_clock(app: faust.App, running: Running) -> None:
    """Let the worker of ``app`` tick."""

    @app.service
    class Clock(Service):
        """Writes ticks until the worker ends."""

        @Service.task
        async def run(self) -> None:
            await run_clock(running)


async def run_clock(running: Running) -> None:
    """Write the tick of each deadline that the judge stored, by the time of the database, until the worker ends."""
    topic = LedgerTopic(running)

    async def take_one(raw: bytes) -> None:
        with outages_as_unavailable():
            async with borrowed(running.pool) as conn:
                [receipt] = await take(conn, [raw], Door(SENDER, ROLE, channel=CHANNEL))
        if isinstance(receipt, Accepted):
            await topic.publish([receipt.position])

    async def due() -> Due:
        async with borrowed(running.pool) as conn:
            return Due(*await stored.deadline(conn))

    await tick_when_due(take_one, due, running.stopping)
