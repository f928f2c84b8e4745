"""Two traces of seafood by other hands, imported from EPCIS 2.0 and traced back by the name that a can bears."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CommandLine

pytestmark = pytest.mark.data


@pytest.fixture(scope="module", params=["traceback-seafood", "traceback-seafood-clean"])
def trade(
    request: pytest.FixtureRequest, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CommandLine, dict[str, Any]]]:
    """A command line on the imported document, and its known answers."""
    folder = data_folder / request.param
    document = json.loads((folder / "case.json").read_text())["document"]
    known: dict[str, Any] = json.loads((folder / "expected.json").read_text())
    line = CommandLine(tmp_path_factory.mktemp("epcis") / "data")
    line.serve()
    done = line("--as", "ift", "import", "epcis", str(folder / document), "--json")
    assert done.code == 0
    assert (done.json["events_taken"], done.json["events_refused"]) == (known["events"], [])
    assert done.json["conflicts"] == known["ids_of_several_events"]
    yield line, known
    assert line.stop() == 0


def test_a_trace_back_cites_each_known_event_and_no_other(trade: tuple[CommandLine, dict[str, Any]]) -> None:
    line, known = trade
    for query in known["queries"]:
        answer = line("trace", query["epc"], "--back", "--json").json
        assert {event["id"] for event in answer["events"]} == set(query["event_ids"])
        assert len({event["id"] for event in answer["events"]}) == query["event_ids_reached"]


def test_the_events_are_printed_where_they_are_asked_for(trade: tuple[CommandLine, dict[str, Any]]) -> None:
    line, known = trade
    for query in known["queries"]:
        printed = line("trace", query["epc"], "--back", "--events", "--all").out
        assert [name for name in query["event_ids"] if name not in printed] == []


def test_what_was_packed_went_where_its_pallet_went(trade: tuple[CommandLine, dict[str, Any]]) -> None:
    line, known = trade
    for query in known["queries"]:
        answer = line("trace", query["epc"], "--back", "--json").json
        sites = {member["site"] for member in answer["members"] if member["hops"] == 0}
        assert {site.rpartition(":")[2] for site in sites} == {"processor.plant1u", "importer.123u"}


def test_ids_that_stand_on_several_events_are_named(trade: tuple[CommandLine, dict[str, Any]]) -> None:
    line, known = trade
    raised = line("alerts", "--rule", "EVENT_CONFLICT", "--json").json
    named = json.dumps(raised)
    assert [name for name in known["ids_of_several_events"] if name not in named] == []
    assert bool(known["ids_of_several_events"]) == ("EVENT_CONFLICT" in named)
