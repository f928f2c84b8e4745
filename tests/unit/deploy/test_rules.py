"""Alarms and dashboard ask for metrics that there are, with labels that these have; and each alarm rings for what it is
for, and not when all is well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from fieldline_streams.kafka.broker_jars import cache_folder
from fieldline_trace.metrics import Listed, listed

from tests.unit.deploy.manifests import DEPLOY
from tests.unit.deploy.test_observability import rows

RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "fieldline.json").read_text())
ASKED = [rule["expr"] for rule in RULES] + [one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]]
NO_PROMTOOL = "promtool is not here and was not fetched: alarms were parsed, and not evaluated"
UNITS = {"s": "seconds"}


def series() -> dict[str, Listed]:
    """Every metric by the names of its series."""
    found = {}
    for one in listed():
        for ending in ("_bucket", "_sum", "_count") if one.kind == "histogram" else ("",):
            found[one.name + ending] = one
    return found


def selectors(asked: str) -> list[Any]:
    """All that an expression selects."""
    found: list[Any] = []

    def enter(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(asked), enter)
    return found


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_asked_for_is_measured_with_these_labels(asked: str) -> None:
    known = series()
    assert selectors(asked)
    for one in selectors(asked):
        assert one.name in known
        labels = {matcher.name for matcher in one.matchers.matchers}
        assert labels <= set(known[one.name].labels)


def test_a_counter_is_asked_for_its_rate_and_a_histogram_for_a_quantile_of_its_unit() -> None:
    for asked in ASKED:
        for one in selectors(asked):
            metric = series()[one.name]
            if metric.kind == "counter":
                assert f"rate({one.name}" in asked or f"increase({one.name}" in asked, asked
            if metric.kind == "histogram":
                assert "histogram_quantile" in asked, asked
    for panel in DASHBOARD["panels"]:
        units = {series()[one.name].unit for target in panel["targets"] for one in selectors(target["expr"])}
        if panel["fieldConfig"]["defaults"]["unit"] in UNITS:
            assert units == {UNITS[panel["fieldConfig"]["defaults"]["unit"]]}, panel["title"]


def test_every_metric_is_on_the_dashboard_and_no_two_panels_overlap() -> None:
    shown = {series()[one.name].name for panel in DASHBOARD["panels"] for target in panel["targets"]
             for one in selectors(target["expr"])}  # fmt: skip
    assert shown == {one.name for one in listed()}
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_every_alarm_says_what_to_do_and_is_on_the_page() -> None:
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")
    assert [row[0] for row in rows("alarm")] == [f"`{rule['alert']}`" for rule in RULES]
    assert [row[2] for row in rows("alarm")] == [rule["annotations"]["do"] for rule in RULES]
    tested = yaml.safe_load((DEPLOY / "prometheus" / "rules_test.yml").read_text())["tests"]
    rung = {one["alertname"] for test in tested for one in test["alert_rule_test"] if one.get("exp_alerts")}
    quiet = {one["alertname"] for test in tested for one in test["alert_rule_test"] if not one.get("exp_alerts")}
    assert rung == quiet == {rule["alert"] for rule in RULES}


def test_each_alarm_rings_for_what_it_is_for_and_not_when_all_is_well() -> None:
    done = subprocess.run(
        [promtool(), "test", "rules", "rules_test.yml"],
        cwd=DEPLOY / "prometheus", check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def promtool() -> str:
    """Prometheus' own tool: the one that is installed, else Debian's, fetched once into the user's cache."""
    if found := shutil.which("promtool"):
        return found
    kept = cache_folder() / "promtool"
    if not kept.exists():
        try:
            _fetch(kept)
        except (OSError, subprocess.SubprocessError):
            pytest.skip(NO_PROMTOOL)
    return str(kept)


def _fetch(kept: Path) -> None:
    folder = kept.with_name(f"promtool-{os.getpid()}")
    folder.mkdir(parents=True)
    try:
        for command in (
            ["apt-get", "download", "-q", "prometheus"],
            ["sh", "-c", "dpkg-deb --extract prometheus_*.deb ."],
        ):
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
        (folder / "usr" / "bin" / "promtool").rename(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
