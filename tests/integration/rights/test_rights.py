"""Services connect as users of their own, work as these, and can do nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import asyncpg
import pytest
from fieldline_streams.show.chain import events
from fieldline_streams.show.rights import MAY, MOVES, TRIES, as_service, tried, working
from fieldline_trace.capture import Door, take
from fieldline_trace.store import Pool, Q, migrate
from fieldline_trace.store.roles import SERVICES, make_roles

from tests.integration.feed.conftest import harvested


@pytest.fixture
async def granted(pool: Pool, database: str) -> str:
    """A database with the services' users."""
    async with pool.acquire() as conn:
        await make_roles(conn, {})
    return database


async def test_capture_and_judge_work_as_their_users_and_each_statement_is_let_to_whom_it_should_be(
    granted: str,
) -> None:
    accepted, standing = await working(granted, list(events(400, date(2026, 7, 1), fails=0.01)))
    assert accepted == 400
    assert standing > 0
    assert set(MAY) | MOVES <= set(TRIES)
    assert [one for one in await tried(granted) if one.let != one.allowed] == []


async def test_the_table_of_statements_notices_a_right_too_many_and_one_too_few(granted: str, pool: Pool) -> None:
    await working(granted, list(events(10, date(2026, 7, 1))))
    await pool.execute("grant delete on event to fieldline_api")
    await pool.execute("revoke update on alert from fieldline_judge")
    wrong = {(one.statement, one.service) for one in await tried(granted) if one.let != one.allowed}
    assert wrong == {("delete_an_event", "api"), ("withdraw_an_alert", "judge")}


async def test_granting_again_takes_back_what_was_too_much(granted: str, pool: Pool) -> None:
    await working(granted, list(events(10, date(2026, 7, 1))))
    await pool.execute("grant delete on event to fieldline_lane")
    async with pool.acquire() as conn:
        await make_roles(conn, {})
    assert not [one for one in await tried(granted) if one.let and not one.allowed]


async def test_every_table_is_granted_to_somebody_beside_the_api_or_is_its_own(granted: str, pool: Pool) -> None:
    rows = await pool.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relispartition and relname not in (select table_name from information_schema.column_privileges"
        " where grantee in ('fieldline_lane', 'fieldline_judge', 'fieldline_notices'))"
    )
    assert {row["relname"] for row in rows} == {"access_log", "session_ended"}


async def test_a_service_finds_the_database_up_to_date_without_owning_it(granted: str) -> None:
    for service in SERVICES:
        conn = await asyncpg.connect(as_service(granted, service))
        try:
            assert await migrate(conn) == []
        finally:
            await conn.close()


async def test_the_owner_makes_them_by_command(database: str, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "lane").write_text("s3cret of the lane\n")
    assert await _said(database, "migrate") == "nothing to apply\n"
    assert (await _said(database, "roles", "--passwords", str(tmp_path))).splitlines() == [
        "fieldline_lane: granted, password set",
        "fieldline_judge: granted",
        "fieldline_notices: granted",
        "fieldline_api: granted",
    ]
    assert await pool.fetchval("select rolpassword from pg_authid where rolname = 'fieldline_lane'") is not None


async def _said(database: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fieldline_streams.cli", "database", *words,
        env=os.environ | {"FIELDLINE_DATABASE_URL": database}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_a_lane_forgets_no_identity_but_of_what_waits_unread(granted: str, pool: Pool) -> None:
    await working(granted, list(events(10, date(2026, 7, 1))))
    first = await pool.fetchrow("select id, sender, number from identity limit 1")
    assert first is not None
    conn = await asyncpg.connect(as_service(granted, "lane"))
    try:
        await conn.execute(Q["unread_anew"], [first["id"]], [first["sender"]], [first["number"]])
        assert await pool.fetchval("select count(*) from identity") == 10
        later = json.dumps(harvested(1) | {"version": 99}).encode()
        await take(conn, [later], Door("farm-1", "producer"))
        waits = await pool.fetchrow("select i.id, i.sender, i.number from identity i join unread using (number)")
        assert waits is not None, "whoever captures it may say that it waits"
        await conn.execute(Q["unread_anew"], [waits["id"]], [waits["sender"]], [waits["number"]])
        assert await pool.fetchval("select count(*) from identity") == 10
    finally:
        await conn.close()


async def test_nobody_can_say_of_what_is_in_the_ledger_or_to_come_that_it_is_unread(granted: str, pool: Pool) -> None:
    await working(granted, list(events(10, date(2026, 7, 1))))
    known = await pool.fetchval("select number from identity limit 1")
    for service in ("lane", "api"):
        conn = await asyncpg.connect(as_service(granted, service))
        try:
            for number in (known, known + (9 << 16)):
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is not being captured"):
                    await conn.execute(Q["unread_add"], [number])
        finally:
            await conn.close()
    assert await pool.fetchval("select count(*) from unread") == 0
