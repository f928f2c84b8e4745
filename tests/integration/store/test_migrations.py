"""Migrations are applied once, in order, whole, and never change."""

from __future__ import annotations

import asyncio

import pytest
from fieldline_trace.errors import Conflict
from fieldline_trace.store import Pool, ensure_database, migrate, open_store
from fieldline_trace.store.migrate import Migration, migrations

MORE = Migration(9001, "more", "create table more (n integer)", "a")


async def test_a_fresh_database_is_already_at_this_release(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await migrate(conn) == []
        applied = await conn.fetch("select number from migration order by number")
    assert [row["number"] for row in applied] == [step.number for step in migrations()]


async def test_a_new_migration_is_applied_once_by_whoever_comes_first(pool: Pool) -> None:
    async def one() -> list[int]:
        async with pool.acquire() as conn:
            return await migrate(conn, [*migrations(), MORE])

    done = await asyncio.gather(one(), one(), one())
    assert sorted(done) == [[], [], [9001]]


async def test_a_migration_that_fails_leaves_nothing(pool: Pool) -> None:
    broken = Migration(9002, "broken", "create table half (n integer); select no_such_function()", "b")
    async with pool.acquire() as conn:
        with pytest.raises(Exception, match="no_such_function"):
            await migrate(conn, [*migrations(), broken])
        assert await conn.fetchval("select to_regclass('half') is null")
        assert await migrate(conn) == []


async def test_a_changed_migration_is_refused(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await migrate(conn, [*migrations(), MORE])
        changed = Migration(MORE.number, MORE.name, MORE.sql + " ", "c")
        with pytest.raises(Conflict, match=r"9001 \(more\) was applied with another text"):
            await migrate(conn, [*migrations(), changed])


async def test_a_database_of_a_newer_release_is_refused(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await migrate(conn, [*migrations(), MORE])
        with pytest.raises(Conflict, match=r"9001 \(more\) was applied by a newer release"):
            await migrate(conn)


async def test_a_missing_database_is_made_and_brought_up(database: str) -> None:
    other = database.replace("/t_", "/t_other_")
    opened = await open_store(other)
    assert await opened.fetchval("select count(*) from migration") == len(migrations())
    assert not await ensure_database(other)
    await opened.close()
