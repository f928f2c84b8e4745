"""A receiver of webhooks: a real HTTP server on this machine that verifies what comes and answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

SECONDS = 60.0
"""How long a test waits for what has to come; far more than it takes."""


@dataclass(frozen=True, slots=True)
class Got:
    """One notice as it came."""

    id: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def verified(self, secret: str) -> dict[str, Any]:
        """Its JSON, once the signature has been held to ``secret``."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, dict(self.headers))
        return found


@dataclass
class Receiver:
    """What came, and the status that each is answered with (0: no answer at all)."""

    url: str = ""
    answer: Callable[[Got], int] = lambda got: 204
    got: list[Got] = field(default_factory=list)
    more: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, enough: Callable[[list[Got]], bool]) -> list[Got]:
        """What came, once it is enough."""
        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(lambda: enough(self.got))
            return list(self.got)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            got = Got(headers["webhook-id"], headers, body)
            async with self.changed:
                self.got.append(got)
                self.changed.notify_all()
            status = self.answer(got)
            if not status:
                await reader.read()  # until the other side gives up
            more = "".join(f"{name}: {value}\r\n" for name, value in self.more.items())
            writer.write(f"HTTP/1.1 {status} X\r\n{more}content-length: 0\r\n\r\n".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(answer: Callable[[Got], int] = lambda got: 204) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver(answer=answer)
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
