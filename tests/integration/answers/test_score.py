"""FoodChain-Lab's scores of what the ledger holds, whether it came from a file of theirs or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fieldline_trace.formats import fcl

from tests.integration.answers.conftest import Told


def moved(batch: str, origin: str, target: str, **more: Any) -> dict[str, Any]:
    return {"kind": "shipped", "operator": "carrier", "site": origin, "batches": [batch], "to_site": target, **more}


def made(out: str, *ins: str, site: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "transformed", "operator": out.split("/")[0], "site": site, "in_batches": list(ins),
        "out_batches": [out], **more,
    }  # fmt: skip


def marked(*marks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "tracing_marked", "marks": list(marks), "reason": "to see what follows", **more}


CHAIN = (
    moved("farm/leaf/L1", "farm", "plant", at="2026-03-01"),
    moved("mill/oil/O1", "mill", "plant", at="2026-03-05"),
    made("plant/salad/S1", "farm/leaf/L1", site="plant"),
    moved("plant/salad/S1", "plant", "school", at="2026-03-03"),
    made("school/lunch/M1", "plant/salad/S1", site="school"),
)


def share(answer: dict[str, Any], station: str) -> float:
    return float(answer["stations"][station]["score"])


@pytest.mark.data
@pytest.mark.parametrize("case", ["fcl-with-temporal-order", "baby-tea"])
async def test_a_network_has_the_scores_that_foodchain_lab_gives_it(told: Told, data_folder: Path, case: str) -> None:
    said = fcl.events_of(fcl.read((data_folder / case / "network.json").read_bytes()))
    assert said.refused == []
    await told.say(*said.events)
    answer = await told.ask("score")
    expected = json.loads((data_folder / case / "expected.json").read_text())
    for side in ("stations", "deliveries"):
        assert answer[side].keys() == expected[side].keys()
        for name, want in expected[side].items():
            got = answer[side][name]
            assert got["score"] == pytest.approx(want["score"], abs=1e-12), (side, name)
            assert (got["forward"], got["backward"]) == (want["forward"], want["backward"]), (side, name)


async def test_what_came_from_no_file_is_scored_as_well(told: Told) -> None:
    await told.say(*CHAIN, marked({"batch": "school/lunch/M1", "weight": 1, "observed": True}))
    answer = await told.ask("score")
    shares = {site: one["score"] for site, one in answer["stations"].items()}
    assert shares == {"farm": 1.0, "mill": 0.0, "plant": 1.0, "school": 1.0}
    assert answer["deliveries"]["farm/leaf/L1: farm → plant"]["score"] == 1.0
    assert answer["named"]["deliveries"]["mill/oil/O1: mill → plant"] == {
        "batch": "mill/oil/O1", "from": "mill", "to": "plant",
    }  # fmt: skip


async def test_at_a_cross_contaminated_site_what_came_later_is_excluded_unless_dates_are_ignored(told: Told) -> None:
    await told.say(*CHAIN, marked({"site": "school", "weight": "1"}, {"site": "plant", "cross_contamination": True}))
    assert share(await told.ask("score"), "mill") == 0.0
    assert share(await told.ask("score", times="ignore"), "mill") == 1.0
    await told.say(marked(temporal_order=False))
    assert share(await told.ask("score"), "mill") == 1.0
    assert share(await told.ask("score", times="trusted"), "mill") == 0.0


async def test_the_last_word_on_a_mark_counts_field_by_field_and_a_whole_setting_ends_what_was_before(
    told: Told,
) -> None:
    await told.say(*CHAIN, marked({"site": "school", "weight": 1}, {"site": "plant", "weight": 1}))
    assert (await told.ask("score"))["weight"] == 2.0
    await told.say(marked({"site": "plant", "kill_step": True}), marked({"site": "plant", "weight": 3}))
    answer = await told.ask("score")
    assert answer["weight"] == 4.0
    assert share(answer, "farm") == 0.75
    await told.say(marked({"site": "school", "weight": 1}, whole=True))
    answer = await told.ask("score")
    assert answer["weight"] == 1.0
    assert share(answer, "farm") == 1.0


async def test_a_mark_that_was_withdrawn_and_a_shipment_that_was_count_no_more(told: Told) -> None:
    await told.say(
        {**CHAIN[0], "id": "urn:first"},
        *CHAIN[1:],
        marked({"site": "school", "weight": 1}, id="urn:one"),
        marked({"site": "farm", "weight": 1}, id="urn:two"),
    )
    assert share(await told.ask("score"), "farm") == 1.0
    await told.say({"kind": "corrected", "target": {"id": "urn:two"}, "action": "withdraw", "reason": "a typing error"})
    assert (await told.ask("score"))["weight"] == 1.0
    await told.say(
        {"kind": "corrected", "target": {"id": "urn:first"}, "action": "withdraw", "reason": "it never left"}
    )
    answer = await told.ask("score")
    assert "farm/leaf/L1: farm → plant" not in answer["deliveries"]


async def test_keys_that_were_joined_are_one_batch(told: Told) -> None:
    await told.say(
        moved("farm/leaf/L1", "farm", "plant"),
        made("plant/salad/S1", "plant/leaf/4711", site="plant"),
        moved("plant/salad/S1", "plant", "school"),
        marked({"site": "school", "weight": 1}),
    )
    assert share(await told.ask("score"), "farm") == 0.0
    await told.say({"kind": "same_batch", "operator": "plant", "batches": ["farm/leaf/L1", "plant/leaf/4711"]})
    assert share(await told.ask("score"), "farm") == 1.0


async def test_what_is_in_a_unit_goes_where_the_unit_goes(told: Told) -> None:
    packing = {"operator": "plant", "site": "plant", "at": "2026-03-01"}
    await told.say(
        {
            "kind": "aggregated",
            **packing,
            "parent": "unit/plant/crate 4",
            "children": ["plant/salad/S1", "plant/soup/P1"],
        },
        moved("unit/plant/crate 4", "plant", "school", at="2026-03-02"),
        made("school/lunch/M1", "plant/salad/S1", site="school", at="2026-03-03"),
        marked({"batch": "school/lunch/M1", "weight": 1}),
    )
    answer = await told.ask("score")
    assert {name: one["score"] for name, one in answer["deliveries"].items()} == {
        "plant/salad/S1: plant → school": 1.0,
        "plant/soup/P1: plant → school": 0.0,
    }


async def test_two_networks_that_give_one_id_to_different_deliveries_are_told_apart(told: Told) -> None:
    def network(station: str) -> dict[str, Any]:
        def rows(*rows: dict[str, str]) -> dict[str, Any]:
            return {"data": [[{"id": key, "value": value} for key, value in row.items()] for row in rows]}

        return {
            "version": "1.0.0",
            "data": {
                "stations": rows({"ID": "1", "Name": station}, {"ID": "2", "Name": "Shop"}, {"ID": "3"}),
                "deliveries": rows({"ID": "d", "from": "1", "to": "2", "Name": "tea"}),
                "deliveryRelations": rows(),
            },
            "tracing": {"nodes": [{"id": "2", "weight": 1}], "deliveries": []},
        }

    for station in ("East", "West"):
        await told.say(*fcl.events_of(fcl.read(json.dumps(network(station)).encode())).events)
    answer = await told.ask("score")
    assert sorted(answer["stations"]) == ["2", "3", "East (1)", "West (1)"]
    assert len(answer["deliveries"]) == 2
    assert all(one["score"] == 1.0 for one in answer["deliveries"].values())
