"""``fieldline import epcis``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fieldline_streams.cli.app import app
from typer.testing import CliRunner, Result

from tests.unit.formats.epcis.saying import document, event


def _import(folder: Path, *events: Any) -> Result:
    file = folder / "events.jsonld"
    file.write_text(json.dumps(document(*events)))
    return CliRunner().invoke(app, ["--data-dir", str(folder), "import", "epcis", str(file), "--print"])


def test_it_ends_with_0_where_all_was_taken(tmp_path: Path) -> None:
    done = _import(tmp_path, event(eventID="urn:x:7"), event(eventID="urn:x:7", day=2))
    assert done.exit_code == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["urn:x:7", "urn:x:7"]
    assert "urn:x:7 stands on 2 different events" in done.stderr


def test_it_ends_with_1_where_an_event_was_refused_and_names_it(tmp_path: Path) -> None:
    done = _import(tmp_path, event(), event(disposition="in_transport"))
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "event 2: disposition: 'in_transport'" in done.stderr


def test_it_ends_with_1_where_the_file_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "events.jsonld").write_text("{}")
    done = CliRunner().invoke(app, ["import", "epcis", str(tmp_path / "events.jsonld")])
    assert done.exit_code == 1
    assert "this is an EPCISDocument" in done.stderr
