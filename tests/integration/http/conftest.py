"""The door as people come to it: the real application over an embedded runtime on a fresh database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.embedded.serve import DoorServer, configured
from fieldline_trace.settings import Settings

LOCAL = "flk_local_" + "s" * 43
"""The key of the service file in these tests."""


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Bounds small enough to be met."""
    return Settings(
        data_dir=tmp_path, database_url=database, body_bytes=10_000, body_events=20, body_seconds=2.0,
        failures_per_minute=5,
    )  # fmt: skip


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime on a fresh database."""
    async with opened(settings) as found:
        yield found


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The door."""
    return door(runtime, LOCAL)


@asynccontextmanager
async def listening_at(app: FastAPI, settings: Settings) -> AsyncIterator[int]:
    """The port of this machine where the door listens, as it is served."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = DoorServer(configured(app, settings))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.listens.wait()
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Who comes to the door, by key (none: without one) and address."""
    came: list[httpx.AsyncClient] = []

    def comes(key: str | None = None, address: str = "127.0.0.1") -> httpx.AsyncClient:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(app, client=(address, 1))
        came.append(httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers))
        return came[-1]

    yield comes
    for one in came:
        await one.aclose()


@pytest.fixture
def client(visitor: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    """Who comes with the key of the service file."""
    return visitor(LOCAL)


@pytest.fixture
def keyed(client: httpx.AsyncClient, visitor: Callable[..., httpx.AsyncClient]) -> Callable[..., Any]:
    """Who comes with a key of its own: ``await keyed("hof-1", "producer", operators=["hof-1"])``."""

    async def comes(sender: str, role: str, **more: Any) -> httpx.AsyncClient:
        if role == "regulator":
            more.setdefault("grid", "")
        made = await client.post("/v1/keys", json={"sender": sender, "role": role, **more})
        assert made.status_code == 201, made.text
        return visitor(made.json()["key"])

    return comes
