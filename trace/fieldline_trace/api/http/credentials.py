"""API keys as they are made and kept: ``flk_ID_SECRET``, of which the database has the hash alone.

The secret has 256 bits, so its SHA-256 cannot be turned back and needs no slow hash: nothing shorter is ever accepted.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fieldline_schemas.messages import Sentence
from fieldline_schemas.times import instant

from fieldline_trace.api.caller import LOCAL_KEY, Caller
from fieldline_trace.api.http.problems import rejected
from fieldline_trace.errors import Conflict, Forbidden, NotFound
from fieldline_trace.store import Connection, Q

PREFIX = "flk_"
DAY = 86_400_000_000
"""Microseconds."""
FIRST_KEY_DAYS = 365


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key stands for; fields as in :class:`~fieldline_trace.api.caller.Caller`."""

    sender: str
    role: str
    operators: tuple[str, ...] = ()
    grid: str = ""
    tenant: str = "default"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was made: how it is shown, and the key itself, which can never be shown again."""

    said: dict[str, Any]
    key: str


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return sha256(key.encode("utf-8", "surrogateescape")).digest()


def id_of(key: str) -> str | None:
    """The id within a key; None where it has not the form of one."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "flk" or not is_id(parts[1]):
        return None
    return parts[1] if 32 <= len(parts[2]) <= 128 else None


def is_id(text: str) -> bool:
    """Whether a key may have this id. What is none is never asked of the database, which would not take all of it."""
    return len(text) <= 32 and text.isalnum() and text.isascii()


def local_key() -> str:
    """A new key for the service file: it is kept in no database, and ends with the process that made it."""
    return f"{PREFIX}{LOCAL_KEY}_{secrets.token_urlsafe(32)}"


async def make(
    conn: Connection, scope: Scope, *, now: int, by: str, expires_at: int, replaces: str | None = None
) -> Made:
    """A new key for ``scope``. Times are microseconds since 1970 UTC."""
    name, key = _new()
    row = await conn.fetchrow(Q["key_new"], *_values(name, key, scope, now, by, expires_at), replaces)
    assert row is not None
    return Made(key_said(row), key)


async def make_first(conn: Connection, *, now: int) -> Made | None:
    """The first administrator's key; None where there is any key already, or another process is making it."""
    name, key = _new()
    scope = Scope("administrator", "administrator", note="the first key, made by serve")
    expires_at = now + FIRST_KEY_DAYS * DAY
    async with conn.transaction():
        row = await conn.fetchrow(Q["key_first"], *_values(name, key, scope, now, "fieldline", expires_at))
    return None if row is None else Made(key_said(row), key)


async def rotate(conn: Connection, name: str, caller: Caller, *, own: bool, now: int, grace: int, days: int) -> Made:
    """A new key for what ``name`` stands for; the old one opens for ``grace`` microseconds more. Whoever renews its own
    (``own``) gets none that opens longer than the old one was given. ``Conflict`` where that opens nothing any more."""
    async with conn.transaction():
        row = await _one(conn, name, caller, own)
        if row["revoked_at"] is not None or row["expires_at"] <= now:
            raise Conflict(Sentence("key_closed", name=name))
        expires_at = now + days * DAY
        if own:
            expires_at = min(expires_at, now + row["expires_at"] - row["created_at"])
        scope = Scope(
            row["sender"], row["role"], tuple(row["operators"]), row["grid"], row["tenant"], row["note"]
        )  # fmt: skip
        made = await make(conn, scope, now=now, by=caller.sender, expires_at=expires_at, replaces=name)
        await conn.execute(Q["key_ends"], name, now + grace)
    return made


async def revoke(conn: Connection, name: str, caller: Caller, *, own: bool, now: int) -> dict[str, Any]:
    """The key opens nothing any more. A key that was revoked before stays as it was. An administrator (not ``own``)
    ends with it all keys that it was rotated to; whoever revokes its own keeps the new one."""
    async with conn.transaction():
        await _one(conn, name, caller, own)
        said = key_said(await conn.fetchrow(Q["key_revoke"], name, now))
        # One that is being rotated meanwhile is waited for, and what it was rotated to is found the next time.
        while not own and await conn.fetch(Q["key_revoke_later"], name, now):
            pass
    return said


async def listed(conn: Connection, caller: Caller, *, own: bool, limit: int) -> list[dict[str, Any]]:
    """The keys that the caller may know of, the latest first; never their secrets."""
    rows = await conn.fetch(
        Q["keys_of"], None if caller.local else caller.tenant, caller.key_id if own else None, limit
    )
    return [key_said(row) for row in rows]


def key_said(row: Any) -> dict[str, Any]:
    """``{"id", "sender", "role", "operators", "grid", "tenant", "note", "created", "by", "expires", "revoked",
    "replaces"}``."""
    return {
        "id": row["id"],
        "sender": row["sender"],
        "role": row["role"],
        "operators": list(row["operators"]),
        "grid": row["grid"],
        "tenant": row["tenant"],
        "note": row["note"],
        "created": instant(row["created_at"]),
        "by": row["created_by"],
        "expires": instant(row["expires_at"]),
        "revoked": None if row["revoked_at"] is None else instant(row["revoked_at"]),
        "replaces": row["replaces"],
    }


def hold_tenant(caller: Caller, tenant: str) -> None:
    """An administrator makes keys of its own tenant alone."""
    if not caller.local and tenant != caller.tenant:
        raise Forbidden(Sentence("key_of_tenant", tenant=repr(tenant), own=repr(caller.tenant)))


async def _one(conn: Connection, name: str, caller: Caller, own: bool) -> Mapping[str, Any]:
    row = await conn.fetchrow(Q["key_one"], name)
    if row is None or (not caller.local and row["tenant"] != caller.tenant) or (own and name != caller.key_id):
        raise NotFound(Sentence("key_not_known", name=repr(name[:64])))
    return row  # type: ignore[return-value]


def _new() -> tuple[str, str]:
    name = secrets.token_hex(6)
    return name, f"{PREFIX}{name}_{secrets.token_urlsafe(32)}"


def _values(name: str, key: str, scope: Scope, now: int, by: str, expires_at: int) -> tuple[Any, ...]:
    if expires_at <= now:
        raise rejected("expires", instant(expires_at), "in_the_past")
    operators = list(dict.fromkeys(scope.operators))
    return (
        name, hash_of(key), scope.sender, scope.role, operators, scope.grid, scope.tenant, scope.note, now, by,
        expires_at,
    )  # fmt: skip
