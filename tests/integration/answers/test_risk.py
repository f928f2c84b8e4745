"""The risk score as it is asked for: of a batch, product, operator and site, now and as of an earlier position."""

from __future__ import annotations

from typing import Any

import pytest
from fieldline_trace.errors import Rejected

from .conftest import Told

LEAF, SALAD = "hof-1/leaf/L1", "plant-7/salad/M1"
CHAIN: list[dict[str, Any]] = [
    {"id": "h", "kind": "harvested", "operator": "hof-1", "site": "hof-1", "at": "2026-03-01", "out_batch": LEAF},
    {
        "id": "s", "kind": "shipped", "operator": "hof-1", "site": "hof-1", "to_site": "plant-7", "at": "2026-03-02",
        "arrived": "2026-03-02", "batches": [LEAF],
    },
    {
        "id": "m", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
        "in_batches": [LEAF], "out_batches": [SALAD],
    },
]  # fmt: skip
FAILED = {
    "id": "t", "kind": "tested", "batch": LEAF, "lab": "lab", "report": "R1", "hazard_class": "pathogen",
    "hazard": "Listeria", "verdict": "failed", "method": "confirmatory",
}  # fmt: skip


async def test_a_score_names_every_point_and_is_zero_before_anything_was_found(told: Told) -> None:
    await told.say(*CHAIN)
    assert (await told.ask("risk", batch=SALAD))["score"] == 0
    await told.say(FAILED, sender="lab", role="laboratory")
    leaf = await told.ask("risk", batch="L1")
    assert (leaf["score"], leaf["points"]) == (44.4, 40)
    [row] = leaf["rows"]
    assert (row["why"], row["what"], row["batch"], row["events"]) == ("alert", "TEST_FAILED", LEAF, ["t"])
    [row] = (await told.ask("risk", batch=SALAD))["rows"]
    assert (row["why"], row["batch"], row["certainty"]) == ("inherited", LEAF, "definite")
    assert row["alert"] == (await told.ask("alerts"))["alerts"][0]["id"]


async def test_a_product_an_operator_and_a_site_are_scored_by_their_batches(told: Told) -> None:
    await told.say(*CHAIN)
    await told.say(FAILED, sender="lab", role="laboratory")
    of_product = await told.ask("risk", product="hof-1/leaf")
    of_operator = await told.ask("risk", operator="hof-1")
    assert of_product["rows"] == of_operator["rows"]
    at_plant = await told.ask("risk", site="plant-7")
    assert [(row["why"], row["batch"]) for row in at_plant["rows"]] == [("alert", LEAF)], "the leaf lay there"
    assert (await told.ask("risk", operator="plant-7"))["rows"][0]["why"] == "inherited"
    few = await told.ask("risk", operator="hof-1", rows=1)
    assert (len(few["rows"]), few["more"]) == (1, 0)


async def test_it_is_asked_of_one_thing(told: Told) -> None:
    for asked in ({}, {"batch": LEAF, "site": "hof-1"}):
        with pytest.raises(Rejected, match="one of batch, product, operator and site"):
            await told.ask("risk", **asked)
