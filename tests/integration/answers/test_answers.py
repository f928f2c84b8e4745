"""What answers say beyond the shape that the command line is held to."""

from __future__ import annotations

from typing import Any

import pytest
from fieldline_trace.errors import NotFound

from tests.integration.answers.conftest import Told

LAB = {"lab": "lab-1", "hazard_class": "pathogen", "hazard": "Salmonella"}


def harvested(batch: str, site: str = "field", **more: Any) -> dict[str, Any]:
    return {"kind": "harvested", "operator": batch.split("/")[0], "site": site, "out_batch": batch, **more}


def moved(batch: Any, origin: str, target: str, **more: Any) -> dict[str, Any]:
    return {"kind": "shipped", "operator": "carrier", "site": origin, "batches": [batch], "to_site": target, **more}


def made(out: str, *ins: Any, site: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "transformed", "operator": out.split("/")[0], "site": site, "in_batches": list(ins),
        "out_batches": [out], **more,
    }  # fmt: skip


def failed(batch: str, report: str = "R1", **more: Any) -> dict[str, Any]:
    return {
        "kind": "tested",
        "id": f"urn:{report}",
        "batch": batch,
        "report": report,
        "verdict": "failed",
        **LAB,
        **more,
    }


def ill(case: str, cluster: str | None, *meals: tuple[str, str]) -> dict[str, Any]:
    exposures = [{"batch": batch, "site": site} for batch, site in meals]
    return {"kind": "illness_case", "case": case, "cluster": cluster, "exposures": exposures}


def places(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(member["batch"], member["site"]) for member in answer["members"]}


async def test_what_dates_alone_exclude_is_named_and_let_in_on_demand(told: Told) -> None:
    tank = "dairy/milk/~TANK7"
    await told.say(
        harvested("cow-1/milk/D1", at="2026-03-01"),
        harvested("cow-2/milk/D2", at="2026-03-03"),
        made(tank, "cow-1/milk/D1", site="field", at="2026-03-01T08:00:00Z"),
        made("dairy/cheese/C1", tank, site="field", at="2026-03-02T08:00:00Z"),
        made(tank, "cow-2/milk/D2", site="field", at="2026-03-03T08:00:00Z"),
    )
    trusted = await told.ask("trace", batch="dairy/cheese/C1", direction="back")
    assert ("cow-2/milk/D2", "field") not in places(trusted)
    assert {"batch": "cow-2/milk/D2", "site": "field"} in trusted["excluded_by_times"]
    ignored = await told.ask("trace", batch="dairy/cheese/C1", direction="back", times="ignore")
    assert ("cow-2/milk/D2", "field") in places(ignored)
    assert ignored["excluded_by_times"] == []


async def test_depth_and_site_narrow_a_trace(told: Told) -> None:
    await told.say(
        harvested("a/x/1"),
        moved("a/x/1", "field", "plant"),
        made("b/y/1", "a/x/1", site="plant"),
        made("c/z/1", "b/y/1", site="plant"),
    )
    one = await told.ask("trace", batch="a/x/1", direction="forward", depth=1)
    assert ("c/z/1", "plant") not in places(one)
    here = await told.ask("trace", batch="b/y/1", direction="forward", site="plant")
    assert places(here) == {("b/y/1", "plant"), ("c/z/1", "plant")}
    assert here["asked"]["site"] == "plant"


async def test_who_holds_a_lot_is_whom_it_was_shipped_to_where_nobody_acts_there(told: Told) -> None:
    await told.say(harvested("a/x/1"), moved("a/x/1", "field", "shop", to_operator="shop-1"))
    answer = await told.ask("batch", batch="a/x/1")
    assert {holding["site"]: holding["operator"] for holding in answer["holdings"]}["shop"] == "shop-1"


async def test_what_was_withdrawn_is_shown_as_such_and_its_amounts_do_not_count(told: Told) -> None:
    part = {"batch": "a/x/1", "quantity": 30, "unit": "kg"}
    await told.say(
        harvested("a/x/1") | {"out_batch": {"batch": "a/x/1", "quantity": 100, "unit": "kg"}},
        moved(part, "field", "shop", id="urn:wrong"),
    )
    before = await told.ask("batch", batch="a/x/1")
    assert {holding["site"]: holding["quantity"] for holding in before["holdings"]} == {"field": "70", "shop": "30"}
    await told.say(
        {"kind": "corrected", "target": {"id": "urn:wrong"}, "action": "withdraw", "reason": "typed wrongly"}
    )
    after = await told.ask("batch", batch="a/x/1")
    assert [event["standing"] for event in after["events"] if event["id"] == "urn:wrong"] == ["withdrawn"]
    assert {holding["site"]: holding["quantity"] for holding in after["holdings"] if holding["quantity"]} == {
        "field": "100"
    }


async def test_keys_that_are_one_batch_are_answered_under_the_lesser_name(told: Told) -> None:
    await told.say(harvested("a/x/1"), moved("b/x/9", "field", "shop"))
    await told.say({"kind": "same_batch", "batches": ["a/x/1", "b/x/9"]})
    for key in ("a/x/1", "b/x/9"):
        answer = await told.ask("trace", batch=key, direction="forward")
        assert places(answer) == {("a/x/1", "field"), ("a/x/1", "shop")}


async def test_each_cluster_of_cases_is_one_finding_and_a_case_without_one_stands_for_itself(told: Told) -> None:
    await told.say(
        harvested("a/seed/48088"),
        harvested("w/water/1"),
        made("b/sprouts/1", "a/seed/48088", "w/water/1", site="field"),
        made("c/sprouts/2", "a/seed/48088", site="field"),
        made("k/salad/1", "b/sprouts/1", site="field"),
        made("k/salad/2", "b/sprouts/1", site="field"),
        ill("case-1", "Nord", ("k/salad/1", "field")),
        ill("case-2", "Nord", ("k/salad/2", "field")),
        ill("case-3", None, ("c/sprouts/2", "field")),
        ill("case-4", "nothing eaten"),
    )
    answer = await told.ask("sources", cases=True)
    assert [(finding["name"], finding["cases"]) for finding in answer["findings"]] == [("Nord", 2), ("case-3", 1)]
    best = answer["sources"][0]
    assert (best["lot"], best["share"], best["unexplained"], best["raw"]) == ("48088", 1.0, [], True)
    water = next(source for source in answer["sources"] if source["lot"] == "1" and "w/water" in source["products"])
    assert (water["share"], water["unexplained"]) == (0.5, ["case-3"])


async def test_of_sources_that_explain_as_much_the_more_specific_comes_first(told: Told) -> None:
    await told.say(
        harvested("a/rare/1"),
        harvested("w/water/1"),
        *(made(f"k/dish/{n}", "w/water/1", *(["a/rare/1"] if n < 2 else []), site="field") for n in range(10)),
    )
    answer = await told.ask("sources", batches=["k/dish/0", "k/dish/1"])
    rare, water = answer["sources"][:2]
    assert (rare["batches"], rare["reached"], water["reached"]) == (["a/rare/1"], 2, 10)
    assert rare["chance"] < water["chance"]


async def test_a_case_that_was_withdrawn_is_no_finding(told: Told) -> None:
    await told.say(harvested("a/x/1"), made("b/y/1", "a/x/1", site="field"), ill("case-1", "Nord", ("b/y/1", "field")))
    await told.say(ill("case-2", "Sued", ("b/y/1", "field")) | {"id": "urn:case-2"})
    await told.say(
        {"kind": "corrected", "target": {"id": "urn:case-2"}, "action": "withdraw", "reason": "other illness"}
    )
    answer = await told.ask("sources", cases=True)
    assert [finding["name"] for finding in answer["findings"]] == ["Nord"]


async def test_a_scope_tells_how_it_came_to_be_version_by_version(told: Told) -> None:
    await told.say(harvested("a/x/1"), failed("a/x/1"))
    (scope,) = (await told.ask("scope list"))["scopes"]
    name = scope["scope"]
    opened = {"kind": "scope_opened", "scope": name, "reason": "sure", "title": "Leaf, March"}
    await told.say(opened, sender="county", role="emergency")
    await told.say(made("b/y/1", "a/x/1", site="field"), made("c/z/1", "b/y/1", site="field"))
    shown = await told.ask("scope show", scope=name)
    assert (shown["status"], shown["title"]) == ("open", "Leaf, March")
    assert [member["held"] for member in shown["members"]] == [True] * 3
    latest = await told.ask("scope diff", scope=name)
    assert {(change["kind"], change["batch"]) for change in latest["changes"]} == {
        ("added", "b/y/1"),
        ("added", "c/z/1"),
    }
    whole = await told.ask("scope diff", scope=name, begin=0)
    assert {change["batch"] for change in whole["changes"]} == {"a/x/1", "b/y/1", "c/z/1"}
    for change in whole["changes"]:
        assert change["before"] is None
        assert set(change["after"]) == {"role", "certainty", "basis", "state"}
        assert change["text"]
    with pytest.raises(NotFound, match="no version 99"):
        await told.ask("scope diff", scope=name, end=99)


async def test_a_scope_of_one_s_own_seeds_is_found_by_the_act_that_opened_it(told: Told) -> None:
    await told.say(harvested("a/x/1"), made("b/y/1", "a/x/1", site="field"))
    act = {
        "kind": "scope_opened", "id": "urn:act", "seeds": [{"batch": "b/y/1"}], "hazard_class": "foreign_body",
        "hazard": "glass", "reason": "complaint",
    }  # fmt: skip
    await told.say(act, sender="county", role="emergency")
    shown = await told.ask("scope show", opened_by=["county", "urn:act"])
    assert (shown["status"], shown["hazard"], shown["lot"]) == ("open", "glass", "b/y/1")
    assert {member["batch"]: member["role"] for member in shown["members"]}["b/y/1"] == "failed_lot"


async def test_a_preview_holds_what_the_draft_would(told: Told) -> None:
    await told.say(
        harvested("a/x/1"), moved("a/x/1", "field", "shop", to_operator="shop-1"), made("b/y/1", "a/x/1", site="shop")
    )
    preview = await told.ask("scope preview", batches=["a/x/1"], hazard="Salmonella")
    await told.say(failed("a/x/1", site="shop"))
    (scope,) = (await told.ask("scope list"))["scopes"]
    draft = await told.ask("scope show", scope=scope["scope"])
    assert places(preview) == places(draft)
    assert preview["status"] == "preview"


async def test_a_preview_of_a_description_holds_what_a_scope_on_it_would(told: Told) -> None:
    await told.say(
        harvested("a/x/21"), harvested("a/x/22"), moved("a/x/22", "field", "shop"), made("b/y/1", "a/x/22", site="shop")
    )
    matching = {"product": "a/x", "lot_from": "22", "expires_from": "2026-01-01"}
    preview = await told.ask("scope preview", matching=matching, hazard="Salmonella")
    act = {"kind": "scope_opened", "id": "urn:act", "matching": matching, "hazard_class": "pathogen", "reason": "x"}
    await told.say({**act, "hazard": "Salmonella"}, sender="county", role="emergency")
    shown = await told.ask("scope show", opened_by=["county", "urn:act"])
    assert {member["batch"] for member in preview["members"]} == {"a/x/22", "b/y/1"}
    assert places(preview) == places(shown)


async def test_consignees_know_what_came_to_them_and_suspects_come_last(told: Told) -> None:
    await told.say(
        harvested("a/x/1"),
        made("b/y/1", "a/x/1", site="field"),
        moved({"batch": "b/y/1", "quantity": "12.5", "unit": "kg"}, "field", "shop", to_operator="shop-1"),
        failed("b/y/1", site="shop"),
    )
    (scope,) = (await told.ask("scope list"))["scopes"]
    consignees = (await told.ask("scope consignees", scope=scope["scope"]))["consignees"]
    shop = next(consignee for consignee in consignees if consignee["site"] == "shop")
    assert (shop["operator"], shop["lots"][0]["quantity"], shop["lots"][0]["unit"]) == ("shop-1", "12.5", "kg")
    roles = [lot["role"] for consignee in consignees for lot in consignee["lots"]]
    assert roles[-1] == "suspect"


async def test_alerts_are_told_in_chinese_too_and_those_withdrawn_on_demand(told: Told) -> None:
    await told.say(harvested("a/x/1"), failed("a/x/1"), sender="lab-1", role="laboratory")
    (english,) = (await told.ask("alerts", subject="a/x/1"))["alerts"]
    (chinese,) = (await told.ask("alerts", subject="a/x/1", language="zh-CN"))["alerts"]
    assert english["id"] == chinese["id"]
    assert "failed" in english["text"]
    assert "不合格" in chinese["text"]
    takes_back = {"kind": "corrected", "target": {"id": "urn:R1"}, "action": "withdraw", "reason": "mixed up"}
    await told.say(takes_back, sender="lab-1", role="laboratory")
    assert (await told.ask("alerts", rule="test_failed"))["alerts"] == []
    (gone,) = (await told.ask("alerts", rule="test_failed", withdrawn=True))["alerts"]
    assert gone["standing"] is False


async def test_every_answer_names_the_position_that_it_is_true_for(told: Told) -> None:
    await told.say(harvested("a/x/1"), failed("a/x/1"))
    (scope,) = (await told.ask("scope list"))["scopes"]
    for question, arguments in (
        ("trace", {"batch": "a/x/1", "direction": "back"}),
        ("sources", {"batches": ["a/x/1"]}),
        ("batch", {"batch": "a/x/1"}),
        ("alerts", {}),
        ("scope list", {}),
        ("scope show", {"scope": scope["scope"]}),
        ("scope preview", {"batches": ["a/x/1"]}),
        ("scope diff", {"scope": scope["scope"]}),
        ("scope consignees", {"scope": scope["scope"]}),
        ("rejected list", {}),
        ("verify", {}),
        ("rebuild", {}),
    ):
        assert (await told.ask(question, **arguments))["position"] == 1, question
