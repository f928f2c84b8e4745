"""``fieldline serve``: a runtime with its door, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fieldline_trace.settings import Settings

from fieldline_streams.embedded.directory import DataDirectory, Service
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import opened

_log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class _Server(uvicorn.Server):
    """A server that leaves the signals to us, since we have more to put away than connections, and says when it
    listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, told: Callable[[Service], None] = lambda _: None) -> None:
    """Serve the data directory of ``settings`` until SIGTERM or SIGINT; ``told`` hears where, once it is ready.

    What was acknowledged before the signal is durable, what waits is taken, answers under way are given.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with opened(settings) as runtime:
            # Of protocol TCP by name: asyncio sends without delay on no other, and each answer would wait 40 ms for an
            # ACK.
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind((LOOPBACK, settings.port))
                address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
                with DataDirectory(settings.data_dir).announced(address) as service:
                    app = door(runtime, service.token, body_bytes=settings.body_bytes)
                    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
                    server = _Server(config)
                    serving = asyncio.create_task(server.serve(sockets=[listening]), name="door")
                    await server.listens.wait()
                    told(service)
                    stopped = asyncio.create_task(stop.wait(), name="signal")
                    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    _log.info("stopping")
                    server.should_exit = True
                    await serving
                    stopped.cancel()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
