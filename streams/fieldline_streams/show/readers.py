"""``python -m fieldline_streams.show.readers DATA_DIR POSITION COUNT SECONDS``: so many readers of the feed at once,
from a position on. Reader 0 is cut off again and again, at any byte, and resumes after the last whole item that it got.

Prints as JSON which items each reader got, how long they took from receipt of what caused them, and what went wrong.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fieldline_trace.errors import Unavailable

from fieldline_streams.embedded.directory import DataDirectory, Service

CUT_EVERY_SECONDS = 1.5
"""How long reader 0 is left alone at most."""


class Reader:
    """One reader of the feed, over a bare connection."""

    def __init__(self, service: Service, position: int) -> None:
        self._service = service
        self.last = f"{position}.0"
        self.items: list[str] = []
        """Ids of alerts and scope versions. Positions are told less often to who is slow, so they are left out."""
        self.milliseconds: list[float] = []
        self.cut = 0
        self.trouble = ""

    async def read(self, until: float) -> None:
        """Read to the monotonic time ``until``, or to the end of the connection."""
        where = urlsplit(self._service.address)
        reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=1 << 24)
        writer.write(
            f"GET /v1/feed HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {self._service.key}\r\n"
            f"accept: text/event-stream\r\nlast-event-id: {self.last}\r\n\r\n".encode()
        )
        try:
            async with asyncio.timeout_at(until):
                head = await reader.readuntil(b"\r\n\r\n")
                if b" 200 " not in head.split(b"\r\n", 1)[0]:
                    self.trouble = head.decode(errors="replace")
                    return
                await self._events(reader)
        finally:
            writer.transport.abort()

    async def _events(self, reader: asyncio.StreamReader) -> None:
        text = b""
        while size := int(await reader.readline(), 16):
            text += await reader.readexactly(size)
            await reader.readexactly(2)
            *whole, text = text.split(b"\n\n")
            for event in whole:
                self._got(event)

    def _got(self, event: bytes) -> None:
        fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line and line[:1] != b":")
        if b"id" not in fields:
            return
        self.last = fields[b"id"].decode()
        if fields[b"event"] == b"position":
            return
        self.items.append(self.last)
        at = datetime.fromisoformat(json.loads(fields[b"data"])["at"])
        self.milliseconds.append(1000 * (time.time() - at.timestamp()))


async def _steady(reader: Reader, until: float) -> None:
    with suppress(TimeoutError):
        await reader.read(until)
    if asyncio.get_running_loop().time() < until and not reader.trouble:
        reader.trouble = "the feed ended"


async def _cut_off(reader: Reader, until: float) -> None:
    chance, loop = random.Random(3), asyncio.get_running_loop()  # noqa: S311  (no secret: when to cut)
    while loop.time() < until and not reader.trouble:
        with suppress(TimeoutError):
            await reader.read(min(until, loop.time() + chance.random() * CUT_EVERY_SECONDS))
        reader.cut += 1


async def read(data_dir: Path, position: int, count: int, seconds: float) -> list[Reader]:
    """``count`` readers for ``seconds``, from ``position`` on."""
    service = DataDirectory(data_dir).service()
    if service is None:
        raise Unavailable(f"no service answers for {data_dir}")
    until = asyncio.get_running_loop().time() + seconds
    readers = [Reader(service, position) for _ in range(count)]
    await asyncio.gather(*((_steady if number else _cut_off)(one, until) for number, one in enumerate(readers)))
    return readers


def said(readers: list[Reader]) -> dict[str, Any]:
    """``{"cut", "items", "milliseconds", "trouble"}``: how often reader 0 was cut off, the items of each, of all but 0
    how late they were, and what went wrong with any."""
    return {
        "cut": readers[0].cut,
        "items": [reader.items for reader in readers],
        "milliseconds": [took for reader in readers[1:] for took in reader.milliseconds],
        "trouble": [reader.trouble for reader in readers if reader.trouble],
    }


if __name__ == "__main__":
    done = asyncio.run(read(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    sys.stdout.write(json.dumps(said(done)) + "\n")
