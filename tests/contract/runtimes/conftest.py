"""Each claim is made of both runtimes."""

from __future__ import annotations

from pathlib import Path

import pytest
from fieldline_trace.settings import Settings

from tests.integration.kafka.working import trusting


@pytest.fixture(params=["embedded", "kafka"])
def settings(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Settings:
    """On a fresh database, without Kafka and with."""
    notices = {"notice_loopback": True, "notice_pause_seconds": 0.05}
    if request.param == "embedded":
        return Settings(data_dir=tmp_path, database_url=database, **notices)  # type: ignore[arg-type]
    kafka: Settings = request.getfixturevalue("kafka_settings")
    return trusting(kafka, **notices)
