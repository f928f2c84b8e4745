"""Things for the feed to tell: chains that fail, tests that are taken back, scopes that people open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.api.caller import HERE, Caller
from fieldline_trace.api.feed import FeedItem
from fieldline_trace.settings import Settings
from fieldline_trace.store.ledger_read import head

BEGINNING = (0, 0)


def harvested(number: int) -> dict[str, Any]:
    """A leaf of a farm of its own."""
    return {
        "kind": "harvested", "operator": f"farm-{number}", "site": f"farm-{number}-field",
        "out_batch": f"farm-{number}/leaf/L1", "at": "2026-03-01", "zone": "Z", "id": f"farm-{number}:1",
    }  # fmt: skip


def result(number: int, verdict: str = "failed", report: int = 1) -> dict[str, Any]:
    """A result about that leaf; a later report amends the first."""
    amends = {"supersedes": f"R-{number}-1"} if report > 1 else {}
    return {
        "kind": "tested", "batch": f"farm-{number}/leaf/L1", "site": f"farm-{number}-field", "lab": "lab",
        "report": f"R-{number}-{report}", "hazard_class": "pathogen", "hazard": "Listeria", "verdict": verdict,
        "at": "2026-03-09", "zone": "Z", "id": f"lab:{number}:{report}", **amends,
    }  # fmt: skip


def story(chapters: int, start: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Events, each with something for the feed in it: alerts, drafts, withdrawals."""
    told = []
    for number in range(start, start + chapters):
        told += [("producer", harvested(number)), ("laboratory", result(number))]
        if number % 3 == 2:
            told.append(("laboratory", result(number, "passed", 2)))
    return told


async def say(runtime: Runtime, *told: tuple[str, dict[str, Any]]) -> int:
    """Hand events in, each an entry of its own; the last position, judged."""
    position = 0
    for role, event in told:
        sender = "lab" if role == "laboratory" else event["operator"]
        (receipt,) = await runtime.hand_in([json.dumps(event).encode()], sender=sender, role=role)
        position = receipt["position"]
    await runtime.ask("alerts", {})
    return position


async def read(
    runtime: Runtime, until: int, after: tuple[int, int] | None = BEGINNING, caller: Caller = HERE
) -> list[FeedItem]:
    """The feed after a point, up to where it says that all up to ``until`` was told."""
    items = []
    async for item in await runtime.feed.open(caller, after):
        items.append(item)
        if item.kind == "position" and item.position >= until:
            break
    return items


def changes(items: list[FeedItem]) -> list[tuple[str, dict[str, Any]]]:
    """What it told, without how far it was."""
    return [(item.id, item.said) for item in items if item.kind != "position"]


async def last(runtime: Runtime) -> int:
    """The ledger's last position."""
    return (await head(runtime.pool)).position


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """On a fresh database."""
    return Settings(data_dir=tmp_path, database_url=database)


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime that knows nothing yet."""
    async with opened(settings) as found:
        yield found
