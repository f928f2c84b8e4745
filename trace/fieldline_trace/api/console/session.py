"""Who is logged in: a cookie that a key opened, good as long as the key and the role that it had then.

The cookie says the key's id, the role, and when it ends, sealed (HMAC-SHA256) with what the keys' table holds of the
key: any process with the database can read it, nobody without the table can make one, and it ends where the key is
revoked, expires, or changes its role. It ends, too, where somebody logs out: that stands in the database for all
processes. Forms carry a token that is made of the cookie, which no other site can read.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import quote, unquote

from fastapi.requests import Request
from fastapi.responses import Response
from fieldline_schemas.messages import Sentence

from fieldline_trace.api.caller import LOCAL_KEY, PUBLIC, Caller
from fieldline_trace.api.http.credentials import hash_of, id_of, is_id
from fieldline_trace.api.http.keyring import LOOPBACK, REMEMBERED
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Forbidden
from fieldline_trace.store import Q, borrowed

COOKIE = "fieldline_session"
HOURS = 12
LONGEST = 4_000
"""Characters of a cookie that are looked at: a name of 256, each written as up to twelve, and the rest. Browsers keep
about as much."""
FRESH_SECONDS = 0.5
"""How long what is known of a key may be used before it is asked for again."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in, and the token that its forms have to carry; ``PUBLIC`` and no token where nobody is."""

    caller: Caller = PUBLIC
    token: str = ""


NOBODY = Session()


@dataclass(frozen=True, slots=True)
class _Key:
    seal: bytes
    caller: Caller
    expires_at: int
    ended: frozenset[bytes]
    """Digests of sessions that it opened and that were ended."""
    fresh_until: float


class Sessions:
    """Opens, reads and ends sessions."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._keys: dict[str, _Key] = {}
        self._ended: dict[str, int] = {}

    async def begin(self, response: Response, key: str, caller: Caller, *, secure: bool) -> None:
        """Put the cookie of a new session into ``response``: ``key`` was shown, and stands for ``caller``."""
        name = LOCAL_KEY if caller.local else id_of(key) or ""
        ends = self._ports.clock.now() // 1_000_000 + HOURS * 3600
        said = ".".join(
            (name, caller.role, quote(caller.sender, safe="").replace(".", "%2E"), str(ends), secrets.token_urlsafe(9))
        )
        cookie = f"{said}.{_sealed(hash_of(key), said)}"
        response.set_cookie(
            COOKIE, cookie, max_age=HOURS * 3600, path="/", httponly=True, samesite="strict", secure=secure
        )

    async def of(self, request: Request) -> Session:
        """The session of a request; ``NOBODY`` without one, and where it is good no longer."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or len(cookie) > LONGEST or cookie in self._ended:
            return NOBODY
        said, _, seal = cookie.rpartition(".")
        parts = said.split(".")
        if len(parts) != 5 or not parts[3].isdecimal() or int(parts[3]) * 1_000_000 <= self._ports.clock.now():
            return NOBODY
        name, role, sender = parts[0], parts[1], unquote(parts[2])
        found = await self._key(name, request)
        if found is None or found.expires_at <= self._ports.clock.now() or _digest(cookie) in found.ended:
            return NOBODY
        if not hmac.compare_digest(_sealed(found.seal, said).encode(), seal.encode()):
            return NOBODY
        caller = replace(found.caller, sender=sender, role=role) if found.caller.local else found.caller
        if caller.role != role or caller.sender != sender or role not in ROLES:
            return NOBODY
        return Session(caller, _token(cookie))

    async def end(self, request: Request, response: Response) -> None:
        """The session opens nothing any more: here at once, in every other process within ``FRESH_SECONDS``; and its
        browser forgets it."""
        cookie = request.cookies.get(COOKIE, "")
        now = self._ports.clock.now() // 1_000_000
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        if cookie and len(cookie) <= LONGEST:
            self._ended[cookie] = now + HOURS * 3600
            async with borrowed(self._ports.pool) as conn:
                await conn.execute(Q["sessions_over"], now)
                # The key of the service file stands in no table: its sessions are this process's alone.
                await conn.execute(Q["session_end"], _digest(cookie), cookie.partition(".")[0], now + HOURS * 3600)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    async def _key(self, name: str, request: Request) -> _Key | None:
        if name == LOCAL_KEY:
            return self._local(request)
        if not is_id(name):
            return None
        now = asyncio.get_running_loop().time()
        known = self._keys.get(name)
        if known is not None and known.fresh_until > now:
            return known
        async with borrowed(self._ports.pool) as conn:
            row = await conn.fetchrow(Q["key_known"], name)
            ended = frozenset(bytes(one["session"]) for one in await conn.fetch(Q["sessions_ended"], name))
        if row is None or row["revoked_at"] is not None:
            self._keys.pop(name, None)
            return None
        if len(self._keys) >= REMEMBERED:
            self._keys.clear()
        caller = Caller(row["sender"], row["role"], tuple(row["operators"]), row["grid"], row["tenant"], name)
        found = _Key(bytes(row["hash"]), caller, row["expires_at"], ended, now + FRESH_SECONDS)
        self._keys[name] = found
        return found

    def _local(self, request: Request) -> _Key | None:
        """The key of the service file, on this machine alone."""
        secret = self._ports.local_key
        address = request.client.host if request.client else ""
        if not secret or address not in LOOPBACK or "x-forwarded-for" in request.headers:
            return None
        return _Key(hash_of(secret), Caller("local", "administrator", key_id=LOCAL_KEY), 1 << 62, frozenset(), 0.0)


def held_to_token(session: Session, said: str, request: Request) -> None:
    """``Forbidden`` where a form does not carry the session's token, or comes from another site's page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(Sentence("form_token"))
    if not session.token or not hmac.compare_digest(session.token.encode(), said.encode("utf-8", "surrogatepass")):
        raise Forbidden(Sentence("form_token"))


def _sealed(seal: bytes, said: str) -> str:
    return hmac.new(seal, b"fieldline console session\0" + said.encode(), sha256).hexdigest()


def _digest(cookie: str) -> bytes:
    return sha256(cookie.encode("utf-8", "surrogateescape")).digest()


def _token(cookie: str) -> str:
    return sha256(b"fieldline console form\0" + cookie.encode()).hexdigest()[:40]
