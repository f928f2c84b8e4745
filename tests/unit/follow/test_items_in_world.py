"""Serial items in a follower's world: their lot's recall covers them, their finding makes it suspect, and they move by
themselves."""

from __future__ import annotations

from random import Random
from typing import Any

from fieldline_trace.lineage import DEFINITE, RECORDED, Seed
from fieldline_trace.lineage.parts import NOWHERE
from hypothesis import given
from hypothesis import strategies as st

from .test_units_in_world import PALLET, packed, reached, shipped
from .worlds import DOORS, SITES, Saying, Told, corrections, findings

LOT = "01/04012345055559/10/4711"
ITEM, OTHER, LOTLESS = f"{LOT}/21/1", f"{LOT}/21/2", "01/04012345055559/21/1"
LEAF = "farm/leaf/L1"


@st.composite
def of_items(draw: st.DrawFn) -> Saying:
    """An event that names items, their lot, or a pallet that holds them."""
    site, who = draw(st.sampled_from(SITES)), draw(st.sampled_from(["trade", "plant"]))
    one = draw(st.sampled_from([ITEM, ITEM, OTHER, LOTLESS, LOTLESS, LOT]))
    said: dict[str, Any] = {"id": draw(st.sampled_from(["e1", "e2", "u1", "u2"])), "operator": "plant", "site": site}
    said |= {"at": draw(st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", None])), "zone": "Z"}
    match draw(st.sampled_from(["made", "packed", "unpacked", "shipped", "received", "used"])):
        case "made":
            return who, said | {"kind": "transformed", "in_batches": [LEAF], "out_batches": [one]}
        case "packed":
            return who, said | {"kind": "aggregated", "parent": PALLET, "children": [one]}
        case "unpacked":
            return who, said | {"kind": "disaggregated", "parent": PALLET, "children": [one]}
        case "shipped":
            to = draw(st.sampled_from([other for other in SITES if other != site]))
            return who, said | {"kind": "shipped", "batches": [draw(st.sampled_from([one, PALLET]))], "to_site": to}
        case "received":
            return who, said | {"kind": "received", "batches": [one]}
        case _:
            return who, said | {"kind": "transformed", "in_batches": [one], "out_batches": ["plant/salad/S1"]}


@st.composite
def findings_on_items(draw: st.DrawFn) -> Saying:
    who, said = draw(findings())
    return who, said | ({"batch": draw(st.sampled_from([ITEM, LOT, LOTLESS]))} if "batch" in said else {})


def forward(one: Told) -> dict[str, dict[str, tuple[int, int]]]:
    batches = [LOT, ITEM, OTHER, LOTLESS, LEAF, "plant/salad/S1"]
    return {batch: reached(one, batch) for batch in batches if one.names.batch_number(batch) is not None}


@given(
    st.lists(st.one_of(of_items(), of_items(), of_items(), findings_on_items(), corrections()), min_size=2, max_size=9),
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 5), max_size=8),
)
def test_any_order_repetition_and_split_ends_in_the_same_answers(
    sayings: list[Saying], random: Random, sizes: list[int]
) -> None:
    again = sayings + random.sample(sayings, len(sayings) // 2)
    random.shuffle(again)
    one, other = Told(), Told()
    one.tell(*sayings)
    one.end()
    other.tell_at_once(again, sizes)
    other.end()
    assert forward(other) == forward(one)
    assert other.alerts() == one.alerts()
    assert other.supported() == one.supported()


def made(*outs: str, **said: str) -> Saying:
    return "plant", {"kind": "transformed", "id": "make", "operator": "plant", "site": "plant"} | {
        "at": "2026-03-01T06:00:00Z",
        "in_batches": [LEAF],
        "out_batches": list(outs),
    } | said


def served(item: str, site: str = "shop") -> Saying:
    return "trade", {
        "kind": "served",
        "id": f"sold {item}",
        "operator": "trade",
        "site": site,
        "at": "2026-03-05",
        "zone": "Z",
    } | {"batches": [item]}


def told(*sayings: Saying) -> Told:
    one = Told()
    one.tell(*sayings)
    one.end()
    return one


def test_what_the_lot_was_made_of_is_in_its_items_wherever_they_are_sold() -> None:
    one = told(made(LOT), served(ITEM), served(OTHER))
    found = reached(one, LEAF)
    assert found[f"{ITEM} @ shop"] == found[f"{OTHER} @ shop"] == (DEFINITE, RECORDED)


def test_items_sold_without_a_record_of_how_they_came_are_no_gaps_and_leave_no_holding_of_the_lot() -> None:
    one = told(made(LOT), *[served(f"{LOT}/21/{n}") for n in range(1, 9)])
    gaps = [alert.args["batch"] for alert in one.world.board.standing() if alert.rule == "CHAIN_GAP"]
    assert gaps == [LEAF]
    lot = one.names.batch_number(LOT)
    assert lot is not None
    places = [one.world.index.holding(holding) for holding in one.world.index.holdings_of(lot)]
    assert [one.names.site_key(site) for _, site in places if site != NOWHERE] == ["plant"]


def test_where_items_were_made_their_lot_was_and_their_siblings_have_what_went_in() -> None:
    one = told(made(ITEM), served(OTHER))
    assert reached(one, LEAF)[f"{LOT} @ plant"] == (DEFINITE, RECORDED)
    assert reached(one, LEAF)[f"{OTHER} @ shop"] == (DEFINITE, RECORDED)


def test_an_item_named_without_its_lot_is_the_item_named_with_it_in_either_order() -> None:
    for sayings in ([served(LOTLESS), made(ITEM)], [made(ITEM), served(LOTLESS)]):
        assert reached(told(*sayings), LEAF)[f"{ITEM} @ shop"] == (DEFINITE, RECORDED)


def test_the_move_of_an_item_moves_neither_its_lot_nor_its_sibling() -> None:
    one = told(made(LOT), shipped(ITEM))
    number = one.names.batch_number(LOT)
    assert number is not None
    trace = one.world.index.forward([Seed(number)])
    rows = zip(trace.batch.tolist(), trace.site.tolist(), strict=True)
    assert {one._at(batch, site) for batch, site in rows if site != NOWHERE} == {
        f"{LOT} @ plant",
        f"{ITEM} @ plant",
        f"{ITEM} @ shop",
    }


def test_an_item_packed_by_its_serial_number_alone_goes_where_the_pallet_goes() -> None:
    one = told(packed(LOTLESS), made(ITEM), shipped(PALLET))
    assert reached(one, LEAF)[f"{ITEM} @ shop"] == (DEFINITE, RECORDED)


def test_a_failed_item_makes_its_lot_suspect_and_a_failed_lot_takes_its_items() -> None:
    result = {"kind": "tested", "site": "shop", "lab": "lab", "hazard_class": "pathogen", "hazard": "Listeria"}
    result |= {"method": "confirmatory", "verdict": "failed"}
    assert "lab" in DOORS
    one = told(made(LOT), served(ITEM), served(OTHER), ("lab", result | {"id": "t", "report": "R", "batch": ITEM}))
    (members,) = one.supported().values()
    assert members[f"{LOT} @ plant"][0] == "suspect"
    assert not [place for place in members if place.startswith(f"{LOT} @") and not place.endswith("plant")]
    two = told(made(LOT), served(ITEM), served(OTHER), ("lab", result | {"id": "t", "report": "R", "batch": LOT}))
    (members,) = two.supported().values()
    assert {f"{ITEM} @ shop", f"{OTHER} @ shop", f"{LOT} @ plant"} <= members.keys()
    assert not [place for place in members if place.endswith("@ ")]
