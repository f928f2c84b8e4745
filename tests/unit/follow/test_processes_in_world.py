"""Events that share a transformation count as one: what went into any of them is in what came out of any other."""

from __future__ import annotations

from random import Random
from typing import Any

from fieldline_trace.lineage import DEFINITE, RECORDED
from hypothesis import given
from hypothesis import strategies as st

from .test_units_in_world import PALLET, of_units, packed, reached
from .worlds import SITES, Saying, Told, corrections

LEAF, OTHER, SALAD, MIX = "farm/leaf/L1", "farm/leaf/L2", "plant/salad/S1", "plant/mix/M1"


@st.composite
def parts(draw: st.DrawFn) -> Saying:
    """A part of one of two processes, or of none."""
    said: dict[str, Any] = {"kind": "transformed", "id": draw(st.sampled_from(["e1", "e2", "u1", "u2", "u3"]))}
    said |= {"operator": "plant", "site": draw(st.sampled_from(SITES)), "at": "2026-03-02", "zone": "Z"}
    ins = draw(st.lists(st.sampled_from([LEAF, OTHER, PALLET]), max_size=2, unique=True))
    outs = draw(st.lists(st.sampled_from([SALAD, MIX]), min_size=0 if ins else 1, max_size=2, unique=True))
    process = draw(st.sampled_from(["urn:x:p1", "urn:x:p1", "urn:x:p2", None]))
    if process is not None:
        said["transformation_id"] = process
    return draw(st.sampled_from(["trade", "plant"])), said | {"in_batches": ins, "out_batches": outs}


def forward(one: Told) -> dict[str, dict[str, tuple[int, int]]]:
    return {
        batch: reached(one, batch) for batch in (LEAF, OTHER, SALAD, MIX) if one.names.batch_number(batch) is not None
    }


@given(
    st.lists(st.one_of(parts(), parts(), parts(), of_units(), corrections()), min_size=2, max_size=9),
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


def part(name: str, ins: list[str], outs: list[str], at: str = "2026-03-02", process: str = "urn:x:p1") -> Saying:
    said = {"kind": "transformed", "id": name, "operator": "plant", "site": "plant", "at": at, "zone": "Z"}
    return "plant", said | {"in_batches": ins, "out_batches": outs, "transformation_id": process}


def told(*sayings: Saying) -> Told:
    one = Told()
    one.tell(*sayings)
    return one


def test_what_went_into_one_part_is_in_what_came_out_of_another_whatever_the_dates() -> None:
    one = told(part("out", [], [SALAD], at="2026-03-01"), part("in", [LEAF], [], at="2026-03-05"))
    assert reached(one, LEAF)[f"{SALAD} @ plant"] == (DEFINITE, RECORDED)


def test_all_parts_hold_together_and_the_order_of_their_dates_says_nothing() -> None:
    one = told(part("a", [LEAF], [SALAD]), part("b", [OTHER], [MIX], at="2026-03-09"))
    assert {f"{SALAD} @ plant", f"{MIX} @ plant"} <= reached(one, LEAF).keys()
    assert {f"{SALAD} @ plant", f"{MIX} @ plant"} <= reached(one, OTHER).keys()


def test_parts_of_different_processes_share_nothing() -> None:
    one = told(part("a", [LEAF], [SALAD]), part("b", [OTHER], [MIX], process="urn:x:p2"))
    assert f"{MIX} @ plant" not in reached(one, LEAF)


def test_a_withdrawn_part_takes_its_links_with_it() -> None:
    one = told(part("in", [LEAF], []), part("out", [], [SALAD]))
    withdraw = {"kind": "corrected", "id": "c", "reason": "x", "action": "withdraw", "target": {"id": "in"}}
    one.tell(("plant", withdraw))
    assert reached(one, LEAF) == {}


def test_what_a_unit_held_went_into_the_process() -> None:
    one = told(part("in", [PALLET], []), part("out", [], [SALAD]), packed(LEAF))
    assert reached(one, LEAF)[f"{SALAD} @ plant"] == (DEFINITE, RECORDED)
