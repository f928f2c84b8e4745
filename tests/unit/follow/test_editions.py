"""A limit that changed on 2026-09-02: each food is judged by the edition of the day that decides, and a load of an
edition judges again what it bears upon, and nothing else. The figures of the old edition are made up."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from fieldline_schemas.times import interval_of
from fieldline_trace.follow.limits_in_force import Changed
from fieldline_trace.reference import load_reference

from .test_risks_in_world import reported, sampled
from .worlds import Saying, Told

ZONE = {"zone": "Asia/Shanghai"}
HONEY = "plant/honey/H1"


def row(product: str, maximum: str, **more: Any) -> dict[str, Any]:
    said = {"standard": "GB 2762-2022", "clause": "4.1", "analyte": "lead", "product": product, "maximum": maximum}
    return said | {"unit": "mg/kg", "since": "2023-06-30", **more}


def loaded(*limits: dict[str, Any]) -> Saying:
    said = {"kind": "reference_changed", "id": "ref", "at": "2026-11-01", "source": "x", "reason": "x", **ZONE}
    return "office", said | {"limits": list(limits)}


OLD = loaded(row("honey", "1.0"), row("leafy vegetables", "0.2"))


def packed(made: str, batch: str = HONEY) -> Saying:
    said = {"kind": "packed", "id": f"p-{batch}", "at": made, "site": "plant", "in_batches": ["farm/comb/C1"], **ZONE}
    return "plant", {"operator": "plant", **said, "out_batches": [batch]}


def told_of(*sayings: Saying) -> Told:
    told = Told()
    told.now = interval_of("2026-12-01T00:00:00Z", None).lo
    told.tell(*((who, {"operator": who} | said) for who, said in sayings))
    assert not told.ledger.rejected
    return told


def exceeded(told: Told) -> list[tuple[Any, ...]]:
    words = ("batch", "standard", "clause", "limit", "decided_by", "date")
    found = [one for one in told.world.board.standing() if one.rule == "LIMIT_EXCEEDED"]
    return sorted(tuple(one.args[word] for word in words) for one in found)


@pytest.mark.parametrize(("made", "value", "judged"), [
    ("2026-09-01", "0.9", None),
    ("2026-09-01", "1.1", ("GB 2762-2022", "4.1", "1", "production", "2026-09-01")),
    ("2026-09-02", "0.9", ("GB 2762-2025", "4.1", "0.5", "production", "2026-09-02")),
])  # fmt: skip
def test_a_prepackaged_food_sampled_on_the_tenth_is_judged_by_the_day_it_was_made(
    made: str, value: str, judged: tuple[str, ...] | None
) -> None:
    for order in permutations([packed(made), sampled("2026-09-10", HONEY), reported(value), OLD]):
        assert exceeded(told_of(*order)) == ([(HONEY, *judged)] if judged else [])


@pytest.mark.parametrize(("day", "value", "judged"), [
    ("2026-09-01", "0.25", ("GB 2762-2022", "4.1", "0.2", "sampling", "2026-09-01")),
    ("2026-09-02", "0.25", None),
    ("2026-09-02", "0.35", ("GB 2762-2025", "4.1", "0.3", "sampling", "2026-09-02")),
])  # fmt: skip
def test_a_leafy_vegetable_is_judged_by_the_day_it_was_sampled(
    day: str, value: str, judged: tuple[str, ...] | None
) -> None:
    for order in permutations([sampled(day), reported(value), OLD]):
        assert exceeded(told_of(*order)) == ([("farm/lettuce/L1", *judged)] if judged else [])


def result_of(number: int, day: str, product: str, analyte: str = "lead") -> list[Saying]:
    """A sample of its own, and its result."""
    own = {"id": f"s{number}", "sample": f"S{number}"}
    result = {"id": f"t{number}", "report": f"R{number}", "sample": f"S{number}"}
    return [sampled(day, f"farm/{product}/L{number}", **own), reported("0.25", analyte, **result)]


def test_a_load_judges_again_exactly_what_it_bears_upon() -> None:
    """Of a leafy vegetable sampled before the new edition, and of honey that is not prepackaged; not of what was
    sampled later, nor of another product, nor of another analyte."""
    before = [
        *result_of(1, "2026-09-01", "lettuce"), *result_of(2, "2026-09-02", "lettuce"),
        *result_of(3, "2026-09-01", "tea"),
        *result_of(4, "2026-09-01", "spinach", "cadmium"), *result_of(5, "2026-08", "spinach"),
        *result_of(6, "2023-06-29", "lettuce"), *result_of(7, "2026-09", "lettuce"),
    ]  # fmt: skip
    told = told_of(*before, OLD)
    assert list(told.world.risks.judged_again.values()) == [3], "of the first, the fifth and the seventh"
    assert [one[0] for one in exceeded(told)] == ["farm/lettuce/L1", "farm/lettuce/L7", "farm/spinach/L5"]


def test_a_load_that_ends_an_edition_earlier_judges_again_what_lies_between() -> None:
    new = loaded(row("honey", "0.1", standard="GB 2762-2028", since="2026-10-01"))
    told = told_of(*result_of(1, "2026-09-30", "lettuce"), *result_of(2, "2026-10-01", "lettuce"), new)
    assert list(told.world.risks.judged_again.values()) == [1]


def test_a_withdrawn_load_leaves_what_was_judged_before_it() -> None:
    undone = {"kind": "corrected", "id": "c", "target": {"id": "ref"}, "action": "withdraw", "reason": "x"}
    told = told_of(*result_of(1, "2026-09-01", "lettuce"), OLD)
    [alert] = [one for one in told.world.board.standing() if one.rule == "LIMIT_EXCEEDED"]
    told.tell(("office", undone))
    assert (alert.standing, alert.version) == (False, 2)


def test_a_result_from_next_year_has_no_date_that_decides_and_one_of_today_has() -> None:
    value = {"analyte": "lead", "value": "0.4", "unit": "mg/kg"}
    result: dict[str, Any] = {"kind": "tested", "id": "t", "batch": "farm/spinach/L1", "lab": "lab", "report": "R1"}
    result |= {"hazard_class": "residue", "hazard": "lead", "verdict": "failed", "results": [value], **ZONE}
    for at, days in (("2026-12-01", ["2026-12-01"]), ("2027-03-01", [])):
        assert [one[-1] for one in exceeded(told_of(("lab", result | {"at": at})))] == days


def test_a_limit_that_never_ends_bears_on_the_last_day_that_there_is_and_any_other_not_on_its_end() -> None:
    limit, end = load_reference().limits.every[0], date(2026, 9, 2)
    assert Changed(limit, date.max, date.max).bears_on(date.max, date.max)
    assert not Changed(limit, date(2026, 3, 1), end).bears_on(end, end)
