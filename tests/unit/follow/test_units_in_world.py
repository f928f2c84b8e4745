"""Units in a follower's world: what moves, is drawn and is made of is what they held; any order ends in one answer."""

from __future__ import annotations

from random import Random
from typing import Any

from fieldline_trace.follow import stored
from fieldline_trace.lineage import Seed
from hypothesis import given
from hypothesis import strategies as st

from .worlds import BATCHES, SITES, Saying, Told, corrections, findings, flows

PALLET, CASE = "00/095060001343529997", "unit/plant/case 1"
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03", None]


@st.composite
def of_units(draw: st.DrawFn) -> Saying:
    """An event that names a unit."""
    site, unit, who = (
        draw(st.sampled_from(SITES)),
        draw(st.sampled_from([PALLET, CASE])),
        draw(st.sampled_from(["trade", "plant"])),
    )
    said: dict[str, Any] = {"id": draw(st.sampled_from(["e1", "e2", "u1", "u2", "u3"])), "operator": "plant"}
    said |= {"site": site, "at": draw(st.sampled_from(DAYS)), "zone": "Z"}
    inside = [*BATCHES[:4], CASE] if unit == PALLET else BATCHES[:4]
    match draw(st.sampled_from(["in", "in", "out", "shipped", "shipped", "received", "transformed", "sampled"])):
        case "in":
            children = draw(st.lists(st.sampled_from(inside), min_size=1, max_size=2, unique=True))
            return who, said | {"kind": "aggregated", "parent": unit, "children": children}
        case "out":
            children = draw(st.lists(st.sampled_from(inside), max_size=1))
            return who, said | {"kind": "disaggregated", "parent": unit, "children": children}
        case "shipped":
            to = draw(st.sampled_from([other for other in SITES if other != site]))
            batches = draw(st.sampled_from([[unit], [unit, BATCHES[0]]]))
            return who, said | {"kind": "shipped", "batches": batches, "to_site": to}
        case "received":
            return who, said | {"kind": "received", "batches": [unit]}
        case "transformed":
            return who, said | {"kind": "transformed", "in_batches": [unit], "out_batches": ["plant/salad/S1"]}
        case _:
            return who, said | {"kind": "sampled", "batches": [unit], "sample": "S1"}


@st.composite
def findings_on_units(draw: st.DrawFn) -> Saying:
    """A laboratory's result on a unit."""
    who, said = draw(findings())
    if "batch" in said:
        said["batch"] = draw(st.sampled_from([PALLET, CASE]))
    return who, said


worlds = st.lists(
    st.one_of(of_units(), of_units(), of_units(), of_units(), flows(), findings(), findings_on_units(), corrections()),
    min_size=2,
    max_size=10,
)


def told(sayings: list[Saying]) -> Told:
    one = Told()
    one.tell(*sayings)
    one.end()
    return one


@given(worlds, st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=8))
def test_any_order_repetition_and_split_ends_in_the_same_answers(
    sayings: list[Saying], random: Random, sizes: list[int]
) -> None:
    again = sayings + random.sample(sayings, len(sayings) // 2)
    random.shuffle(again)
    other = Told()
    other.tell_at_once(again, sizes)
    other.end()
    links, alerts, supported = told(sayings).known()
    assert other.links() == links
    assert other.alerts() == alerts
    assert other.supported() == supported


@given(worlds)
def test_a_rebuild_changes_nothing(sayings: list[Saying]) -> None:
    first = told(sayings)
    second = Told()
    second.ledger = first.ledger
    second.__dict__["_view"] = type(first._view)(first.ledger)
    second.tell()
    assert [[stored.alert_row(one) for one in outcome.alerts] for outcome in second.outcomes] == [
        [stored.alert_row(one) for one in outcome.alerts] for outcome in first.outcomes
    ]
    assert [[stored.scope_row(one) for one in outcome.scopes] for outcome in second.outcomes] == [
        [stored.scope_row(one) for one in outcome.scopes] for outcome in first.outcomes
    ]


def packed(*children: str, unit: str = PALLET, at: str = "2026-03-01T08:00:00Z", **said: str) -> Saying:
    return "plant", {"kind": "aggregated", "id": f"in-{unit}", "operator": "plant", "site": "plant", "at": at} | {
        "parent": unit,
        "children": list(children),
    } | said


def shipped(*batches: str, at: str = "2026-03-02T08:00:00Z", **said: str) -> Saying:
    return "plant", {"kind": "shipped", "id": "ship", "operator": "plant", "site": "plant", "at": at} | {
        "batches": list(batches),
        "to_site": "shop",
    } | said


def reached(one: Told, batch: str) -> dict[str, tuple[int, int]]:
    number = one.names.batch_number(batch)
    assert number is not None
    trace = one.world.index.forward([Seed(number)])
    rows = zip(*(c.tolist() for c in (trace.batch, trace.site, trace.certainty, trace.basis)), strict=True)
    return {one._at(b, s): (certainty, basis) for b, s, certainty, basis in rows}


def test_a_shipment_of_a_pallet_moves_what_is_in_it_and_in_the_cases_on_it() -> None:
    one = told([shipped(PALLET), packed("farm/leaf/L1", CASE), packed("plant/salad/S1", unit=CASE)])
    assert reached(one, "farm/leaf/L1") == {"farm/leaf/L1 @ plant": (3, 0), "farm/leaf/L1 @ shop": (3, 0)}
    assert "plant/salad/S1 @ shop" in reached(one, "plant/salad/S1")


def test_a_withdrawn_packing_takes_the_move_with_it() -> None:
    one = Told()
    one.tell(packed("farm/leaf/L1"), shipped(PALLET))
    assert "farm/leaf/L1 @ shop" in reached(one, "farm/leaf/L1")
    one.tell(
        (
            "plant",
            {"kind": "corrected", "id": "c", "reason": "x", "action": "withdraw", "target": {"id": f"in-{PALLET}"}},
        )
    )
    assert reached(one, "farm/leaf/L1") == {}
    one.tell(("plant", {"kind": "corrected", "id": "d", "reason": "x", "action": "withdraw", "target": {"id": "c"}}))
    assert "farm/leaf/L1 @ shop" in reached(one, "farm/leaf/L1")


def test_the_same_lot_loose_and_on_two_pallets_of_one_shipment_came_by_one_event() -> None:
    second = "00/095060001343530009"
    one = told(
        [packed("plant/salad/~T1"), packed("plant/salad/~T1", unit=second), shipped(PALLET, second, "plant/salad/~T1")]
    )
    assert reached(one, "plant/salad/~T1")["plant/salad/~T1 @ shop"] == (3, 0)


def test_what_was_never_packed_is_a_gap_that_names_the_unit_until_the_packing_comes() -> None:
    out: Saying = (
        "trade",
        {"kind": "disaggregated", "id": "o", "operator": "trade", "site": "shop", "at": "2026-03-03", "zone": "Z"}
        | {
            "parent": PALLET,
            "children": ["farm/leaf/L1"],
        },
    )
    one = told([out])
    gaps = [alert for alert in one.world.board.standing() if alert.rule == "CHAIN_GAP"]
    assert [(gap.args["why"], gap.args["batch"], gap.args["to"]) for gap in gaps] == [
        ("never_packed", "farm/leaf/L1", PALLET)
    ]
    assert "farm/leaf/L1 @ shop" in reached(one, "farm/leaf/L1")
    one.tell(packed("farm/leaf/L1"))
    assert not [gap for gap in one.world.board.standing() if gap.args.get("why") == "never_packed"]


def test_a_failed_test_of_a_pallet_drafts_a_scope_for_each_lot_that_was_on_it_however_late_that_is_told() -> None:
    result: Saying = (
        "lab",
        {"kind": "tested", "id": "t", "site": "shop", "lab": "lab", "report": "R", "at": "2026-03-03", "zone": "Z"}
        | {"batch": PALLET, "hazard_class": "pathogen", "hazard": "Listeria"}
        | {"method": "confirmatory", "verdict": "failed"},
    )
    one = Told()
    one.tell(result, shipped(PALLET))
    assert not one.supported()
    one.tell(packed("farm/leaf/L1", "plant/salad/S1"))
    (first, second) = one.supported().values()
    assert {role for members in (first, second) for role, _, _ in members.values()} == {"failed_lot", "same_lot"}
    assert {place.split(" @ ")[0] for members in (first, second) for place in members} == {
        "farm/leaf/L1",
        "plant/salad/S1",
    }


def test_a_scope_that_names_a_pallet_takes_in_what_is_told_to_be_on_it_later() -> None:
    opens: Saying = (
        "emergency",
        {"kind": "scope_opened", "id": "o", "seeds": [{"batch": PALLET}], "reason": "x"}
        | {"hazard_class": "pathogen", "hazard": "Listeria"},
    )
    one = Told()
    one.tell(opens, shipped(PALLET))
    (scope,) = one.world.scopes.values()
    assert (scope.status, len(scope.table)) == ("open", 0)
    one.tell(packed("farm/leaf/L1"))
    assert set(one.supported()[scope.id]) == {"farm/leaf/L1 @ plant", "farm/leaf/L1 @ shop"}


def test_a_pallet_that_was_unpacked_where_it_was_sent_has_arrived() -> None:
    out: Saying = (
        "trade",
        {"kind": "disaggregated", "id": "o", "operator": "trade", "site": "shop", "parent": PALLET}
        | {"at": "2026-03-03T08:00:00Z"},
    )
    one = told([packed("farm/leaf/L1"), shipped(PALLET)])
    overdue = [alert for alert in one.world.board.standing() if alert.args.get("why") == "no_arrival"]
    assert [alert.args["batch"] for alert in overdue] == [PALLET]
    one.tell(out)
    assert not [alert for alert in one.world.board.standing() if alert.args.get("why") == "no_arrival"]
    assert not [
        alert
        for alert in told([packed("farm/leaf/L1"), shipped(PALLET), out]).world.board.standing()
        if alert.args.get("why") == "no_arrival"
    ]
