"""Samples by area in a world: counted once, undone by what corrects them, the same in any order."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from .worlds import Saying, Told, withdrawn

Raw = dict[str, Any]
RULES = ("PASS_RATE_BELOW_TARGET", "REGIONAL_PROBLEM")
SHANXI = "140105000000"


def sampled(
    number: int, *, grid: str | None = SHANXI, at: str | None = "2026-03-05", kind: str = "supervisory"
) -> Saying:
    batch = f"grower-{number}/celery/1"
    said: Raw = {"kind": "sampled", "id": f"s{number}", "at": at, "zone": "Z", "site": "market", "batches": [batch]}
    said["operator"] = "county"
    return "county", said | {"sample": f"S{number}", "kind_of_sample": kind, "grid_unit": grid}


def result(number: int, verdict: str, **said: Any) -> Saying:
    raw: Raw = {"kind": "tested", "id": f"t{number}", "lab": "lab", "report": f"R{number}", "sample": f"S{number}"}
    raw |= {"hazard_class": "residue", "hazard": "chlorpyrifos", "verdict": verdict, "at": "2026-03-10", "zone": "Z"}
    return "lab", raw | said


def areas(told: Told) -> list[tuple[Any, ...]]:
    standing = [alert for alert in told.world.board.standing() if alert.rule in RULES]
    return sorted((one.rule, one.subject, one.args.get("passed"), one.args.get("count")) for one in standing)


def after(*sayings: Saying) -> Told:
    told = Told()
    told.tell_at_once(sorted(sayings, key=lambda one: one[0]), [60] * len(sayings))
    return told


def campaign(failing: int, taken: int, **said: Any) -> list[Saying]:
    return [
        one
        for number in range(taken)
        for one in (sampled(number, **said), result(number, "failed" if number < failing else "passed"))
    ]


BELOW = ("PASS_RATE_BELOW_TARGET", "agricultural 2026", 25, None)
BELOW_OF_CLASS = ("PASS_RATE_BELOW_TARGET", "agricultural 2026 vegetables", 25, None)
REGION = ("REGIONAL_PROBLEM", "vegetables 140105", None, 5)


def test_a_share_below_the_target_and_failures_of_several_producers_are_told() -> None:
    assert areas(after(*campaign(5, 30))) == [BELOW, BELOW_OF_CLASS]
    assert areas(after(*campaign(5, 14))) == [REGION]


def test_samples_of_elsewhere_and_of_makers_themselves_do_not_count() -> None:
    assert areas(after(*campaign(5, 30, grid="330105000000"))) == []
    assert areas(after(*campaign(5, 30, grid=None))) == []
    assert areas(after(*campaign(5, 30, kind="release"))) == []
    assert areas(after(*campaign(5, 30, at="2025-12-31"))) == [
        ("PASS_RATE_BELOW_TARGET", "agricultural 2025", 25, None),
        ("PASS_RATE_BELOW_TARGET", "agricultural 2025 vegetables", 25, None),
    ]


def test_a_sample_counts_once_however_often_it_is_tested_and_fails_by_one_result() -> None:
    again = [result(number, "passed", id=f"u{number}", report=f"U{number}") for number in range(30)]
    assert areas(after(*campaign(5, 30), *again)) == [BELOW, BELOW_OF_CLASS]


def test_screening_tests_and_superseded_reports_do_not_count() -> None:
    assert (
        areas(
            after(
                *campaign(0, 30),
                *(result(n, "failed", id=f"q{n}", report=f"Q{n}", method="screening") for n in range(9)),
            )
        )
        == []
    )
    amended = [result(n, "passed", id=f"a{n}", report=f"A{n}", supersedes=f"R{n}") for n in range(5)]
    assert areas(after(*campaign(5, 30), *amended)) == []


def test_it_goes_with_what_it_rests_on_and_comes_back() -> None:
    told = after(*campaign(5, 30))
    told.tell(withdrawn("t0", "lab"))
    assert areas(told) == []
    told.tell(result(0, "failed", id="again", report="again"))
    assert areas(told) == [BELOW, BELOW_OF_CLASS]
    told.tell(withdrawn("s1", "county"))
    assert areas(told) == []


@st.composite
def sayings(draw: st.DrawFn) -> Saying:
    number = draw(st.integers(0, 4))
    grid = draw(st.sampled_from([SHANXI, "220502000000", None]))
    at = draw(st.sampled_from(["2026-03-05", "2026-03-20", "2025-12-31", None]))
    match draw(st.integers(0, 5)):
        case 0:
            return sampled(number, grid=grid, at=at, kind=draw(st.sampled_from(["supervisory", "release"])))
        case 1 | 2:
            method = draw(st.sampled_from(["confirmatory", "screening"]))
            verdict = draw(st.sampled_from(["failed", "failed", "passed"]))
            return result(number, verdict, method=method, grid_unit=grid)
        case 3:
            return result(number, "passed", id=f"a{number}", report=f"A{number}", supersedes=f"R{number}")
        case 4:
            return result(
                number, "failed", id=f"b{number}", report=f"B{number}", batch="grower-9/celery/2", sample=None
            )
        case _:
            return draw(st.sampled_from([withdrawn(f"t{number}", "lab"), withdrawn(f"s{number}", "county")]))


@given(st.lists(sayings(), min_size=4, max_size=16), st.randoms(use_true_random=False))
def test_samples_are_counted_alike_in_any_order_repetition_and_split(said: list[Saying], random: Random) -> None:
    beside = [one for one in campaign(3, 29) if one[0] == "county"], [one for one in campaign(3, 29) if one[0] == "lab"]
    first = Told()
    for part in beside:
        first.tell_at_once(list(part), [60])
    first.tell(*said)
    first.end()
    again = [*said, *random.sample(said, len(said) // 2)]
    random.shuffle(again)
    second = Told()
    second.tell_at_once(again, [random.randint(1, 4) for _ in again])
    for part in reversed(beside):
        second.tell_at_once(list(part), [60])
    second.end()
    assert second.alerts() == first.alerts()
    assert not [alert for alert in first.alerts() if alert[0] == "RULE_FAILED"]
