"""Real records with faults in them: a trade in herbal teas, imported, and where its records do not join."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest
from fieldline_trace.capture import Door, MemoryLedger, Refused
from fieldline_trace.follow.fetch import follow_memory
from fieldline_trace.formats import fcl

pytestmark = pytest.mark.data

RECEIPT = 1_900_000_000_000_000  # microseconds, long after the dates of the records


@pytest.mark.parametrize("at_once", [1000, 7])
def test_what_was_shipped_on_before_it_arrived_is_a_gap(data_folder: Path, at_once: int) -> None:
    folder = data_folder / "baby-tea"
    events = fcl.events_of(fcl.read((folder / "network.json").read_bytes())).events
    raws = [json.dumps(event).encode() for event in events]
    ledger = MemoryLedger(clock=count(RECEIPT).__next__)
    for start in range(0, len(raws), at_once):
        receipts = ledger.take(raws[start : start + at_once], Door("bfr", "regulator"), history=True)
        assert not [receipt for receipt in receipts if isinstance(receipt, Refused)]
    alerts = follow_memory(ledger).board.standing()
    pairs = [
        [str(alert.args["batch"]).rsplit("/", 1)[1], str(alert.args["to"]).rsplit("/", 1)[1]]
        for alert in alerts
        if alert.args.get("why") == "shipped_on"
    ]
    expected = json.loads((folder / "expected.json").read_text())["shipped_on_before_it_arrived"]
    assert sorted(pairs) == sorted(expected)
    assert all(alert.historical for alert in alerts)
