"""What findings have in common: how sources are weighed, and each side of each boundary."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any

import pytest
from fieldline_trace.reference.load import Explained
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.explaining import chance, widest
from fieldline_trace.risk.render import render
from fieldline_trace.risk.rules.common_source import Leg, Source, common_source
from fieldline_trace.risk.rules.shared_environment import Environment, shared_environment

DAY = 86_400_000_000
SIGNAL = Explained(90 * DAY, 0.05)


def leg(name: str, *strains: str, after: tuple[int, ...] = (), **said: Any) -> Leg:
    number = ord(name[0])
    spelled = frozenset(one.upper() for one in (*strains, "Stec"))
    return Leg(name, ((number, number),), 0, frozenset(strains), spelled, frozenset(after), **said)


def source(key: str, *legs: int, reached: int = 2, hops: Mapping[int, int] | None = None) -> Source:
    return Source(key, hops or dict.fromkeys(legs, 1), lambda most: reached)


def explained(legs: list[Leg], *sources: Source, batches: int = 100) -> list[Finding]:
    return list(
        common_source("pathogen|stec", "2026-03-01", legs, sources, batches, collapse=1000, signal=SIGNAL),
    )


@pytest.mark.parametrize(("k", "f", "n", "batches"), [(2, 2, 10, 100), (2, 5, 10, 40), (5, 6, 20, 31), (3, 3, 3, 3)])
def test_the_chance_is_the_hypergeometric_tail(k: int, f: int, n: int, batches: int) -> None:
    exact = sum(comb(n, h) * comb(batches - n, f - h) for h in range(k, min(n, f) + 1)) / comb(batches, f)
    assert chance(k, f, n, batches) == pytest.approx(exact)


def test_water_that_everyone_uses_explains_all_with_certainty_and_is_no_source() -> None:
    assert chance(2, 2, 100, 100) == 1.0
    assert explained([leg("a"), leg("b")], source("water", 0, 1, reached=19), batches=20) == []


def test_two_findings_with_a_rare_source_in_common_are_told_with_how_likely_that_is() -> None:
    [found] = explained([leg("a"), leg("b")], source("seed/48088", 0, 1, reached=20))
    assert (found.subject, found.severity, found.args["count"]) == ("seed/48088", "hold", 2)
    assert found.args["chance"] == "0.04"
    assert set(found.evidence) == {ord("a"), ord("b")}
    assert "seed/48088" in render(found)
    assert "seed/48088" in render(found, "zh-CN")


@pytest.mark.parametrize(("reached", "batches", "told"), [(22, 100, 0), (20, 100, 1), (21, 100, 0), (22, 440, 1)])
def test_a_source_that_reached_too_many_batches_is_none(reached: int, batches: int, told: int) -> None:
    assert (widest(100, 1000), widest(440, 1000), widest(1_000_000, 1000)) == (20, 22, 1000)
    assert len(explained([leg("a"), leg("b")], source("x", 0, 1, reached=reached), batches=batches)) == told


@pytest.mark.parametrize(("batches", "told"), [(40, 0), (60, 1)])
def test_what_is_more_likely_than_the_rate_of_false_alarms_is_not_told(batches: int, told: int) -> None:
    assert (chance(2, 2, 12, 40) <= 0.05, chance(2, 2, 12, 60) <= 0.05) == (False, True)
    assert len(explained([leg("a"), leg("b")], source("x", 0, 1, reached=12), batches=batches)) == told


def test_one_finding_has_nothing_in_common() -> None:
    assert explained([leg("a"), leg("b")], source("x", 0)) == []


def test_different_strains_are_not_one_outbreak_and_an_unknown_one_may_be() -> None:
    both = source("x", 0, 1)
    assert explained([leg("a", "st1"), leg("b", "st2")], both) == []
    [found] = explained([leg("a", "st1"), leg("b", "st1")], both)
    assert (found.args["strain"], found.args["hazard"], "strain ST1" in render(found)) == ("ST1", "STEC", True)
    [found] = explained([leg("a", "st1"), leg("b")], both)
    assert found.args["strain"] == "ST1"


def test_the_source_that_explains_most_comes_first_then_the_less_likely_then_the_rest_is_explained() -> None:
    legs = [leg(name) for name in "abcde"]
    sources = [source("near", 0, 1), source("wide", 0, 1, 2, reached=9), source("rare", 0, 1, 2, reached=3)]
    assert [one.subject for one in explained(legs, *sources, source("other", 3, 4))] == ["rare", "other"]


def test_what_was_made_of_another_that_failed_is_no_second_finding() -> None:
    legs = [leg("lot"), leg("made of it", after=(0,))]
    assert explained(legs, source("field", 0, 1), source("lot", hops={0: 0, 1: 1})) == []
    two = [leg("lot"), leg("1", after=(0,)), leg("2", after=(0,))]
    [found] = explained(two, source("field", 0, 1, 2), source("lot", hops={0: 0, 1: 1, 2: 1}))
    assert (found.subject, found.args["count"], found.evidence_count) == ("lot", 2, 3)


def test_screens_alone_are_screening_and_a_disputed_one_is_not_sure() -> None:
    [found] = explained([leg("a", screening=True), leg("b", screening=True)], source("x", 0, 1))
    assert (found.confidence, found.sure) == ("screening", False)
    [found] = explained([leg("a", firm=False), leg("b", screening=True)], source("x", 0, 1))
    assert (found.confidence, found.sure) == ("confirmed", False)


def grown(legs: list[Leg], drawn: dict[int, int], reached: int = 5) -> list[Finding]:
    events = {at: ((90 + at, 90 + at),) for at in drawn}
    where = Environment(source("canal/~", *drawn, reached=reached), "input", drawn, events)
    return list(
        shared_environment("pathogen|stec", "2026-03-01", legs, [where], within=60 * DAY, collapse=1000),
    )


@pytest.mark.parametrize(("days", "told"), [(60, 1), (61, 0)])
def test_an_environment_counts_within_its_window(days: int, told: int) -> None:
    found = grown([leg("a"), leg("b")], {0: DAY, 1: DAY * (1 + days)})
    assert len(found) == told
    assert all({90, 91, ord("a"), ord("b")} == set(one.evidence) for one in found)
    assert all("canal/~" in render(one) + render(one, "zh-CN") for one in found)


@pytest.mark.parametrize(("reached", "told"), [(1000, 1), (1001, 0)])
def test_a_utility_is_no_environment(reached: int, told: int) -> None:
    assert len(grown([leg("a"), leg("b")], {0: 0, 1: 0}, reached)) == told


def test_an_environment_of_one_finding_or_of_two_strains_is_none() -> None:
    assert grown([leg("a"), leg("b")], {0: 0}) == []
    assert grown([leg("a", "st1"), leg("b", "st2")], {0: 0, 1: 0}) == []
    assert grown([leg("a"), leg("b", after=(0,))], {0: 0, 1: 0}) == []
