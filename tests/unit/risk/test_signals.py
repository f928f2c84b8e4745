"""Clusters of cases and complaints: each side of the boundary, and how often chance alone raises one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fieldline_trace.reference import load_reference
from fieldline_trace.reference.load import Signal
from fieldline_trace.risk.rules.canteen_cluster import canteen_cluster
from fieldline_trace.risk.rules.complaint_signal import complaint_signal
from fieldline_trace.risk.scanning import Report, by_chance, densest
from scipy.special import pdtrc

DAY = 86_400_000_000
REFERENCE = load_reference()
SIGNALS = {"cases": REFERENCE.cases, "site_cases": REFERENCE.site_cases, "complaints": REFERENCE.complaints}
SUBJECTS = 40_000


def reports(*days: float, names: str = "abcdefgh") -> list[Report]:
    return [Report(n, n, True, False, names[n], int(day * DAY)) for n, day in enumerate(days)]


def least(signal: Signal) -> int:
    """How many it takes."""
    return next(count for count in range(1, 20) if by_chance(count, signal) <= signal.false_alarms)


def most_by_chance(signal: Signal) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The most within a window, of many subjects with nothing wrong."""
    random = np.random.default_rng(20_260_301)
    counts = random.poisson(signal.background * signal.over / signal.within, SUBJECTS)
    found = counts.copy()
    if signal.over > signal.within:
        for subject in np.flatnonzero(counts > 1).tolist():
            times = np.sort(random.random(counts[subject])) * signal.over
            within = np.searchsorted(times, times + signal.within, side="right") - np.arange(len(times))
            found[subject] = within.max()
    return found


@pytest.mark.parametrize("name", SIGNALS)
def test_chance_alone_raises_no_more_than_the_rate_that_is_allowed_and_one_report_fewer_would(name: str) -> None:
    signal = SIGNALS[name]
    most = most_by_chance(signal)
    told, fewer = (float((most >= count).mean()) for count in (least(signal), least(signal) - 1))
    error = 3 * (signal.false_alarms * (1 - signal.false_alarms) / SUBJECTS) ** 0.5
    assert told <= signal.false_alarms + error
    assert fewer > signal.false_alarms + error
    assert told == pytest.approx(by_chance(least(signal), signal), rel=0.25, abs=0.0005)


@pytest.mark.parametrize(("name", "count"), [("cases", 2), ("site_cases", 3), ("complaints", 3)])
def test_how_many_it_takes(name: str, count: int) -> None:
    assert least(SIGNALS[name]) == count


def test_of_one_window_the_chance_is_poissons_and_a_longer_watch_is_longer_exposed() -> None:
    once = Signal(0.2, DAY, DAY, 0.01)
    assert by_chance(3, once) == pytest.approx(float(pdtrc(2, 0.2)))
    assert by_chance(3, once) < by_chance(3, replace(once, over=10 * DAY)) < by_chance(3, replace(once, over=99 * DAY))
    assert by_chance(0, once) == by_chance(0, replace(once, over=9 * DAY)) == 1.0


def test_the_densest_window_is_the_earliest_with_the_most_names() -> None:
    found = densest(reports(0, 5, 5.5, 6, 20, 20.5, 21), 2 * DAY)
    assert [one.name for one in found] == ["b", "c", "d"]
    assert densest(reports(0, 1, 1, names="aaa"), DAY) == reports(0, 1, 1, names="aaa")
    assert densest([], DAY) == []


def clusters(meals: dict[str, list[Report]]) -> list[tuple[str, object]]:
    at_site = [report for said in meals.values() for report in said]
    found = canteen_cluster("school", meals, at_site, REFERENCE.cases, REFERENCE.site_cases)
    return [(one.subject, one.args["count"]) for one in found]


def test_two_who_share_a_meal_within_a_week_are_a_cluster_and_after_that_they_are_not() -> None:
    assert clusters({"lunch": reports(0, 7)}) == [("lunch at school", 2)]
    assert clusters({"lunch": reports(0, 7.1)}) == []
    assert clusters({"lunch": reports(0, 0, names="aa")}) == []


def test_three_at_a_site_in_a_day_are_a_cluster_whatever_they_ate() -> None:
    a, b, c = reports(0, 0.5, 1)
    assert clusters({"rice": [a], "soup": [b], "fish": [c]}) == [("school", 3)]
    assert clusters({"rice": [a], "soup": [b]}) == []
    assert clusters({"rice": [a], "soup": [b], "fish": [c._replace(at=c.at + 1)]}) == []


def test_a_site_is_told_only_where_one_meal_explains_fewer() -> None:
    a, b, c = reports(0, 0, 0)
    assert clusters({"rice": [a, b, c], "soup": [a]}) == [("rice at school", 3)]
    assert clusters({"rice": [a, b], "soup": [c]}) == [("rice at school", 2), ("school", 3)]


@pytest.mark.parametrize(("days", "told"), [((0, 15, 30), 1), ((0, 15, 30.1), 0), ((0, 30), 0)])
def test_three_complaints_within_thirty_days_are_a_signal(days: tuple[float, ...], told: int) -> None:
    assert len(list(complaint_signal("ham/1", reports(*days), 0, REFERENCE.complaints))) == told


@pytest.mark.parametrize(("injured", "severity"), [(0, "warning"), (1, "hold")])
def test_somebody_hurt_makes_complaints_graver(injured: int, severity: str) -> None:
    [found] = complaint_signal("ham/1", reports(0, 1, 2), injured, REFERENCE.complaints)
    assert found.severity == severity
