"""The embedded server survives kills of itself and of us, and never takes a stranger's process for its own."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.store import EmbeddedPostgres, ensure_database

START = "import sys; from fieldline_trace.store import EmbeddedPostgres; EmbeddedPostgres(sys.argv[1]).start()"


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its name is longer than a socket's may be, which is a test of its own.
    with tempfile.TemporaryDirectory(prefix="fieldline-pg-") as name:
        yield Path(name)
        EmbeddedPostgres(name).stop()


async def _answer(server: EmbeddedPostgres) -> int:
    conn = await asyncpg.connect(server.dsn("postgres"))
    try:
        value = await conn.fetchval("select 41 + 1")
        assert isinstance(value, int)
        return value
    finally:
        await conn.close()


def test_a_start_killed_at_any_instant_is_taken_up_by_the_next(folder: Path) -> None:
    order = random.Random(4)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", START, str(folder)])
        try:
            process.wait(timeout=order.uniform(0.15, 1.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    server = EmbeddedPostgres(folder)
    server.start()
    assert asyncio.run(_answer(server)) == 42
    assert list(folder.glob("initdb-*")) == []


async def test_a_running_server_is_used_and_not_started_twice(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    first.start()
    second = EmbeddedPostgres(folder)
    second.start()
    assert second.pid == first.pid
    assert second.dsn() == first.dsn()
    first.stop()
    assert second.pid is None
    with pytest.raises(Unavailable, match="not running"):
        second.dsn()


async def test_what_was_committed_survives_the_kill_of_the_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    await ensure_database(server.dsn())
    conn = await asyncpg.connect(server.dsn())
    await conn.execute("create table kept as select 7 as n")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.start()
    again = await asyncpg.connect(server.dsn())
    assert await again.fetchval("select n from kept") == 7
    await again.close()
    conn.terminate()


def test_a_stale_file_that_names_a_strangers_process_is_no_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    file = server.cluster / "postmaster.pid"
    lines = file.read_text().splitlines()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.start()
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        (folder / "socket" / ".s.PGSQL.5432.lock").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert server.pid is None
        server.stop()
        assert stranger.poll() is None
        server.start()
        assert asyncio.run(_answer(server)) == 42
        assert stranger.poll() is None
    finally:
        stranger.communicate()


@pytest.mark.parametrize("text", ["", "\n", "not a number\n", "12\n"])
async def test_a_broken_process_file_is_repaired(folder: Path, text: str) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(text)
    server.start()
    assert await _answer(server) == 42


def test_a_folder_with_a_long_name_has_its_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)
    with EmbeddedPostgres(deep) as server:
        assert asyncio.run(_answer(server)) == 42
        elsewhere = Path(server.dsn().partition("host=")[2])
        assert not elsewhere.is_relative_to(deep)
        assert elsewhere.is_dir()
    assert not elsewhere.exists()


def test_a_cluster_of_another_version_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(Conflict, match="PostgreSQL 16; this release runs 18"):
        EmbeddedPostgres(folder).start()


def test_a_folder_that_is_no_cluster_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "thesis.txt").write_text("two years of work")
    with pytest.raises(Conflict, match="holds no PostgreSQL cluster"):
        EmbeddedPostgres(folder).start()
    assert (folder / "postgres" / "thesis.txt").read_text() == "two years of work"


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with pytest.raises(Unavailable, match="invalid value for parameter"):
        EmbeddedPostgres(folder, settings={"shared_buffers": "many"}).start()


def test_the_server_listens_on_no_network(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        family = psutil.Process(server.pid)
        assert [found for found in family.net_connections("inet") if found.status == psutil.CONN_LISTEN] == []
