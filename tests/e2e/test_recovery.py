"""Processes come and go, in order or killed, and what was acknowledged stays."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

from fieldline_trace.store import EmbeddedPostgres

from tests.e2e.conftest import CommandLine


def _harvested(lot: str) -> dict[str, Any]:
    return {"kind": "harvested", "operator": "hof-1", "site": "field 1", "out_batch": f"hof-1/leaf/{lot}"}


def test_without_a_service_a_command_works_by_itself_and_leaves_nothing_running(alone: CommandLine) -> None:
    assert alone.emit(_harvested("A1")).json["accepted"] == 1
    assert alone("batch", "hof-1/leaf/A1", "--json").json["batch"] == "hof-1/leaf/A1"
    assert EmbeddedPostgres(alone.data_dir).pid is None
    assert not (alone.data_dir / "service.json").exists()


def test_what_was_acknowledged_before_a_kill_is_there_after_it_once(alone: CommandLine) -> None:
    for number in range(3):
        alone.serve()
        said = alone.emit(*(_harvested(f"K{number}-{lot}") for lot in range(200))).json
        assert (said["accepted"], said["repeated"]) == (200, 0)
        alone.kill()
    assert (alone.data_dir / "service.json").exists()
    alone.serve()
    for number in range(3):
        again = alone.emit(*(_harvested(f"K{number}-{lot}") for lot in range(200))).json
        assert (again["accepted"], again["repeated"]) == (0, 200)
    verified = alone("verify", "--json").json
    assert (verified["ok"], verified["events"]) == (True, 600)
    assert alone.stop() == 0


def test_a_service_whose_postgresql_was_killed_starts_it_again(alone: CommandLine) -> None:
    alone.serve()
    alone.emit(_harvested("P1"))
    pid = EmbeddedPostgres(alone.data_dir).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    said = alone.emit(_harvested("P2")).json
    assert said["accepted"] == 1
    assert alone("batch", "hof-1/leaf/P1", "--json").json["batch"] == "hof-1/leaf/P1"
    assert alone.stop() == 0


def test_a_killed_service_is_not_believed_and_a_command_takes_over(alone: CommandLine) -> None:
    alone.serve()
    alone.emit(_harvested("Z1"))
    alone.kill()
    answer = alone("batch", "hof-1/leaf/Z1", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["batch"] == "hof-1/leaf/Z1"
