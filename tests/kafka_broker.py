"""One real Kafka broker for all who test on this machine: started by the first, stopped by the last.

Who uses it holds a shared lock on one file, which goes with the process however it ends; so the last is whoever gets
the lock alone, and no count can be wrong. Each test has topics and a group of its own.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.broker_jars import cache_folder
from fieldline_streams.kafka.connect import admin
from fieldline_streams.kafka.topics import TOPICS, create, topic_name
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings

NO_KAFKA = "Kafka was not fetched: tests on the real broker did not run"


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """The broker that tests share; not to be stopped by them (make one of your own for that)."""
    folder = cache_folder() / "test-broker"
    folder.mkdir(parents=True, exist_ok=True)
    shared = Broker(folder / "kafka")
    with (folder / "starting.lock").open("ab") as starting, (folder / "users.lock").open("ab") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            shared.start()
        except Unavailable as error:
            _without_kafka(error)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield shared
        fcntl.flock(starting, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # others still use it
        shared.stop()
        shutil.rmtree(shared.folder)


@pytest.fixture
def own_broker(broker: Broker, tmp_path: Path) -> Iterator[Broker]:
    """A broker that the test may stop, kill and start again; running."""
    assert broker.pid is not None
    with Broker(tmp_path / "kafka") as own:
        yield own


def _without_kafka(error: Unavailable) -> None:
    said = f"{NO_KAFKA} ({error})"[:300]
    if os.environ.get("REQUIRE_KAFKA") == "1":
        pytest.fail(said + ", though REQUIRE_KAFKA=1")
    pytest.skip(said)


def settings_on(bootstrap: str, database: str, folder: Path) -> Settings:
    """Settings with a prefix, a group and a worker of their own."""
    fresh = secrets.token_hex(6)
    return Settings(
        kafka=bootstrap,
        kafka_prefix=f"t-{fresh}-",
        kafka_group=f"g-{fresh}",
        worker_id=f"w-{fresh}",
        database_url=database,
        data_dir=folder / "data",
    )


@pytest.fixture
async def kafka_settings(broker: Broker, database: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings on the shared broker and a fresh database, with fresh topics, which are there already, and a group."""
    settings = settings_on(broker.bootstrap, database, tmp_path)
    await create(settings)
    yield settings
    client = await admin(settings)
    try:
        await client.delete_topics([topic_name(settings, topic) for topic in TOPICS])
    finally:
        await client.close()
