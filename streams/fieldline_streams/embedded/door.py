"""The HTTP door bound to a runtime: the embedded one, or a replica."""

from __future__ import annotations

from fastapi import FastAPI
from fieldline_trace.api.http.app import create_app
from fieldline_trace.api.ports import Ports

from fieldline_streams.answering import Answering
from fieldline_streams.embedded.clock import wall_clock


class WallClock:
    """The machine's time."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return wall_clock()


def door(runtime: Answering, local_key: str) -> FastAPI:
    """The application over ``runtime``. Whoever shows ``local_key`` from this machine may speak under any name; empty:
    there is none."""
    return create_app(
        Ports(
            intake=runtime,
            answers=runtime,
            feed=runtime.feed,
            clock=WallClock(),
            pool=runtime.doors,
            metrics=runtime.metrics,
            settings=runtime.settings,
            local_key=local_key,
        )
    )
