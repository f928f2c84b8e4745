"""The worked cases of lineage, their answers to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fieldline_trace.lineage.plain import Answer
from fieldline_trace.lineage.terms import CERTAINTIES

from tests.unit.lineage.worlds import indexed, plain_of, seed_of, steps_of

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def cases(data_folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((data_folder / "lineage-cases" / "cases.json").read_text())
    assert sum(len(case["answers"]) for case in found) > 0
    return found


def shown(answer: Answer) -> tuple[dict[str, str], list[str]]:
    members = {f"{h.batch} @ {h.site}": CERTAINTIES[m.certainty] for h, m in answer.members.items()}
    return members, sorted(f"{h.batch} @ {h.site}" for h in answer.excluded)


def test_the_plain_model_gives_every_answer(cases: list[dict[str, Any]]) -> None:
    for case in cases:
        world = plain_of(case["records"])
        for asked in case["answers"]:
            ask = world.forward if "forward" in asked else world.backward
            seeds = asked.get("forward") or asked["backward"]
            expected = asked["members"], sorted(asked["excluded_by_times"])
            assert shown(ask(map(seed_of, seeds))) == expected, (case["case"], seeds)


@pytest.mark.parametrize("at_once", [1, 3, None])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_index_gives_every_answer(cases: list[dict[str, Any]], at_once: int | None, backwards: bool) -> None:
    for case in cases:
        steps, same = steps_of(case["records"])
        world = indexed(steps[::-1] if backwards else steps, same, at_once=at_once)
        for asked in case["answers"]:
            ask = world.forward if "forward" in asked else world.backward
            seeds = asked.get("forward") or asked["backward"]
            expected = asked["members"], sorted(asked["excluded_by_times"])
            assert shown(ask(map(seed_of, seeds))) == expected, (case["case"], seeds)
