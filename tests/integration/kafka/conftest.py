"""Workers on the session's broker, whose own access rights say who speaks; and on a PostgreSQL that may be away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.topics import create
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, open_store

from tests.integration.kafka.working import trusting
from tests.kafka_broker import settings_on


@pytest.fixture
def trusted(kafka_settings: Settings) -> Settings:
    """Settings on a fresh database."""
    return trusting(kafka_settings)


@pytest.fixture
async def own_settings(broker: Broker, own_postgres: EmbeddedPostgres, tmp_path: Path) -> Settings:
    """Settings on a PostgreSQL that the test may stop and start again, with fresh topics."""
    settings = trusting(settings_on(broker.bootstrap, own_postgres.dsn(), tmp_path))
    await create(settings)
    return settings


@pytest.fixture
async def own_pool(own_postgres: EmbeddedPostgres) -> AsyncIterator[Pool]:
    """Connections to that PostgreSQL."""
    opened = await open_store(own_postgres.dsn())
    yield opened
    opened.terminate()
