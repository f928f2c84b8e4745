"""What came in a version from the future is taken in by the first release that reads it: all of it, whatever waits
beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fieldline_schemas.kinds.harvested import Harvested
from fieldline_streams.embedded.runtime import opened
from fieldline_trace.capture import Accepted, take
from fieldline_trace.capture.unread import AT_ONCE, take_unread
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool

from tests.integration.capture.events import FARM
from tests.integration.feed.conftest import harvested

BARRED, COMING = 9, 2
"""A version that no release here reads, and that of the next one."""


def harvest(number: int, version: int) -> bytes:
    return json.dumps(harvested(number) | {"version": version}).encode()


async def _captured(pool: Pool, raws: list[bytes]) -> None:
    async with pool.acquire() as conn:
        assert all(isinstance(receipt, Accepted) for receipt in await take(conn, raws, FARM))


def _upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Harvested, "VERSION", COMING)
    monkeypatch.setattr(Harvested, "UPCASTS", {1: lambda event: event})


async def test_what_waits_for_a_later_release_holds_up_nothing_behind_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _captured(pool, [harvest(number, BARRED) for number in range(AT_ONCE + 1)])
    await _captured(pool, [harvest(AT_ONCE + 1, COMING)])
    _upgrade(monkeypatch)
    async with pool.acquire() as conn:
        taken = await take_unread(conn)
        assert [type(receipt) for receipt in taken] == [Accepted]
        assert await take_unread(conn) == []
    assert await pool.fetchval("select count(*) from unread") == AT_ONCE + 1


async def test_a_runtime_takes_in_all_that_waited_before_it_answers(
    database: str, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _captured(pool, [harvest(number, COMING) for number in range(AT_ONCE + 1)])
    _upgrade(monkeypatch)
    async with opened(Settings(data_dir=tmp_path, database_url=database)):
        assert await pool.fetchval("select count(*) from unread") == 0
