"""Retests through a whole world: what a passed one withdraws, what an invalid one leaves, in any order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from fieldline_trace.risk.proposals import proposes

from .worlds import Saying, Told

SALAD = "plant/salad/S1"
TIME = {"zone": "Asia/Shanghai"}


def failed(**more: Any) -> Saying:
    said = {"kind": "tested", "id": "t", "batch": SALAD, "lab": "lab", "report": "R1", "at": "2026-03-06", **TIME}
    return "lab", said | {"hazard_class": "residue", "hazard": "lead", "verdict": "failed"} | more


def asked(**more: Any) -> Saying:
    said = {"kind": "retest_requested", "id": "q", "operator": "plant", "lab": "lab", "report": "R1", **TIME}
    return "plant", said | {"at": "2026-03-09"} | more


def again(who: str = "county", **more: Any) -> Saying:
    said = {"id": "t2", "lab": "south", "report": "R2", "verdict": "passed", "at": "2026-03-12"}
    return who, failed()[1] | said | {"retest_of": {"lab": "lab", "report": "R1"}} | more


def gone(target: str, sender: str) -> Saying:
    said = {"kind": "corrected", "id": f"c{target}", "target": {"id": target, "sender": sender}}
    return "county", said | {"action": "withdraw", "reason": "x"}


def world(*sayings: Saying) -> Told:
    told = Told()
    told.tell(*sayings)
    assert not told.ledger.rejected, told.ledger.rejected
    return told


def standing(told: Told) -> dict[str, Any]:
    found = {alert.rule: alert for alert in told.world.board.standing()}
    assert "RULE_FAILED" not in found, found["RULE_FAILED"].args
    return found


def test_a_passed_retest_withdraws_the_finding_and_asks_a_person_to_release_in_any_order() -> None:
    for order in permutations([failed(), asked(), again()]):
        told = world(*order)
        found = standing(told)
        assert "TEST_FAILED" not in found
        assert (found["RETEST"].args["why"], proposes(found["RETEST"].finding)) == ("passed", "release")
        assert {scope.status for scope in told.world.scopes.values()} <= {"lapsed"}


def test_what_is_held_stays_held_while_a_retest_is_awaited_and_after_it_passed() -> None:
    made = "plant", {"kind": "harvested", "id": "h", "operator": "plant", "site": "plant", "out_batch": SALAD}
    told = world(made, failed())
    [scope] = told.world.scopes
    told.tell(("county", {"kind": "scope_opened", "id": "o", "scope": scope, "reason": "x"}), asked())
    assert not told.ledger.rejected
    assert standing(told)["RETEST"].args["why"] == "awaited"
    held = told.world.scopes[scope].held.tolist()
    assert any(held)
    told.tell(again())
    assert standing(told)["RETEST"].args["why"] == "passed"
    assert (told.world.scopes[scope].status, told.world.scopes[scope].held.tolist()) == ("open", held)


def test_of_a_report_on_two_hazards_a_retest_withdraws_what_it_retested_alone() -> None:
    other = failed(id="t3", hazard="cadmium")
    for order in permutations([failed(), other, asked(), again()]):
        alerts = world(*order).world.board.standing()
        assert [alert.args["hazard"] for alert in alerts if alert.rule == "TEST_FAILED"] == ["cadmium"]
        assert sorted(str(alert.args["why"]) for alert in alerts if alert.rule == "RETEST") == ["awaited", "passed"]


def test_what_a_contested_result_confirmed_is_judged_again_in_any_order() -> None:
    screen = failed(id="s", report="R3", method="screening")
    taken_back = gone("q", "plant")
    for told, alone in (((), "alone"), ((taken_back,), "confirmed")):
        for order in permutations([failed(), screen, again(), asked(), *told]):
            found = standing(world(*order))
            assert found["SCREENING_POSITIVE"].args["why"] == alone


def test_a_sample_that_comes_late_tells_what_a_retest_was_of() -> None:
    taken = {"kind": "sampled", "id": "x", "operator": "county", "site": "plant", "sample": "X", "at": "2026-03-05"}
    sample = "county", taken | TIME | {"batches": ["plant/salad/S9"]}
    who, retest = again(sample="X")
    del retest["batch"]
    for order in permutations([failed(), asked(), (who, retest), sample]):
        alerts = world(*order).world.board.standing()
        assert {str(alert.args["why"]) for alert in alerts if alert.rule == "RETEST"} == {"awaited", "tested_other"}
        assert "TEST_FAILED" in {alert.rule for alert in alerts}


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31"])
def test_the_ends_of_the_calendar_stop_nothing(day: str) -> None:
    sample = {"kind": "sampled", "id": "x", "operator": "county", "site": "plant", "sample": "X", "at": day} | TIME
    taken = "county", sample | {"batches": [{"batch": SALAD, "produced": day, "expires": day}], "grid_unit": "410105"}
    value = {"analyte": "lead", "value": "5", "unit": "mg/kg"}
    who, result = failed(sample="X", at=day, results=[value], grid_unit="410105")
    del result["batch"]
    other = failed(id="t3", batch="plant/salad/S2", report="R3", at=day, grid_unit="410105")
    grown = {"kind": "transformed", "id": "g", "operator": "plant", "site": "plant", "at": day} | TIME
    made = "plant", grown | {"in_batches": ["farm/leaf/L1"], "out_batches": [SALAD, "plant/salad/S2"]}
    told = world(made, (who, result), other, taken, asked(at=day, result_received=day), again())
    told.tell(("county", sample | {"batches": [SALAD]}), gone("t", "lab"), gone("g", "plant"))
    standing(told)


def test_a_retest_that_is_not_valid_changes_nothing_and_says_why_in_any_order() -> None:
    own = again("plant", lab="plant")
    for retest, why in (
        (own, "tested_own"),
        (again(hazard="cadmium"), "tested_other"),
        (again(batch="plant/salad/S9"), "tested_other"),
        (again("lab"), "tested_not_theirs"),
        (again(lab="lab"), "tested_same_lab"),
    ):
        for order in permutations([failed(), asked(), retest]):
            alerts = world(*order).world.board.standing()
            assert "TEST_FAILED" in {one.rule for one in alerts}
            assert {one.args["why"] for one in alerts if one.rule == "RETEST"} == {"awaited", why}


def test_what_a_request_or_retest_did_is_undone_with_it_in_any_order() -> None:
    for taken, sender, why in (("q", "plant", "tested_not_asked"), ("t2", "county", "awaited")):
        for order in permutations([failed(), asked(), again(), gone(taken, sender)]):
            found = standing(world(*order))
            assert "TEST_FAILED" in found
            assert found["RETEST"].args["why"] == why


def test_who_had_the_batch_may_ask_once_that_is_recorded() -> None:
    sold = "trade", {"kind": "sold", "id": "s", "operator": "trade", "site": "shop", "batches": [SALAD]}
    late = asked(operator="trade")
    assert standing(world(failed(), late))["RETEST"].args["why"] == "asked_not_entitled"
    for order in permutations([failed(), ("trade", late[1]), again(), sold]):
        found = standing(world(*order))
        assert ("TEST_FAILED" in found, found["RETEST"].args["why"]) == (False, "passed")


def test_a_makers_own_second_test_refutes_no_screen() -> None:
    screen = failed(method="screening")
    own = "plant", failed()[1] | {"id": "t3", "lab": "plant", "report": "P1", "verdict": "passed", "sample": "S1"}
    screen[1]["sample"] = "S1"
    for order in permutations([screen, own]):
        assert "SCREENING_POSITIVE" in standing(world(*order))
    other = "county", own[1] | {"lab": "south"}
    assert "SCREENING_POSITIVE" not in standing(world(screen, other))


def test_reports_that_amend_one_another_in_a_circle_count_for_nothing_however_many_results_they_hold() -> None:
    lab = {"lab": "lab", "hazard": "lead", "method": "screening"}
    circle = failed(**lab, id="r1", report="R3", supersedes="R2"), failed(**lab, id="r2", report="R2", supersedes="R3")
    beside = [failed(**lab, id=f"u{n}", report="R3", verdict="passed") for n in range(3)]
    for order in permutations([*circle, *beside]):
        assert "RESULT_SUPERSEDED" not in {alert.rule for alert in world(*order).world.board.standing()}


def test_a_screen_that_concludes_nothing_is_confirmed_in_any_order_all_the_same() -> None:
    value = {"analyte": "Salmonella", "value": "10"}
    screen = failed(id="s", report="R3", method="screening", verdict="inconclusive", results=[value])
    for order in permutations([failed(), screen]):
        assert standing(world(*order))["SAMPLING_PLAN_FAILED"].confidence == "confirmed"
