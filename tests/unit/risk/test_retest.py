"""Who may ask for a retest, by when, and which retest counts: each side of each boundary."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fieldline_schemas.times import FOREVER, Interval, interval_of
from fieldline_trace.reference import load_reference
from fieldline_trace.risk.rules.retest import Contested, Request, Retest, retest, why_not_asked, why_not_valid

DEADLINES = load_reference().deadlines


def at(text: str) -> Interval:
    return interval_of(text, "Asia/Shanghai")


FIRST = Contested(
    identity=70,
    number=7,
    lab="lab",
    report="R1",
    batches=("plant/salad/S1",),
    hazard_class="residue",
    hazard="lead",
    screening=False,
    agricultural=False,
    at=at("2026-03-06"),  # a Friday
    keeps=FOREVER,
    may_ask={"plant", "trade"},
)
ASKED = Request(80, 8, firm=True, historical=False, operator="trade", at=at("2026-03-09"), received=None)
AGAIN = Retest(90, 9, True, False, lab="south", report="R2", by_itself=True, screening=False, verdict="passed")


@pytest.mark.parametrize(("agricultural", "last", "late"), [
    (False, "2026-03-17", "2026-03-18"), (True, "2026-03-13", "2026-03-14"),
])  # fmt: skip
def test_seven_working_days_five_of_agricultural_products(agricultural: bool, last: str, late: str) -> None:
    first = replace(FIRST, agricultural=agricultural)
    assert why_not_asked(first, replace(ASKED, at=at(last)), DEADLINES) is None
    assert why_not_asked(first, replace(ASKED, at=at(late)), DEADLINES) == "late"
    later = replace(ASKED, at=at(late), received=at("2026-03-09"))
    assert why_not_asked(first, later, DEADLINES) is None


def test_what_partial_dates_leave_open_is_not_held_against_who_asks() -> None:
    assert why_not_asked(FIRST, replace(ASKED, at=at("2026-03")), DEADLINES) is None


@pytest.mark.parametrize(("when", "why"), [("2026-03-06T13:00:00+08:00", None), ("2026-03-06T13:00:01+08:00", "late")])
def test_a_rapid_test_is_contested_within_four_hours(when: str, why: str | None) -> None:
    screen = replace(FIRST, screening=True)
    asked = replace(ASKED, at=at(when), received=at("2026-03-06T09:00:00+08:00"))
    assert why_not_asked(screen, asked, DEADLINES) == why


def test_who_made_or_had_it_may_ask_and_nobody_else() -> None:
    assert why_not_asked(FIRST, replace(ASKED, operator="plant"), DEADLINES) is None
    assert why_not_asked(FIRST, replace(ASKED, operator="rival"), DEADLINES) == "not_entitled"


def test_neither_germs_nor_a_sample_past_its_shelf_life_are_retested() -> None:
    assert why_not_asked(replace(FIRST, hazard_class="pathogen"), ASKED, DEADLINES) == "microbial"
    assert why_not_asked(replace(FIRST, keeps=at("2026-03-09").hi), ASKED, DEADLINES) is None
    assert why_not_asked(replace(FIRST, keeps=at("2026-03-08").hi), ASKED, DEADLINES) == "expired"


@pytest.mark.parametrize(("change", "why"), [
    ({}, None), ({"lab": "lab"}, "same_lab"), ({"lab": "plant"}, "own"), ({"by_itself": False}, "not_theirs"),
    ({"screening": True}, "rapid"),
])  # fmt: skip
def test_which_retest_counts(change: dict[str, str | bool], why: str | None) -> None:
    assert why_not_valid(FIRST, replace(AGAIN, **change), [ASKED], DEADLINES) == why  # type: ignore[arg-type]


def test_a_retest_that_nobody_may_have_asked_for_says_why() -> None:
    assert why_not_valid(FIRST, AGAIN, [], DEADLINES) == "not_asked"
    late = replace(ASKED, at=at("2026-04-01"))
    assert why_not_valid(FIRST, AGAIN, [late], DEADLINES) == "late"
    assert why_not_valid(FIRST, AGAIN, [late, ASKED], DEADLINES) is None
    told = {found.args["why"] for found in retest(FIRST, [late], [AGAIN], DEADLINES)}
    assert told == {"asked_late", "tested_late"}


def test_of_retests_that_disagree_the_failed_one_is_final() -> None:
    [awaited] = retest(FIRST, [ASKED], [], DEADLINES)
    assert (awaited.args["why"], awaited.severity) == ("awaited", "info")
    [passed] = retest(FIRST, [ASKED], [AGAIN], DEADLINES)
    assert (passed.args["why"], passed.severity, passed.id) == ("passed", "warning", awaited.id)
    [failed] = retest(FIRST, [ASKED], [AGAIN, replace(AGAIN, identity=91, verdict="failed")], DEADLINES)
    assert failed.args["why"] == "failed"
