"""Whether a worker works, told by HTTP to whoever looks after it: ``/health/live``, ``/health/ready``, ``/metrics``.

Off unless ``worker_port`` is set. It tells nothing but counts and times, so it asks for no key; keep its port inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import faust
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from fieldline_trace.errors import Unavailable
from fieldline_trace.store import borrowed, outages_as_unavailable
from fieldline_trace.store.condition import Condition, condition
from mode import Service
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fieldline_streams.kafka.running import Running
from fieldline_streams.watching import LOOK_SECONDS, tell


def probe_app(running: Running) -> FastAPI:
    """The three routes."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health/live")
    async def live() -> Response:
        return JSONResponse({"live": True})

    @app.get("/health/ready")
    async def ready() -> Response:
        try:
            found = await look(running)
        except Unavailable:
            return JSONResponse({"ready": False, "why": "PostgreSQL is not reached"}, 503)
        if running.stopping.is_set():
            return JSONResponse({"ready": False, "why": "it is stopping"}, 503)
        return JSONResponse({"ready": True, "position": found.position, "judged": found.judged})

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(running.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def look(running: Running) -> Condition:
    """How the whole stands, noted in the metrics. ``Unavailable`` where PostgreSQL is away."""
    with outages_as_unavailable():
        async with borrowed(running.pool) as conn:
            found = await condition(conn)
    tell(running.metrics, found)
    return found


def add_probe(app: faust.App, running: Running) -> None:
    """Let the worker of ``app`` tell whether it works."""

    @app.service
    class Probe(Service):
        """Listens, and looks now and then, until the worker ends."""

        @Service.task
        async def run(self) -> None:
            settings = running.settings
            server = _Quiet(
                uvicorn.Config(
                    probe_app(running), host=settings.host, port=settings.worker_port, log_level="warning",
                    access_log=False, lifespan="off", ws="none", server_header=False,
                )
            )  # fmt: skip
            serving = asyncio.create_task(server.serve(), name="probe")
            try:
                while not running.stopping.is_set() and not serving.done():
                    with contextlib.suppress(Unavailable):
                        await look(running)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(running.stopping.wait(), LOOK_SECONDS)
            finally:
                server.should_exit = True
                await asyncio.gather(serving, return_exceptions=True)
            if not running.stopping.is_set():
                raise Unavailable(f"{settings.host} port {settings.worker_port} is not free: FIELDLINE_WORKER_PORT")


class _Quiet(uvicorn.Server):
    """Leaves the signals to the worker, and does not end it where the port is taken."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        with contextlib.suppress(SystemExit):
            await super().serve(sockets)
