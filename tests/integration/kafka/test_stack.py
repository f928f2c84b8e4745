"""The whole stack on one machine: what is handed in at one replica is judged, and another one answers."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fieldline_streams.kafka.broker import Broker
from fieldline_trace.store import EmbeddedPostgres

from tests.integration.kafka.working import SECONDS

STACK = [sys.executable, "-m", "fieldline_streams.stack"]


@pytest.fixture
def folder(broker: Broker, tmp_path: Path) -> Iterator[Path]:
    """A data directory in which no stack is left running. The broker's jars are there."""
    assert broker.pid is not None
    yield tmp_path
    subprocess.run([*STACK, "stop"], env=_environment(tmp_path), check=True, stdout=subprocess.DEVNULL)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "FIELDLINE_DATA_DIR": str(folder)}


async def _said(stack: asyncio.subprocess.Process) -> str:
    """What it says until it runs."""
    assert stack.stdout is not None
    said = ""
    while "\nstop " not in said:
        line = await stack.stdout.readline()
        assert line, said
        said += line.decode()
    return said


async def _answer(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """The first answer that is one: replicas are still starting."""
    while True:
        try:
            answer = await client.get(path)
        except httpx.TransportError:
            continue
        if answer.status_code == 200:
            return answer


async def test_what_one_replica_takes_in_another_answers_from_and_a_word_ends_it_all(folder: Path) -> None:
    stack = await asyncio.create_subprocess_exec(
        *STACK, env=_environment(folder), stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(2 * SECONDS):
        said = await _said(stack)
        one, other = re.findall(r"^replica-\d +(\S+)$", said, re.MULTILINE)
        (key,) = re.findall(r"^key +(\S+)", said, re.MULTILINE)
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx.AsyncClient(base_url=one, headers=headers, timeout=SECONDS) as first,
            httpx.AsyncClient(base_url=other, headers=headers, timeout=SECONDS) as second,
        ):
            await _answer(first, "/v1/alerts")
            await _answer(second, "/v1/alerts")
            event = {
                "id": "e1", "kind": "harvested", "operator": "hof-1", "site": "field-1", "out_batch": "hof-1/leaf/L1",
            }  # fmt: skip
            taken = await first.post("/v1/events", json=event)
            assert taken.status_code == 202, taken.text
            asked = {"batch": "hof-1/leaf/L1", "at_least": "1", "wait": "60"}
            answer = await second.get("/v1/batch", params=asked)
            while answer.status_code in (409, 503):  # the ledger has no position 1 before it is captured
                answer = await second.get("/v1/batch", params=asked)
            assert answer.status_code == 200, answer.text
            assert answer.json()["batch"] == "hof-1/leaf/L1"
        ended = await asyncio.create_subprocess_exec(*STACK, "stop", env=_environment(folder))
        assert await ended.wait() == 0
        assert await stack.wait() == 0
    assert EmbeddedPostgres(folder / "stack").pid is None
    assert Broker(folder / "stack" / "kafka").pid is None
