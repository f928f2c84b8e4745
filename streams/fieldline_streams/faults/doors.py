"""API replicas of a scene: writers and readers by HTTP, who try again until they are answered, as clients do.

A writer hands a chunk in again where it got no answer. A reader takes the receipt of an event that any replica
acknowledged, waits until it is captured, and asks for an answer that knows of it (``at_least``): none may be for less.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from fieldline_trace.api.caller import ANY_OPERATOR
from fieldline_trace.api.http.credentials import DAY, Scope, make
from fieldline_trace.settings import Settings
from fieldline_trace.store import borrowed
from pydantic import SecretStr

from fieldline_streams.faults.ground import GIVE_UP_SECONDS, SENDER, Scene, until
from fieldline_streams.gateway import HttpGateway
from fieldline_streams.kafka.broker import free_ports
from fieldline_streams.show.state import State, state_of

NAMES: Final = ("r1", "r2")
CHUNK: Final = 250
"""Events in a request."""
WRITERS: Final = 2
"""At each replica."""
PAUSE_SECONDS: Final = 0.1
WAIT_SECONDS: Final = 30
"""How long an answer may wait until its replica has come as far as is asked."""


@dataclass(slots=True)
class Told:
    """What replicas answered."""

    behind: int = 0
    """Answers that were for less than was asked."""
    refused: int = 0
    """Events that were refused, and should not have been."""


class Doors:
    """Replicas of a scene, each at an address that it has again when it is started again. Made by :func:`opened`."""

    def __init__(self, scene: Scene, writer: str, reader: str) -> None:
        self._scene, self._writer, self._reader = scene, writer, reader
        self._addresses: dict[str, str] = {}
        self._receipt = ""
        """The latest one that any replica gave."""
        self.told = Told()

    async def start(self) -> None:
        """Start the replicas; they answer when this returns."""
        for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True):
            self._addresses[name] = f"http://127.0.0.1:{port}"
            self._scene.run(name, ["fieldline_streams.cli", "serve"], port=port)
        for name in NAMES:
            await self.answers(name)

    async def answers(self, name: str) -> None:
        """Until the replica ``name`` is ready."""
        async with self._client(self._addresses[name], self._reader) as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/health/ready")).is_success
                except httpx.TransportError:
                    return False

            await until(ready)

    async def hand_in(self, messages: Sequence[bytes], rate: float) -> None:
        """Hand ``messages`` in by all replicas, ``rate`` a second at most, while others read; all are acknowledged when
        this returns."""
        left = iter([messages[start : start + CHUNK] for start in range(0, len(messages), CHUNK)])
        due = _every(CHUNK / rate)
        readers = [asyncio.create_task(self._read(address)) for address in self._addresses.values()]
        try:
            async with asyncio.TaskGroup() as writers:
                for address in self._addresses.values():
                    for _ in range(WRITERS):
                        writers.create_task(self._write(address, left, due))
        finally:
            for reader in readers:
                reader.cancel()
            for ended in await asyncio.gather(*readers, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    async def state(self, name: str) -> State:
        """What the replica ``name`` answers."""
        settings = Settings(url=self._addresses[name], key=SecretStr(self._reader))
        async with HttpGateway.remote(settings) as found:
            return await state_of(self._scene.settings.database_url or "", found)

    async def _write(self, address: str, left: Iterator[Sequence[bytes]], due: Iterator[float]) -> None:
        async with self._client(address, self._writer) as client:
            for chunk in left:
                await asyncio.sleep(max(0.0, next(due) - time.monotonic()))
                said = await self._answered(client, "POST", "/v1/events", content=b"\n".join(chunk))
                receipts = said.json()["receipts"]
                self.told.refused += sum(one["outcome"] == "refused" for one in receipts)
                self._scene.produced += len(chunk)
                self._receipt = receipts[-1]["receipt"]

    async def _read(self, address: str) -> None:
        async with self._client(address, self._reader) as client:
            while True:
                await asyncio.sleep(PAUSE_SECONDS)
                if not self._receipt:
                    continue
                became = await self._answered(
                    client, "GET", f"/v1/receipts/{self._receipt}", params={"wait": WAIT_SECONDS}
                )
                position = became.json().get("position")
                if position is None:
                    continue  # it is not captured yet
                asked = {"at_least": position, "wait": WAIT_SECONDS, "limit": 20}
                said = await self._answered(client, "GET", "/v1/alerts", params=asked)
                self.told.behind += int(said.headers["fieldline-position"]) < position

    async def _answered(self, client: httpx.AsyncClient, method: str, path: str, **said: Any) -> httpx.Response:
        """What a replica answers, once it does. ``TimeoutError`` where it does not for five minutes."""
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                try:
                    answer = await client.request(method, path, **said)
                except httpx.TransportError:
                    pass
                else:
                    if answer.status_code not in (429, 503):
                        return answer.raise_for_status() if answer.status_code != 422 else answer
                await asyncio.sleep(PAUSE_SECONDS)

    def _client(self, address: str, key: str) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=2 * WAIT_SECONDS, trust_env=False)


async def opened(scene: Scene) -> Doors:
    """Replicas of ``scene`` that answer, with a key that hands in for anybody and one that sees all."""
    now = time.time_ns() // 1000
    pool = await scene.pool()
    try:
        async with borrowed(pool) as conn:
            keys = [
                (await make(conn, whose, now=now, by="faults", expires_at=now + DAY)).key
                for whose in (Scope(SENDER, "producer", (ANY_OPERATOR,)), Scope("reader", "administrator"))
            ]
    finally:
        await pool.close()
    doors = Doors(scene, *keys)
    await doors.start()
    return doors


def _every(seconds: float) -> Iterator[float]:
    """Times from now on, so far from each other."""
    at = time.monotonic()
    while True:
        yield at
        at += seconds
