"""Windows of contamination: what was there then is joined, by events in and members out."""

from __future__ import annotations

from typing import Any

import pytest
from fieldline_trace.capture import Door
from fieldline_trace.lineage import Seed
from fieldline_trace.recall.scope import Scope

from .worlds import DOORS, Told, withdrawn

KITCHEN = Door("kitchen", "producer")
DOORS.setdefault("kitchen", KITCHEN)
HAM, TURKEY, ROAST, PLATTER, SALAD = (
    "deli/ham/H1",
    "deli/turkey/T1",
    "deli/roast/R1",
    "kitchen/platter/P1",
    "kitchen/salad/S1",
)


def event(kind: str, at: str | None, site: str = "kitchen", **fields: Any) -> tuple[str, dict[str, Any]]:
    """Something that the kitchen says."""
    said = {"kind": kind, "operator": site, "site": site, "at": at, "zone": "Z", **fields}
    said.setdefault("id", f"{kind}-{site}-{at}-{sorted(map(str, fields.values()))}")
    return "kitchen", said


def came(batch: str, at: str, quantity: str | None = None) -> tuple[str, dict[str, Any]]:
    return event("received", at, batches=[amount(batch, quantity)], from_site="deli")


def amount(batch: str, quantity: str | None, unit: str = "kg") -> Any:
    return {"batch": batch, "quantity": quantity, "unit": unit} if quantity else batch


def made(out: str, at: str, *ins: Any, location: str | None = None, **fields: Any) -> tuple[str, dict[str, Any]]:
    return event("transformed", at, in_batches=list(ins), out_batches=[out], location=location, **fields)


def declared(since: str | None, until: str | None, who: str = "county", **fields: Any) -> tuple[str, dict[str, Any]]:
    said = {
        "kind": "contamination_declared",
        "id": "w1",
        "site": "kitchen",
        "since": since,
        "until": until,
        "zone": "Z",
    }
    said |= {"hazard_class": "pathogen", "hazard": "Listeria", "reason": "Swab 14", **fields}
    return who, said | ({"operator": "kitchen"} if who == "kitchen" else {})


def told(*sayings: tuple[str, dict[str, Any]]) -> Told:
    one = Told()
    one.tell(*sayings)
    assert not one.ledger.rejected
    return one


def forward(one: Told, batch: str, site: str | None = None) -> dict[str, str]:
    """What lies forward: ``batch @ site`` -> certainty and basis; windows and what is nobody's left out."""
    number, at = one.names.batch_number(batch), one.names.site_number(site) if site else None
    trace = one.world.index.forward([Seed(number or 0, at)])
    rows = zip(trace.batch.tolist(), trace.site.tolist(), trace.certainty.tolist(), trace.basis.tolist(), strict=True)
    words = {2: "possible", 3: "definite"}
    bases = {0: "recorded", 3: "declared"}
    return {
        f"{one.names.batch_key(b)} @ {one.names.site_key(s)}": f"{words[c]} {bases.get(basis, basis)}"
        for b, s, c, basis in rows
        if not one.names.batch_key(b).startswith("window/")
    }


def reached(one: Told, batch: str) -> set[str]:
    return set(forward(one, batch)) - {f"{batch} @ kitchen", f"{batch} @ deli"}


def scope_of(one: Told) -> Scope:
    [scope] = one.world.scopes.values()
    return scope


def members(one: Told, scope: Scope | None = None) -> dict[str, str]:
    """``batch @ site`` -> role, certainty, basis."""
    found = (scope or scope_of(one)).members(inferred=True, co=True)
    names = one.names
    return {
        f"{names.batch_key(m.batch)} @ {names.site_key(m.site)}": f"{m.role} {m.certainty} {m.basis}" for m in found
    }


def test_what_was_at_a_site_in_its_window_is_joined_both_ways_and_never_surely() -> None:
    one = told(came(HAM, "2026-03-01"), came(TURKEY, "2026-03-02"), declared("2026-03-01", "2026-03-03"))
    assert forward(one, HAM, "kitchen") == {
        f"{HAM} @ kitchen": "definite recorded",
        f"{TURKEY} @ kitchen": "possible declared",
    }
    assert reached(one, TURKEY) == {f"{HAM} @ kitchen"}


def test_what_came_after_the_window_or_left_before_it_is_not_in_it() -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("shipped", "2026-03-02", batches=[amount(HAM, "5")], to_site="shop"),
        came(TURKEY, "2026-03-04"),
        came(ROAST, "2026-03-09"),
        declared("2026-03-03", "2026-03-05"),
    )
    assert reached(one, TURKEY) == set()
    assert reached(one, ROAST) == set()
    assert set(members(one)) == {f"{TURKEY} @ kitchen", f"{TURKEY} @ deli"}


def test_what_had_left_before_another_came_got_nothing_of_it_but_may_have_given_it() -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("shipped", "2026-03-02", batches=[amount(HAM, "5000", "g")], to_site="shop"),
        came(TURKEY, "2026-03-04"),
        declared("2026-03-01", "2026-03-05"),
    )
    assert reached(one, HAM) == {f"{HAM} @ shop", f"{TURKEY} @ kitchen"}
    assert reached(one, TURKEY) == set()


@pytest.mark.parametrize(
    ("left", "gone"),
    [("5", True), ("4.9", False), ("5.1", False), (None, False)],
    ids=["all", "less", "more", "unknown"],
)
def test_it_is_there_until_exactly_what_came_has_left(left: str | None, gone: bool) -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("shipped", "2026-03-02", batches=[amount(HAM, left)], to_site="shop"),
        declared("2026-03-03", "2026-03-05"),
    )
    assert (f"{HAM} @ kitchen" not in members(one)) == gone if one.world.scopes else gone


def test_what_is_disposed_of_or_past_its_shelf_life_is_gone() -> None:
    one = told(
        came(HAM, "2026-03-01"),
        event("disposed", "2026-03-02", batches=[HAM], method="destroyed"),
        event("received", "2026-03-01", batches=[{"batch": TURKEY, "expires": "2026-03-02"}], from_site="deli"),
        event("received", "2026-03-01", batches=[{"batch": ROAST, "expires": "2026-03-04"}], from_site="deli"),
        declared("2026-03-03", "2026-03-05"),
    )
    assert {place for place in members(one) if place.endswith("kitchen")} == {f"{ROAST} @ kitchen"}


def test_a_part_that_is_disposed_of_leaves_the_rest_there() -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("disposed", "2026-03-02", batches=[amount(HAM, "1")], method="destroyed"),
        declared("2026-03-03", "2026-03-05"),
    )
    assert f"{HAM} @ kitchen" in members(one)


def test_of_a_location_only_what_events_there_name_is_joined() -> None:
    one = told(
        came(HAM, "2026-03-01"),
        came(TURKEY, "2026-03-01"),
        made(PLATTER, "2026-03-02", HAM, location="slicer"),
        made(SALAD, "2026-03-02", TURKEY, location="bench"),
        declared("2026-03-02", "2026-03-02", location="slicer"),
    )
    assert {m for m in members(one) if m.endswith("kitchen")} == {f"{HAM} @ kitchen", f"{PLATTER} @ kitchen"}


def test_a_lot_made_in_the_window_has_it_wherever_it_is() -> None:
    one = told(
        came(HAM, "2026-03-01"),
        made(PLATTER, "2026-03-02"),
        event("received", "2026-03-05", site="ward", batches=[PLATTER]),
        declared("2026-03-01", "2026-03-03"),
    )
    assert f"{PLATTER} @ ward" in reached(one, HAM)


def test_an_authority_drafts_the_scope_of_the_window_and_it_is_opened_like_any() -> None:
    one = told(came(HAM, "2026-03-01"), made(PLATTER, "2026-03-02", HAM), declared("2026-03-01", "2026-03-01"))
    scope = scope_of(one)
    assert scope.status == "draft"
    assert members(one) == {
        f"{HAM} @ kitchen": "same_site_and_window possible declared",
        f"{PLATTER} @ kitchen": "descendant possible declared",
        f"{HAM} @ deli": "suspect possible declared",
    }
    one.tell(("emergency", {"kind": "scope_opened", "id": "o1", "scope": scope.id, "reason": "x"}))
    held = {one.names.batch_key(m.batch) for m in scope.members() if m.held}
    assert (scope.status, held) == ("open", {HAM, PLATTER})


def test_an_operators_own_declaration_joins_and_drafts_nothing() -> None:
    one = told(came(HAM, "2026-03-01"), came(TURKEY, "2026-03-01"), declared("2026-03-01", None, who="kitchen"))
    assert reached(one, HAM) == {f"{TURKEY} @ kitchen"}
    assert one.world.scopes == {}


def test_a_withdrawn_declaration_joins_nothing_and_its_draft_lapses() -> None:
    one = told(came(HAM, "2026-03-01"), came(TURKEY, "2026-03-01"), declared("2026-03-01", None))
    one.tell(withdrawn("w1", "county"))
    assert reached(one, HAM) == set()
    assert scope_of(one).status == "lapsed"


def test_an_opened_scope_of_a_withdrawn_window_lets_nothing_go_by_itself() -> None:
    one = told(came(HAM, "2026-03-01"), declared("2026-03-01", None))
    scope = scope_of(one)
    one.tell(("emergency", {"kind": "scope_opened", "id": "o1", "scope": scope.id, "reason": "x"}))
    one.tell(withdrawn("w1", "county"))
    [member] = [m for m in scope.members() if m.role == "same_site_and_window"]
    assert (member.state, member.held) == ("unsupported", True)


def test_what_comes_late_is_in_the_scope_at_once() -> None:
    one = told(declared("2026-03-01", None))
    assert one.world.scopes == {} or not len(scope_of(one).table)
    one.tell(came(HAM, "2026-03-02"))
    assert f"{HAM} @ kitchen" in members(one)


def test_a_clean_break_parts_the_window() -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("shipped", "2026-03-01", batches=[amount(HAM, "5")], to_site="shop"),
        came(TURKEY, "2026-03-03"),
        declared("2026-03-01", "2026-03-04", clean_breaks=[{"at": "2026-03-02T12:00:00Z", "record": "CIP-118"}]),
    )
    assert reached(one, HAM) == {f"{HAM} @ shop"}
    assert len(one.world.scopes) == 1
    assert {f"{HAM} @ kitchen", f"{TURKEY} @ kitchen"} <= set(members(one))


def test_a_cleaning_ends_a_window_whose_end_is_not_said() -> None:
    said = [came(HAM, "2026-03-01"), declared("2026-03-01", None), came(TURKEY, "2026-03-05")]
    cleaned = event("cleaned", "2026-03-03T06:00:00Z", record="CIP-119", id="k1")
    for order in ([*said, cleaned], [cleaned, *said]):
        one = told(*order)
        assert f"{TURKEY} @ kitchen" not in members(one)
        one.tell(withdrawn("k1", "kitchen"))
        assert f"{TURKEY} @ kitchen" in members(one)


def swab(sample: str, at: str, verdict: str) -> list[tuple[str, dict[str, Any]]]:
    taken = event("sampled", at, id=f"s-{sample}", sample=sample, place_sample="surface", location="slicer")
    said = {"kind": "tested", "id": f"t-{sample}", "lab": "lab", "report": f"R-{sample}", "sample": sample}
    said |= {"hazard_class": "pathogen", "hazard": "Listeria", "verdict": verdict}
    return [taken, ("lab", said)]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_swab_that_fails_is_a_window_back_to_the_last_swab_that_passed(backwards: bool) -> None:
    said = [
        came(HAM, "2026-03-01", "5"),
        came(TURKEY, "2026-03-04"),
        made("kitchen/platter/P0", "2026-03-01", amount(HAM, "5"), location="slicer"),
        event("shipped", "2026-03-01", batches=["kitchen/platter/P0"], to_site="ward", expires=None),
        made(PLATTER, "2026-03-04T10:00:00Z", TURKEY, location="slicer"),
        *swab("S1", "2026-03-02T12:00:00Z", "passed"),
        *swab("S2", "2026-03-05T12:00:00Z", "failed"),
    ]
    for _, fields in said:
        fields.pop("expires", None)
    one = told(*(said[::-1] if backwards else said))
    [scope] = [scope for scope in one.world.scopes.values() if scope.status == "draft"]
    there = {place for place, what in members(one, scope).items() if what.startswith("same_site")}
    assert f"{PLATTER} @ kitchen" in there
    assert f"{TURKEY} @ kitchen" in there
    assert f"{HAM} @ kitchen" not in there
    one.tell(("lab", {**swab("S2", "", "passed")[1][1], "id": "t-again", "report": "R-again", "supersedes": "R-S2"}))
    assert scope.status == "lapsed"


def test_a_person_opens_a_scope_on_a_site_and_a_time() -> None:
    one = told(came(HAM, "2026-03-01"), came(TURKEY, "2026-03-09"))
    seed = {"site": "kitchen", "since": "2026-03-01", "until": "2026-03-02"}
    opened = {"kind": "scope_opened", "id": "o1", "seeds": [seed], "hazard_class": "pathogen", "hazard": "Listeria"}
    one.tell(("emergency", {**opened, "zone": "Z", "reason": "x"}))
    assert scope_of(one).status == "open"
    assert {m for m in members(one) if m.endswith("kitchen")} == {f"{HAM} @ kitchen"}


def test_windows_make_no_gaps_and_join_no_pools() -> None:
    one = told(
        event("received", "2026-03-01", batches=[HAM]),
        event("served", "2026-03-02", batches=[TURKEY]),
        declared("2026-03-01", None),
    )
    one.end()
    gaps = {str(alert.args) for alert in one.world.board.standing() if alert.rule == "CHAIN_GAP"}
    other = told(
        event("received", "2026-03-01", batches=[HAM]),
        event("served", "2026-03-02", batches=[TURKEY]),
    )
    other.end()
    assert gaps == {str(alert.args) for alert in other.world.board.standing() if alert.rule == "CHAIN_GAP"}


def test_water_that_was_bad_for_a_while_reaches_what_drew_from_it_then() -> None:
    water = "canal/water/~"
    fields = [f"farm{n}/romaine/L{n}" for n in range(4)]

    def irrigated(n: int, at: str) -> tuple[str, dict[str, Any]]:
        return event(
            "input_applied", at, "canal", inputs=[water], applied_to=[f"farm{n}/plot/~P{n}"], purpose="irrigation"
        )

    def harvested(n: int, at: str) -> tuple[str, dict[str, Any]]:
        plot = f"farm{n}/plot/~P{n}"
        return event("transformed", at, "canal", in_batches=[plot], out_batches=[fields[n]])

    one = told(
        irrigated(0, "2026-02-01"),
        harvested(0, "2026-02-02"),
        irrigated(1, "2026-02-12"),
        harvested(1, "2026-02-20"),
        irrigated(2, "2026-02-14"),
        harvested(2, "2026-02-21"),
        irrigated(3, "2026-03-10"),
        harvested(3, "2026-03-20"),
        declared("2026-02-10", "2026-02-28", site="canal", source=water),
    )
    found = members(one)
    assert {batch for batch in fields if f"{batch} @ canal" in found} == {fields[1], fields[2]}
    assert found[f"{water} @ canal"].startswith("failed_holding")
    one.tell(irrigated(3, "2026-02-15"))
    assert f"{fields[3]} @ canal" in members(one)


@pytest.mark.parametrize("first", [False, True], ids=["then_withdrawn", "withdrawn_before_it_came"])
@pytest.mark.parametrize("declared_at", [0, 1, 3, 5, 7])
def test_amounts_of_what_stands_again_count_whenever_the_window_was_declared(declared_at: int, first: bool) -> None:
    said = [
        event("received", "2026-03-01", id="in1", batches=[amount(HAM, "2")], from_site="deli"),
        event("shipped", "2026-03-02", id="out1", batches=[amount(HAM, "2000", "g")], to_site="shop"),
    ]
    taken_back = [withdrawn("in1", "kitchen"), withdrawn("out1", "kitchen")]
    again = [withdrawn("c-in1", "kitchen"), withdrawn("c-out1", "kitchen")]
    every = [came(TURKEY, "2026-03-04"), *(taken_back + said if first else said + taken_back), *again]
    window = declared("2026-03-03", "2026-03-05")
    one = told(*every[:declared_at], window, *every[declared_at:])
    [supported] = one.supported().values()
    assert set(supported) == {f"{TURKEY} @ kitchen", f"{TURKEY} @ deli"}
    assert reached(one, TURKEY) == set()
