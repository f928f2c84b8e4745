"""What the guide shows of events by Kafka runs, and what it writes is captured under the key's sender."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fieldline_trace.settings import Settings

from tests.e2e.test_documents import ROOT, blocks, commands, matches
from tests.integration.kafka.saying import key_for, store
from tests.integration.kafka.working import lane, until_captured

GUIDE = ROOT / "docs/guide/kafka.md"


async def test_commands_and_program_of_the_guide_write_events_that_are_captured(
    kafka_settings: Settings, tmp_path: Path
) -> None:
    async with store(kafka_settings) as pool:
        key = await key_for(pool, "hof-1")
        (tmp_path / "key").write_text(key)
        environment = os.environ | {
            "FIELDLINE_KAFKA": kafka_settings.kafka or "",
            "FIELDLINE_KAFKA_PREFIX": kafka_settings.kafka_prefix,
            "FIELDLINE_KEY_FILE": str(tmp_path / "key"),
            "FIELDLINE_DATA_DIR": str(tmp_path / "data"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COLUMNS": "200",
        }

        def run(*command: str) -> str:
            done = subprocess.run(
                command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        for block in blocks(GUIDE, "kafka"):
            for command in commands(block):
                assert matches(command.shown, run("bash", "-c", command.line)), command.line
        (program,) = blocks(GUIDE, "kafkapython")
        said = run(sys.executable, "-c", f"KEY = {key!r}\n{program}").splitlines()
        assert said[0].startswith(f"{kafka_settings.kafka_prefix}farm ")
        assert said[1:] == ["5000 sent in batches", "not sent: operator"]
        async with lane(kafka_settings):
            await until_captured(pool, 5003)
        senders = await pool.fetch("select distinct p.key from door d join party p on p.number = d.sender")
        assert [row[0] for row in senders] == ["hof-1"]
        assert await pool.fetchval("select count(*) from rejected") == 0
