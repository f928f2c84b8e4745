"""``fieldline generate`` writes a network as events, the same for the same seed, and what truly happened."""

from __future__ import annotations

from pathlib import Path

import msgspec
from fieldline_streams.cli.app import app
from typer.testing import CliRunner


def test_a_network_is_written_twice_alike_with_what_truly_happened(tmp_path: Path) -> None:
    first, second, said = tmp_path / "a.ndjson", tmp_path / "b.ndjson", tmp_path / "truth.json"
    done = CliRunner().invoke(app, ["generate", str(first), "--links", "2000", "--seed", "4", "--truth", str(said)])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["generate", str(second), "--links", "2000", "--seed", "4"]).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    truth = msgspec.json.decode(said.read_bytes())
    events = [msgspec.json.decode(line) for line in first.read_bytes().splitlines()]
    assert any(truth["batch"] in event.get("out_batches", ()) for event in events)
    sites = {event["site"] for event in events} | {event["to_site"] for event in events if "to_site" in event}
    assert {site for _, site in truth["reached"]} <= sites


def test_a_size_beyond_reason_is_wrong_use(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["generate", str(tmp_path / "a.ndjson"), "--links", "10"])
    assert done.exit_code == 2
    assert not (tmp_path / "a.ndjson").exists()
