"""Who says an event on Kafka: keys, signatures, and the headers that carry them.

A message bears the id of its sender's key and the HMAC-SHA256 of its value under the SHA-256 of that key, which is what
the keys' table holds: the key itself never travels. What came in by a door of ours bears that door, signed with the
deployment's own key.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from fieldline_schemas.faults import Fault
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.http.credentials import hash_of, id_of, is_id
from fieldline_trace.capture import Door
from fieldline_trace.capture.door import ROLES
from fieldline_trace.store import Pool, Q, borrowed, outages_as_unavailable

KEY: Final = "fieldline-key"
SIGNATURE: Final = "fieldline-signature"
DOOR: Final = "fieldline-door"
SENDER: Final = "fieldline-sender"
ROLE: Final = "fieldline-role"
CHANNEL: Final = "kafka"

FRESH_SECONDS: Final = 1.0
"""How long what is known of a key may be used before it is asked for again."""
REMEMBERED: Final = 10_000
"""Keys, known or not, that are remembered; past it all of them are forgotten."""
_DOOR_BEGINS: Final = b"fieldline.door.1\0"

Headers = list[tuple[str, bytes]]


class SaidDoor(msgspec.Struct, frozen=True):
    """A door as a message bears it."""

    sender: str
    role: str
    tenant: str
    channel: str
    operators: tuple[str, ...] | None
    history: bool = False

    def door(self) -> Door:
        """``ValueError`` where it cannot be one."""
        operators = None if self.operators is None else frozenset(self.operators)
        return Door(self.sender, self.role, self.tenant, self.channel, operators)


def signature(secret: bytes, value: bytes) -> bytes:
    """64 hexadecimal digits."""
    return hmac.digest(secret, value, "sha256").hex().encode()


def door_signature(secret: bytes, door: bytes, value: bytes) -> bytes:
    """The same over a door and a value, neither of which holds for another."""
    return signature(secret, _DOOR_BEGINS + len(door).to_bytes(4, "big") + door + value)


class Signer:
    """Signs what the holder of an API key says. ``ValueError`` where ``key`` is none."""

    def __init__(self, key: str) -> None:
        name = id_of(key)
        if name is None:
            raise ValueError("this is no key of fieldline: flk_…")
        self._name, self._secret = name.encode(), hash_of(key)

    def headers(self, value: bytes) -> Headers:
        """What goes with ``value``."""
        return [(KEY, self._name), (SIGNATURE, signature(self._secret, value))]


class DoorSigner:
    """Signs what came in by a door of ours. ``secret``: the deployment's."""

    def __init__(self, secret: bytes, door: Door, *, history: bool = False) -> None:
        operators = None if door.operators is None else tuple(sorted(door.operators))
        said = SaidDoor(door.sender, door.role, door.tenant, door.channel, operators, history)
        self._secret, self._said = secret, msgspec.json.encode(said)

    def headers(self, value: bytes) -> Headers:
        """What goes with ``value``."""
        return [(DOOR, self._said), (SIGNATURE, door_signature(self._secret, self._said, value))]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a key: the secret of its signatures, and the door of its holder, or the fault of using it.
    ``expires_at``: microseconds since 1970 UTC."""

    secret: bytes
    door: Door | None
    expires_at: int
    fault: Fault | None
    fresh_until: float

    def refuses(self, now: int) -> Fault | None:
        """Why it does not open at ``now``."""
        if self.fault is None and self.expires_at <= now:
            return Fault.by("message_key_closed", KEY, why="expired")
        return self.fault


class KeysKnown:
    """The keys of a database as this process knows them, never older than ``FRESH_SECONDS``."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[str, Known] = {}

    async def look(self, names: Iterable[str]) -> dict[str, Known]:
        """What is known of these keys now, those that there are none of left out; one question for all that are not
        fresh. ``Unavailable`` where PostgreSQL is away."""
        wanted = {name for name in names if is_id(name)}
        now = time.monotonic()
        stale = sorted(name for name in wanted if (known := self._known.get(name)) is None or known.fresh_until < now)
        if stale:
            with outages_as_unavailable():
                async with borrowed(self._pool) as conn:
                    rows = await conn.fetch(Q["keys_known"], stale)
            if len(self._known) + len(stale) > REMEMBERED:
                self._known.clear()
            for name in stale:
                self._known.pop(name, None)
            for row in rows:
                caller = Caller(
                    row["sender"], row["role"], tuple(row["operators"]), row["grid"], row["tenant"], row["id"]
                )
                fault = _fault(caller, revoked=row["revoked_at"] is not None)
                door = None if caller.role not in ROLES else door_of_key(caller)
                self._known[row["id"]] = Known(row["hash"], door, row["expires_at"], fault, now + FRESH_SECONDS)
            await asyncio.sleep(0)
        return {name: known for name in wanted if (known := self._known.get(name)) is not None}


def door_of_key(caller: Caller) -> Door:
    """Whom the holder of a key speaks for on Kafka: the same as by HTTP."""
    return Door(caller.sender, caller.role, caller.tenant, CHANNEL, caller.may_speak_for)


def _fault(caller: Caller, *, revoked: bool) -> Fault | None:
    if revoked:
        return Fault.by("message_key_closed", KEY, why="revoked")
    if caller.role not in ROLES or caller.role == "system":
        return Fault.by("message_role", ROLE, caller.role)
    if caller.role == "regulator" and caller.grid:
        # What it may act on is looked up with its eyes, which only the door by HTTP can do.
        return Fault.by("message_area", KEY, caller.grid)
    return None
