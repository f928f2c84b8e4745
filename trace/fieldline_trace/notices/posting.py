"""Posting one notice: signed as Standard Webhooks have it, to an address that was checked, without redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, NamedTuple

import httpx
from standardwebhooks import Webhook

from fieldline_trace.errors import Rejected, Unavailable
from fieldline_trace.notices.targets import target_of

GONE: Final = 410
SAID_MOST: Final = 300
LOOKUPS: Final = 64
"""Names that may be looked up at once: one that is slow to be found keeps no other."""
AGENT: Final = "fieldline-notices/1"


class Posted(NamedTuple):
    """What became of a try: whether it arrived, whether another is worth it, and in words what was answered."""

    arrived: bool
    final: bool
    said: str


class Poster:
    """Posts notices. ``seconds``: how long one may take; ``loopback``: whether this machine may be posted to."""

    def __init__(self, *, seconds: float, loopback: bool) -> None:
        self._loopback = loopback
        # No proxy or certificates from the environment, no redirects, nothing kept open between notices: a receiver
        # that leaves connections hanging costs nobody else.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )
        self._seconds = seconds
        self._names = ThreadPoolExecutor(LOOKUPS, "names")

    async def close(self) -> None:
        """Let go."""
        await self._client.aclose()
        self._names.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, notice: str, body: bytes, secrets: Sequence[str]) -> Posted:
        """Post ``body`` under the id ``notice``, signed with each of ``secrets``. Raises nothing that a receiver may
        cause."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(url, notice, body, secrets)
        except Rejected as error:
            return Posted(False, True, str(error)[:SAID_MOST])
        except (Unavailable, httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            return Posted(False, False, f"{type(error).__name__}: {error}"[:SAID_MOST])

    async def _post(self, url: str, notice: str, body: bytes, secrets: Sequence[str]) -> Posted:
        target = await target_of(url, self._names, loopback=self._loopback)
        request = self._client.build_request(
            "POST",
            httpx.URL(url).copy_with(host=target.address),
            content=body,
            headers={**_signed(notice, body, secrets), "host": httpx.URL(url).netloc.decode("ascii")},
            extensions={"sni_hostname": target.host},
        )
        # What is answered beyond the status is not read.
        response = await self._client.send(request, stream=True)
        await response.aclose()
        status = response.status_code
        return Posted(200 <= status < 300, status == GONE, f"HTTP {status}")


def _signed(notice: str, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    now = datetime.now(tz=UTC)
    signatures = [Webhook(secret).sign(notice, now, body.decode()) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": notice,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
