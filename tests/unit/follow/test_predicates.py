"""Scopes on a description: what fits is in, also later; what is corrected goes by the rules of open scopes."""

from __future__ import annotations

from typing import Any

from fieldline_trace.follow.fetch import follow_memory
from hypothesis import given
from hypothesis import strategies as st

from .worlds import Saying, Told

FORMULA = "plant/infant formula"


def lot(code: str, expires: str | None = None, at: str = "2022-01-10", **more: Any) -> Saying:
    ref: dict[str, Any] = {"batch": f"{FORMULA}/{code}"}
    if expires is not None:
        ref["expires"] = expires
    event = {"id": f"m-{code}", "kind": "transformed", "operator": "plant", "site": "plant", "at": at, "zone": "Z"}
    return "plant", {**event, "out_batches": [ref], **more}


def opened(**matching: Any) -> Saying:
    event = {
        "id": "o1",
        "kind": "scope_opened",
        "hazard_class": "pathogen",
        "hazard": "Cronobacter",
        "reason": "four ill",
    }
    return "county", {**event, "matching": matching}


INFANT_FORMULA_2022 = {
    "product": FORMULA, "lot_from": "22", "lot_to": "37", "lot_has": ["K8", "SH", "Z2"], "expires_from": "2022-04-01",
}  # fmt: skip


def lots(told: Told) -> dict[str, str]:
    (scope,) = told.world.scopes.values()
    return {
        told.names.batch_key(one.batch).rpartition("/")[2]: one.state
        for one in scope.members(inferred=True, co=True)
        if one.role == "failed_lot"
    }


def test_the_recall_of_infant_formula_of_2022_can_be_said_as_it_was() -> None:
    told = Told()
    told.tell(
        lot("27032K800", "2022-06-01"),
        lot("37000SH01", "2022-04-01"),
        lot("22000Z2", None),
        lot("21999K800", "2022-06-01"),
        lot("38000K800", "2022-06-01"),
        lot("30000AB00", "2022-06-01"),
        lot("30000K801", "2022-03-30"),
        opened(**INFANT_FORMULA_2022),
    )
    assert lots(told).keys() == {"27032K800", "37000SH01", "22000Z2"}


def test_a_lot_that_comes_a_week_later_is_in_and_its_record_is_the_reason() -> None:
    told = Told()
    told.tell(opened(**INFANT_FORMULA_2022))
    told.tell(lot("25111SH11", "2022-08-01"))
    assert lots(told) == {"25111SH11": "supported"}
    (version,) = told.outcomes[-1].scopes
    (change,) = version.changes.rows()
    assert (change.kind, change.reason, change.cause) == ("added", "late_record", told.ledger.entries[-1].block << 16)
    told.tell(lot("25111SH12", "2022-01-01"))
    assert lots(told).keys() == {"25111SH11"}


def test_what_is_corrected_out_of_a_description_is_unsupported_and_stays() -> None:
    told = Told()
    told.tell(opened(product=FORMULA, produced_from="2022-01-01", produced_to="2022-01-31"), lot("A1", at="2022-01-10"))
    assert lots(told) == {"A1": "supported"}
    said = lot("A1", at="2022-03-10")[1] | {"id": "m-A1-anew"}
    target = {"id": "m-A1", "sender": "plant"}
    told.tell(
        ("plant", said),
        (
            "plant",
            {"id": "c1", "kind": "corrected", "target": target, "action": "replace", "replacements": ["m-A1-anew"],
             "reason": "x"},
        ),
    )  # fmt: skip
    assert lots(told) == {"A1": "unsupported"}


def test_what_came_of_a_batch_or_lay_at_a_place_fits_once_records_say_so() -> None:
    told = Told()
    told.tell(opened(batch="farm/milk/M1", site="shop", product="infant formula"))
    told.tell(lot("A1", in_batches=["farm/milk/M1"]), lot("A2"))
    assert lots(told) == {}
    moved = {"kind": "shipped", "operator": "plant", "site": "plant", "at": "2022-02-01", "to_site": "shop"}
    told.tell(*[("plant", {**moved, "id": f"s-{code}", "batches": [f"{FORMULA}/{code}"]}) for code in ("A1", "A2")])
    assert lots(told) == {"A1": "supported"}


_CODES = st.sampled_from(["21K8", "22K8", "30AB", "37Z2", "38SH", "A1"])
_SAID = st.lists(
    st.builds(
        lot,
        _CODES,
        st.sampled_from([None, "2022-03-01", "2022-05-01"]),
        at=st.sampled_from(["2022-01-10", "2022-03-10", None]),
        in_batches=st.sampled_from([[], ["farm/milk/M1"], ["farm/milk/M2"]]),
    ),
    min_size=1,
    max_size=6,
)
_MATCHINGS = st.sampled_from(
    [
        INFANT_FORMULA_2022,
        {"product": "infant formula", "produced_to": "2022-02-01"},
        {"batch": "farm/milk/M1"},
        {"operator": "plant", "expires_to": "2022-04-01"},
    ]
)
_CORRECTED = st.lists(_CODES.map(lambda code: ("plant", _withdrawn(code))), max_size=2)


def _withdrawn(code: str) -> dict[str, Any]:
    target = {"id": f"m-{code}", "sender": "plant"}
    return {"id": f"c-{code}", "kind": "corrected", "target": target, "action": "withdraw", "reason": "x"}


@given(_SAID, _CORRECTED, _MATCHINGS, st.randoms(use_true_random=False))
def test_what_fits_is_the_same_whenever_the_scope_is_opened(
    said: list[Saying], corrected: list[Saying], matching: dict[str, Any], random: Any
) -> None:
    every = [*said, *corrected, opened(**matching)]
    random.shuffle(every)
    one, other = Told(), Told()
    one.tell(*said, *corrected, opened(**matching))
    other.tell(*every)
    assert _fitting(other) == _fitting(one)
    assert follow_memory(other.ledger).docket.scopes.keys() == other.world.scopes.keys()


def _fitting(told: Told) -> set[str]:
    """Lots that are supported, wherever they lie: one whose records are all withdrawn lies nowhere, and fits."""
    (scope,) = told.world.scopes.values()
    members = [one for one in scope.members(inferred=True, co=True) if one.role == "failed_lot" and one.supported]
    return {told.names.batch_key(one.batch) for one in members}
