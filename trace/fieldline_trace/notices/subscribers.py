"""Who is told: subscribers, their secrets, and what became of their notices."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant

from fieldline_trace.errors import NotFound
from fieldline_trace.notices.said import trial
from fieldline_trace.notices.sealing import Seals
from fieldline_trace.notices.targets import checked
from fieldline_trace.store import Connection, Q

PLAIN = Seals()
"""Keeps secrets as they are."""
STATES = ("waiting", "delivered", "dead")


async def add(
    conn: Connection,
    *,
    url: str,
    topics: Sequence[str],
    content: str,
    tenant: str,
    note: str,
    by: str,
    now: int,
    loopback: bool,
    seals: Seals = PLAIN,
) -> dict[str, Any]:
    """A new subscriber, with its ``secret``, which is shown this once, and kept under ``seals``. ``Rejected`` where
    ``url`` may not be posted to. ``now``: microseconds since 1970 UTC."""
    made, secret = secrets.token_hex(6), _new_secret()
    url = checked(url, loopback=loopback)
    row = await conn.fetchrow(
        Q["subscriber_new"], made, url, sorted(set(topics)), content, tenant, note, seals.seal(secret), now, by
    )
    assert row is not None
    return {**subscriber_said(row), "secret": secret}


async def listed(conn: Connection, tenant: str | None) -> list[dict[str, Any]]:
    """Those that are told, without their secrets; ``tenant`` None: of all tenants."""
    return [
        {**subscriber_said(row), "waiting": row["waiting"], "dead": row["dead"]}
        for row in await conn.fetch(Q["subscribers_of"], tenant)
    ]


async def remove(conn: Connection, name: str, tenant: str | None, *, now: int) -> dict[str, Any]:
    """It is told of nothing more; what waits is given up."""
    async with conn.transaction():
        row = await _one(conn, name, tenant)
        await conn.execute(Q["subscriber_remove"], name, now)
    return subscriber_said(row)


async def rotate(
    conn: Connection, name: str, tenant: str | None, *, now: int, grace: int, seals: Seals = PLAIN
) -> dict[str, Any]:
    """A new ``secret``, shown this once; for ``grace`` microseconds notices are signed with the old one, too."""
    secret = _new_secret()
    async with conn.transaction():
        await _one(conn, name, tenant)
        row = await conn.fetchrow(Q["subscriber_rotate"], name, seals.seal(secret), now + grace)
    assert row is not None
    return {**subscriber_said(row), "secret": secret}


async def attempt(conn: Connection, name: str, tenant: str | None, *, now: int) -> str:
    """Have a notice of type ``test`` posted; its id, under which the list of notices says what became of it."""
    notice = f"test.{secrets.token_hex(8)}"
    async with conn.transaction():
        await _one(conn, name, tenant)
        values = (name, notice, notice, 0, 0, now, trial(name, instant(now)), now)
        await conn.execute(Q["notices_add"], *([value] for value in values))
        await conn.execute(Q["notices_wake"])
    return notice


async def notices(
    conn: Connection, name: str, tenant: str | None, state: str | None, limit: int
) -> list[dict[str, Any]]:
    """Its notices in one of ``STATES`` (None: in any), the latest first."""
    async with conn.transaction():
        await _one(conn, name, tenant)
    return [notice_said(row) for row in await conn.fetch(Q["notices_of"], name, state, limit)]


async def replay(conn: Connection, name: str, tenant: str | None, ids: Sequence[str] | None, *, now: int) -> int:
    """Have posted again what was given up (these ``ids``; None: all of it); how many that are."""
    async with conn.transaction():
        await _one(conn, name, tenant)
        done = await conn.execute(Q["notices_replay"], name, ids, now)
        await conn.execute(Q["notices_wake"])
    return int(done.rpartition(" ")[2])


def subscriber_said(row: Any) -> dict[str, Any]:
    """``{"id", "url", "topics", "content", "tenant", "note", "created", "by"}``."""
    return {
        "id": row["id"],
        "url": row["url"],
        "topics": list(row["topics"]),
        "content": row["content"],
        "tenant": row["tenant"],
        "note": row["note"],
        "created": instant(row["created_at"]),
        "by": row["created_by"],
    }


def notice_said(row: Any) -> dict[str, Any]:
    """``{"id", "subject", "position", "received", "state", "tries", "due", "settled", "said"}``."""
    return {
        "id": row["id"],
        "subject": row["subject"],
        "position": row["position"],
        "received": instant(row["received_at"]),
        "state": row["state"],
        "tries": row["tries"],
        "due": instant(row["due_at"]) if row["state"] == "waiting" else None,
        "settled": None if row["settled_at"] is None else instant(row["settled_at"]),
        "said": row["said"],
    }


async def _one(conn: Connection, name: str, tenant: str | None) -> Any:
    row = await conn.fetchrow(Q["subscriber_one"], name, tenant)
    if row is None:
        raise NotFound(Sentence("subscriber_not_known", name=repr(name[:64])))
    return row


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
