"""Receivers of webhooks for a scene: one that answers at once, one that answers late, one that is not there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Literal

from fieldline_trace.notices import subscribers
from fieldline_trace.store import Pool, borrowed

from fieldline_streams.faults.ground import SQL, Scene, until
from fieldline_streams.kafka.broker import free_ports

Manner = Literal["prompt", "slow", "dead"]
SLOW_SECONDS = 8.0
"""Later than the scene lets a receiver take."""


@dataclass(slots=True)
class Receiver:
    """One receiver, and the ids of what came to it."""

    manner: Manner
    name: str = ""
    """As a subscriber."""
    came: set[str] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen on this machine, unless it is dead; where it is told."""
        if self.manner == "dead":
            [port] = free_ports(1)
        else:
            self.server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
            port = self.server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/told"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, KeyError, ValueError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            said = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            await reader.readexactly(int(said["content-length"]))
            if self.manner == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            self.came.add(said["webhook-id"])
            writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        writer.close()


async def subscribed(scene: Scene, *manners: Manner) -> None:
    """Let receivers be told of all that comes from now on."""
    pool = await scene.pool()
    try:
        for manner in manners:
            receiver = Receiver(manner)
            async with borrowed(pool) as conn:
                added = await subscribers.add(
                    conn, url=await receiver.open(), topics=["alerts", "scope-changes"], content="whole",
                    tenant="default", note=manner, by="faults", now=time.time_ns() // 1000, loopback=True,
                )  # fmt: skip
            receiver.name = str(added["id"])
            scene.receivers.append(receiver)
    finally:
        await pool.close()


async def lost(scene: Scene) -> int:
    """Versions that the judge wrote after a receiver subscribed and that were neither told it nor wait for it, once
    whoever answers has been told of all."""
    if not scene.receivers:
        return 0
    pool = await scene.pool()
    try:
        for receiver in scene.receivers:
            if receiver.manner == "prompt":
                await _told_of_all(pool, receiver)
        missing = 0
        for receiver in scene.receivers:
            row = await pool.fetchrow(SQL["faults_notices"], receiver.name)
            assert row is not None
            missing += abs(row["written"] - row["entered"])
            if receiver.manner == "prompt":
                missing += row["entered"] - len(receiver.came)
        return missing
    finally:
        await pool.close()
        for receiver in scene.receivers:
            if receiver.server is not None:
                receiver.server.close()


async def _told_of_all(pool: Pool, receiver: Receiver) -> None:
    async def all_told() -> bool:
        row = await pool.fetchrow(SQL["faults_notices"], receiver.name)
        return row is not None and row["up_to_date"] and row["waiting"] == 0

    await until(all_told)
