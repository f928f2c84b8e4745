"""What all tests share.

One PostgreSQL for the session, a fresh database for each test that asks, and the account at the end.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from fieldline_trace.store import EmbeddedPostgres, Q, connect, ensure_database, migrate
from fieldline_trace.store.postgres import NOT_DURABLE
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import InMemoryExampleDatabase

from tests.kafka_broker import broker, kafka_settings, own_broker
from tests.template import TEMPLATE

if TYPE_CHECKING:
    from fieldline_trace.store import Pool

__all__ = ["broker", "kafka_settings", "own_broker"]

_FOLDER = "FIELDLINE_TEST_POSTGRES"
NO_DATA = "FIELDLINE_DATA is not set: tests over the collected data did not run"

# A machine shared with other work is no reason to fail, so no deadline; examples are few by default and many where
# asked for.
settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    database=InMemoryExampleDatabase(),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", settings.get_profile("default"), max_examples=2000)
# Of a rule that was broken on purpose it is enough to know that it is noticed: none looks for the smallest world.
settings.register_profile("broken", settings.get_profile("deep"), phases=[Phase.explicit, Phase.generate])
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
    if not hasattr(config, "workerinput"):
        # Workers are started later and inherit this; whoever needs PostgreSQL first starts it there.
        folder = tempfile.mkdtemp(prefix="fieldline-test-")
        os.environ[_FOLDER] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = os.environ.pop(_FOLDER)
        EmbeddedPostgres(folder).stop()
        shutil.rmtree(folder)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many ran, and what was skipped and why, in so many words."""
    stats = terminalreporter.stats
    ran = sum(len(stats.get(outcome, ())) for outcome in ("passed", "failed", "xfailed", "xpassed"))
    reasons = Counter(_reason(report) for report in stats.get("skipped", ()))
    terminalreporter.section("account")
    terminalreporter.line(f"{ran} tests ran, {reasons.total()} were skipped")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"SKIPPED {count}: {reason}", yellow=True, bold=True)


def _reason(report: Any) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason).removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of collected data that FIELDLINE_DATA names. Without it tests skip; with REQUIRE_DATA=1 they fail."""
    named = os.environ.get("FIELDLINE_DATA")
    if not named:
        if os.environ.get("REQUIRE_DATA") == "1":
            pytest.fail(NO_DATA + ", though REQUIRE_DATA=1")
        pytest.skip(NO_DATA)
    folder = Path(named)
    if not folder.is_absolute():
        folder = Path(__file__).parent.parent / folder
    if not folder.is_dir():
        pytest.fail(f"FIELDLINE_DATA names {named}, which is no folder")
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "template.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres() -> EmbeddedPostgres:
    """The session's PostgreSQL, one for all workers, with a migrated template database."""
    folder = Path(os.environ[_FOLDER])
    server = EmbeddedPostgres(folder, settings=NOT_DURABLE)
    with _alone(folder):
        server.start()
        asyncio.run(_make_template(server.dsn(TEMPLATE)))
    return server


@pytest.fixture(scope="session")
def cluster() -> Callable[[Path], None]:
    """Lays out a cluster with an empty, migrated database in a data directory, as its first start would leave it. To
    make one by ``initdb`` and migrations takes far longer, and who tests that does."""
    folder = Path(os.environ[_FOLDER])
    made = EmbeddedPostgres(folder / "cluster", settings=NOT_DURABLE)
    with _alone(folder):
        if not (folder / "cluster.made").exists():
            made.start()
            asyncio.run(_make_template(made.dsn()))
            made.stop()
            (folder / "cluster.made").touch()

    def lay_out(data_dir: Path) -> None:
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(made.cluster), str(data_dir)], check=True)

    return lay_out


@pytest.fixture
def own_postgres(cluster: Callable[[Path], None], tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that the test may stop, kill and start again; running, with an empty database."""
    cluster(tmp_path / "postgres")
    with EmbeddedPostgres(tmp_path / "postgres", settings=NOT_DURABLE) as server:
        yield server


async def _make_template(dsn: str) -> None:
    if await ensure_database(dsn):
        conn = await asyncpg.connect(dsn)
        await migrate(conn)
        await conn.close()


async def _run(dsn: str, statement: str, *values: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(await conn.fetchval(statement, *values))
    finally:
        await conn.close()


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The dsn of a fresh, migrated, empty database; dropped afterwards."""
    name = f"t_{secrets.token_hex(8)}"
    await _run(postgres.dsn("postgres"), Q["database_create"], name, TEMPLATE)
    yield postgres.dsn(name)
    await _run(postgres.dsn("postgres"), Q["database_drop"], name)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool on a fresh database."""
    opened = await connect(database, size=6)
    yield opened
    await opened.close()
