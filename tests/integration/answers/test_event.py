"""One event whole, and what comes in at all."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fieldline_trace.errors import NotFound

from .conftest import Told

LEAF, SALAD = "hof-1/leaf/L1", "plant-7/salad/M1"
MADE: dict[str, Any] = {
    "id": "m1", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
    "in_batches": [{"batch": LEAF, "quantity": "60", "unit": "kg"}], "out_batches": [SALAD],
}  # fmt: skip


async def test_an_event_is_told_with_its_place_in_the_ledger_and_what_it_says_of_batches(told: Told) -> None:
    (receipt,) = await told.say(MADE)
    (one,) = (await told.ask("event", id="m1"))["events"]
    assert (one["kind"], one["sender"], one["position"]) == ("transformed", "hof-1", receipt["position"])
    assert [(row["batch"], row["as"], row["quantity"]) for row in one["batches"]] == [
        (LEAF, "in", "60"), (SALAD, "out", None),
    ]  # fmt: skip
    assert one["said"] == MADE
    hashed = bytes.fromhex(one["previous_hash"]) + b"".join(
        number.to_bytes(8, "big") for number in (one["position"], _micros(one["received"]), one["number"] >> 16)
    )
    assert hashlib.sha256(hashed + bytes.fromhex(one["leaf"])).hexdigest() == one["entry_hash"]


async def test_variants_and_what_corrected_them_stand_side_by_side(told: Told) -> None:
    await told.say(MADE)
    await told.say(MADE | {"at": "2026-03-04"})
    await told.say(
        {
            "id": "c1", "kind": "corrected", "operator": "plant-7", "target": {"id": "m1", "sender": "hof-1"},
            "action": "withdraw", "reason": "never made",
        }
    )  # fmt: skip
    events = (await told.ask("event", id="m1"))["events"]
    assert [(one["variant"], one["variants"]) for one in events] == [(1, 2), (2, 2)]
    assert {one["standing"] for one in events} == {"disputed"}, "which of the two is meant was not said"
    assert [by["because"] for by in events[0]["corrected_by"]] == ["never made"]


async def test_what_it_brought_about_is_named(told: Told) -> None:
    await told.say(MADE)
    failed = {
        "id": "t1", "kind": "tested", "batch": SALAD, "lab": "lab-1", "report": "R-1", "verdict": "failed",
        "hazard_class": "pathogen", "hazard": "Listeria", "site": "plant-7",
    }  # fmt: skip
    await told.say(failed, sender="lab-1", role="laboratory")
    (one,) = (await told.ask("event", id="t1"))["events"]
    assert {alert["rule"] for alert in one["alerts"]} >= {"TEST_FAILED"}
    assert [scope["version"] for scope in one["scopes"]] == [1]


async def test_an_id_of_nobody_is_not_known(told: Told) -> None:
    await told.say(MADE)
    with pytest.raises(NotFound):
        await told.ask("event", id="m2")
    with pytest.raises(NotFound):
        await told.ask("event", id="m1", sender="hof-2")


async def test_what_came_in_is_counted_in_spans(told: Told) -> None:
    nothing = await told.ask("activity")
    assert nothing["spans"] == []
    await told.say(MADE, MADE | {"id": "m2", "out_batches": ["plant-7/salad/M2"]})
    found = await told.ask("activity")
    assert sum(span["events"] for span in found["spans"]) == 2
    assert sum(span["waiting"] for span in found["spans"]) == 0
    assert found["position"] == found["judged"]
    assert len(found["spans"]) <= 48


def _micros(said: str) -> int:
    """An instant in microseconds since 1970."""
    since = datetime.fromisoformat(said) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)
