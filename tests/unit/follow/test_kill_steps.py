"""Kill steps order lower what was made after them and the sources before them, and remove nothing."""

from __future__ import annotations

from typing import Any

from fieldline_trace.recall.scope import Scope

from .worlds import Told

MILK, CHEESE, RIND, BOARD = "farm/milk/M1", "dairy/cheese/C1", "dairy/rind/R1", "shop/board/B1"


def made(name: str, ins: list[str], outs: list[str], site: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    said = {"kind": "transformed", "id": name, "operator": "plant", "site": site, "at": "2026-03-02", "zone": "Z"}
    return "plant", {**said, "in_batches": ins, "out_batches": outs, **fields}


def pasteurised(classes: list[str] | None = None) -> tuple[str, dict[str, Any]]:
    kill = {"hazard_classes": classes or ["pathogen"], "record": "CCP-1 2026-03-02/4"}
    return made("k1", [MILK], [CHEESE], "plant", kill_step=kill)


def failed(batch: str, hazard_class: str = "pathogen") -> tuple[str, dict[str, Any]]:
    said = {
        "kind": "tested",
        "id": f"t-{batch}",
        "lab": "lab",
        "report": f"R-{batch}",
        "batch": batch,
        "verdict": "failed",
    }
    return "lab", said | {"hazard_class": hazard_class, "hazard": "Listeria"}


def told(*sayings: tuple[str, dict[str, Any]]) -> tuple[Told, Scope]:
    one = Told()
    one.tell(made("e0", [], [MILK], "plant"), *sayings)
    assert not one.ledger.rejected
    [scope] = [scope for scope in one.world.scopes.values() if scope.status == "draft"]
    return one, scope


def lower(one: Told, scope: Scope) -> dict[str, tuple[str, str]]:
    """Batch -> why it comes lower, and the id of the event that records the kill step."""
    ids = {number: event.id for number, event in one.ledger.events.items()}
    found = one.world.demotions(scope.seeds, scope.table, scope.hazard_class)
    index = one.world.index
    return {one.names.batch_key(index.holding(h)[0]): (d.why, ids.get(d.event, "")) for h, d in found.items()}


def test_what_was_made_after_a_kill_step_comes_lower_and_stays_a_member() -> None:
    one, scope = told(pasteurised(), made("e2", [CHEESE], [BOARD], "plant"), failed(MILK))
    assert lower(one, scope) == {CHEESE: ("kill_step", "k1"), BOARD: ("kill_step", "k1")}
    members = {one.names.batch_key(member.batch): member.certainty for member in scope.members()}
    assert members == {MILK: "definite", CHEESE: "definite", BOARD: "definite"}


def test_what_comes_lower_is_in_a_preview_all_the_same() -> None:
    one, scope = told(pasteurised(), failed(MILK))
    reach, lowered = one.world.preview([(one.names.batch_number(MILK) or 0, None)], "pathogen")
    assert len(lowered) == 1
    assert reach.table.holding.tolist() == scope.table.holding.tolist()


def test_what_also_came_past_the_kill_step_does_not_come_lower() -> None:
    one, scope = told(pasteurised(), made("e2", [CHEESE, MILK], [BOARD], "plant"), failed(MILK))
    assert lower(one, scope) == {CHEESE: ("kill_step", "k1")}


def test_what_is_found_after_a_kill_step_came_in_there_first_of_all() -> None:
    one, scope = told(pasteurised(), made("e2", [CHEESE, RIND], [BOARD], "plant"), failed(BOARD))
    assert lower(one, scope) == {MILK: ("before_kill_step", "k1")}


def test_a_kill_step_of_another_class_lowers_nothing_nor_does_one_that_the_class_survives() -> None:
    one, scope = told(pasteurised(["foreign_body"]), failed(MILK))
    assert lower(one, scope) == {}
    one, scope = told(pasteurised(["toxin"]), failed(MILK, "toxin"))
    assert lower(one, scope) == {}


def test_a_kill_step_that_is_withdrawn_lowers_nothing() -> None:
    one, scope = told(pasteurised(), failed(MILK))
    assert lower(one, scope) == {CHEESE: ("kill_step", "k1")}
    again = made("k2", [MILK], [CHEESE], "plant")
    taken = {
        "kind": "corrected",
        "id": "c1",
        "target": {"id": "k1", "sender": "plant"},
        "action": "withdraw",
        "reason": "x",
    }
    one.tell(again, ("plant", taken))
    assert lower(one, scope) == {}


def test_of_residues_what_only_passed_them_on_comes_after_where_they_begin() -> None:
    one, scope = told(
        made("e1", [MILK], [CHEESE], "plant"), made("e2", [CHEESE], [BOARD], "plant"), failed(BOARD, "residue")
    )
    assert lower(one, scope) == {CHEESE: ("passed_through", "")}
