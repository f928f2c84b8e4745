"""Which service may do what to the database: each statement is tried by each user, and held to what it should be.

Every try is undone. Then the services themselves work as these users: events go in, are judged, and are answered for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from fieldline_trace.capture import Accepted, Door, take
from fieldline_trace.follow.judge import Judge
from fieldline_trace.metrics import Metrics
from fieldline_trace.store import Connection, EmbeddedPostgres, connect, open_store
from fieldline_trace.store.queries import parse
from fieldline_trace.store.roles import SERVICES, make_roles, user_of
from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.show.figures import Figure, equal

TRIES: Final = parse("rights.sql", files(__package__).joinpath("rights.sql").read_text("utf-8"))
_ALL: Final = frozenset(SERVICES)
MAY: Final[Mapping[str, frozenset[str]]] = {
    "append_to_the_ledger": frozenset({"lane", "api"}),
    "lock_the_head": _ALL,
    "store_an_event": frozenset({"lane", "api"}),
    "read_an_event": _ALL,
    "move_offsets": frozenset({"lane"}),
    "register_anew_what_waited_unread": frozenset({"lane"}),
    "raise_an_alert": frozenset({"judge"}),
    "withdraw_an_alert": frozenset({"judge"}),
    "add_a_version_of_a_scope": frozenset({"judge"}),
    "move_the_judges_position": frozenset({"judge"}),
    "move_the_notices_position": frozenset({"notices"}),
    "read_who_a_person_is": frozenset({"api"}),
    "erase_a_person": frozenset({"api"}),
    "read_the_hashes_of_keys": frozenset({"lane", "api"}),
    "make_a_key": frozenset({"api"}),
    "note_a_reading": frozenset({"api"}),
    "read_the_access_log": frozenset({"api"}),
    "read_what_was_refused": frozenset({"lane", "api"}),
    "refuse_an_event": frozenset({"lane", "api"}),
    "read_the_secrets_of_subscribers": frozenset({"notices", "api"}),
    "settle_a_notice": frozenset({"notices", "api"}),
}
"""Which services may do a statement; what is not named nobody may but the owner."""
MOVES: Final = frozenset({"move_the_judges_position", "move_the_notices_position"})
"""What is refused by not finding the row."""


@dataclass(frozen=True, slots=True)
class Try:
    """One statement by one service."""

    statement: str
    service: str
    allowed: bool
    """Whether it should be let."""
    let: bool
    """Whether it was."""


def as_service(dsn: str, service: str, password: str | None = None) -> str:
    """Where the same database is reached as a service's user."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    secret = "" if password is None else f":{password}"
    return urlunsplit(parts._replace(netloc=f"{user_of(service)}{secret}@{place}"))


async def tried(dsn: str) -> list[Try]:
    """Every statement by every service, in the order of the file, on a database that has at least one event."""
    found: list[Try] = []
    for service in SERVICES:
        conn = await asyncpg.connect(as_service(dsn, service))
        try:
            for statement in TRIES:
                let = await _let(conn, statement)
                found.append(Try(statement, service, service in MAY.get(statement, frozenset()), let))
        finally:
            await conn.close()
    return found


async def _let(conn: Connection, statement: str) -> bool:
    transaction = conn.transaction()
    await transaction.start()
    try:
        rows = await conn.fetch(TRIES[statement])
    except asyncpg.InsufficientPrivilegeError:
        return False
    finally:
        await transaction.rollback()
    return bool(rows) or statement not in MOVES


async def working(dsn: str, raws: list[bytes]) -> tuple[int, int]:
    """Capture ``raws`` as the lane's user, and judge them as the judge's: how many were accepted, and how many alerts
    stand."""
    lane, judging = await connect(as_service(dsn, "lane"), size=2), await connect(as_service(dsn, "judge"), size=2)
    try:
        async with lane.acquire() as conn:
            receipts = await take(conn, raws, Door("trade", "producer", channel="kafka"))
        judge = Judge(judging, Metrics())
        await judge.load()
        while await judge.step():
            pass
        standing = sum(alert.standing for alert in judge.world.alerts.values())
        return sum(isinstance(receipt, Accepted) for receipt in receipts), standing
    finally:
        await lane.close()
        await judging.close()


async def show(folder: Path, console: Console) -> list[Figure]:
    """The table: statement by service."""
    from datetime import UTC, datetime

    from fieldline_streams.show.chain import events

    server = EmbeddedPostgres(folder / "data")
    dsn = await asyncio.to_thread(server.start)
    try:
        pool = await open_store(dsn)
        async with pool.acquire() as conn:
            await make_roles(conn, {})
        await pool.close()
        raws = list(events(2000, datetime.now(UTC).date()))
        accepted, _ = await working(dsn, raws)
        tries = await tried(dsn)
    finally:
        await asyncio.to_thread(server.stop)
    by_place = {(one.statement, one.service): one for one in tries}
    rows = [
        [statement.replace("_", " "), *(_word(by_place[statement, service]) for service in SERVICES)]
        for statement in TRIES
    ]
    console.print(table(("statement", *SERVICES), rows))
    console.print("yes: may, and could · -: may not, and could not · WRONG: otherwise")
    return [
        equal("statements tried by each service's user", len(tries), "tries", len(TRIES) * len(SERVICES)),
        equal("let though it should not be, or not let though it should", _wrong(tries), "tries", 0),
        equal("events captured by the lane's user and judged by the judge's", accepted, "events", len(raws)),
    ]


def _word(one: Try) -> str:
    if one.let != one.allowed:
        return "WRONG"
    return "yes" if one.let else "-"


def _wrong(tries: list[Try]) -> int:
    return sum(one.let != one.allowed for one in tries)
