"""HTTP/1.1 of uvicorn on the parser in C, bounded where it is not: how long the head of a request may be, how long it
may take to come, and how many may be connected. What it refuses by itself it says as a problem, like the rest of the
door.

The parser in C halves what a request costs, and knows no bound of its own: it would keep a header that never ends.
"""

from __future__ import annotations

import asyncio

import httptools
import msgspec
from fieldline_trace.api.http.problems import MEDIA_TYPE, Problem, problem_said
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES = 64 * 1024
"""Longest head of a request: its line and its headers."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    head_seconds = 30.0
    most = 1000
    _late: asyncio.TimerHandle | None = None
    _unparsed = 0
    """Bytes that came since the last request was whole, while the head of the next is not."""
    _in_body = False
    """The head of the request at hand is whole, the request is not: an answer may have been given before its end."""
    _head = 0
    """Bytes of the head that the parser has told of."""

    @classmethod
    def within(cls, head_seconds: float, most: int) -> type[BoundedProtocol]:
        """The protocol of connections that wait ``head_seconds`` for a head, and of which there are ``most``."""
        return type(cls.__name__, (cls,), {"head_seconds": head_seconds, "most": most})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless too many are here."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse("unavailable", f"{self.most} connections are open: come back later")
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Bytes came. The head is whole once a cycle has begun for it; until then time runs."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._no_more_late()
            self._unparsed = 0
            return
        self._unparsed = 0 if self._in_body else self._unparsed + len(data)
        if self._unparsed > HEAD_BYTES and not self.transport.is_closing():
            self._refuse("unreadable", f"the head of the request is longer than {HEAD_BYTES} bytes")
        elif self._late is None and not self.transport.is_closing():
            self._await_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0

    def on_url(self, url: bytes) -> None:
        """Some of the address came."""
        self._bound(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came whole."""
        self._bound(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole. HTTP/1.1 asks for exactly one host."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise httptools.HttpParserError("one host is asked for")
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_body, self._unparsed = False, 0
        super().on_message_complete()

    def _bound(self, size: int) -> None:
        self._head += size
        if self._head > HEAD_BYTES:
            raise httptools.HttpParserError("the head is too long")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._no_more_late()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP."""
        self._refuse("unreadable", msg)

    def _await_head(self) -> None:
        self._late = self.loop.call_later(self.head_seconds, self._give_up)

    def _no_more_late(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        self._refuse("too_slow", f"the head of the request had not come after {self.head_seconds:g} s")

    def _refuse(self, code: str, detail: str) -> None:
        """A problem, written past the machinery, and the end of the connection."""
        status, said, headers = problem_said(Problem(code, detail))
        body = msgspec.json.encode(said)
        lines = [
            f"HTTP/1.1 {status} {said['title']}",
            f"content-type: {MEDIA_TYPE}",
            f"content-length: {len(body)}",
            "x-content-type-options: nosniff",
            "connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.transport.close()
