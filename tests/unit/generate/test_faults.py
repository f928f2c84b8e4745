"""Planted failures are found by their rules, all of them and nothing else, where a rule is exact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fieldline_streams.cli.app import app
from fieldline_streams.scenario.story import read_story
from fieldline_trace.generate import events, network
from fieldline_trace.generate.faults import PLANTERS, Planting, plant
from fieldline_trace.generate.faults.check import Row, check
from fieldline_trace.risk.registry import RULES
from typer.testing import CliRunner

SEED = 7


@pytest.fixture(scope="module")
def planting() -> Planting:
    return plant(PLANTERS, 2, SEED)


@pytest.mark.parametrize("shuffle", [None, 3])
def test_an_exact_rule_finds_every_planted_failure_and_nothing_else(planting: Planting, shuffle: int | None) -> None:
    traffic = list(events(network(1_000, SEED), SEED)) if shuffle is None else []
    rows = check(PLANTERS, planting, traffic, shuffle)
    assert [row for row in rows if not row.holds] == []
    assert all(row.planted for row in rows), "something was planted for each"


def test_a_statistical_rule_errs_as_rarely_as_is_said() -> None:
    """Of bad meals and batches that draw four reports on average most are told, of good ones next to none."""
    planters = [planter for planter in PLANTERS if not planter.exact]
    figures = {row.rule: (row.precision, row.recall) for row in check(planters, plant(planters, 40, SEED))}
    assert all(precision >= 0.95 for precision, _ in figures.values())
    assert figures["CANTEEN_CLUSTER"][1] >= 0.8
    assert figures["COMPLAINT_SIGNAL"][1] >= 0.6


def test_what_was_not_handed_in_is_missed(planting: Planting) -> None:
    less = replace(planting, sayings=[one for one in planting.sayings if one.event["kind"] != "sold"])
    missed = [row for row in check(PLANTERS, less) if not row.holds]
    assert {row.rule for row in missed} == {"EXPIRED", "HELD_BATCH_MOVED"}
    assert all(row.recall < 1 == row.precision for row in missed)


def test_an_alert_that_nothing_deserves_is_counted_against_its_rule() -> None:
    assert Row("EXPIRED", True, planted=2, found=3, right=2).precision == pytest.approx(2 / 3)
    assert not Row("EXPIRED", True, planted=2, found=3, right=2).holds
    assert Row("COMPLAINT_SIGNAL", False, planted=4, found=1, right=1).recall == 0.25


def test_planters_are_for_rules_there_are_and_draw_the_same_for_the_same_seed(planting: Planting) -> None:
    assert {planter.rule for planter in PLANTERS} <= RULES.keys()
    assert plant(PLANTERS, 2, SEED) == planting
    assert plant(PLANTERS, 2, SEED + 1) != planting


def test_the_command_writes_a_scenario_and_prints_what_each_rule_found(tmp_path: Path) -> None:
    asked = ["generate", str(tmp_path / "planted"), "--with-faults", "--links", "1000", "--each", "1", "--check"]
    done = CliRunner().invoke(app, [*asked, "--orders", "1"])
    assert done.exit_code == 0, done.output
    assert "EXPIRED" in done.output
    story = read_story(tmp_path, "planted")
    assert set(story.truth.alerts) <= RULES.keys()
    assert story.truth.alerts["EXPIRED"]
    assert CliRunner().invoke(app, ["generate", str(tmp_path / "x"), "--check"]).exit_code == 2
