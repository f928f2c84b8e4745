"""A worker says whether it works, and its metrics, on a port of its own; where it cannot have it, it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest
from fieldline_trace.settings import Settings

from tests.integration.kafka.working import SECONDS, WorkerProcess, trusting


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found


async def test_a_worker_is_live_ready_and_measured_until_it_is_told_to_stop(
    kafka_settings: Settings, listening: socket.socket
) -> None:
    port = listening.getsockname()[1]
    listening.close()
    worker = WorkerProcess(trusting(kafka_settings, worker_port=port), "probed", "lane")
    worker.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http, asyncio.timeout(SECONDS):
            while not await _answers(http):  # noqa: ASYNC110 - it lies in another process
                await asyncio.sleep(0.05)
            assert (await http.get("/health/live")).json() == {"live": True}
            assert (await http.get("/health/ready")).json() == {"ready": True, "position": 0, "judged": 0}
            measured = (await http.get("/metrics")).text
            assert "fieldline_chain_whole 1.0" in measured
            assert 'fieldline_follower_position{follower="judge"} 0.0' in measured
        assert await worker.stop() == 0
    finally:
        worker.end()


async def test_a_port_that_is_taken_ends_the_worker_with_a_word(
    kafka_settings: Settings, listening: socket.socket
) -> None:
    listening.listen()
    port = listening.getsockname()[1]
    worker = WorkerProcess(trusting(kafka_settings, worker_port=port), "probed", "lane")
    worker.start()
    try:
        assert await worker.ended() == 3
        assert f"port {port} is not free: FIELDLINE_WORKER_PORT" in worker.log.read_text().replace("\n", " ")
    finally:
        worker.end()


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False
