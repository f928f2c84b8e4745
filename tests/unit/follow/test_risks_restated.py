"""What rules found follows what is taken back, joined, parted or told again otherwise, in any order."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from fieldline_schemas.times import interval_of

from .worlds import DOORS, Saying, Told, withdrawn

LOT, OTHER = "plant/milk/M1", "trade/milk/X1"


def said(identity: str, kind: str, who: str = "trade", **more: Any) -> Saying:
    return who, {
        "id": identity,
        "kind": kind,
        "operator": "trade",
        "site": "plant",
        "at": "2026-03-01",
        "zone": "Z",
    } | more


def world(*sayings: Saying, at: str = "2026-03-25T00:00:00Z") -> Told:
    told = Told()
    told.now = interval_of(at, None).lo
    told.tell(*sayings)
    assert not told.ledger.rejected
    return told


def standing(told: Told) -> list[str]:
    """Rule and subject of what stands, but for what the records lack."""
    return sorted(f"{one.rule} {one.subject}" for one in told.world.board.standing() if one.rule != "CHAIN_GAP")


PASSED = said(
    "t", "tested", "lab", sample="S1", lab="lab", report="R1", hazard="lead", hazard_class="residue", verdict="passed"
)
RELEASED = (
    said("m", "transformed", out_batches=[LOT]),
    said("s", "sampled", batches=[LOT], sample="S1", kind_of_sample="release"),
    said("g", "shipped", batches=[LOT], to_site="shop", at="2026-03-05"),
)


def test_a_batch_is_untested_again_once_its_result_is_withdrawn() -> None:
    told = world(*RELEASED, PASSED)
    told.end()
    assert standing(told) == []
    told.tell(withdrawn("t", "lab"))
    assert standing(told) == [f"RELEASED_UNTESTED {LOT}"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_was_used_under_one_key_has_the_shelf_life_said_of_the_other(order: tuple[int, ...]) -> None:
    sayings = (
        said("m", "harvested", out_batch={"batch": LOT, "expires": "2026-03-10"}),
        said("g", "sold", batches=[OTHER], at="2026-03-20"),
        said("b", "same_batch", batches=[LOT, OTHER]),
    )
    told = world(*(sayings[at] for at in order))
    assert standing(told) == [f"EXPIRED {LOT} at plant"]
    told.tell(withdrawn("b", "trade"))
    assert standing(told) == []


@pytest.mark.parametrize("first", ["aa/milk/0", "zz/milk/0"])
def test_what_was_found_of_joined_batches_goes_by_its_own_key_once_they_are_parted(first: str) -> None:
    complaints = [
        said(f"k{n}", "complaint", "county", number=f"N{n}", batch=LOT, text="x", at="2026-03-03") for n in range(3)
    ]
    told = world(said("h", "harvested", out_batch=first), said("b", "same_batch", batches=[first, LOT]), *complaints)
    assert standing(told) == [f"COMPLAINT_SIGNAL {min(first, LOT)}"]
    told.tell(withdrawn("b", "trade"))
    assert standing(told) == [f"COMPLAINT_SIGNAL {LOT}"]


def test_a_batch_may_count_as_one_that_comes_a_thousand_batches_later() -> None:
    told = world(said("m", "harvested", out_batch={"batch": LOT, "expires": "2026-03-10"}))
    told.tell(*(said(f"n{n}", "harvested", out_batch=f"plant/milk/N{n}") for n in range(1100)))
    told.tell(said("z", "harvested", out_batch="aa/milk/0"), said("b", "same_batch", batches=[LOT, "aa/milk/0"]))
    told.tell(said("k", "complaint", "county", number="N", batch=LOT, text="x"))
    told.tell(said("g", "sold", batches=[LOT], at="2026-03-20"))
    assert standing(told) == ["EXPIRED aa/milk/0 at plant"]


def test_an_alert_that_was_history_and_is_news_now_is_awaited_and_goes_when_it_does() -> None:
    told = world()
    old = (
        said("m", "harvested", out_batch={"batch": LOT, "expires": "2026-03-10"}),
        said("g", "sold", batches=[LOT], at="2026-03-20"),
    )
    told.ledger.take([json.dumps(one).encode() for _, one in old], DOORS["trade"], history=True)
    told.tell()
    assert (standing(told), told.world.risks.waiting.next) == ([f"EXPIRED {LOT} at plant"], None)
    told.tell(said("g2", "sold", batches=[LOT], at="2026-03-21"))
    assert told.world.risks.waiting.next is not None
    told.end()
    assert standing(told) == [f"ALERT_UNACKNOWLEDGED {LOT} at plant", f"EXPIRED {LOT} at plant"]
    told.tell(withdrawn("g2", "trade"), withdrawn("g", "trade"))
    assert standing(told) == []


def test_imported_history_awaits_no_result_and_no_confirmation() -> None:
    told = world()
    screen = said("t", "tested", "lab", batch=OTHER, lab="lab", report="R1", hazard="lead", hazard_class="residue")
    sayings = [*RELEASED, (screen[0], screen[1] | {"verdict": "failed", "method": "screening"})]
    for who, one in sayings:
        told.ledger.take([json.dumps(one).encode()], DOORS[who], history=True)
    told.tell()
    assert told.world.risks.waiting.next is None
    assert f"RELEASED_UNTESTED {LOT}" in standing(told)
