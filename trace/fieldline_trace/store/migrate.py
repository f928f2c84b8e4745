"""Numbered, checksummed migrations: ``migrations/NNNN_name.sql``, each applied once, in its own transaction."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from fieldline_trace.errors import Conflict

from .queries import Q

if TYPE_CHECKING:
    from .pool import Connection

_FILE = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. ``checksum`` is the SHA-256 (hex) of its text with Unix line ends."""

    number: int
    name: str
    sql: str
    checksum: str


def migrations() -> list[Migration]:
    """All migrations of this release by number. ``ValueError`` where a name does not fit or a number comes twice."""
    found: dict[int, Migration] = {}
    for path in files(__package__).joinpath("migrations").iterdir():
        if not path.name.endswith(".sql"):
            continue
        match = _FILE.match(path.name)
        if match is None:
            raise ValueError(f"{path.name}: a migration is named NNNN_name.sql")
        text = path.read_text("utf-8").replace("\r\n", "\n")
        number = int(match[1])
        if number in found:
            raise ValueError(f"{path.name}: number {number} is taken by {found[number].name}")
        found[number] = Migration(number, match[2], text, hashlib.sha256(text.encode()).hexdigest())
    return [found[number] for number in sorted(found)]


async def migrate(conn: Connection, steps: list[Migration] | None = None) -> list[int]:
    """Bring the database up to this release; the numbers that were applied, none when nothing was to do.

    Safe to call from several processes at once (one works, the others wait) and after a kill at any instant. Where
    nothing is to do it needs no right but to read what was applied; so services need not own the database.
    ``Conflict`` where an applied migration has another text than ours, or one was applied that we do not know: the
    database belongs to another release.
    """
    wanted = migrations() if steps is None else steps
    if await conn.fetchval(Q["migration_table_exists"]) and not await missing(conn, wanted):
        return []
    await conn.execute(Q["migration_lock"])
    try:
        await conn.execute(Q["migration_table"])
        done = []
        for step in await missing(conn, wanted):
            async with conn.transaction():
                await conn.execute(step.sql)
                await conn.execute(Q["migration_done"], step.number, step.name, step.checksum)
            done.append(step.number)
        return done
    finally:
        await conn.execute(Q["migration_unlock"])


async def missing(conn: Connection, steps: list[Migration] | None = None) -> list[Migration]:
    """What this release has and the database has not. ``Conflict`` as :func:`migrate`."""
    wanted = migrations() if steps is None else steps
    applied = {row["number"]: row for row in await conn.fetch(Q["migrations_applied"])}
    known = {step.number: step for step in wanted}
    for number, row in applied.items():
        if number not in known:
            raise Conflict(f"migration {number:04} ({row['name']}) was applied by a newer release; upgrade fieldline")
        if row["checksum"] != known[number].checksum:
            raise Conflict(f"migration {number:04} ({row['name']}) was applied with another text; it must never change")
    return [step for step in wanted if step.number not in applied]
