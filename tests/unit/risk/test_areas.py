"""Areas: shares that passed, failures of several producers, each side of the boundary, and what chance alone does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fieldline_trace.reference import load_reference
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.render import render
from fieldline_trace.risk.rules.pass_rate_below_target import Count, Failed, pass_rate_below_target, wilson
from fieldline_trace.risk.rules.regional_problem import Sample, regional_problem
from scipy.special import bdtr

DAY = 86_400_000_000
REFERENCE = load_reference()
TARGETS, REGIONAL = REFERENCE.targets, REFERENCE.regional
SHANXI = TARGETS.targets[0]


def rate(passed: int, failed: int, **said: Any) -> list[Finding]:
    bad = [Failed(((n, n),), True, False)._replace(**said) for n in range(failed)]
    return list(pass_rate_below_target(SHANXI, 2026, {"": Count(passed, bad)}, TARGETS))


def test_only_targets_that_were_read_where_they_were_published_ship() -> None:
    assert {(one.name, one.share, one.grid) for one in TARGETS.targets} == {
        ("agricultural", 0.96, "14"),
        ("zhengzhou", 0.95, "4101"),
        ("tonghua", 0.95, "2205"),
    }


@pytest.mark.parametrize(("passed", "failed", "told"), [(24, 5, 0), (25, 5, 1), (26, 4, 0), (95, 10, 1), (97, 8, 0)])
def test_few_samples_say_nothing_and_a_share_below_the_target_is_told_beyond_chance(
    passed: int, failed: int, told: int
) -> None:
    found = rate(passed, failed)
    assert len(found) == told
    enough = passed + failed >= TARGETS.samples
    assert bool(told) == (enough and float(bdtr(passed, passed + failed, 0.96)) <= TARGETS.false_alarms)


def test_the_alert_says_how_many_the_interval_the_target_and_the_chance() -> None:
    [found] = rate(80, 20)
    assert (found.subject, found.severity, found.args["passed"], found.args["taken"]) == (
        "agricultural 2026",
        "warning",
        80,
        100,
    )
    assert (found.args["low"], found.args["high"], found.evidence_count) == ("0.711", "0.867", 20)
    for language in ("en", "zh-CN"):
        assert "Shanxi: 96 %" in render(found, "en" if language == "en" else "zh-CN")
    assert [one.sure for one in rate(80, 20, firm=False)] == [False]


@pytest.mark.parametrize(("passed", "taken", "low", "high"), [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662)])
def test_the_interval_is_wilsons(passed: int, taken: int, low: float, high: float) -> None:
    """Second row: R. G. Newcombe, Statistics in Medicine 17 (1998), table I, 81 of 263."""
    assert wilson(passed, taken) == pytest.approx((low, high), abs=5e-5)


def test_an_area_that_just_meets_its_target_is_told_no_more_often_than_is_said() -> None:
    random = np.random.default_rng(20_260_301)
    areas, samples = 4_000, 500
    passed = (random.random((areas, samples)) < SHANXI.share).cumsum(axis=1)
    taken = np.arange(1, samples + 1)
    told = (bdtr(passed, taken, SHANXI.share) <= TARGETS.false_alarms) & (taken >= TARGETS.samples)
    assert told[:, -1].mean() <= TARGETS.false_alarms + 3 * (TARGETS.false_alarms / areas) ** 0.5
    assert 0.03 <= told.any(axis=1).mean() <= 0.07, "the docstring says five of a hundred"


def sample(day: float, producer: str, *, failed: bool = True, **said: Any) -> Sample:
    number = int(day * 10) + 1000 * ord(producer[0])
    return Sample(int(day * DAY), frozenset([producer]), failed, ((number, number),), True, False)._replace(**said)


def region(*samples: Sample) -> list[Finding]:
    return list(regional_problem("140100", "residue", "chlorpyrifos", "vegetables", samples, REGIONAL))


@pytest.mark.parametrize(("days", "told"), [((0, 15, 30), 1), ((0, 15, 30.1), 0), ((0, 15), 0)])
def test_three_producers_within_thirty_days_are_a_problem_of_the_area(days: tuple[float, ...], told: int) -> None:
    found = region(*(sample(day, name) for day, name in zip(days, "abc", strict=False)))
    assert len(found) == told
    assert all("140100" in render(one) + render(one, "zh-CN") for one in found)


def test_several_samples_of_one_producer_count_once() -> None:
    assert region(sample(0, "a"), sample(1, "a"), sample(2, "b")) == []


@pytest.mark.parametrize(("others", "told"), [(6, 1), (7, 0)])
def test_three_among_many_that_pass_are_chance(others: int, told: int) -> None:
    fine = [sample(5, f"{n} passes", failed=False) for n in range(others)]
    found = region(*fine, *(sample(1, name) for name in "abc"), sample(60, "later", failed=False))
    assert [one.args["tested"] for one in found] == [3 + others] * told


def test_producers_of_an_area_with_nothing_wrong_fail_together_no_more_often_than_is_said() -> None:
    random = np.random.default_rng(20_260_301)
    for tested in (3, 10, 40):
        failing = random.binomial(tested, REGIONAL.background, 20_000)
        told = {k: bool(region(*(sample(0, f"{n}", failed=n < k) for n in range(tested)))) for k in range(tested + 1)}
        assert np.mean([told[k] for k in failing.tolist()]) <= REGIONAL.false_alarms + 0.003
    assert not region(*(sample(0, f"{n}", failed=n < 3) for n in range(40)))


def test_what_is_disputed_is_not_sure_and_history_stays_history() -> None:
    [found] = region(sample(0, "a", firm=False), sample(1, "b"), sample(2, "c"))
    assert (found.sure, found.historical) == (False, False)
    [found] = region(*(sample(0, name, historical=True) for name in "abc"))
    assert found.historical
    assert replace(REGIONAL, producers=2).producers == 2
