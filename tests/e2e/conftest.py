"""The command line as people run it: processes of their own, on data directories of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SECONDS = 120


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with ``--json``."""
        return json.loads(self.out)


class CommandLine:
    """``fieldline`` on one data directory, with a service on it or without."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._served: subprocess.Popen[str] | None = None

    def __call__(self, *arguments: str, stdin: str = "", environment: dict[str, str] | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "fieldline_streams.cli", *arguments],
            env=self._environment() | (environment or {}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def emit(self, *events: dict[str, Any], sender: str = "hof-1", role: str = "producer") -> Done:
        """Hand events in from standard input."""
        lines = "".join(json.dumps(event) + "\n" for event in events)
        return self("--as", sender, "--role", role, "emit", "-", "--json", stdin=lines)

    def serve(self) -> subprocess.Popen[str]:
        """Start the service and wait until it says that it is ready."""
        with (self.data_dir.parent / f"{self.data_dir.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fieldline_streams.cli", "serve"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready: http://127.0.0.1:")
        self._served = process
        return process

    def kill(self) -> None:
        """End the service as a power cut would."""
        assert self._served is not None
        self._served.kill()
        self._end()

    def stop(self) -> int:
        """End the service in order; its exit code. None was started: 0."""
        if self._served is None:
            return 0
        self._served.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        assert self._served is not None
        assert self._served.stdout is not None
        code = self._served.wait(SECONDS)
        self._served.stdout.close()
        self._served = None
        return code

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FIELDLINE_")}
        return kept | {"FIELDLINE_DATA_DIR": str(self.data_dir), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A command line next to a service that runs for the whole module, and ends in order."""
    line = CommandLine(tmp_path_factory.mktemp("served") / "data")
    line.serve()
    yield line
    assert line.stop() == 0


@pytest.fixture
def alone(cluster: Callable[[Path], None], tmp_path: Path) -> Iterator[CommandLine]:
    """A command line on a directory of its own, where no service runs unless the test starts one. PostgreSQL ran there
    before; ``served`` begins on nothing."""
    cluster(tmp_path / "data")
    line = CommandLine(tmp_path / "data")
    yield line
    line.stop()
