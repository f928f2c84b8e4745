"""What may be shown, without a database: levels of holdings, members, chains."""

from __future__ import annotations

from typing import Any

import pytest
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.answered import CUTS
from fieldline_trace.api.visible.judged import AT_A_SITE, BY_LINEAGE, FOR_ADMINISTRATORS, PLAIN, AlertSight
from fieldline_trace.api.visible.levels import INSIDE, NEAR, STATED, issued_by, issuer_of
from fieldline_trace.api.visible.lineages import _reached, member_shown
from fieldline_trace.api.visible.sight import Sight
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.registry import RULES

A, B, C, D = (("x/y/1", site) for site in ("a", "b", "c", "d"))
LEVELS = {A: INSIDE, B: NEAR, C: STATED}


def sight(grant: Grant = Grant.ONE_STEP) -> Sight:
    return Sight(grant, LEVELS, frozenset({"mine"}))


def member(place: tuple[str, str], via: tuple[str, str] | None, hops: int, **more: Any) -> dict[str, Any]:
    came = None if via is None else {"batch": via[0], "site": via[1]}
    return {
        "batch": place[0], "labels": [], "site": place[1], "operator": "o", "certainty": "definite",
        "basis": "recorded", "role": "source", "exposed": {"from": "t", "to": "t"}, "hops": hops,
        "event": "mine", "via": came, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("grant", "shown"), [(Grant.OWN, [A, C]), (Grant.ONE_STEP, [A, B, C]), (Grant.JURISDICTION, [A, B, C])]
)
def test_from_which_level_on_a_holding_is_shown_is_the_grant_s_to_say(grant: Grant, shown: list[Any]) -> None:
    assert [place for place in (A, B, C, D) if sight(grant).shows(*place)] == shown


def test_what_is_one_step_beyond_an_area_has_no_site() -> None:
    assert [sight(Grant.JURISDICTION).site(*place) for place in (A, B, D)] == ["a", None, None]
    assert [sight(Grant.ONE_STEP).site(*place) for place in (A, B, D)] == ["a", "b", None]


def test_how_much_was_left_out_is_told_to_authorities_alone() -> None:
    assert [sight(grant).cut(7)["members"] for grant in (Grant.OWN, Grant.ONE_STEP, Grant.JURISDICTION)] == [
        None, None, 7,
    ]  # fmt: skip


def test_a_field_that_nobody_let_through_is_not_shown() -> None:
    shown = member_shown(sight(), member(A, None, 0, supplier="secret"))
    assert "supplier" not in shown
    assert set(shown) == set(member(A, None, 0))


def test_of_another_s_holding_neither_time_nor_event_nor_whence_it_came_is_shown() -> None:
    shown = member_shown(sight(), member(B, D, 1, event="theirs"))
    assert (shown["exposed"], shown["event"], shown["via"]) == ({"from": None, "to": None}, None, None)


def test_what_a_hidden_holding_leads_to_is_hidden_and_a_circle_leads_nowhere() -> None:
    def reached(*members: dict[str, Any]) -> list[str]:
        return [one["site"] for one in _reached(sight(), members)]

    assert reached(member(A, None, 0), member(B, A, 1), member(C, B, 2)) == ["a", "b", "c"]
    assert reached(member(A, None, 0), member(D, A, 1), member(C, D, 2)) == ["a"]
    assert reached(member(D, None, 0), member(A, D, 1)) == []
    assert reached(member(C, B, 1), member(B, A, 2), member(A, None, 0)) == ["c", "b", "a"]  # in whatever order
    assert reached(member(A, B, 1), member(B, A, 2)) == []


def test_what_a_window_at_one_s_own_site_joined_is_shown_where_something_led_there() -> None:
    other = ("x/z/1", "a")
    eyes = Sight(Grant.ONE_STEP, {**LEVELS, other: INSIDE}, frozenset())
    joined = member(other, None, 1, basis="declared")
    assert [one["batch"] for one in _reached(eyes, [member(A, None, 0), joined])] == ["x/y/1", "x/z/1"]
    assert _reached(eyes, [joined]) == []


@pytest.mark.parametrize(
    ("key", "parties", "issued"),
    [
        ("hof-1/leaf/L1", {"hof-1"}, True),
        ("hof-1/leaf/L1", {"hof"}, False),
        ("01/04012345000009/10/L1", {"417/4012345000016"}, True),
        ("01/04012345000009/10/L1", {"417/5012345000013"}, False),
        ("00/340123450000000007", {"417/4012345000016"}, False),
    ],
)
def test_who_issued_a_lot_stands_in_its_key(key: str, parties: set[str], issued: bool) -> None:
    assert issued_by(key, parties) is issued


def test_a_key_that_names_nobody_has_no_issuer() -> None:
    assert [issuer_of(key) for key in ("hof-1/leaf/L1", "01/04012345000009/10/L1", "unit/x")] == ["hof-1", "", ""]


def test_an_argument_of_an_alert_that_nobody_let_through_is_not_shown() -> None:
    finding = Finding(
        "NEW_RULE",
        "anchor",
        "x/y/1",
        "warning",
        "confirmed",
        {"batches": ["x/y/1"], "supplier": "secret", "count": 2},
        (1, 2),
        2,
    )
    shown = AlertSight(sight(), {1: "mine"}, {"x/y/1": ["a"]}).shown(finding)
    assert shown is not None
    assert shown.args == {"batches": ["x/y/1"], "supplier": None, "count": 2}
    assert (shown.evidence, shown.evidence_count) == ((1,), 1)


def about(rule: str, args: dict[str, Any], evidence: tuple[int, ...] = (1,)) -> Finding:
    return Finding(rule, "anchor", "x/y/1", "warning", "confirmed", args, evidence, len(evidence))


AT = {"x/y/1": ["a"], "x/y/2": [], "x/z/9": []}


def test_an_alert_on_a_batch_wherever_it_is_is_for_those_who_have_it_and_those_it_rests_on() -> None:
    limit = about("LIMIT_EXCEEDED", {"batch": "x/y/1", "value": "5"}, (7,))
    shown = AlertSight(sight(), {}, AT).shown(limit)
    assert shown is not None
    assert (shown.subject, shown.args["value"]) == ("x/y/1", "5")
    assert AlertSight(sight(), {}, {"x/y/1": ["d"]}).shown(limit) is None
    assert AlertSight(sight(), {7: "mine"}, {"x/y/1": ["d"]}).shown(limit) is not None
    at_another = about("EXPIRED", {"batch": "x/y/1", "site": "d"}, (7,))
    assert AlertSight(sight(), {7: "mine"}, AT).shown(at_another) is None


@pytest.mark.parametrize("rule", sorted(BY_LINEAGE))
def test_a_source_that_lineage_found_is_named_to_those_alone_who_have_some_of_it(rule: str) -> None:
    source = about(rule, {"why": "hazard", "batch": "x/y/1", "explains": ["x/z/9"], "count": 2})
    assert AlertSight(sight(), {1: "mine"}, {"x/y/1": ["d"]}).shown(source) is None
    shown = AlertSight(sight(), {}, AT).shown(source)
    assert shown is not None
    assert shown.args == {"why": "hazard", "batch": "x/y/1", "explains": None, "count": 2}


def test_how_much_somebody_works_with_and_of_what_is_not_for_those_who_bought_of_it() -> None:
    made = about(
        "MASS_BALANCE", {"batches": ["x/y/1"], "put_in": "1", "made": "3", "most": "1.05", "unit": "kg"}, (1, 2)
    )
    bought, own = AlertSight(sight(), {}, AT).shown(made), AlertSight(sight(), {1: "mine"}, AT).shown(made)
    assert bought is not None
    assert own is not None
    assert (bought.args["put_in"], bought.args["made"], bought.args["most"]) == (None, None, None)
    assert (own.args["put_in"], own.args["made"], own.args["most"]) == ("1", "3", "1.05")
    label = about("CLAIM_UNSUPPORTED", {"batch": "x/y/1", "site": "a", "inputs": ["x/y/1", "x/z/9"]})
    shown = AlertSight(sight(), {1: "mine"}, AT).shown(label)
    assert shown is not None
    assert shown.args["inputs"] == ["x/y/1"]


@pytest.mark.parametrize("rule", sorted(AT_A_SITE))
def test_what_a_firm_did_without_papers_is_not_for_others_who_have_some_of_the_goods(rule: str) -> None:
    receipt = about(rule, {"why": "licence", "batches": ["x/y/1"], "site": "d"})
    assert AlertSight(sight(), {}, AT).shown(receipt) is None
    assert AlertSight(sight(), {1: "mine"}, AT).shown(receipt) is not None
    here = about(rule, {"why": "licence", "batches": ["x/y/1"], "site": "a"})
    assert AlertSight(sight(), {}, AT).shown(here) is not None


def test_alerts_about_fieldline_itself_are_for_administrators() -> None:
    assert set(RULES) >= FOR_ADMINISTRATORS
    finding = Finding("RULE_FAILED", "a", "s", "warning", "confirmed", {"rule": "X", "error": "e"}, (1,), 1)
    assert AlertSight(sight(), {1: "mine"}, {}).shown(finding) is None
    assert not PLAIN & {"batch", "batches", "site", "to", "sender", "error"}


def test_every_question_that_is_cut_is_one() -> None:
    from fieldline_trace.api.answers import QUESTIONS

    assert set(CUTS) <= set(QUESTIONS)
