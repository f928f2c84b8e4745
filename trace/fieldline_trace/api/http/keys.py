"""API keys: who came in, by the secret that they bear."""

from __future__ import annotations

import hmac
from urllib.parse import unquote

from fastapi import Request

from fieldline_trace.api.caller import LOCAL_KEY, PUBLIC, Caller
from fieldline_trace.api.http.problems import Problem
from fieldline_trace.api.ports import Ports


class Keys:
    """Finds the caller of a request."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def caller(self, request: Request) -> Caller:
        """Who came in; ``PUBLIC`` without a key, ``Problem`` 401 with one that is not good."""
        said = request.headers.get("authorization")
        if said is None:
            return PUBLIC
        secret = self._ports.local_key
        if secret and hmac.compare_digest(said.encode(), f"Bearer {secret}".encode()):
            sender = unquote(request.headers.get("x-fieldline-sender", "local"))
            role = unquote(request.headers.get("x-fieldline-role", "administrator"))
            return Caller(sender, role, key_id=LOCAL_KEY)
        raise Problem("unauthenticated", "this key is not known")
