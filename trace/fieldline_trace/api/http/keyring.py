"""Who came in: the key of a request turned into a caller, fast, and never longer than a moment after it was revoked.

What is known of a key is remembered for half a second, so the database is asked twice a second and key at most, however
many requests come. Unknown keys are counted; who tries many from one address has to wait.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from urllib.parse import unquote

from fastapi import Request
from fieldline_schemas.messages import Sentence

from fieldline_trace.api.caller import ANYWHERE, HERE, LOCAL_KEY, PUBLIC, Caller
from fieldline_trace.api.http.credentials import hash_of, id_of
from fieldline_trace.api.http.problems import Problem, rejected
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Forbidden
from fieldline_trace.store import Q, borrowed

FRESH_SECONDS = 0.5
"""How long what is known of a key may be used before it is asked for again."""
REMEMBERED = 10_000
"""Keys, and addresses that failed, that are remembered; past it all of them are forgotten."""
CHALLENGE = {"www-authenticate": 'Bearer realm="fieldline"'}
ADDRESS_MOST = 64
"""Characters of an address that are looked at: what a proxy says it is may be any text."""
LOOPBACK = ("127.0.0.1", "::1")
CALLER = "fieldline.caller"
"""What a request of the console's carries in its ASGI scope: who is logged in. Nothing from outside comes there."""


@dataclass(slots=True)
class _Known:
    caller: Caller
    expires_at: int
    fresh_until: float


class Keyring:
    """Finds the caller of each request."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: dict[bytes, _Known] = {}
        self._asked: dict[bytes, asyncio.Task[_Known | str]] = {}
        self._failures: dict[str, tuple[float, int]] = {}

    async def caller(self, request: Request) -> Caller:
        """Who came in; ``PUBLIC`` without a key. ``Problem`` 401 with one that is not good, 429 after too many."""
        logged_in: Caller | None = request.scope.get(CALLER)
        if logged_in is not None:
            return logged_in
        said = request.headers.get("authorization")
        if said is None:
            return PUBLIC
        address = request.client.host[:ADDRESS_MOST] if request.client else ANYWHERE
        scheme, _, key = said.partition(" ")
        if scheme.lower() != "bearer":
            raise self._failed(address, "malformed")
        if self._is_local(key, address) and "x-forwarded-for" not in request.headers:
            return _anybody(request)
        found = await self._found(key.strip(), address)
        for header, own in (("x-fieldline-sender", found.sender), ("x-fieldline-role", found.role)):
            if unquote(request.headers.get(header, own)) != own:
                raise Forbidden(Sentence("key_speaks_as", header=header, sender=found.sender, role=found.role))
        return found

    async def bearer(self, request: Request, key: str) -> Caller:
        """Whom a key that was typed stands for; problems as those of ``caller``. The key of the service file stands for
        an administrator."""
        address = request.client.host[:ADDRESS_MOST] if request.client else ANYWHERE
        if self._is_local(key, address) and "x-forwarded-for" not in request.headers:
            return HERE
        return await self._found(key, address)

    def forget(self) -> None:
        """Ask for every key again: one was rotated or revoked here."""
        self._known.clear()

    def _is_local(self, key: str, address: str) -> bool:
        secret = self._ports.local_key
        return bool(secret) and hmac.compare_digest(key.encode(), secret.encode()) and address in LOOPBACK

    async def _found(self, key: str, address: str) -> Caller:
        digest = hash_of(key)
        known = self._known.get(digest)
        if known is None:
            self._hold_off(address)
        if known is None or known.fresh_until < asyncio.get_running_loop().time():
            answer = await self._ask(key, digest)
            if isinstance(answer, str):
                self._known.pop(digest, None)
                raise self._failed(address, answer)
            known = answer
        if known.expires_at <= self._ports.clock.now():
            raise self._failed(address, "expired")
        return known.caller

    async def _ask(self, key: str, digest: bytes) -> _Known | str:
        """The answer of the database, one question a key however many wait for it."""
        task = self._asked.get(digest)
        if task is None:
            task = asyncio.create_task(self._read(key, digest))
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        return await asyncio.shield(task)

    async def _read(self, key: str, digest: bytes) -> _Known | str:
        name = id_of(key)
        if name is None:
            return "malformed"
        asked = asyncio.get_running_loop().time()
        async with borrowed(self._ports.pool) as conn:
            row = await conn.fetchrow(Q["key_known"], name)
        if row is None or not hmac.compare_digest(row["hash"], digest):
            return "unknown"
        if row["revoked_at"] is not None:
            return "revoked"
        caller = Caller(row["sender"], row["role"], tuple(row["operators"]), row["grid"], row["tenant"], name)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        known = _Known(caller, row["expires_at"], asked + FRESH_SECONDS)
        self._known[digest] = known
        return known

    def _failed(self, address: str, reason: str) -> Problem:
        self._ports.metrics.authentication_failures.labels(reason).inc()
        now = asyncio.get_running_loop().time()
        began, count = self._failures.get(address, (now, 0))
        if now - began > 60:
            began, count = now, 0
        if len(self._failures) >= REMEMBERED:
            self._failures.clear()
        self._failures[address] = (began, count + 1)
        words = {"malformed": "this is no key", "unknown": "this key is not known"}
        return Problem("unauthenticated", words.get(reason, f"this key is {reason}"), headers=CHALLENGE)

    def _hold_off(self, address: str) -> None:
        """``Problem`` 429 where too many keys failed from ``address`` in the last minute."""
        began, count = self._failures.get(address, (0.0, 0))
        left = began + 60 - asyncio.get_running_loop().time()
        if left > 0 and count >= self._ports.settings.failures_per_minute:
            self._ports.metrics.authentication_failures.labels("held off").inc()
            raise Problem(
                "too_many_failures", Sentence("keys_failed", count=count), headers={"retry-after": str(int(left) + 1)}
            )


def _anybody(request: Request) -> Caller:
    """Whom the bearer of the local key says it speaks as: an administrator, where it does not say."""
    sender = unquote(request.headers.get("x-fieldline-sender", "local"))
    role = unquote(request.headers.get("x-fieldline-role", "administrator"))
    if role == "system":
        raise Forbidden(Sentence("role_system"))
    if role not in ROLES or role == "public":
        raise rejected("x-fieldline-role", role, "it_is_one_of", words=list(ROLES[:-1]))
    if not 0 < len(sender) <= 256 or not sender.isprintable():
        raise rejected("x-fieldline-sender", sender, "name_length")
    return Caller(sender, role, key_id=LOCAL_KEY)
