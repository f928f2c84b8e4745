"""What steps put in and made, through a whole world: units, packaging, processes, corrections, any order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from fieldline_trace.risk.alerts import Alert

from .worlds import Saying, Told

LEAF, OTHER, SALAD = "farm/leaf/L1", "farm/leaf/L2", "plant/salad/S1"


def much(batch: str, quantity: str | None, unit: str = "kg") -> Any:
    return batch if quantity is None else {"batch": batch, "quantity": quantity, "unit": unit}


def made(put_in: str | None, out: str | None, *, kind: str = "transformed", **more: Any) -> Saying:
    said: dict[str, Any] = {"kind": kind, "id": "m", "operator": "plant", "site": "plant"}
    said |= {"in_batches": [much(LEAF, put_in)], "out_batches": [much(SALAD, out)]}
    return "plant", said | more


def found(*sayings: Saying) -> list[Alert]:
    told = Told()
    told.tell(*sayings)
    assert not told.ledger.rejected
    marks = told.world.risks.balances.incomplete()
    standing = [alert for alert in told.world.board.standing() if alert.rule == "MASS_BALANCE"]
    places = {(told.names.batch_key(batch), told.names.site_key(site)) for batch, site in marks}
    assert {batch for batch, _ in places} == {batch for alert in standing for batch in _batches(alert)}
    return standing


def _batches(alert: Alert) -> list[str]:
    batches = alert.args["batches"]
    assert isinstance(batches, list)
    return batches


@pytest.mark.parametrize(("put_in", "out", "told"), [("100", "105", 0), ("100", "106", 1), (None, "106", 0)])
def test_more_made_than_put_in_marks_what_was_made(put_in: str | None, out: str, told: int) -> None:
    assert [alert.subject for alert in found(made(put_in, out))] == [SALAD] * told


def test_units_are_converted_and_packages_and_pieces_are_not_guessed() -> None:
    assert not found(made("100", None, out_batches=[much(SALAD, "104000", "g")]))
    [alert] = found(made("100", None, out_batches=[much(SALAD, "106000", "g")]))
    assert (alert.args["made"], alert.args["unit"]) == ("106", "kg")
    assert not found(made(None, "106", in_batches=[much(LEAF, "1", "XBX")]))
    assert not found(made("100", None, out_batches=[much(SALAD, "1000", "l")]))


def test_packaging_needs_no_amount_and_counts_where_it_has_one() -> None:
    film: dict[str, Any] = {"kind": "packed", "packaging": ["film/f/F1"]}
    assert len(found(made("100", "106", **film))) == 1
    assert not found(made("100", "106", **film | {"packaging": [much("film/f/F1", "2")]}))


@pytest.mark.parametrize("kind", ["prepared", "harvested"])
def test_what_a_kitchen_makes_or_what_grows_is_not_weighed(kind: str) -> None:
    ins = "in_batches" if kind == "prepared" else "sources"
    said = {"kind": kind, "id": "m", "operator": "plant", "site": "plant", ins: [much(LEAF, "1")]}
    assert not found(("plant", said | {"out_batch": much(SALAD, "50")}))


def test_a_split_is_weighed_by_volume_too() -> None:
    said = {"kind": "split", "id": "m", "operator": "plant", "site": "plant", "in_batch": much(LEAF, "10", "l")}
    assert not found(("plant", said | {"out_batches": [much(SALAD, "10.5", "l")]}))
    assert len(found(("plant", said | {"out_batches": [much(SALAD, "6", "l"), much(OTHER, "5", "l")]}))) == 1


def test_events_of_one_process_are_weighed_together_in_any_order() -> None:
    one = made("60", None, id="p1", transformation_id="T", out_batches=[])
    two = made("50", None, id="p2", transformation_id="T", out_batches=[], in_batches=[much(OTHER, "50")])
    out = made(None, "115", id="p3", transformation_id="T", in_batches=[])
    unsaid = made(None, None, id="p4", transformation_id="T", out_batches=[])
    for order in permutations([one, two, out]):
        assert not found(*order)
    for order in permutations([one, out]):
        [alert] = found(*order)
        assert (alert.args["put_in"], alert.args["made"], alert.evidence_count) == ("60", "115", 2)
    for order in permutations([one, out, unsaid]):
        assert not found(*order)


def test_a_correction_and_another_content_of_the_same_id_withdraw_it_in_any_order() -> None:
    gone = "plant", {"kind": "corrected", "id": "c", "target": {"id": "m"}, "action": "withdraw", "reason": "x"}
    for order in permutations([made("100", "150"), gone]):
        assert not found(*order)
    for order in permutations([made("100", "150"), made("100", "90")]):
        assert not found(*order)
    for order in permutations([made("100", "150"), made("100", "140")]):
        [alert] = found(*order)
        assert (alert.args["made"], alert.sure) == ("140", False)
