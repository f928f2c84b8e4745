"""The door on a real socket: what comes slowly, what is no HTTP, and how many may come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime
from fieldline_trace.settings import Settings

from tests.integration.http.conftest import LOCAL, listening_at

HEAD_SECONDS, MOST = 0.3, 6


def bounded(settings: Settings) -> Settings:
    """Bounds of connections small enough to be met."""
    return settings.model_copy(update={"body_seconds": HEAD_SECONDS, "connections": MOST})


@pytest.fixture
async def port(app: FastAPI, settings: Settings) -> AsyncIterator[int]:
    """Where the door listens."""
    async with listening_at(app, bounded(settings)) as found:
        yield found


async def said(port: int, written: bytes) -> tuple[int, dict[str, Any]]:
    """What comes back, to the end of the connection, for what is written."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(written)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if body else {}


@pytest.mark.parametrize("begin", [b"", b"G", b"GET /health/live HTTP/1.1\r\nhost: a\r\nx-slow: "])
async def test_a_head_that_does_not_come_is_408_and_the_end(port: int, begin: bytes) -> None:
    status, problem = await said(port, begin)
    assert (status, problem["code"]) == (408, "too_slow")


async def test_a_second_request_may_not_come_slowly_either(port: int) -> None:
    first = b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    assert b'{"live":true}' in await reader.read(4096)
    writer.write(b"GET /he")
    assert b"408 " in await asyncio.wait_for(reader.read(), 5)
    writer.close()


async def test_requests_that_come_in_one_piece_are_answered_in_order(port: int) -> None:
    two = b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(two)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.index(b"200 OK") < answer.index(b"404 ")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 100_000,
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_400_as_a_problem(port: int, nonsense: bytes) -> None:
    status, problem = await said(port, nonsense)
    assert (status, problem.get("code")) == (400, "unreadable")


async def test_a_body_that_stops_is_408_and_one_that_breaks_off_harms_nobody(port: int) -> None:
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {LOCAL}\r\ncontent-type: application/json\r\n"
        "content-length: 100\r\n\r\n"
    ).encode()
    status, problem = await said(port, head + b"{")
    assert (status, problem["code"]) == (408, "too_slow")
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"{")
    writer.transport.abort()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as after:
        assert (await after.get("/health/live")).status_code == 200
        counted = (await after.get("/metrics")).text
    assert 'operation="events",status="500"' not in counted


async def test_a_body_that_goes_on_after_its_answer_spoils_no_answer(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 300000\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 401 " in head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1]
    await reader.readexactly(int(length))
    writer.write(b"x" * 300_000 + b"GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    rest = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert rest == b"" or (rest.startswith(b"HTTP/1.1 200 ") and rest.endswith(b'{"live":true}'))


async def test_more_connections_than_there_may_be_are_turned_away(port: int) -> None:
    kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST)]
    status, problem = await said(port, b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n")
    assert (status, problem["code"]) == (503, "unavailable")
    for reader, writer in kept:
        writer.close()
        await reader.read()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as after:
        assert (await after.get("/health/live")).status_code == 200


async def test_the_feed_may_last_longer_than_any_other_answer(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"request_seconds": 0.2}))
    event = {"kind": "harvested", "operator": "hof-1", "site": "f", "out_batch": "hof-1/leaf/L1"}
    headers = {"authorization": f"Bearer {LOCAL}"}
    async with (
        listening_at(door(runtime, LOCAL), bounded(runtime.settings)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client,
        client.stream("GET", "/v1/feed") as feed,
    ):
        lines = feed.aiter_lines()
        assert (await anext(lines)).startswith("retry")
        for _ in range(2):
            late = await client.get("/v1/alerts", params={"at_least": 5, "wait": 30})
            assert (late.status_code, "0.2" in late.json()["detail"]) == (503, True)
        assert (await client.post("/v1/events", json=event)).status_code == 202
        async for line in lines:
            if '"position":1' in line:
                break
        else:
            raise AssertionError("the feed ended")
