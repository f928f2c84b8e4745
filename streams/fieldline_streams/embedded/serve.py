"""``fieldline serve``: a runtime with its door, until it is told to stop: the embedded one, or a replica."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager

import uvicorn
from fastapi import FastAPI
from fieldline_trace.api.http.credentials import local_key, make_first
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import borrowed

from fieldline_streams.answering import Answering
from fieldline_streams.embedded.directory import DataDirectory, Service
from fieldline_streams.embedded.door import WallClock, door
from fieldline_streams.embedded.protocol import BoundedProtocol
from fieldline_streams.embedded.runtime import opened

_log = logging.getLogger(__name__)

QUEUED_CONNECTIONS = 512
"""Connections that the kernel holds for us while we are busy."""


class DoorServer(uvicorn.Server):
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
        async with _opened(settings) as runtime:
            async with borrowed(runtime.doors) as conn:
                first = await make_first(conn, now=WallClock().now())
            with _listening(settings.host, settings.port) as listening:
                address = f"http://{_reached(settings.host)}:{listening.getsockname()[1]}"
                with _announced(settings, address, "" if first is None else first.key) as service:
                    server = DoorServer(configured(door(runtime, service.key), settings))
                    serving = asyncio.create_task(server.serve(sockets=[listening]), name="door")
                    await server.listens.wait()
                    told(service)
                    stopped = asyncio.create_task(stop.wait(), name="signal")
                    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    _log.info("stopping")
                    await runtime.feed.close()  # its readers would stay for ever
                    server.should_exit = True
                    await serving
                    stopped.cancel()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How the door ``app`` is served."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol.within(settings.body_seconds, settings.connections),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        forwarded_allow_ips=settings.proxies,
        backlog=QUEUED_CONNECTIONS,
    )


def _opened(settings: Settings) -> AbstractAsyncContextManager[Answering]:
    """What is served: all in one process, or, where there is a Kafka, a replica beside workers."""
    if settings.kafka is None:
        return opened(settings)
    from fieldline_streams.kafka.replica import opened_replica  # takes a while, and most do without

    return opened_replica(settings)


def _announced(settings: Settings, address: str, administrator: str) -> AbstractContextManager[Service]:
    """Where it answers, for those on this machine who share the data directory. Replicas share theirs, and are reached
    by address and key."""
    if settings.kafka is None:
        return DataDirectory(settings.data_dir).announced(address, local_key(), administrator)
    return contextlib.nullcontext(Service(address, os.getpid(), "", administrator))


def _listening(host: str, port: int) -> socket.socket:
    """A socket on ``host``; ``Unavailable`` where it is taken or no address of ours."""
    try:
        kind = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        kind = socket.AF_INET
    # Of protocol TCP by name: asyncio sends without delay on no other, and each answer would wait 40 ms for an ACK.
    found = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        # Who reads the file that is written next may come at once: they wait in the queue until we serve.
        found.listen(QUEUED_CONNECTIONS)
    except OSError as error:
        found.close()
        raise Unavailable(f"{host} port {port}: {error}") from None
    return found


def _reached(host: str) -> str:
    """How a command on this machine reaches what listens on ``host``."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
