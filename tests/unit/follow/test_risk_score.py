"""The risk score: what it counts, that each point says where it is from, and that order does not matter."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from fieldline_trace.follow.exposure import About, points_of
from fieldline_trace.reference.weights import load_weights
from fieldline_trace.risk.scoring import Point, total
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_risk_order import reports
from .worlds import BATCHES, Saying, Told, worlds

WEIGHTS = load_weights()
LEAF, SALAD = "farm/leaf/L1", "plant/salad/S1"


def points(told: Told, *batches: str, operator: str = "", site: str = "") -> list[Point]:
    numbers = [number for key in batches if (number := told.names.batch_number(key)) is not None]
    return points_of(told.world, told.names, About(numbers, operator, site), WEIGHTS)


def scored(told: Told, *batches: str, **more: str) -> list[tuple[Any, ...]]:
    return [
        (one.why, one.what, one.points, one.batch, one.certainty, one.hops) for one in points(told, *batches, **more)
    ]


def cut(**more: Any) -> Saying:
    said = {"kind": "harvested", "id": "h", "site": "farm", "at": "2026-03-01", "zone": "Z", "out_batch": LEAF}
    return "trade", {"operator": "trade", **said, **more}


def moved() -> Saying:
    said = {"kind": "shipped", "id": "m", "operator": "trade", "site": "farm", "to_site": "plant", "batches": [LEAF]}
    return "trade", said | {"at": "2026-03-02", "arrived": "2026-03-02", "zone": "Z"}


def mixed(batch: str = SALAD) -> Saying:
    said = {"kind": "transformed", "id": "x", "operator": "plant", "site": "plant", "at": "2026-03-03", "zone": "Z"}
    return "plant", said | {"in_batches": [LEAF], "out_batches": [batch]}


def failed(**more: Any) -> Saying:
    said = {"kind": "tested", "id": "t", "lab": "lab", "report": "R1", "hazard_class": "pathogen", "batch": LEAF}
    return "lab", said | {"hazard": "Listeria", "verdict": "failed", "method": "confirmatory", **more}


def told_of(*sayings: Saying) -> Told:
    told = Told()
    told.tell(*sayings)
    assert not told.ledger.rejected
    return told


def test_a_failed_lot_counts_by_severity_and_what_was_made_of_it_inherits() -> None:
    told = told_of(cut(), moved(), mixed(), failed())
    assert scored(told, LEAF) == [("alert", "TEST_FAILED", 40.0, LEAF, "", 0)]
    [(why, what, counted, batch, certainty, hops)] = scored(told, SALAD)
    assert (why, what, batch, certainty) == ("inherited", "TEST_FAILED", LEAF, "definite")
    assert counted == round(40 * 0.5 * 0.9**hops, 2)


def test_every_point_cites_the_alert_and_its_events() -> None:
    told = told_of(cut(), moved(), mixed(), failed())
    [point] = points(told, SALAD)
    assert told.world.alerts[point.alert].standing
    assert [told.ledger.events[number].id for number in point.evidence] == ["t"]


def test_a_screen_counts_half_and_a_withdrawn_making_inherits_nothing() -> None:
    assert scored(told_of(cut(), failed(method="screening")), LEAF)[0][2] == 10.0
    told = told_of(cut(), moved(), mixed(), failed())
    gone = {"kind": "corrected", "id": "c", "target": {"id": "x"}, "action": "withdraw", "reason": "wrong lot"}
    told.tell(("plant", gone))
    assert scored(told, SALAD) == []


def test_a_passed_test_of_something_else_lowers_nothing() -> None:
    told = told_of(cut(), failed(), failed(id="t2", report="R2", verdict="passed", sample="S9"))
    assert ("alert", "TEST_FAILED", 40.0, LEAF, "", 0) in scored(told, LEAF)


def test_a_key_product_and_measures_against_an_operator_are_facts() -> None:
    banned = {"kind": "sanctioned", "id": "b", "subject": "plant", "measure": "ban", "since": "2026-03-01"}
    told = told_of(cut(), mixed("plant/infant formula/F1"), ("county", banned | {"reason": "x", "zone": "Z"}))
    told.tell(moved())
    found = scored(told, "plant/infant formula/F1", operator="plant")
    assert ("fact", "ban", 40, "", "", 0) in found
    assert ("fact", "key_product", 5, "plant/infant formula/F1", "", 0) in found
    assert ("alert", "OPERATOR_STATUS") in {one[:2] for one in found}


@pytest.mark.parametrize(("counted", "score"), [(0, 0), (40, 44.4), (50, 50), (1e9, 100)])
def test_a_score_is_between_0_and_100(counted: float, score: float) -> None:
    assert WEIGHTS.score(counted) == pytest.approx(score)


@settings(max_examples=60)
@given(st.tuples(worlds(6), st.lists(reports(), max_size=4)), st.randoms(use_true_random=False))
def test_any_order_of_the_same_events_gives_the_same_points(
    said: tuple[list[Saying], list[Saying]], chance: Random
) -> None:
    sayings = [
        *said[0],
        *(one if "id" in one[1] else (one[0], one[1] | {"id": f"r{n}"}) for n, one in enumerate(said[1])),
    ]
    shuffled = [*sayings, *sayings[:2]]
    chance.shuffle(shuffled)
    found = []
    for order in (sayings, shuffled):
        told = Told()
        told.tell(*order)
        told.end()
        every = [(scored(told, key), total(points(told, key))) for key in BATCHES]
        found.append((every, scored(told, *BATCHES, operator="plant"), scored(told, *BATCHES[:2], site="plant")))
    assert found[0] == found[1]
