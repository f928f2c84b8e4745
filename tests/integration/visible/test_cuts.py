"""What each role sees of a chain of firms: its own, one step either side, its area; and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fieldline_trace.api.caller import HERE, PUBLIC, Caller
from fieldline_trace.errors import Forbidden, NotFound

from .conftest import BOWL, EMERGENCY, FAILED, GRIDS, LAB, LEAF, OIL, SALAD, Seen, county, firm, moved, said

Places = set[tuple[str, str | None]]


def places(answer: dict[str, Any]) -> Places:
    return {(member["batch"], member["site"]) for member in answer["members"]}


def names_in(answer: Any) -> set[str]:
    text = json.dumps(answer)
    return {name for name in GRIDS if name in text}


async def test_a_firm_sees_its_own_holdings_and_one_step_either_side(chain: Seen) -> None:
    back = await chain.ask(firm("packer"), "trace", batch=SALAD, direction="back")
    assert places(back) == {
        (SALAD, "packer-site"), (SALAD, "depot-site"), (LEAF, "packer-site"), (OIL, "packer-site"),
        (LEAF, "grower-site"), (OIL, "oilmill-site"),
    }  # fmt: skip
    forward = await chain.ask(firm("packer"), "trace", batch=LEAF, direction="forward")
    assert places(forward) == {
        (LEAF, "packer-site"), (LEAF, "grower-site"), (SALAD, "packer-site"), (SALAD, "depot-site"),
    }  # fmt: skip
    assert names_in(forward) == {"packer", "grower", "depot"}


async def test_that_a_trace_was_cut_is_said_but_not_by_how_much(chain: Seen) -> None:
    cut = (await chain.ask(firm("packer"), "trace", batch=LEAF, direction="forward"))["cut"]
    assert cut == {"members": None, "why": "shown is what is your own, and one step either side"}
    whole = await chain.ask(EMERGENCY, "trace", batch=LEAF, direction="forward")
    assert "cut" not in whole
    assert (BOWL, "school-site") in places(whole)


async def test_groups_and_events_of_a_trace_are_those_of_what_is_shown(chain: Seen) -> None:
    forward = await chain.ask(firm("packer"), "trace", batch=LEAF, direction="forward")
    assert {site["site"] for site in forward["sites"]} == {"packer-site", "grower-site", "depot-site"}
    assert {lot["lot"] for lot in forward["lots"]} == {"L1", "S1"}
    assert {event["id"] for event in forward["events"]} == {"packer:1", "packer:2"}
    assert {member["event"] for member in forward["members"]} == {None, "packer:1"}


async def test_of_what_is_one_step_away_neither_time_nor_quantity_is_told(chain: Seen) -> None:
    forward = await chain.ask(firm("packer"), "trace", batch=SALAD, direction="forward")
    exposed = {member["site"]: member["exposed"]["from"] for member in forward["members"]}
    assert exposed["packer-site"] is not None
    assert exposed["depot-site"] is None
    holdings = (await chain.ask(firm("depot"), "batch", batch=SALAD))["holdings"]
    assert {holding["site"]: holding["quantity"] for holding in holdings} == {
        "packer-site": None, "depot-site": "0", "shop-site": None,
    }  # fmt: skip


async def test_goods_that_come_back_through_others_hands_do_not_tell_what_these_made_of_them(chain: Seen) -> None:
    await chain.say("shop", moved(BOWL, "shop", "grower", "2026-03-07", id="shop:3"))
    forward = await chain.ask(firm("grower"), "trace", batch=LEAF, direction="forward")
    assert places(forward) == {(LEAF, "grower-site"), (LEAF, "packer-site")}
    assert (BOWL, "grower-site") in places(await chain.ask(firm("grower"), "trace", batch=BOWL, direction="forward"))


@pytest.mark.parametrize("question", ["trace", "batch", "name"])
async def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(chain: Seen, question: str) -> None:
    more = {"direction": "back"} if question == "trace" else {}
    for batch in (BOWL, "B1"):
        with pytest.raises(NotFound) as hidden:
            await chain.ask(firm("grower"), question, batch=batch, **more)
        missing = batch.replace("B1", "B9")
        with pytest.raises(NotFound) as unknown:
            await chain.ask(firm("grower"), question, batch=missing, **more)
        assert str(hidden.value) == str(unknown.value).replace(missing, batch)
        assert not [name for name in (*hidden.value.near, *unknown.value.near) if "shop" in name or "B1" in name]


async def test_near_names_are_those_that_may_be_named(chain: Seen) -> None:
    with pytest.raises(NotFound) as unknown:
        await chain.ask(firm("packer"), "batch", batch="packer/salad/S2")
    assert SALAD in unknown.value.near
    with pytest.raises(NotFound) as unknown:
        await chain.ask(firm("school"), "batch", batch="packer/salad/S2")
    assert unknown.value.near == ()


async def test_a_site_that_may_not_be_seen_is_no_site(chain: Seen) -> None:
    for site in ("school-site", "nowhere"):
        with pytest.raises(NotFound, match=f"no site is known as '{site}'"):
            await chain.ask(firm("packer"), "trace", batch=SALAD, direction="back", site=site)


async def test_naming_a_competitor_s_site_in_an_event_opens_nothing_of_it(chain: Seen) -> None:
    spy = said("harvested", "spy", "2026-03-01", out_batch="spy/x/1", id="spy:1") | {"site": "packer-site"}
    drawn = said("served", "spy", "2026-03-05", batches=[SALAD], id="spy:2") | {"site": "packer-site"}
    await chain.say("spy", spy, drawn)
    trace = await chain.ask(firm("spy"), "trace", batch=SALAD, direction="back")
    assert names_in(trace) - {"packer"} == set()
    assert places(trace) == {(SALAD, "packer-site")}
    assert (await chain.ask(firm("spy"), "batch", batch=SALAD))["holdings"][0]["quantity"] is None


async def test_whose_a_silent_shop_is_others_say_before_whoever_names_itself(seen: Seen) -> None:
    await seen.say("ann", moved("ann/x/1", "ann", "kiosk", "2026-03-05"))
    spied = said("shipped", "spy", "2026-03-06", batches=["ann/x/1"], to_site="kiosk-site", to_operator="spy")
    await seen.say("spy", spied)

    async def told(name: str) -> dict[str, Any]:
        members = (await seen.ask(firm(name), "trace", batch="ann/x/1", direction="back"))["members"]
        return {member["site"]: member["exposed"]["to"] or member["exposed"]["from"] for member in members}

    assert (await told("kiosk"))["kiosk-site"] is not None
    assert (await told("spy"))["kiosk-site"] is None


async def test_what_went_in_a_unit_is_one_step_away_like_what_went_by_itself(chain: Seen) -> None:
    pallet = "00/340123450000000000"
    packed = said("aggregated", "depot", "2026-03-04T10:00:00Z", parent=pallet, children=[SALAD], id="depot:2")
    gone = said("shipped", "depot", "2026-03-04T12:00:00Z", batches=[pallet], to_site="store-site", id="depot:3")
    there = said("served", "store", "2026-03-06", batches=[SALAD], id="store:1")
    await chain.say("depot", packed, gone | {"to_operator": "store", "arrived": "2026-03-04T13:00:00Z"})
    await chain.say("store", there)
    forward = await chain.ask(firm("depot"), "trace", batch=SALAD, direction="forward")
    assert {site for _, site in places(forward)} == {"packer-site", "depot-site", "shop-site", "store-site"}
    (unit,) = (await chain.ask(firm("depot"), "batch", batch=pallet))["units"]
    assert ([held["batch"] for held in unit["holds"]], unit["site"]) == ([SALAD], "store-site")
    for name in ("shop", "grower"):
        with pytest.raises(NotFound):
            await chain.ask(firm(name), "batch", batch=pallet)
    assert "store" not in json.dumps(await chain.ask(firm("shop"), "trace", batch=SALAD, direction="back"))


async def test_at_a_market_hall_each_sees_what_it_said_of_itself(seen: Seen) -> None:
    hall = {"site": "hall"}
    for stall, lots in (("ann", 3), ("ben", 1)):
        for lot in range(lots):
            await seen.say(stall, said("harvested", stall, "2026-03-01", out_batch=f"{stall}/fish/{lot}") | hall)
    assert (await seen.ask(firm("ben"), "batch", batch="ben/fish/0"))["holdings"][0]["site"] == "hall"
    with pytest.raises(NotFound):
        await seen.ask(firm("ben"), "batch", batch="ann/fish/0")


async def test_an_authority_sees_its_area_and_one_step_beyond_it_by_operator_alone(chain: Seen) -> None:
    forward = await chain.ask(county("4101"), "trace", batch=LEAF, direction="forward")
    assert places(forward) == {
        (LEAF, "grower-site"), (LEAF, "packer-site"), (SALAD, "packer-site"), (SALAD, None),
    }  # fmt: skip
    beyond = next(member for member in forward["members"] if member["site"] is None)
    assert (beyond["operator"], beyond["exposed"]) == ("depot", {"from": None, "to": None})
    assert forward["cut"]["members"] == 3
    assert "depot-site" not in json.dumps(forward)


async def test_an_authority_gets_what_came_back_into_its_area_whichever_way(chain: Seen) -> None:
    forward = await chain.ask(county("11"), "trace", batch=SALAD, direction="back")
    assert {(member["batch"], member["site"], member["operator"]) for member in forward["members"]} == {
        (SALAD, "shop-site", "shop"), (SALAD, None, "depot"),
    }  # fmt: skip
    assert places(await chain.ask(county("410105"), "trace", batch=SALAD, direction="back")) >= {(LEAF, "grower-site")}


async def test_a_site_lies_where_who_acts_there_says_it_does(chain: Seen) -> None:
    for number in range(3):
        stranger = said(
            "sampled", "stranger", "2026-03-05", batches=[SALAD], sample=f"S{number}", id=f"stranger:{number}"
        )
        await chain.say("stranger", stranger | {"site": "packer-site", "grid_unit": "440300"})
    with pytest.raises(NotFound):
        await chain.ask(county("4403"), "batch", batch=LEAF)
    holdings = (await chain.ask(county("410105003"), "batch", batch=SALAD))["holdings"]
    assert {holding["site"] for holding in holdings} == {"packer-site", None}


async def test_an_authority_without_a_prefix_has_no_bounds(chain: Seen) -> None:
    everywhere = await chain.ask(county(""), "trace", batch=LEAF, direction="forward")
    assert everywhere == await chain.ask(EMERGENCY, "trace", batch=LEAF, direction="forward")


async def test_a_laboratory_sees_its_results_and_the_samples_that_they_name(chain: Seen) -> None:
    taken = said("sampled", "inspector", "2026-03-08", batches=[BOWL], sample="S-7", id="inspector:1")
    await chain.say("inspector", taken | {"site": "school-site"}, role="regulator")
    result = {name: value for name, value in FAILED.items() if name != "batch"} | {"sample": "S-7", "report": "R-2"}
    await chain.say("institute", result | {"id": "institute:2", "site": "institute"}, role="laboratory")
    salad = await chain.ask(LAB, "batch", batch=SALAD)
    assert {event["id"] for event in salad["events"]} == {"institute:1"}
    bowl = await chain.ask(LAB, "batch", batch=BOWL)
    assert {event["id"] for event in bowl["events"]} == {"inspector:1"}
    assert {holding["site"] for holding in bowl["holdings"]} == {"school-site"}
    with pytest.raises(NotFound):
        await chain.ask(LAB, "batch", batch=LEAF)
    alerts = (await chain.ask(LAB, "alerts"))["alerts"]
    assert {(alert["rule"], alert["subject"]) for alert in alerts} == {("TEST_FAILED", SALAD), ("TEST_FAILED", BOWL)}


async def test_a_failed_batch_alerts_those_who_have_it_and_nobody_else(chain: Seen) -> None:
    for name, count in (("packer", 1), ("depot", 1), ("shop", 1), ("grower", 0), ("school", 0)):
        alerts = (await chain.ask(firm(name), "alerts", rule="TEST_FAILED"))["alerts"]
        assert len(alerts) == count, name
        for alert in alerts:
            assert alert["evidence"] == []
            assert alert["evidence_count"] == 0
            assert names_in(alert) <= {"packer", name}
    (alert,) = (await chain.ask(firm("shop"), "alerts"))["alerts"]
    assert alert["args"]["site"] is None
    assert alert["text"] == f"{SALAD} failed for Listeria (laboratory institute, report R-1)"
    (alert,) = (await chain.ask(county("11"), "alerts"))["alerts"]
    assert (alert["subject"], alert["args"]["site"], alert["evidence"]) == (SALAD, None, [])


async def test_what_was_found_in_a_batch_is_told_to_those_who_have_it_their_authorities_and_the_laboratory(
    chain: Seen,
) -> None:
    found = {"results": [{"analyte": "chloramphenicol", "value": "0.3", "unit": "ug/kg"}], "report": "R-3"}
    await chain.say("institute", FAILED | found | {"id": "institute:3", "hazard_class": "banned"}, role="laboratory")
    for who, shown in (
        (firm("packer"), True), (firm("shop"), True), (firm("school"), False), (firm("grower"), False), (LAB, True),
        (county("41"), True), (county("11"), True), (county("13"), False),
    ):  # fmt: skip
        alerts = (await chain.ask(who, "alerts", rule="BANNED_SUBSTANCE"))["alerts"]
        assert [alert["subject"] for alert in alerts] == [SALAD] * shown, who.sender
    (row,) = (await chain.ask(county("41"), "risk", batch=SALAD))["rows"][:1]
    assert row["batch"] == SALAD
    assert await chain.whose(EMERGENCY, "risk", batch=SALAD) == ("institute", "packer")


async def test_a_gap_is_told_to_those_whose_holding_it_is_at(seen: Seen) -> None:
    await seen.say(
        "ann", said("shipped", "ann", "2026-03-05", batches=["ann/x/1"], to_site="ben-site", arrived="2026-03-01")
    )
    await seen.say("ben", said("served", "ben", "2026-03-08", batches=["ann/x/1"]))
    for name, shown in (("ann", True), ("ben", True), ("cora", False)):
        alerts = (await seen.ask(firm(name), "alerts", rule="CHAIN_GAP"))["alerts"]
        assert [alert["args"]["why"] for alert in alerts] == ["order"] * shown, name


async def test_who_sent_a_conflict_hears_of_it_and_others_do_not(chain: Seen) -> None:
    other = said("harvested", "grower", "2026-03-02", out_batch=LEAF, id="grower:1")
    await chain.runtime.hand_in([json.dumps(other).encode()], sender="grower", role="producer")
    (alert,) = (await chain.ask(firm("grower"), "alerts", rule="EVENT_CONFLICT"))["alerts"]
    assert (alert["subject"], alert["evidence_count"]) == ("event of grower", 2)
    assert (await chain.ask(firm("packer"), "alerts", rule="EVENT_CONFLICT"))["alerts"] == []


async def test_of_a_scope_a_firm_sees_its_own_members_counted_by_themselves(chain: Seen) -> None:
    (scope,) = (await chain.ask(firm("depot"), "scope list"))["scopes"]
    (whole,) = (await chain.ask(EMERGENCY, "scope list"))["scopes"]
    assert (scope["members"], scope["definite"], scope["lot"]) == (1, 1, SALAD)
    assert whole["members"] > 1
    show = await chain.ask(firm("depot"), "scope show", scope=scope["scope"])
    assert places(show) == {(SALAD, "depot-site")}
    assert (show["co_descendants"], show["inferred"]) == (None, None)
    assert names_in(show) == {"depot", "packer"}  # the packer's name stands in the key of its lot
    diff = await chain.ask(firm("depot"), "scope diff", scope=scope["scope"])
    assert {(change["batch"], change["site"]) for change in diff["changes"]} == {(SALAD, "depot-site")}


async def test_a_scope_without_a_member_of_one_s_own_is_no_scope(chain: Seen) -> None:
    (whole,) = (await chain.ask(EMERGENCY, "scope list"))["scopes"]
    await chain.say("stranger", said("harvested", "stranger", "2026-03-01", out_batch="stranger/x/1"))
    assert (await chain.ask(firm("stranger"), "scope list"))["scopes"] == []
    for text in (whole["scope"], "scope-0"):
        with pytest.raises(NotFound) as hidden:
            await chain.ask(firm("stranger"), "scope show", scope=text)
        assert hidden.value.near == ()


async def test_an_authority_calls_the_consignees_of_its_area(chain: Seen) -> None:
    (scope,) = (await chain.ask(EMERGENCY, "scope list"))["scopes"]
    answer = await chain.ask(county("11"), "scope consignees", scope=scope["scope"])
    assert {(one["operator"], one["site"]) for one in answer["consignees"]} == {
        ("shop", "shop-site"), ("school", "school-site"), ("depot", None),
    }  # fmt: skip
    assert answer["cut"]["members"] == 5


async def test_why_a_person_acted_is_told_to_authorities_alone(chain: Seen) -> None:
    (scope,) = (await chain.ask(EMERGENCY, "scope list"))["scopes"]
    opened = {
        "kind": "scope_opened",
        "scope": scope["scope"],
        "reason": "the shop told us",
        "title": "shop",
        "id": "act:1",
    }
    await chain.say("taskforce", opened, role="emergency")
    show = await chain.ask(firm("depot"), "scope show", scope=scope["scope"])
    assert (show["title"], [act["because"] for act in show["acts"]]) == ("", [""])
    show = await chain.ask(county("4102"), "scope show", scope=scope["scope"])
    assert (show["title"], [act["because"] for act in show["acts"]]) == ("shop", ["the shop told us"])


async def test_where_findings_meet_is_told_of_the_area(chain: Seen) -> None:
    whole = await chain.ask(EMERGENCY, "sources", batches=[SALAD, BOWL])
    assert {batch for source in whole["sources"] for batch in source["batches"]} >= {LEAF, OIL}
    beijing = await chain.ask(county("11"), "sources", batches=[SALAD, BOWL])
    assert names_in(beijing["sources"]) == set()
    assert beijing["cut"]["members"] == len(whole["sources"])


@pytest.mark.parametrize("caller", [PUBLIC, LAB, firm("packer")])
async def test_what_the_table_of_roles_does_not_grant_is_forbidden(chain: Seen, caller: Caller) -> None:
    for question, arguments in (
        ("sources", {"batches": [SALAD]}),
        ("verify", {}),
        ("scope preview", {"batches": [SALAD]}),
    ):
        with pytest.raises(Forbidden):
            await chain.ask(caller, question, **arguments)


async def test_whose_data_an_answer_shows_is_known(chain: Seen) -> None:
    assert await chain.whose(firm("packer"), "trace", batch=LEAF, direction="forward") == ("depot", "grower")
    assert await chain.whose(firm("grower"), "batch", batch=LEAF) == ("packer",)
    assert set(await chain.whose(EMERGENCY, "trace", batch=LEAF, direction="forward")) >= {"school", "shop"}
    assert await chain.whose(EMERGENCY, "alerts") == ("institute",)
    assert await chain.whose(EMERGENCY, "name", batch=LEAF) == ("grower",)
    assert set(await chain.whose(EMERGENCY, "sources", batches=[SALAD, BOWL])) >= {"grower", "oilmill"}
    assert await chain.whose(HERE, "trace", batch=LEAF, direction="forward") == ()


async def test_an_event_is_its_senders_and_its_operators_and_what_it_set_off_is_not(chain: Seen) -> None:
    (one,) = (await chain.ask(firm("packer"), "event", id="packer:1"))["events"]
    assert {row["batch"] for row in one["batches"]} == {LEAF, OIL, SALAD}
    assert (one["alerts"], one["scopes"], one["said"]) == (None, None, None)
    with pytest.raises(NotFound):
        await chain.ask(firm("grower"), "event", id="packer:1")
    with pytest.raises(NotFound):
        await chain.ask(firm("packer"), "event", id=FAILED["id"])
    whole = await chain.ask(EMERGENCY, "event", id=FAILED["id"])
    assert whole["events"][0]["said"]["report"] == "R-1"
    (inside,) = (await chain.ask(county("41"), "event", id="packer:1"))["events"]
    assert "said" not in {name for name, value in inside.items() if value is not None}
    with pytest.raises(NotFound):
        await chain.ask(county("11"), "event", id="packer:1")
    with pytest.raises(Forbidden):
        await chain.ask(PUBLIC, "event", id="packer:1")
