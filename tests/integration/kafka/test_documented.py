"""What the operations page shows of commands on Kafka is what they print."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fieldline_trace.settings import Settings

from tests.e2e.test_documents import ROOT, blocks, commands, matches


def test_each_command_prints_what_the_page_shows(kafka_settings: Settings, tmp_path: Path) -> None:
    environment = os.environ | {
        "FIELDLINE_KAFKA": kafka_settings.kafka or "",
        "FIELDLINE_KAFKA_PREFIX": f"{kafka_settings.kafka_prefix}page-",
        "FIELDLINE_DATA_DIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "200",
    }
    shown = [command for block in blocks(ROOT / "docs/operations/streams.md", "kafka") for command in commands(block)]
    assert shown
    for command in shown:
        done = subprocess.run(
            ["bash", "-c", command.line], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert matches(command.shown, done.stdout), f"{command.line}\n{done.stdout}"
