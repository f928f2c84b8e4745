"""Rules that read results, batches, operators and reports, through a whole world: each side of what they ask."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from fieldline_schemas.times import instant, interval_of

from .worlds import Saying, Told

ZONE = {"zone": "Asia/Shanghai"}
Raw = dict[str, Any]
LEAF = "farm/lettuce/L1"


def standing(*sayings: Saying, end: bool = False) -> dict[str, list[Any]]:
    """What stands, by rule, but for what the records lack."""
    told = Told()
    told.now = interval_of("2026-12-01T00:00:00Z", None).lo
    told.tell(*((who, {"operator": who} | said) for who, said in sayings))
    assert not told.ledger.rejected
    if end:
        told.now = interval_of("2027-06-01T00:00:00Z", None).lo
        told.tell(("clock", {"kind": "clock_ticked", "at": "2027-06-01T00:00:00Z"}))
    found: dict[str, list[Any]] = {}
    for alert in told.world.board.standing():
        assert alert.rule != "RULE_FAILED", alert.args
        found.setdefault(alert.rule, []).append(alert)
    return found


def sampled(at: str = "2026-09-02", batch: Any = LEAF, **more: Any) -> Saying:
    return "county", {
        "kind": "sampled",
        "id": "s",
        "batches": [batch],
        "sample": "S1",
        "at": at,
        "site": "farm",
        **ZONE,
        **more,
    }


def reported(value: str, analyte: str = "lead", unit: str = "mg/kg", **more: Any) -> Saying:
    said: Raw = {
        "kind": "tested",
        "id": "t",
        "sample": "S1",
        "lab": "lab",
        "report": "R1",
        "hazard": analyte,
        **ZONE,
    }
    said |= {"hazard_class": "residue", "verdict": "passed", "at": "2026-09-10", "site": "farm"}
    return "lab", said | {"results": [{"analyte": analyte, "value": value, "unit": unit}], **more}


@pytest.mark.parametrize(("value", "exceeds"), [("0.3", False), ("0.31", True), ("<0.5", False), ("310 ", True)])
def test_a_value_above_the_limit_of_its_class_is_told_with_clause_and_date(value: str, exceeds: bool) -> None:
    unit = "ug/kg" if value.startswith("310") else "mg/kg"
    found = standing(sampled(), reported(value, unit=unit)).get("LIMIT_EXCEEDED", [])
    assert len(found) == exceeds
    if exceeds:
        args = found[0].args
        assert (args["standard"], args["clause"], args["decided_by"]) == ("GB 2762-2025", "4.1", "sampling")
        assert (args["product"], args["matched"], args["date"]) == ("leafy vegetables", "class", "2026-09-02")


@pytest.mark.parametrize(("day", "judged"), [("2026-09-01", 0), ("2026-09-02", 1)])
def test_what_was_sampled_before_the_edition_came_into_force_is_not_judged_by_it(day: str, judged: int) -> None:
    assert len(standing(sampled(day), reported("9")).get("LIMIT_EXCEEDED", [])) == judged


@pytest.mark.parametrize(("made", "judged"), [("2026-09-01", 0), ("2026-09-02", 1)])
def test_prepackaged_food_is_judged_by_its_day_of_production_in_any_order(made: str, judged: int) -> None:
    packed = "plant", {"kind": "packed", "id": "p", "at": made, "site": "plant", "in_batches": [LEAF], **ZONE}
    packed[1]["out_batches"] = ["plant/honey/H1"]
    for order in permutations([packed, sampled("2026-09-10", "plant/honey/H1"), reported("0.6")]):
        found = standing(*order).get("LIMIT_EXCEEDED", [])
        assert [one.args["decided_by"] for one in found] == ["production"] * judged


def test_an_import_is_judged_by_the_day_inspection_was_applied_for() -> None:
    came = "trade", {"kind": "imported", "id": "i", "batches": ["mill/tea/T1"], "country": "IN", "site": "farm", **ZONE}
    came[1]["inspection_applied"] = "2026-09-02"
    [found] = standing(came, sampled("2026-09-01", "mill/tea/T1"), reported("5.1"))["LIMIT_EXCEEDED"]
    assert (found.args["decided_by"], found.args["limit"]) == ("inspection_application", "5")


@pytest.mark.parametrize(("product", "value"), [("honey", "0.6"), ("tea", "5.1")])
def test_an_import_is_not_judged_by_its_day_of_production(product: str, value: str) -> None:
    batch = f"mill/{product}/T1"
    packed: Raw = {"kind": "packed", "id": "p", "at": "2026-09-01", "site": "mill", "in_batches": ["mill/x/X1"], **ZONE}
    came: Raw = {"kind": "imported", "id": "i", "batches": [batch], "country": "IN", "site": "farm", **ZONE}
    sayings = ("plant", packed | {"out_batches": [batch]}), sampled("2026-09-02", batch), reported(value)
    assert "LIMIT_EXCEEDED" not in standing(*sayings)
    [found] = standing(*sayings, ("trade", came))["LIMIT_EXCEEDED"]
    assert found.args["decided_by"] == "sampling"


@pytest.mark.parametrize(("day", "judged"), [("2026-09-01", 0), ("2026-09-02", 1)])
def test_an_agricultural_product_is_judged_by_its_day_of_sampling_though_it_was_packed(day: str, judged: int) -> None:
    packed: Raw = {"kind": "packed", "id": "p", "at": "2026-08-30", "site": "farm", "in_batches": ["f/x/X1"], **ZONE}
    found = standing(("plant", packed | {"out_batches": [LEAF]}), sampled(day), reported("0.31"))
    assert [one.args["decided_by"] for one in found.get("LIMIT_EXCEEDED", [])] == ["sampling"] * judged


@pytest.mark.parametrize(("day", "judged"), [("2026-02-28", 0), ("2026-03-01", 1)])
def test_residues_in_what_was_sampled_before_the_edition_of_2026_are_not_judged_by_it(day: str, judged: int) -> None:
    found = standing(sampled(day, "farm/芹菜/L1"), reported("0.03", "氧乐果")).get("LIMIT_EXCEEDED", [])
    assert [one.args["standard"] for one in found] == ["GB 2763-2026"] * judged


def test_a_value_above_one_of_two_limits_that_a_date_may_mean_is_not_sure() -> None:
    strict = changed("0.2", since="2026-08-01", until="2026-09-15")
    loose = changed("0.4", since="2026-09-15", standard="Illustrative 2")
    [found] = standing(sampled("2026-09"), reported("0.3-0.5"), strict, loose)["LIMIT_EXCEEDED"]
    assert (found.severity, found.confidence, found.sure) == ("hold", "confirmed", False)


@pytest.mark.parametrize(("analyte", "value", "rule"), [
    ("lead", "0.31", "LIMIT_EXCEEDED"), ("氯霉素", "0.3", "BANNED_SUBSTANCE"), ("melamine", "2", "ILLEGAL_ADDITIVE"),
])  # fmt: skip
def test_what_a_screen_found_holds_until_a_confirmatory_test_decides(analyte: str, value: str, rule: str) -> None:
    screen = reported(value, analyte, method="screening", verdict="failed")
    [found] = standing(sampled(), screen)[rule]
    assert (found.severity, found.confidence, found.sure) == ("hold", "screening", False)
    passed = reported("未检出", analyte, id="t2", report="R2")
    for order in permutations([sampled(), screen, passed]):
        assert rule not in standing(*order)


def test_a_failed_confirmatory_result_of_another_sample_of_the_batch_confirms_a_screen_in_any_order() -> None:
    screen = reported("0.31", method="screening", verdict="failed")
    _, other = sampled()
    again = "county", other | {"id": "s2", "sample": "S2"}
    confirmed = reported("0.4", id="t2", report="R2", sample="S2", verdict="failed")
    for order in permutations([sampled(), screen, again, confirmed]):
        found = standing(*order)
        [positive] = found["SCREENING_POSITIVE"]
        assert (positive.severity, positive.confidence, positive.args["by"]) == ("critical", "confirmed", "R2")
        assert {one.confidence for one in found["LIMIT_EXCEEDED"]} == {"confirmed"}
    gone: Raw = {"kind": "corrected", "id": "c", "target": {"id": "t2", "sender": "lab"}, "action": "withdraw"}
    for order in permutations([screen, confirmed, ("lab", gone | {"reason": "x"})]):
        [positive] = standing(sampled(), again, *order)["SCREENING_POSITIVE"]
        assert (positive.severity, positive.confidence) == ("hold", "screening")


def test_a_passed_test_of_another_sample_or_hazard_refutes_no_screen() -> None:
    screen = reported("0.31", method="screening", verdict="failed")
    _, other = sampled()
    for passed in (
        reported("0.1", id="t2", report="R2", sample="S2"),
        reported("0.1", id="t2", report="R2", hazard="cadmium"),
    ):
        found = standing(sampled(), ("county", other | {"id": "s2", "sample": "S2"}), screen, passed)
        assert [one.confidence for one in found["SCREENING_POSITIVE"]] == ["screening"]


def test_a_range_across_the_limit_is_told_as_not_sure() -> None:
    [found] = standing(sampled(), reported("0.28-0.33"))["LIMIT_EXCEEDED"]
    assert (found.severity, found.confidence, found.sure) == ("hold", "confirmed", False)


def test_a_product_that_is_not_listed_meets_no_limit() -> None:
    assert "LIMIT_EXCEEDED" not in standing(sampled(batch="farm/mooncake/L1"), reported("9"))


def test_a_superseded_result_exceeds_nothing() -> None:
    amended = reported("0.1", id="t2", report="R2", supersedes="R1")
    assert "LIMIT_EXCEEDED" not in standing(sampled(), reported("9"), amended)


@pytest.mark.parametrize(("analyte", "value", "rule"), [
    ("氯霉素", "0.3", "BANNED_SUBSTANCE"), ("氯霉素", "未检出", None), ("phorate", "0.005", "BANNED_SUBSTANCE"),
    ("三聚氰胺", "2", "ILLEGAL_ADDITIVE"), ("melamine", "<0.5", None),
])  # fmt: skip
def test_what_may_not_be_there_is_told_when_it_was_found(analyte: str, value: str, rule: str | None) -> None:
    found = standing(sampled(), reported(value, analyte, "ug/kg"))
    assert {"BANNED_SUBSTANCE", "ILLEGAL_ADDITIVE"} & found.keys() == ({rule} if rule else set())


@pytest.mark.parametrize(("day", "told"), [("2026-05-31", 0), ("2026-06-01", 1)])
def test_a_pesticide_may_not_be_applied_from_the_day_of_its_ban(day: str, told: int) -> None:
    assert len(standing(sprayed(day, active_ingredient="omethoate")).get("BANNED_SUBSTANCE", [])) == told


def sprayed(day: str, **more: Any) -> Saying:
    said: Raw = {
        "kind": "input_applied",
        "id": "a",
        "at": day,
        "site": "farm",
        **ZONE,
        "inputs": ["agro/o/A4"],
        **more,
    }
    return "trade", said | {"applied_to": ["farm/lettuce/~PLOT"]}


@pytest.mark.parametrize(("day", "told"), [("2026-04-10", 1), ("2026-04-11", 0)])
def test_a_harvest_inside_the_interval_is_told_in_any_order(day: str, told: int) -> None:
    cut: Raw = {"kind": "harvested", "id": "h", "at": day, "site": "farm", **ZONE, "out_batch": LEAF}
    cut["sources"] = ["farm/lettuce/~PLOT"]
    for order in permutations([sprayed("2026-04-01", pre_harvest_days=10), ("trade", cut)]):
        found = standing(*order).get("PHI_BREACH", [])
        assert [one.subject for one in found] == [LEAF] * told


def treated(day: str, days: int) -> Saying:
    said: Raw = {"kind": "input_applied", "id": "a", "at": day, "site": "farm", **ZONE, "inputs": ["vet/enro/V1"]}
    return "trade", said | {"applied_to": ["farm/pig/H1"], "purpose": "veterinary_drug", "withdrawal_days": days}


@pytest.mark.parametrize(("day", "site", "severity"), [
    ("2026-04-10", "farm", "critical"), ("2026-04-11", "farm", None), ("2026-03-31", "farm", None),
    ("2026-04-10", "abattoir", "hold"), ("2026-04-11", "abattoir", None),
])  # fmt: skip
def test_meat_inside_the_withdrawal_period_is_told_in_any_order(day: str, site: str, severity: str | None) -> None:
    """Animals that were taken elsewhere may be others of the batch: that is held, and not sure."""
    killed: Raw = {"kind": "slaughtered", "id": "k", "at": day, "site": site, **ZONE, "animals": ["farm/pig/H1"]}
    killed["out_batches"] = ["farm/pork/C1"]
    gone: Raw = {"kind": "shipped", "id": "g", "at": "2026-04-02", "site": "farm", **ZONE, "batches": ["farm/pig/H1"]}
    moved = [("trade", gone | {"to_site": "abattoir"})] if site != "farm" else []
    for order in permutations([treated("2026-04-01", 10), ("trade", killed), *moved]):
        found = standing(*order)
        assert "PHI_BREACH" not in found
        told = [(one.subject, one.severity) for one in found.get("WITHDRAWAL_BREACH", [])]
        assert told == ([("farm/pork/C1", severity)] if severity else [])


def test_milk_on_the_day_of_the_drug_is_told_and_is_not_sure() -> None:
    drawn: Raw = {"kind": "milked", "id": "m", "at": "2026-04-01", "site": "farm", **ZONE, "sources": ["farm/pig/H1"]}
    [found] = standing(treated("2026-04-01", 1), ("trade", drawn | {"out_batch": "farm/milk/M1"}))["WITHDRAWAL_BREACH"]
    assert (found.severity, found.args["days"], found.args["interval"]) == ("hold", 0, 1)


@pytest.mark.parametrize(("value", "at", "told"), [
    ("101", "100 100 100 100", 1), ("100", "100 100 100 100", 0), ("101", "101 1 1 1", 1), ("1001", "1 1 1 1", 1),
])  # fmt: skip
def test_a_sampling_plan_of_two_classes_fails_above_c_or_above_the_most(value: str, at: str, told: int) -> None:
    units = [{"analyte": "S. aureus", "value": one, "unit": "CFU/g"} for one in [value, *at.split()]]
    found = standing(sampled(batch="plant/salad/S1"), reported("1", results=units, hazard_class="pathogen"))
    assert len(found.get("SAMPLING_PLAN_FAILED", [])) == (told if value == "1001" or at.startswith("101") else 0)


@pytest.mark.parametrize(("value", "told"), [("0-5", 1), ("检出", 1), ("未检出", 0), ("<10", 0)])
def test_what_must_be_absent_fails_where_any_of_it_was_found(value: str, told: int) -> None:
    units = [{"analyte": "沙门氏菌", "value": one, "unit": "CFU/g"} for one in [value, *["未检出"] * 4]]
    found = standing(sampled(batch="plant/salad/S1"), reported("1", results=units, hazard_class="pathogen"))
    assert len(found.get("SAMPLING_PLAN_FAILED", [])) == told


def test_a_screen_that_nobody_confirms_is_overdue_once_and_not_when_confirmed() -> None:
    screen = reported("1", method="screening", verdict="failed")
    assert "CONFIRMATION_OVERDUE" not in standing(sampled(), screen)
    assert len(standing(sampled(), screen, end=True)["CONFIRMATION_OVERDUE"]) == 1
    decided = reported("1", id="t2", report="R2", verdict="failed")
    assert "CONFIRMATION_OVERDUE" not in standing(sampled(), screen, decided, end=True)


def licensed(until: str, activity: str, holder: str) -> Saying:
    said: Raw = {
        "kind": "licensed",
        "id": "l",
        "licence": "L1",
        "holder": holder,
        "activity": activity,
        **ZONE,
    }
    return "county", said | {"valid_from": "2026-01-01", "valid_until": until}


@pytest.mark.parametrize(("until", "told"), [("2026-09-09", 1), ("2026-09-10", 0)])
def test_a_laboratory_whose_accreditation_has_ended_is_told(until: str, told: int) -> None:
    for order in permutations([licensed(until, "testing", "lab"), sampled(), reported("0.1")]):
        assert len(standing(*order).get("LAB_NOT_ACCREDITED", [])) == told


@pytest.mark.parametrize(("product", "told"), [("生菜", 0), ("蔬菜", 0), ("lettuce", 0), ("meat", 1)])
def test_accreditation_for_a_product_in_any_spelling_or_for_a_class_of_it_covers_it(product: str, told: int) -> None:
    who, said = licensed("2026-12-31", "testing", "lab")
    found = standing((who, said | {"products": [product]}), sampled(), reported("0.1"))
    assert len(found.get("LAB_NOT_ACCREDITED", [])) == told


@pytest.mark.parametrize(("until", "told"), [("2026-03-31", 1), ("2026-04-01", 0)])
def test_an_operator_that_acts_outside_its_licence_is_told_in_any_order(until: str, told: int) -> None:
    made: Raw = {
        "kind": "harvested",
        "id": "h",
        "at": "2026-04-01",
        "site": "farm",
        **ZONE,
        "operator": "trade",
    }
    for order in permutations([licensed(until, "production", "trade"), ("trade", made | {"out_batch": LEAF})]):
        assert len(standing(*order).get("OPERATOR_STATUS", [])) == told


@pytest.mark.parametrize(("day", "told"), [("2026-03-12", 0), ("2026-03-13", 1)])
def test_what_is_sold_after_its_shelf_life_is_told_in_any_order(day: str, told: int) -> None:
    made: Raw = {"kind": "harvested", "id": "h", "at": "2026-03-01", "site": "farm", **ZONE}
    made["out_batch"] = {"batch": LEAF, "expires": "2026-03-12"}
    sale: Raw = {"kind": "sold", "id": "x", "at": day, "site": "farm", **ZONE, "batches": [LEAF]}
    for order in permutations([("trade", made), ("trade", sale)]):
        assert len(standing(*order).get("EXPIRED", [])) == told


def case(number: int, batch: str = "school/lunch/D1") -> Saying:
    exposed = [{"batch": batch, "site": "school"}]
    said: Raw = {
        "kind": "illness_case",
        "id": f"c{number}",
        "case": f"case-{number}",
        "exposures": exposed,
        **ZONE,
    }
    return "county", said | {"at": "2026-03-03"}


def test_two_cases_that_share_a_meal_are_a_cluster_and_one_said_twice_is_not() -> None:
    assert "CANTEEN_CLUSTER" not in standing(case(1), case(1))
    [found] = standing(case(1), case(2))["CANTEEN_CLUSTER"]
    assert (found.args["count"], found.args["chance"]) == (2, "0.0012")


def test_keys_of_one_meal_are_one_meal_in_any_order_and_a_site_joins_what_different_meals_do_not() -> None:
    dishes = ["school/lunch/D1", "school/soup/D2", "school/fish/D3"]
    one: Saying = ("county", {"kind": "same_batch", "id": "b", "batches": dishes[:2]})
    for order in permutations([case(1, dishes[0]), case(2, dishes[1]), one]):
        [found] = standing(*order)["CANTEEN_CLUSTER"]
        assert (found.args["batch"], found.args["count"]) == (dishes[0], 2)
    assert "CANTEEN_CLUSTER" not in standing(case(1, dishes[0]), case(2, dishes[1]))
    cases = [case(number, batch) for number, batch in enumerate(dishes)]
    for shuffled in permutations(cases):
        [found] = standing(*shuffled)["CANTEEN_CLUSTER"]
        assert (found.subject, found.args["count"]) == ("school", 3)
    taken_back: Saying = ("county", {"kind": "corrected", "id": "x", "reason": "x", "action": "withdraw"})
    taken_back[1]["target"] = {"id": "c1", "sender": "county"}
    assert "CANTEEN_CLUSTER" not in standing(*cases, taken_back)


@pytest.mark.parametrize(("grams", "told"), [(None, 1), (124, 1), (125, 0)])
def test_a_meal_that_cases_name_needs_a_retained_sample(grams: int | None, told: int) -> None:
    cooked: Raw = {"kind": "prepared", "id": "p", "at": "2026-03-02", "site": "school", **ZONE}
    kept: Raw = {
        "kind": "sample_retained",
        "id": "k",
        "batch": "school/lunch/D1",
        "mass_g": grams,
        "site": "school",
    }
    sayings: list[Saying] = [("plant", cooked | {"out_batch": "school/lunch/D1"}), case(1)]
    found = standing(*sayings, *([("plant", kept)] if grams else []), end=True)
    assert len(found.get("SAMPLE_MISSING", [])) == told


@pytest.mark.parametrize(("count", "told"), [(2, 0), (3, 1)])
def test_complaints_are_a_signal_above_what_chance_gives(count: int, told: int) -> None:
    said: Raw = {"kind": "complaint", "batch": LEAF, "text": "x", "at": "2026-03-03", **ZONE}
    found = standing(*(("county", said | {"id": f"k{n}", "number": f"N{n}"}) for n in range(count)))
    assert len(found.get("COMPLAINT_SIGNAL", [])) == told


def test_a_notice_from_abroad_is_matched_with_what_is_on_record_in_any_order() -> None:
    notice: Raw = {
        "kind": "external_notice",
        "id": "n",
        "system": "RASFF",
        "reference": "1",
        "product": "lettuce",
    }
    notice |= {"batches": [LEAF, "farm/lettuce/L9"], "hazard_class": "pathogen", "hazard": "Salmonella"}
    cut: Raw = {
        "kind": "harvested",
        "id": "h",
        "at": "2026-03-01",
        "site": "farm",
        **ZONE,
        "out_batch": LEAF,
    }
    assert "EXTERNAL_NOTICE" not in standing(("county", notice))
    for order in permutations([("county", notice), ("trade", cut)]):
        assert [one.subject for one in standing(*order)["EXTERNAL_NOTICE"]] == [LEAF]


@pytest.mark.parametrize(("day", "told"), [("2026-03-02", 0), ("2026-03-05", 1), (None, 1)])
def test_what_leaves_before_its_release_test_is_told(day: str | None, told: int) -> None:
    cut: Raw = {
        "kind": "harvested",
        "id": "h",
        "at": "2026-03-01",
        "site": "farm",
        **ZONE,
        "out_batch": LEAF,
    }
    gone: Raw = {"kind": "shipped", "id": "g", "at": "2026-03-03", "site": "farm", **ZONE, "batches": [LEAF]}
    sayings: list[Saying] = [("trade", cut), ("trade", gone | {"to_site": "shop"}), sampled(kind_of_sample="release")]
    passed = [reported("0.1", at=day)] if day else []
    assert len(standing(*sayings, *passed, end=True).get("RELEASED_UNTESTED", [])) == told


@pytest.mark.parametrize(("readings", "told"), [("5@06 5@08", 0), ("5@06 5@09", 1), ("5@06 4@07 5@09", 0)])
def test_raw_milk_above_four_degrees_for_more_than_two_hours_is_told(readings: str, told: int) -> None:
    drawn: Raw = {
        "kind": "milked",
        "id": "m",
        "at": "2026-03-01",
        "site": "farm",
        **ZONE,
        "out_batch": "farm/milk/M1",
    }
    said = [(one[0], f"2026-03-01T{one[2:]}:00:00Z") for one in readings.split()]
    lay: Raw = {
        "kind": "stored",
        "id": "l",
        "at": "2026-03-01",
        "site": "farm",
        **ZONE,
        "batches": ["farm/milk/M1"],
    }
    lay["readings"] = [{"value": value, "at": at} for value, at in said]
    assert len(standing(("trade", drawn), ("trade", lay)).get("COLD_CHAIN_BREACH", [])) == told


def test_a_restricted_pesticide_is_sold_under_licence_and_by_name() -> None:
    sale: Raw = {
        "kind": "input_sold",
        "id": "z",
        "operator": "trade",
        "site": "farm",
        "batches": ["agro/o/A4"],
    }
    assert "INPUT_SALE_UNLICENSED" not in standing(("trade", sale))
    found = standing(("trade", sale | {"restricted": True, "licence": "X1"}))["INPUT_SALE_UNLICENSED"]
    assert [one.args["why"] for one in found] == ["buyer"]


@pytest.mark.parametrize("act", ["alert_acknowledged", "alert_handled", None])
def test_a_grave_alert_is_awaited_until_somebody_takes_it_on(act: str | None) -> None:
    """Told before, at and after its deadline, it is judged once; what people did ends it, whenever it comes."""
    told = Told()
    failed = reported("1", "Listeria", verdict="failed", batch="plant/ham/H1", at="2026-03-31", operator="lab")
    told.tell(failed)
    [alert] = told.world.board.standing()
    deadline = told.world.next_deadline
    assert deadline is not None
    assert alert.raised_at + 7_200_000_000 <= deadline < alert.raised_at + 7_260_000_000
    overdue: list[Any] = []
    for moment, stands in ((deadline - 1, 0), (deadline, 1), (deadline + 1, 1)):
        told.now = moment + 1_000_000
        told.tell(("clock", {"kind": "clock_ticked", "id": f"tick-{moment}", "at": instant(moment)}))
        overdue = [one for one in told.world.board.alerts.values() if one.rule == "ALERT_UNACKNOWLEDGED"]
        assert [one.version for one in overdue] == [1] * stands
    if act is not None:
        done: Raw = {"kind": act, "id": "act", "operator": "emergency", "alert": alert.id}
        told.tell(("emergency", done | ({"action": "dismiss", "reason": "x"} if act == "alert_handled" else {})))
        assert [one.standing for one in overdue] == [False]
        assert alert.standing


def changed(maximum: str, at: str = "2026-09-20", **more: Any) -> Saying:
    row: Raw = {
        "standard": "Illustrative 1",
        "analyte": "lead",
        "product": "leafy vegetables",
        "maximum": maximum,
    }
    said: Raw = {
        "kind": "reference_changed",
        "id": f"ref-{maximum}",
        "at": at,
        "source": "x",
        "reason": "x",
        **ZONE,
    }
    return "office", said | {"limits": [row | {"unit": "mg/kg", "since": "2026-09-02", **more}]}


def test_a_load_of_limits_judges_again_what_it_touches_and_withdraws_by_a_version() -> None:
    for order in permutations([sampled(), reported("0.25"), changed("0.2")]):
        [found] = standing(*order)["LIMIT_EXCEEDED"]
        assert (found.args["standard"], found.args["limit"]) == ("Illustrative 1", "0.2")
    told = standing(sampled(), reported("0.25"), changed("0.2"), changed("0.3", "2026-09-21"))
    assert "LIMIT_EXCEEDED" not in told
    assert "LIMIT_EXCEEDED" not in standing(sampled(), reported("0.25"), changed("0.2", since="2026-09-03"))


@pytest.mark.parametrize(("day", "kind", "told"), [
    ("2026-09-11", "sold", 1), ("2026-09-10", "sold", 0), ("2026-09-11", "disposed", 0), ("2026-09-11", "returned", 0),
])  # fmt: skip
def test_what_is_held_may_not_be_moved_in_any_order(day: str, kind: str, told: int) -> None:
    cut: Raw = {
        "kind": "harvested",
        "id": "h",
        "at": "2026-09-01",
        "site": "farm",
        **ZONE,
        "out_batch": LEAF,
    }
    moved: Raw = {"kind": kind, "id": "x", "at": day, "site": "farm", **ZONE, "batches": [LEAF]}
    moved |= {"disposed": {"method": "destroyed"}, "returned": {"to_site": "shop"}}.get(kind, {})
    opened: Raw = {
        "kind": "scope_opened",
        "id": "o",
        "seeds": [{"batch": LEAF}],
        "hazard": "x",
        "at": "2026-09-10",
    }
    opened |= {"hazard_class": "pathogen", "reason": "x", **ZONE}
    for order in permutations([("trade", cut), ("trade", moved), ("emergency", opened)]):
        found = standing(*order).get("HELD_BATCH_MOVED", [])
        assert [one.subject for one in found] == [f"{LEAF} at farm"] * told
