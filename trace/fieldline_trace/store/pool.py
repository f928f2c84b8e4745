"""Connections to PostgreSQL: pools with our codecs, and a database made ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from .migrate import migrate
from .outage import outages_as_unavailable
from .queries import Q

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _codecs(conn: Any) -> None:
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, schema="pg_catalog", encoder=_json, decoder=msgspec.json.decode)


async def connect(dsn: str, *, size: int = 8, statement_seconds: float = 300.0) -> Pool:
    """A pool of up to ``size`` connections.

    Json columns are read and written by msgspec. ``Unavailable`` where nothing answers.
    """
    with outages_as_unavailable():
        # No least size: keeping it up would go on in the background, and complain, while PostgreSQL is away.
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            init=_codecs,
            command_timeout=statement_seconds,
            server_settings={"application_name": "fieldline", "timezone": "UTC"},
        )
        try:
            await pool.release(await pool.acquire())
        except BaseException:
            pool.terminate()
            raise
        return pool


@asynccontextmanager
async def borrowed(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool for as long as the block lasts. ``Unavailable`` where there is none to be had; one that
    broke meanwhile is not missed."""
    with outages_as_unavailable():
        conn = await pool.acquire()
    try:
        yield conn
    finally:
        # What broke has left the pool by itself; giving it back then fails, and must not hide what happened.
        with suppress(asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError, OSError):
            await pool.release(conn)


async def ensure_database(dsn: str, *, template: str | None = None) -> bool:
    """Create the database that ``dsn`` names, if it is missing.

    True where it was made. Safe to be killed at any instant.
    """
    parts = urlsplit(dsn)
    name = parts.path.removeprefix("/")
    with outages_as_unavailable():
        try:
            # Whoever may use a database need not be let into another one to ask for it.
            await (await asyncpg.connect(dsn)).close()
            return False
        except asyncpg.InvalidCatalogNameError:
            pass
        conn = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
        try:
            if await conn.fetchval(Q["database_exists"], name):
                return False
            # A name and a template cannot be parameters of CREATE DATABASE: the server itself quotes them.
            statement = await conn.fetchval(Q["database_create"], name, template or "template1")
            try:
                await conn.execute(statement)
            except asyncpg.DuplicateDatabaseError:
                return False
            return True
        finally:
            await conn.close()


async def open_store(dsn: str, *, size: int = 8, statement_seconds: float = 300.0) -> Pool:
    """The database made if missing, brought up to this release, and a pool on it."""
    await ensure_database(dsn)
    pool = await connect(dsn, size=size, statement_seconds=statement_seconds)
    try:
        async with borrowed(pool) as conn:
            with outages_as_unavailable():
                await migrate(conn)
    except BaseException:
        await pool.close()
        raise
    return pool
