"""The feed over the network: server-sent events, resumed over a killed service, and ended in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.e2e.conftest import CommandLine

SECONDS = 60.0


def failed(number: int) -> dict[str, Any]:
    return {
        "kind": "tested", "batch": f"hof-1/leaf/L{number}", "site": "field", "lab": "lab-1", "report": f"R{number}",
        "hazard_class": "pathogen", "hazard": "Listeria", "verdict": "failed", "at": "2026-03-01", "zone": "Z",
    }  # fmt: skip


@contextmanager
def following(line: CommandLine, *options: str) -> Iterator[subprocess.Popen[str]]:
    """``fieldline feed`` as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fieldline_streams.cli", "feed", *options],
        env=os.environ | {"FIELDLINE_DATA_DIR": str(line.data_dir)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def alerts_of(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    """The next ``count`` alerts that a reader is told of."""
    assert process.stdout is not None
    found: list[dict[str, Any]] = []
    while len(found) < count:
        item = json.loads(process.stdout.readline())
        if item["kind"] == "alert":
            found.append(item)
    return found


def test_a_reader_reads_on_when_the_service_was_killed_and_came_back(alone: CommandLine) -> None:
    alone.serve()
    with following(alone, "--since", "0.0") as reader:
        alone.emit(failed(1), failed(2), sender="lab-1")
        told = alerts_of(reader, 2)
        alone.kill()
        alone.serve()
        alone.emit(failed(3), sender="lab-1")
        told += alerts_of(reader, 1)
    everything = [json.loads(text) for text in alone("feed", "--once").out.splitlines()]
    assert [item["id"] for item in told] == [item["id"] for item in everything if item["kind"] == "alert"]
    assert sorted(item["subject"][-1] for item in told) == ["1", "2", "3"]


def test_without_a_service_the_feed_is_the_same(alone: CommandLine) -> None:
    alone.emit(failed(1), sender="lab-1")
    inside = alone("feed", "--once").out
    assert [json.loads(text)["kind"] for text in inside.splitlines()] == ["alert", "scope", "position"]
    assert alone("feed", "--since", "0.0", "--once").out == inside
    alone.serve()
    assert alone("feed", "--once").out == inside
    first = json.loads(inside.splitlines()[0])["id"]
    assert alone("feed", "--since", first, "--once").out == "".join(inside.splitlines(keepends=True)[1:])
    assert alone("feed", "--since", "nonsense", "--once").code == 1
    assert alone("feed", "--since", "99.1", "--once").code == 1


def test_a_key_that_is_revoked_gets_nothing_more(alone: CommandLine) -> None:
    alone.serve()
    address = json.loads((alone.data_dir / "service.json").read_text())["address"]
    made = alone("keys", "create", "--sender", "taskforce", "--role", "emergency", "--json").json
    headers = {"authorization": f"Bearer {made['key']}"}
    with (
        httpx.Client(base_url=address, headers=headers, timeout=SECONDS, trust_env=False) as client,
        client.stream("GET", "/v1/feed", params={"since": "0.0"}) as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        assert alone("keys", "revoke", made["made"]["id"]).code == 0
        until = time.monotonic() + SECONDS
        while httpx.get(f"{address}/v1/me", headers=headers, trust_env=False).status_code != 401:
            assert time.monotonic() < until
        alone.emit(failed(1), sender="lab-1")
        assert "event: alert" not in list(lines)


def test_a_service_that_has_readers_stops_in_order_and_at_once(alone: CommandLine) -> None:
    alone.serve()
    service = json.loads((alone.data_dir / "service.json").read_text())
    headers = {"authorization": f"Bearer {service['key']}"}
    with (
        httpx.Client(base_url=service["address"], headers=headers, timeout=SECONDS, trust_env=False) as client,
        client.stream("GET", "/v1/feed") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        began = time.monotonic()
        assert alone.stop() == 0
        assert time.monotonic() - began < 20
        assert "event: alert" not in list(lines)
