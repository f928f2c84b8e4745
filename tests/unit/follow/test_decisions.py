"""What people decide of members, and what they say of consignees: applied in any order, and withdrawable."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from fieldline_trace.follow.standing import State
from fieldline_trace.recall.docket import draft_id

from .worlds import Saying, Told, withdrawn

LOT, OTHER, MEAL, SALAD = "farm/leaf/L1", "farm/leaf/L2", "shop/meal/M1", "plant/salad/S1"
SCOPE = draft_id(LOT, "pathogen", "Listeria")
CHAIN: list[Saying] = [
    (
        "trade",
        {"id": "h1", "kind": "harvested", "operator": "trade", "site": "farm", "at": "2026-03-01", "out_batch": LOT},
    ),
    (
        "trade",
        {"id": "h2", "kind": "harvested", "operator": "trade", "site": "farm", "at": "2026-03-01", "out_batch": OTHER},
    ),
    (
        "plant",
        {
            "id": "m1", "kind": "transformed", "operator": "plant", "site": "farm", "at": "2026-03-02",
            "in_batches": [LOT], "out_batches": [SALAD],
        },
    ),
    (
        "plant",
        {
            "id": "m2", "kind": "transformed", "operator": "plant", "site": "farm", "at": "2026-03-02",
            "in_batches": [OTHER], "out_batches": [MEAL],
        },
    ),
    (
        "lab",
        {
            "id": "t1", "kind": "tested", "site": "farm", "lab": "lab", "report": "R1", "hazard_class": "pathogen",
            "hazard": "Listeria", "verdict": "failed", "batch": LOT,
        },
    ),
]  # fmt: skip
OPEN: Saying = ("county", {"id": "o1", "kind": "scope_opened", "scope": SCOPE, "reason": "it failed"})


def act(kind: str, batch: str, number: str = "a1", **more: Any) -> Saying:
    who = "emergency" if kind == "member_excluded" else "county"
    return who, {"id": number, "kind": kind, "scope": SCOPE, "batch": batch, "reason": "seen", **more}


def members(told: Told) -> dict[str, str]:
    shown = {}
    for one in told.world.scopes[SCOPE].members(inferred=True, co=True):
        shown[told.names.batch_key(one.batch)] = f"{one.role} {one.state}{' held' if one.held else ''}"
    return shown


def test_an_included_batch_is_in_with_what_was_made_of_it_and_the_act_says_why() -> None:
    told = Told()
    told.tell(*CHAIN, act("member_included", OTHER))
    assert members(told) == {
        LOT: "failed_lot supported", SALAD: "descendant supported", OTHER: "included supported",
        MEAL: "descendant supported",
    }  # fmt: skip
    (version,) = told.outcomes[-1].scopes
    assert {(change.kind, change.reason) for change in version.changes.rows()} == {("added", "act")}
    told.tell(withdrawn("a1", "county"))
    assert members(told).keys() == {LOT, SALAD}


def test_an_open_scope_holds_what_a_person_put_in_until_it_is_released() -> None:
    told = Told()
    told.tell(*CHAIN, OPEN, act("member_included", OTHER))
    assert members(told)[OTHER] == "included supported held"
    told.tell(withdrawn("a1", "county"))
    assert members(told)[OTHER] == "included unsupported held"


def test_an_exclusion_takes_a_descendant_out_of_an_open_scope_and_withdrawn_it_is_back() -> None:
    told = Told()
    told.tell(*CHAIN, OPEN, act("member_excluded", SALAD))
    assert members(told).keys() == {LOT}
    told.tell(withdrawn("a1", "emergency"))
    assert members(told)[SALAD] == "descendant supported held"


def test_no_exclusion_takes_out_what_is_definitely_of_the_failed_lot() -> None:
    told = Told()
    told.tell(*CHAIN, OPEN, act("member_excluded", LOT))
    assert members(told)[LOT] == "failed_lot supported held"


def test_where_one_includes_what_another_excludes_it_is_in() -> None:
    told = Told()
    told.tell(*CHAIN, act("member_excluded", OTHER, "a1"), act("member_included", OTHER, "a2"))
    assert members(told)[OTHER] == "included supported"


def test_a_batch_that_nothing_else_is_known_of_can_be_included() -> None:
    told = Told()
    told.tell(*CHAIN, act("member_included", "farm/leaf/L9", site="shop"))
    assert members(told)["farm/leaf/L9"] == "included supported"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_decisions_end_the_same_in_any_order(order: tuple[int, ...]) -> None:
    said = [
        act("member_excluded", SALAD, "a1"),
        act("member_included", OTHER, "a2"),
        withdrawn("a1", "emergency"),
        CHAIN[-1],
    ]
    told = Told()
    told.tell(*CHAIN[:-1], *[said[i] for i in order])
    assert members(told).keys() == {LOT, OTHER, SALAD, MEAL}


def done(kind: str, number: str, **more: Any) -> Saying:
    return "county", {"id": number, "kind": kind, "scope": SCOPE, "reason": "so", **more}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([OPEN, done("scope_opened", "o2"), withdrawn("o1", "county")], "open"),
        ([OPEN, done("scope_closed", "k1"), done("scope_closed", "k2"), withdrawn("k1", "county")], "closed"),
        ([OPEN, done("scope_closed", "k1"), withdrawn("o1", "county"), withdrawn("c-o1", "county")], "closed"),
        ([OPEN, withdrawn("o1", "county"), done("scope_closed", "k1"), withdrawn("c-o1", "county")], "closed"),
        ([OPEN, done("scope_closed", "k1", archived=True), withdrawn("k1", "county")], "open"),
        (
            [
                OPEN, done("scope_closed", "k1", archived=True), done("scope_closed", "k2", archived=True),
                withdrawn("k1", "county"),
            ],
            "archived",
        ),
        ([OPEN, done("scope_closed", "k1"), withdrawn("o1", "county")], "draft"),
    ],
)  # fmt: skip
def test_a_scope_is_what_the_acts_that_stand_make_of_it(said: list[Saying], status: str) -> None:
    told = Told()
    told.tell(*CHAIN, *said)
    assert told.world.scopes[SCOPE].status == status
    held = {LOT, SALAD} if status == "open" else set()
    assert {batch for batch, how in members(told).items() if how.endswith("held")} == held
    late = event_in(told, "plant/salad/S2")
    assert (late in members(told)) == (status != "archived")


def event_in(told: Told, batch: str) -> str:
    """One more batch is made of the lot that failed."""
    made = {"id": "m9", "kind": "transformed", "operator": "plant", "site": "farm", "at": "2026-03-03"}
    told.tell(("plant", {**made, "in_batches": [LOT], "out_batches": [batch]}))
    return batch


def test_what_a_consignee_was_told_and_answered_counts_until_it_is_withdrawn() -> None:
    told = Told()
    for number, kept in (("r1", "12"), ("r2", "10")):
        account = {"batch": SALAD, "unit": "KGM", "received": "40", "held": kept}
        answer = {
            "id": number,
            "kind": "consignee_answered",
            "scope": SCOPE,
            "consignee": "shop",
            "accounts": [account],
        }
        told.tell(("county", {**answer, "at": f"2026-03-0{number[1]}"}))
    notified = {"id": "n1", "kind": "consignee_notified", "scope": SCOPE, "consignee": "shop", "via": "phone"}
    told.tell(*CHAIN, ("county", notified))

    def held() -> Any:
        called = told.world.decisions.calls.of(SCOPE, lambda n: told.world.bases.state(n) is not State.WITHDRAWN)
        salad = told.names.batch_number(SALAD)
        assert salad is not None
        account = called["shop"].account(salad, told.world.index.canonical)
        return account and str(account.held), called["shop"].told_of(salad, told.world.index.canonical) is not None

    assert held() == ("10", True)
    told.tell(withdrawn("r2", "county"))
    assert held() == ("12", True)
    told.tell(withdrawn("n1", "county"))
    assert held() == ("12", False)


def test_what_comes_into_a_scope_after_it_was_closed_is_an_alert_until_it_is_withdrawn() -> None:
    told = Told()
    told.tell(*CHAIN, OPEN, ("county", {"id": "x1", "kind": "scope_closed", "scope": SCOPE, "reason": "done"}))

    def grew() -> list[tuple[str, int]]:
        return [(one.subject, one.evidence_count) for one in told.world.board.standing() if one.rule == "SCOPE_GREW"]

    assert grew() == []
    late = {
        "id": "s9", "kind": "shipped", "operator": "plant", "site": "farm", "at": "2026-03-03", "to_site": "market",
        "batches": [SALAD],
    }  # fmt: skip
    told.tell(("plant", late))
    assert grew() == [(SCOPE, 1)]
    told.tell(("county", {**withdrawn("s9", "plant")[1], "id": "c9"}))
    assert grew() == []


def test_an_archived_scope_is_watched_no_longer_until_that_is_taken_back() -> None:
    told = Told()
    closed = {"kind": "scope_closed", "scope": SCOPE, "reason": "done"}
    told.tell(*CHAIN, OPEN, ("county", {**closed, "id": "x1"}))
    late = {"kind": "shipped", "operator": "plant", "site": "farm", "at": "2026-03-03", "batches": [SALAD]}
    told.tell(("plant", {**late, "id": "s9", "to_site": "market"}))

    def grew() -> bool:
        return any(one.rule == "SCOPE_GREW" for one in told.world.board.standing())

    scope = told.world.scopes[SCOPE]
    known = len(scope.table)
    assert grew()
    told.tell(("county", {**closed, "id": "x2", "archived": True}))
    assert (scope.status, told.outcomes[-1].scopes[0].status, grew()) == ("archived", "archived", False)
    told.tell(("plant", {**late, "id": "s10", "to_site": "kiosk"}))
    assert len(scope.table) == known
    told.tell(withdrawn("x2", "county"))
    assert (scope.status, len(scope.table), grew()) == ("closed", known + 1, True)
    told.tell(withdrawn("x1", "county"))
    assert (scope.status, grew()) == ("open", False)
