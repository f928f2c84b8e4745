"""HTTP/1.1 of uvicorn, bounded where it is not: how long the head of a request may take to come, and how many may be
connected. What it refuses by itself it says as a problem, like the rest of the door."""

from __future__ import annotations

import asyncio

import msgspec
from fieldline_trace.api.http.problems import MEDIA_TYPE, Problem, problem_said
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class BoundedProtocol(H11Protocol):
    """One connection."""

    head_seconds = 30.0
    most = 1000
    _late: asyncio.TimerHandle | None = None

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
        elif self._late is None and not self.transport.is_closing():
            self._await_head()

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
            "connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.transport.close()
