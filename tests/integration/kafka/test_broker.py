"""The broker of tests and development: what it runs is what was pinned, and it comes back where it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fieldline_streams.kafka import broker_jars
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.topics import TOPICS, check, create
from fieldline_trace.errors import Unavailable

from tests.kafka_broker import settings_on

SMALL = "org.slf4j:slf4j-simple:1.7.36"


@pytest.fixture
def one_jar(broker: Broker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """An empty cache, and one small artifact to fetch, since the registry is reached."""
    assert broker.pid is not None
    pinned = {SMALL: broker_jars.locked()[SMALL]}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(broker_jars, "locked", lambda: pinned)
    return pinned


async def test_a_broker_that_was_killed_has_its_topics_at_its_old_address(
    own_broker: Broker, database: str, tmp_path: Path
) -> None:
    settings = settings_on(own_broker.bootstrap, database, tmp_path)
    await create(settings)
    await asyncio.to_thread(own_broker.kill)
    assert own_broker.pid is None
    assert await asyncio.to_thread(own_broker.start) == settings.kafka
    assert {one.topic: one.differs for one in await check(settings)} == dict.fromkeys(TOPICS, ())


def test_a_broker_that_runs_is_found_by_who_starts_it_again(own_broker: Broker) -> None:
    found = Broker(own_broker.folder)
    assert found.start() == own_broker.bootstrap
    assert found.pid == own_broker.pid


def test_jars_come_into_the_users_cache_and_are_not_fetched_again(one_jar: dict[str, str], tmp_path: Path) -> None:
    folder = broker_jars.broker_jars()
    assert folder.parent == tmp_path / "fieldline"
    (jar,) = folder.iterdir()
    written = jar.stat().st_mtime_ns
    assert broker_jars.broker_jars() == folder
    assert jar.stat().st_mtime_ns == written


def test_a_damaged_jar_is_fetched_anew(one_jar: dict[str, str]) -> None:
    (jar,) = broker_jars.broker_jars().iterdir()
    whole = jar.read_bytes()
    jar.write_bytes(whole[:-1])
    broker_jars.broker_jars()
    assert jar.read_bytes() == whole


def test_what_is_not_what_was_pinned_is_never_run(one_jar: dict[str, str], tmp_path: Path) -> None:
    one_jar[SMALL] = "0" * 64
    with pytest.raises(Unavailable, match="is pinned"):
        broker_jars.broker_jars()
    assert [path.name for path in (tmp_path / "fieldline").iterdir()] == ["kafka.lock"]


def test_a_broker_that_does_not_start_says_why_and_is_not_left_running(broker: Broker, tmp_path: Path) -> None:
    assert broker.pid is not None
    wrong = Broker(tmp_path / "kafka", properties={"process.roles": "bystander"})
    with pytest.raises(Unavailable, match="bystander"):
        wrong.start()
    assert wrong.pid is None
