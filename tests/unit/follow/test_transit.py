"""When a shipment counts as overdue."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from fieldline_schemas.record import Record
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import interval_of
from fieldline_trace.capture import Door, MemoryLedger
from fieldline_trace.follow.transit import Transit

DAY = 24 * 3_600_000_000
SENT = interval_of("2026-03-02T06:00:00Z", None).lo
UNIT = "00/395060001343529998"


def said(kind: str, site: str = "plant", at: str = "2026-03-02T06:00:00Z", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "operator": "o", "site": site, "at": at, **more}


def overdue_after(days: int, *events: dict[str, Any]) -> bool:
    ledger = MemoryLedger(clock=lambda: SENT)
    ledger.take([json.dumps(event).encode() for event in events], Door("o", "producer"))
    transit = Transit(code_of("shipped"), code_of("received"), 7 * DAY, DAY)
    for entry in ledger.entries:
        columns = Record.unpack(entry.record).columns()
        numbers = entry.block << 16 | columns.step_event.astype(np.int64)
        transit.add(columns, numbers, np.zeros(len(numbers), bool), SENT)
    transit.pass_time(SENT + days * DAY, set())
    return bool(transit.overdue)


SHIPPED = said("shipped", batches=["o/p/1"], to_site="shop")


def test_a_shipment_is_overdue_after_its_grace() -> None:
    assert not overdue_after(6, SHIPPED)
    assert overdue_after(9, SHIPPED)


@pytest.mark.parametrize(
    "there",
    [
        said("received", "shop", "2026-03-03", batches=["o/p/1"]),
        said("received", "shop", "2026-03-03", batches=["o/p/1"], from_site="plant"),
        said("stored", "shop", "2026-03-03", batches=["o/p/1"]),
        said("aggregated", "shop", "2026-03-03", parent=UNIT, children=["o/p/1"]),
    ],
)
def test_whoever_saw_it_there_says_that_it_arrived(there: dict[str, Any]) -> None:
    assert not overdue_after(9, SHIPPED, there)
    assert overdue_after(9, SHIPPED, {**there, "site": "elsewhere"})
    assert overdue_after(9, SHIPPED, {**there, "at": "2026-02-01"})


def test_a_unit_that_is_unpacked_at_its_destination_has_arrived() -> None:
    sent = said("shipped", batches=[UNIT], to_site="shop")
    assert overdue_after(9, sent)
    assert not overdue_after(9, sent, said("disaggregated", "shop", "2026-03-03", parent=UNIT))


def test_nothing_is_late_before_its_planned_arrival() -> None:
    sent = {**SHIPPED, "planned_arrival": "2026-03-20T06:00:00Z"}
    assert not overdue_after(20, sent)
    assert overdue_after(27, sent)
