"""Any question, asked for an earlier position or for the time when that was received, has the answer that it had."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import opened
from fieldline_trace.api.caller import HERE
from fieldline_trace.api.ports import Answered, Moment
from fieldline_trace.errors import NotFound
from fieldline_trace.settings import Settings

from tests.integration.answers.conftest import Told

LEAF, SALAD, MEAL, PALLET = "hof-1/leaf/L1", "plant-7/salad/S1", "school-3/meal/M1", "unit/plant-7/pallet 1"


def event(kind: str, name: str, site: str, day: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": name, "operator": site, "site": site, "at": f"2026-03-{day:02}", "zone": "Z", **more}


def amount(batch: str, quantity: str) -> dict[str, str]:
    return {"batch": batch, "quantity": quantity, "unit": "kg"}


SAID: list[dict[str, Any]] = [
    event("harvested", "h1", "hof-1", 1, out_batch=amount(LEAF, "60")),
    event("shipped", "s1", "hof-1", 2, to_site="plant-7", batches=[amount(LEAF, "60")]),
    event("transformed", "m1", "plant-7", 3, in_batches=[amount(LEAF, "60")], out_batches=[amount(SALAD, "50")]),
    event("aggregated", "p1", "plant-7", 4, parent=PALLET, children=[SALAD]),
    event("shipped", "s2", "plant-7", 5, to_site="school-3", batches=[PALLET]),
    event("transformed", "m2", "school-3", 6, in_batches=[SALAD], out_batches=[MEAL]),
    event("tested", "t1", "plant-7", 7, batch=SALAD, lab="lab-1", report="R1", verdict="failed", hazard="Listeria")
    | {"hazard_class": "pathogen"},
    {"kind": "corrected", "id": "c1", "reason": "x", "action": "withdraw", "target": {"id": "s1"}},
    {"kind": "corrected", "id": "c2", "reason": "x", "action": "withdraw", "target": {"id": "c1"}},
    {"kind": "corrected", "id": "c3", "reason": "x", "action": "withdraw", "target": {"id": "p1"}},
]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("trace", {"batch": LEAF, "direction": "forward"}),
    ("trace", {"batch": MEAL, "direction": "back"}),
    ("batch", {"batch": SALAD}),
    ("balance", {"batch": SALAD}),
    ("share", {"source": LEAF, "batch": SALAD}),
    ("dead ends", {"batch": MEAL}),
    ("span", {"batch": SALAD}),
    ("proof", {"batch": SALAD}),
    ("contacts", {"site": "plant-7"}),
    ("scope list", {}),
    ("scope preview", {"batches": [LEAF]}),
    ("alerts", {}),
]


async def answers(told: Told, moment: Moment) -> tuple[list[Mapping[str, Any] | None], Answered]:
    """What all questions are answered; None where nothing is known of what they name."""
    found: list[Mapping[str, Any] | None] = []
    for question, arguments in QUESTIONS:
        try:
            found.append((await told.runtime.answer(question, arguments, HERE, moment)).said)
        except NotFound:
            found.append(None)
    return found, await told.runtime.answer("alerts", {}, HERE, moment)


@pytest.mark.parametrize("seed", [1, 2])
async def test_it_has_the_answer_that_it_had_then(database: str, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    said = random.sample(SAID, len(SAID))
    async with opened(Settings(data_dir=tmp_path, database_url=database)) as runtime:
        told, then = Told(runtime), []
        for one in said:
            await told.say(one, sender="hof-1", role="administrator")
            found, last = await answers(told, Moment())
            then.append((last.position, last.as_of, found))
        for position, received, found in random.sample(then, 4):
            assert (await answers(told, Moment(position=position)))[0] == found
            assert (await answers(told, Moment(as_of=received)))[0] == found
