"""The two runtimes behind one face: events handed in, answers, the feed; closed and opened again."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fieldline_streams.answering import Answering
from fieldline_streams.embedded.runtime import opened
from fieldline_streams.kafka.replica import opened_replica
from fieldline_trace.api.caller import HERE
from fieldline_trace.api.feed import FeedItem
from fieldline_trace.api.ports import Moment
from fieldline_trace.capture import Door
from fieldline_trace.settings import Settings
from fieldline_trace.store.ledger_read import head, listening

from tests.integration.kafka.working import SECONDS, WorkerProcess

Said = tuple[str, str, dict[str, Any]]
"""Sender, role and event."""


@dataclass
class Ground:
    """One runtime, open: the embedded one, or a replica beside a worker that is a process of its own."""

    runtime: Answering
    worker: WorkerProcess | None

    async def hand_in(self, *told: Said) -> list[Any]:
        """Hand events in by the runtime's intake, those of one sender and role together; their receipts."""
        by_door: dict[tuple[str, str], list[bytes]] = {}
        for sender, role, event in told:
            by_door.setdefault((sender, role), []).append(json.dumps(event).encode())
        taken = await asyncio.gather(
            *(self.runtime.take(raws, Door(sender, role, channel="http")) for (sender, role), raws in by_door.items())
        )
        return [receipt for receipts in taken for receipt in receipts]

    async def captured(self, ids: Sequence[str]) -> int:
        """The position of the ledger once all of ``ids`` are in it."""
        wanted = sorted(set(ids))
        async with asyncio.timeout(SECONDS), listening(self.runtime.pool) as heard:
            while await self.runtime.pool.fetchval(
                "select count(distinct id) from event where id = any($1::text[])", wanted
            ) < len(wanted):
                await heard(1.0)
        return (await head(self.runtime.pool)).position

    async def ask(self, question: str, at_least: int = 0, **arguments: Any) -> dict[str, Any]:
        """The answer for a position at least, as who may see all."""
        moment = Moment(at_least=at_least, wait=SECONDS)
        return (await self.runtime.answer(question, arguments, HERE, moment)).said

    async def feed(self, until: int, after: tuple[int, int] = (0, 0)) -> list[FeedItem]:
        """The feed after a point, up to where it says that all up to ``until`` was told."""
        items = []
        async with asyncio.timeout(SECONDS):
            async for item in await self.runtime.feed.open(HERE, after):
                items.append(item)
                if item.kind == "position" and item.position >= until:
                    break
        return items


@asynccontextmanager
async def ground(settings: Settings) -> AsyncIterator[Ground]:
    """The runtime that ``settings`` name; what it holds stays in the database when it is closed."""
    if settings.kafka is None:
        async with opened(settings) as runtime:
            yield Ground(runtime, None)
        return
    worker = WorkerProcess(settings, f"{settings.worker_id}", "lane,judge,notices,clock")
    worker.start()
    try:
        async with opened_replica(settings) as replica:
            yield Ground(replica, worker)
        # One that is still starting ends by the signal itself.
        assert await worker.stop() in (0, -signal.SIGTERM), worker.log.read_text()
    finally:
        worker.end()
