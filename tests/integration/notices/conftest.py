"""A runtime whose notices may go to this machine, and are tried again at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.settings import Settings


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """On a fresh database."""
    return Settings(
        data_dir=tmp_path,
        database_url=database,
        notice_loopback=True,
        notice_pause_seconds=0.02,
        notice_seconds=5.0,
        notice_tries=3,
    )


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime that knows nothing yet."""
    async with opened(settings) as found:
        yield found
