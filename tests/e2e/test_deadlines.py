"""Deadlines and processes that die: before, at and after one, it is judged once.

The clock by which the database says when it received something is set back, so that an alert's two hours are over, end
with the last full minute, or go on for an hour more.
"""

from __future__ import annotations

import asyncio
import json
import time

import asyncpg
from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.gateway import HttpGateway
from fieldline_trace.store import EmbeddedPostgres

from tests.e2e.conftest import CommandLine

HOUR, MINUTE = 3_600_000_000, 60_000_000
SET_UP = """
create table clock (at bigint);
insert into clock values (0);
create function public.clock_timestamp() returns timestamptz language sql volatile
    as $$ select to_timestamp(at / 1000000) + (at % 1000000) * interval '1 microsecond' from clock $$;
alter function append_entry(bigint, integer, bytea) set search_path = public, pg_catalog, pg_temp;
"""


async def failed(line: CommandLine, name: str, received: int) -> None:
    """A failed test, received at that time."""
    conn = await asyncpg.connect(EmbeddedPostgres(line.data_dir).dsn())
    await conn.execute("update clock set at = $1", received)
    await conn.close()
    event = {"kind": "tested", "id": name, "lab": "lab", "report": name, "batch": f"hof-1/leaf/{name}"}
    event |= {"hazard_class": "residue", "hazard": "lead", "verdict": "failed", "method": "confirmatory"}
    async with HttpGateway.local(DataDirectory(line.data_dir)) as found:
        [receipt] = await found.hand_in([json.dumps(event).encode()], sender="lab", role="laboratory")
    assert receipt["outcome"] == "accepted"


async def overdue(line: CommandLine, count: int) -> list[tuple[str, int]]:
    """Subject and version of each alert that nobody took on, once there are ``count``."""
    async with HttpGateway.local(DataDirectory(line.data_dir)) as found, asyncio.timeout(60):
        while True:
            asked = {"rule": "ALERT_UNACKNOWLEDGED", "withdrawn": True}
            answer = await found.ask("alerts", asked)
            told = sorted((one["subject"], one["version"]) for one in answer["alerts"])
            if len(told) >= count:
                return told


async def test_a_deadline_is_judged_once_by_whoever_is_alive_when_or_after_it_comes(alone: CommandLine) -> None:
    alone.serve()
    conn = await asyncpg.connect(EmbeddedPostgres(alone.data_dir).dsn())
    await conn.execute(SET_UP)
    await conn.close()
    now = time.time_ns() // 1000
    await failed(alone, "over", now - 3 * HOUR)
    alone.kill()
    alone.serve()
    assert await overdue(alone, 1) == [("hof-1/leaf/over", 1)]
    await failed(alone, "at", now - now % MINUTE - 2 * HOUR)
    await failed(alone, "ahead", now - HOUR)
    alone.kill()
    alone.serve()
    judged = [("hof-1/leaf/at", 1), ("hof-1/leaf/over", 1)]
    assert await overdue(alone, 2) == judged
    alone.kill()
    alone.serve()
    async with HttpGateway.local(DataDirectory(alone.data_dir)) as found:
        assert (await found.ask("rebuild", {}))["differed"] == []
    assert await overdue(alone, 2) == judged
