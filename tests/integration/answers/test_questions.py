"""Questions of investigators, firms and consumers over one chain: why, paths, ends, presence, quantities, areas."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Told

SEED, LEAF, OTHER, SALAD, MEAL = (
    "seed-co/seed/S1",
    "hof-1/leaf/L1",
    "hof-2/leaf/L2",
    "plant-7/salad/M1",
    "school-3/meal/D1",
)


def moved(batch: str, origin: str, target: str, day: int, quantity: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{batch}:{origin}:{target}", "kind": "shipped", "operator": origin, "site": origin, "to_site": target,
        "at": f"2026-03-{day:02}", "arrived": f"2026-03-{day:02}",
        "batches": [{"batch": batch, "quantity": quantity, "unit": "kg"}], **more,
    }  # fmt: skip


CHAIN: list[dict[str, Any]] = [
    {
        "id": "h1", "kind": "harvested", "operator": "hof-1", "site": "hof-1", "at": "2026-03-01",
        "grid_unit": "410105", "sources": [SEED], "out_batch": {"batch": LEAF, "quantity": "60", "unit": "kg"},
    },
    {
        "id": "h2", "kind": "harvested", "operator": "hof-2", "site": "hof-2", "at": "2026-03-01",
        "grid_unit": "420100", "out_batch": {"batch": OTHER, "quantity": "50", "unit": "kg"},
    },
    moved(LEAF, "hof-1", "plant-7", 2, "60"),
    moved(OTHER, "hof-2", "plant-7", 2, "50"),
    {
        "id": "m1", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
        "grid_unit": "410106",
        "in_batches": [
            {"batch": LEAF, "quantity": "60", "unit": "kg"}, {"batch": OTHER, "quantity": "40", "unit": "kg"},
        ],
        "out_batches": [{"batch": SALAD, "quantity": "90", "unit": "kg", "expires": "2026-03-09"}],
    },
    moved(SALAD, "plant-7", "school-3", 4, "50"),
    moved(SALAD, "plant-7", "clinic-2", 4, "20"),
    {
        "id": "p1", "kind": "prepared", "operator": "school-3", "site": "school-3", "at": "2026-03-05",
        "in_batches": [{"batch": SALAD, "quantity": "50", "unit": "kg"}],
        "out_batch": {"batch": MEAL, "quantity": "300", "unit": "portion"},
    },
]  # fmt: skip


@pytest.fixture
async def chain(told: Told) -> Told:
    """The chain is told."""
    await told.say(*CHAIN)
    return told


async def test_why_a_batch_is_in_names_the_path_and_all_its_events(chain: Told) -> None:
    why = await chain.ask("why", batch=MEAL, of=LEAF)
    assert [(hop["batch"], hop["site"]) for hop in why["path"]] == [
        (LEAF, "plant-7"), (SALAD, "school-3"), (MEAL, "school-3"),
    ]  # fmt: skip
    assert why["events"] == ["m1", "p1"]
    assert why["certainty"] == "definite"
    assert [one["operator"] for one in why["accountable"]] == ["plant-7", "school-3"]


async def test_all_paths_between_two_are_told_apart_by_their_events(chain: Told) -> None:
    await chain.say(
        {
            "id": "m2", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
            "in_batches": [LEAF], "out_batches": ["plant-7/mix/X1"],
        },
        {
            "id": "m3", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
            "in_batches": ["plant-7/mix/X1"], "out_batches": [SALAD],
        },
    )  # fmt: skip
    answer = await chain.ask("paths", origin=LEAF, target=SALAD)
    assert [path["events"] for path in answer["paths"]] == [["m1"], ["m2", "m3"]]


async def test_the_records_stop_where_nobody_says_where_it_was_made_and_the_issuer_is_asked(chain: Told) -> None:
    back = await chain.ask("dead ends", batch=MEAL)
    ends = {(one["batch"], one["why"], one["ask"]) for one in back["ends"]}
    assert (SEED, "no_origin", "seed-co") in ends
    assert back["begins"] == 1
    forward = await chain.ask("dead ends", batch=SALAD, direction="forward")
    assert ("clinic-2", "no_arrival") in {(one["site"], one["why"]) for one in forward["ends"]}


async def test_where_more_was_made_than_was_put_in_the_lineage_is_marked_incomplete(chain: Told) -> None:
    def grown(put_in: str) -> dict[str, object]:
        return {
            "id": "m4", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
            "in_batches": [{"batch": LEAF, "quantity": put_in, "unit": "kg"}],
            "out_batches": [{"batch": "plant-7/mix/X9", "quantity": "106", "unit": "kg"}],
        }  # fmt: skip

    await chain.say(grown("100"))
    back = await chain.ask("trace", batch="plant-7/mix/X9", direction="back")
    assert {(one["batch"], one["incomplete"]) for one in back["members"]} >= {("plant-7/mix/X9", True), (LEAF, False)}
    ends = (await chain.ask("dead ends", batch="plant-7/mix/X9"))["ends"]
    assert [(one["batch"], one["ask"], one["events"]) for one in ends if one["why"] == "incomplete"] == [
        ("plant-7/mix/X9", "plant-7", ["m4"])
    ]
    await chain.say(grown("106"))
    back = await chain.ask("trace", batch="plant-7/mix/X9", direction="back")
    assert not any(one["incomplete"] for one in back["members"])


async def test_what_could_have_been_at_a_place_in_a_window_is_listed(chain: Told) -> None:
    answer = await chain.ask("present", site="plant-7", since="2026-03-02T06:00:00Z", until="2026-03-02T08:00:00Z")
    assert [lot["batch"] for lot in answer["lots"]] == [LEAF, OTHER]
    later = await chain.ask("present", site="plant-7", since="2026-03-04T18:00:00Z", until="2026-03-05")
    assert [lot["batch"] for lot in later["lots"]] == [OTHER, SALAD]


async def test_a_hypothesis_leaves_unexplained_what_it_does_not_reach(chain: Told) -> None:
    await chain.say(
        {"id": "h3", "kind": "harvested", "operator": "hof-3", "site": "hof-3", "out_batch": "hof-3/beet/B1"}
    )
    answer = await chain.ask("hypothesis", suspects=[LEAF], batches=[MEAL, "hof-3/beet/B1"])
    assert [one["name"] for one in answer["explained"]] == [MEAL]
    assert [one["name"] for one in answer["unexplained"]] == ["hof-3/beet/B1"]
    assert answer["share"] == 0.5


async def test_what_two_sources_came_into_together_is_a_common_descendant(chain: Told) -> None:
    answer = await chain.ask("sources", batches=[LEAF, OTHER], direction="forward")
    assert [(one["lot"], one["share"]) for one in answer["sources"]] == [("M1", 1.0), ("D1", 1.0)]


async def test_first_and_last_production_and_shipment(chain: Told) -> None:
    answer = await chain.ask("span", batch=SALAD)
    assert answer["first"]["produced"]["event"] == "m1"
    assert answer["last"]["shipped"]["event"] in (f"{SALAD}:plant-7:school-3", f"{SALAD}:plant-7:clinic-2")
    assert (await chain.ask("span", product="plant-7/salad"))["batches"] == 1


async def test_what_became_of_a_batch_adds_up_and_says_where_it_does_not(chain: Told) -> None:
    answer = await chain.ask("balance", batch=SALAD)
    totals = answer["totals"]
    assert totals["produced"] == {"kg": "90"}
    assert totals["used"] == {"kg": "50"}
    assert totals["on_hand"] == {"kg": "40"}
    assert answer["expires"] is not None
    (made, _) = [step for step in answer["steps"] if step["event"] in ("m1", "p1")]
    assert (made["yield"], made["loss"]) == ("0.9", {"kg": "10"})
    assert answer["odds"] == []
    await chain.say(moved(SALAD, "plant-7", "market-5", 5, "40"))
    odds = (await chain.ask("balance", batch=SALAD))["odds"]
    assert [(one["what"], one["site"], one["one"], one["other"]) for one in odds] == [
        ("more_left_than_came", "plant-7", "110", "90")
    ]


async def test_how_much_of_a_source_can_be_in_a_holding_is_bounded(chain: Told) -> None:
    answer = await chain.ask("share", source=LEAF, batch=SALAD)
    assert (answer["whole"]["least"], answer["whole"]["most"]) == ("50", "60")
    bounds = {place["site"]: (place["least"], place["most"]) for place in answer["places"]}
    assert bounds["school-3"] == ("10", "50")
    assert bounds["clinic-2"] == ("0", "20")
    assert answer["whole"]["of"] == "90"
    assert {place["site"]: place["share"] for place in answer["places"]}["school-3"] == [0.2, 1.0]


async def test_where_an_amount_is_not_said_the_share_is_anything_and_says_so(chain: Told) -> None:
    more = moved(SALAD, "plant-7", "clinic-2", 6, "5") | {"id": "more", "batches": [SALAD]}
    await chain.say(more)
    answer = await chain.ask("share", source=LEAF, batch=SALAD)
    clinic = next(place for place in answer["places"] if place["site"] == "clinic-2")
    assert clinic == {"batch": SALAD, "site": "clinic-2", "least": "0", "most": "60", "of": None, "share": [0.0, 1.0]}
    again = {"id": "h1b", "kind": "harvested", "operator": "hof-1", "site": "hof-1", "at": "2026-03-01"}
    await chain.say({**again, "out_batch": LEAF})
    answer = await chain.ask("share", source=LEAF, batch=SALAD)
    assert (answer["whole"]["least"], answer["whole"]["most"]) == ("0", "60")
    source = await chain.ask("share", source=LEAF, batch=LEAF)
    assert (source["whole"]["most"], source["whole"]["of"], source["whole"]["share"]) == (None, None, [0.0, 1.0])


async def test_evidence_is_positives_negatives_and_cases_of_one_strain(chain: Told) -> None:
    test = {
        "kind": "tested", "batch": SALAD, "site": "plant-7", "lab": "lab-1", "hazard_class": "pathogen",
        "hazard": "Listeria", "at": "2026-03-06",
    }  # fmt: skip
    await chain.say({**test, "id": "t1", "report": "R1", "verdict": "failed", "x-cluster": "ST6"}, role="laboratory")
    await chain.say({**test, "id": "t2", "report": "R2", "verdict": "passed"}, role="laboratory")
    case = {"kind": "illness_case", "id": "c1", "case": "case-1", "cluster": "ST6", "at": "2026-03-07"}
    await chain.say({**case, "exposures": [{"batch": MEAL, "site": "school-3"}]}, role="laboratory")
    answer = await chain.ask("proof", batch=LEAF)
    assert [one["event"] for one in answer["positives"]] == ["t1"]
    assert [one["event"] for one in answer["negatives"]] == ["t2"]
    assert answer["clusters"][0] == {"cluster": "ST6", "cases": ["c1"], "results": ["t1"], "batches": [SALAD, MEAL]}


async def test_which_areas_it_reached(chain: Told) -> None:
    await chain.say(
        {
            "id": "x1", "kind": "exported", "operator": "plant-7", "site": "plant-7", "at": "2026-03-05",
            "country": "JP", "batches": [SALAD],
        }
    )  # fmt: skip
    answer = await chain.ask("areas", batch=OTHER)
    assert [(one["area"], one["holdings"]) for one in answer["areas"]] == [("41", 2), ("42", 1)]
    assert [(one["country"], one["events"]) for one in answer["countries"]] == [("JP", ["x1"])]


async def test_one_step_back_and_one_step_forward(chain: Told) -> None:
    answer = await chain.ask("steps", batch=SALAD, site="plant-7")
    assert {one["batch"] for one in answer["back"]["members"]} == {SALAD, LEAF, OTHER}
    assert {one["site"] for one in answer["forward"]["members"]} == {"plant-7", "school-3", "clinic-2"}


async def test_the_story_of_a_batch_names_stages_and_nobody(chain: Told) -> None:
    answer = await chain.ask("story", batch=MEAL)
    assert [(one["stage"], one["did"]) for one in answer["stages"]] == [
        ("farm", "harvested"), ("farm", "harvested"), ("distribution", "shipped"), ("processing", "transformed"),
        ("distribution", "shipped"), ("catering", "prepared"),
    ]  # fmt: skip
    told = str({name: value for name, value in answer.items() if name != "batch"})
    assert all(name not in told for name in ("hof-1", "hof-2", "plant-7", "school-3"))


async def test_who_was_told_and_answered_and_how_much_is_back(chain: Told) -> None:
    await chain.say(
        {
            "id": "t1", "kind": "tested", "batch": SALAD, "site": "plant-7", "lab": "lab-1", "report": "R1",
            "hazard_class": "pathogen", "hazard": "Listeria", "verdict": "failed",
        },
        role="laboratory",
    )  # fmt: skip
    (scope,) = (await chain.ask("scope list"))["scopes"]
    told = {"id": "n1", "kind": "consignee_notified", "scope": scope["scope"], "consignee": "clinic-2", "via": "phone"}
    answer = {
        "id": "r1", "kind": "consignee_answered", "scope": scope["scope"], "consignee": "clinic-2", "passed_on": True,
        "accounts": [{"batch": SALAD, "unit": "kg", "received": "20", "held": "5", "sold": "15"}],
    }  # fmt: skip
    await chain.say(told, answer, sender="county", role="regulator")
    rows = (await chain.ask("scope consignees", scope=scope["scope"]))["consignees"]
    (clinic,) = [row for row in rows if row["site"] == "clinic-2"]
    assert clinic["told"]["via"] == "phone"
    assert clinic["lots"][0]["account"]["held"] == "5"
    progress = await chain.ask("scope progress", scope=scope["scope"])
    assert progress["consignees"] == {"total": 3, "told": 1, "answered": 1, "passed_on": 1, "overdue": 0}
    assert progress["quantities"]["recalled"] == {"kg": "5"}
    assert progress["recalled_of_sold"] == 0.25
    versions = await chain.ask("scope versions", scope=scope["scope"])
    assert [one["version"] for one in versions["versions"]] == [1]


async def test_a_result_that_names_its_sample_alone_is_proof_of_the_batch_it_was_taken_of(chain: Told) -> None:
    taken = {"kind": "sampled", "id": "s9", "site": "hof-1", "at": "2026-03-02", "batches": [LEAF], "sample": "S9"}
    await chain.say({**taken, "operator": "hof-1"})
    result = {"kind": "tested", "id": "t9", "lab": "lab-1", "report": "R9", "site": "lab-1", "at": "2026-03-06"}
    result |= {"sample": "S9", "hazard_class": "pathogen", "hazard": "Listeria", "verdict": "failed"}
    await chain.say(result, role="laboratory")
    for batch in (LEAF, MEAL):
        answer = await chain.ask("proof", batch=batch)
        assert [(one["event"], one["batch"]) for one in answer["positives"]] == [("t9", LEAF)]
    assert (await chain.ask("story", batch=MEAL))["tested"] == {"passed": 0, "failed": 1}


async def test_what_was_said_of_one_key_is_told_of_the_batch_by_either(chain: Told) -> None:
    theirs = "shop-9/salad/X1"
    sold = {"kind": "sold", "id": "o9", "operator": "shop-9", "site": "shop-9", "at": "2026-03-08", "batches": [theirs]}
    same = {"kind": "same_batch", "id": "b9", "operator": "plant-7", "site": "plant-7", "batches": [SALAD, theirs]}
    abroad = {**sold, "kind": "exported", "id": "x9", "country": "JP"}
    await chain.say(sold, abroad, same)
    for key in (SALAD, theirs):
        answer = await chain.ask("span", batch=key)
        assert (answer["last"]["sold"]["event"], answer["first"]["produced"]["event"]) == ("o9", "m1")
        assert [one["events"] for one in (await chain.ask("areas", batch=key))["countries"]] == [["x9"]]


async def test_one_answer_of_a_firm_with_two_sites_counts_once(chain: Told) -> None:
    came = {"kind": "received", "id": "v1", "operator": "clinic-2", "site": "annex-2", "batches": [SALAD]}
    await chain.say(moved(SALAD, "plant-7", "annex-2", 4, "10"), came)
    failed = {"id": "t1", "kind": "tested", "batch": SALAD, "site": "plant-7", "lab": "lab-1", "report": "R1"}
    failed |= {"hazard_class": "pathogen", "hazard": "Listeria", "verdict": "failed"}
    await chain.say(failed, role="laboratory")
    (scope,) = (await chain.ask("scope list"))["scopes"]
    answer = {"id": "r1", "kind": "consignee_answered", "scope": scope["scope"], "consignee": "clinic-2"}
    answer |= {"accounts": [{"batch": SALAD, "unit": "kg", "received": "30", "held": "6", "sold": "24"}]}
    await chain.say(answer, sender="county", role="regulator")
    progress = await chain.ask("scope progress", scope=scope["scope"])
    assert progress["consignees"]["answered"] == 2
    assert (progress["quantities"]["recalled"], progress["recalled_of_sold"]) == ({"kg": "6"}, 0.2)
