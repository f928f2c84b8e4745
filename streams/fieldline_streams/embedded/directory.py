"""The data directory of an embedded runtime: who holds it, and how others reach who holds it.

The lock is the kernel's (flock), so it goes with its holder however that one dies: there is no stale lock.
``service.json`` is only believed while the lock is held.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fieldline_trace.errors import Unavailable


class DirectoryInUse(Unavailable):
    """Another process holds the data directory."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: where it answers, its process, and the key that opens its door to whoever can read the file.

    ``administrator``: the first administrator's key, in the run that made it; empty in every other.
    """

    address: str
    pid: int
    key: str = field(repr=False)
    administrator: str = field(default="", repr=False)


class DataDirectory:
    """One data directory at ``path``; made where it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock = self.path / "fieldline.lock"
        self._service = self.path / "service.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the directory; :class:`DirectoryInUse` where another process does."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = self._lock.read_text().strip() or "of unknown number"
                raise DirectoryInUse(
                    f"another fieldline (process {holder}) works in {self.path}: stop it, ask it, "
                    "or name another directory in FIELDLINE_DATA_DIR"
                ) from None
            self._service.unlink(missing_ok=True)
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(handle)

    def in_use(self) -> bool:
        """Whether some process holds the directory."""
        try:
            handle = os.open(self._lock, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextlib.contextmanager
    def announced(self, address: str, key: str, administrator: str = "") -> Iterator[Service]:
        """Say to others of the same user, while this lasts, where the holder answers, and with which key."""
        service = Service(address, os.getpid(), key, administrator)
        written = self._service.with_name(f"service.{os.getpid()}.tmp")
        handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({name: value for name, value in asdict(service).items() if value != ""}, file)
        written.replace(self._service)
        try:
            yield service
        finally:
            self._service.unlink(missing_ok=True)

    def service(self) -> Service | None:
        """The service that holds the directory, or None: nobody holds it, or the holder does not answer (yet)."""
        try:
            said = json.loads(self._service.read_text())
            administrator = str(said.get("administrator", ""))
            found = Service(str(said["address"]), int(said["pid"]), str(said["key"]), administrator)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return found if self.in_use() else None
