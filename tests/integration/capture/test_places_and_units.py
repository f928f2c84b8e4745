"""What records say beside the flow: places, other parties, shelf lives, plans and processes; and what is packed into
units is named and neither drawn nor filled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fieldline_schemas.record import ADDED, AGGREGATED, DISAGGREGATED, DRAWN, MOVED, RECEIVED, UNITS
from fieldline_schemas.sites import location_key
from fieldline_schemas.times import interval_of
from fieldline_trace.capture import Accepted
from fieldline_trace.store import Pool

from tests.integration.capture.events import Ledger, PostgresLedger, TwinLedger, made, records, shipped

UNIT = "00/395060001343529998"


@pytest.fixture(params=["postgres", "memory"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    return PostgresLedger(request.getfixturevalue("pool")) if request.param == "postgres" else TwinLedger()


def event(kind: str, **fields: Any) -> bytes:
    return json.dumps({"kind": kind, "operator": "plant-7", "site": "plant-7", **fields}).encode()


async def test_a_record_says_where_within_the_site_and_who_is_at_the_other_end(ledger: Ledger) -> None:
    await ledger.take(
        [
            made("e1"),
            made("e2", location="line 3"),
            made("e3", site="urn:epc:id:sgln:4012345.00001.dock%202"),
            shipped("e4", "hof-1/leaf/L1", "market-5", to_operator="market-co", planned_arrival="2026-03-03", zone="Z"),
        ]
    )
    (record,) = await records(ledger)
    columns = record.columns()
    site, party = await ledger.names("site"), await ledger.names("party")
    assert [site.get(number, "") for number in columns.locations.tolist()] == [
        "",
        location_key("field-1", "line 3"),
        location_key("414/4012345000016", "dock 2"),
        "",
    ]
    assert [party.get(number, "") for number in columns.others.tolist()] == ["", "", "", "market-co"]
    assert columns.planned_event.tolist() == [3]
    assert columns.planned.tolist() == [list(interval_of("2026-03-03", "+00:00"))]


async def test_a_record_says_when_shelf_lives_end_and_which_events_are_one_process(ledger: Ledger) -> None:
    sold = {"batch": "hof-1/leaf/L1", "expires": "2026-03-12"}
    await ledger.take(
        [
            made("e1", out_batches=[sold, "hof-1/leaf/L2"], zone="Z", transformation_id="urn:x:1"),
            made("e2", transformation_id="7"),
        ]
    )
    (record,) = await records(ledger)
    columns = record.columns()
    batch = await ledger.names("batch")
    assert columns.expiry_event.tolist() == [0]
    assert [batch[number] for number in columns.expiry_batch.tolist()] == ["hof-1/leaf/L1"]
    assert columns.expiry.tolist() == [list(interval_of("2026-03-12", "+00:00"))]
    assert record.processes == [(0, "urn:x:1"), (1, "field-1 7")]


async def test_steps_that_name_units_say_so(ledger: Ledger) -> None:
    await ledger.take(
        [
            event("aggregated", parent=UNIT, children=["plant-7/salad/S1"]),
            event("disaggregated", parent=UNIT),
            event("shipped", batches=["plant-7/salad/S1", UNIT], to_site="market-5"),
            event("stored", batches=[UNIT]),
            event("sold", batches=["plant-7/salad/S1"]),
            event("input_applied", inputs=["canal-3/water/"], applied_to=["hof-1/rocket/~PLOT7"]),
        ]
    )
    (record,) = await records(ledger)
    assert record.columns().step_shape.tolist() == [
        AGGREGATED | UNITS,
        DISAGGREGATED | UNITS,
        MOVED,
        MOVED | UNITS,
        RECEIVED | UNITS,
        DRAWN,
        ADDED,
    ]


async def test_what_is_packed_seen_or_reached_is_neither_drawn_nor_filled(pool: Pool) -> None:
    some = {"batch": "plant-7/salad/S1", "quantity": "40", "unit": "kg"}
    receipts = await PostgresLedger(pool).take(
        [
            event("aggregated", parent=UNIT, children=[some, "plant-7/salad/S2"]),
            event("stored", batches=[some]),
            event("input_applied", inputs=["canal-3/water/"], applied_to=[some]),
        ]
    )
    assert all(isinstance(receipt, Accepted) for receipt in receipts)
    rows = await pool.fetch(
        "select b.key, m.role, m.amount from mention m join batch b on b.number = m.batch order by m.event, b.key"
    )
    assert [tuple(row) for row in rows] == [
        (UNIT, 0, None),
        ("plant-7/salad/S1", 0, 40),
        ("plant-7/salad/S2", 0, None),
        ("plant-7/salad/S1", 0, 40),
        ("canal-3/water/~", 1, None),
        ("plant-7/salad/S1", 0, 40),
    ]
