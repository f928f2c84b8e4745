"""``fieldline serve`` as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from fieldline_trace.errors import Unavailable

from fieldline_streams.embedded.directory import DataDirectory, Service

START_SECONDS = 120.0


class ServeProcess:
    """One data directory, served by processes that come and go."""

    def __init__(self, data_dir: Path) -> None:
        self.directory = DataDirectory(data_dir)
        self._log = data_dir.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> Service:
        """Start a process and wait until it answers. ``Unavailable``, with what it said, where it does not."""
        environment = {**os.environ, "FIELDLINE_DATA_DIR": str(self.directory.path)}
        environment.pop("FIELDLINE_DATABASE_URL", None)
        self._process = await asyncio.to_thread(self._popen, environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            service = self.directory.service()
            if service is not None and service.pid == self._process.pid:
                return service
            if self._process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        raise Unavailable(f"fieldline serve did not start: {await asyncio.to_thread(self._said)}")

    def _popen(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "fieldline_streams.cli", "serve"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _said(self) -> str:
        return self._log.read_text()[-2000:]

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it in order; its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        code = await asyncio.to_thread(self._process.wait, 60)
        self._process = None
        return code
