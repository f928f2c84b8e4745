"""What findings have in common, in a world: found by lineage, undone by corrections, the same in any order."""

from __future__ import annotations

from itertools import islice, permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .worlds import Saying, Told, withdrawn

Raw = dict[str, Any]
ZONE = {"zone": "Z"}
RULES = ("COMMON_SOURCE", "SHARED_ENVIRONMENT")


def harvested(lot: str, *sources: str, at: str | None = "2026-03-05") -> Saying:
    out = f"farm/leaf/{lot}"
    said: Raw = {"kind": "harvested", "id": f"h-{lot}", "at": at, **ZONE, "site": "farm", "out_batch": out}
    return "trade", said | {"operator": "trade", "sources": [f"farm/leaf/~{one}" for one in sources]}


def watered(field: str, water: str = "CANAL", at: str | None = "2026-03-02", number: str = "") -> Saying:
    said: Raw = {"kind": "input_applied", "id": f"w-{field}-{water}{number}", "at": at, **ZONE, "site": "farm"}
    said |= {"inputs": [f"farm/water/~{water}"], "applied_to": [f"farm/leaf/~{field}"], "purpose": "irrigation"}
    return "trade", said | {"operator": "trade"}


def made(lot: str, *ins: str) -> Saying:
    said: Raw = {"kind": "transformed", "id": f"m-{lot}", "at": "2026-03-06", **ZONE, "site": "farm"}
    return "trade", said | {"operator": "trade", "in_batches": list(ins), "out_batches": [f"plant/salad/{lot}"]}


def failed(batch: str, **said: Any) -> Saying:
    name = batch.rsplit("/", 1)[1]
    raw: Raw = {"kind": "tested", "id": f"t-{name}", "lab": "lab", "report": f"R-{name}", "batch": batch, **ZONE}
    raw |= {"hazard_class": "pathogen", "hazard": "STEC", "verdict": "failed", "at": "2026-03-10"}
    return "lab", raw | said


def ill(number: int, batch: str, **said: Any) -> Saying:
    raw: Raw = {"kind": "illness_case", "id": f"c-{number}", "case": f"case-{number}", **ZONE, "at": "2026-03-12"}
    raw |= {"exposures": [{"batch": batch, "site": "farm"}], "hazard_class": "pathogen", "hazard": "stec "}
    return "county", raw | said


def others(count: int) -> list[Saying]:
    """Batches that have nothing to do with it."""
    return [harvested(f"X{number}") for number in range(count)]


def common(told: Told) -> list[tuple[str, str, Any]]:
    standing = [alert for alert in told.world.board.standing() if alert.rule in RULES]
    return sorted((alert.rule, alert.subject, alert.args["count"]) for alert in standing)


def after(*sayings: Saying) -> Told:
    told = Told()
    told.tell_at_once(list(sayings), [40] * len(sayings))
    return told


CANAL = [
    *(watered(field) for field in "AB"),
    watered("C", "WELL"),
    *(harvested(f"L{field}", field) for field in "ABC"),
    made("S1", "farm/leaf/LA"),
]


def test_canal_water_that_two_failing_fields_share_is_told_and_the_well_of_the_third_is_not() -> None:
    told = after(*CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LB"))
    assert common(told) == [("SHARED_ENVIRONMENT", "farm/water/~CANAL", 2)]
    assert common(after(*CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LC"))) == []


def test_among_many_batches_the_source_that_explains_them_is_told_as_well() -> None:
    told = after(*others(60), *CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LB"))
    assert common(told) == [(rule, "farm/water/~CANAL", 2) for rule in RULES]


def test_water_that_reaches_everything_is_no_source_and_one_that_was_until_more_came_is_none_before() -> None:
    told = after(*CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LB"))
    assert "COMMON_SOURCE" not in {rule for rule, _, _ in common(told)}
    told.tell(*others(60))
    assert "COMMON_SOURCE" in {rule for rule, _, _ in common(told)}
    told.tell(watered("D"), *(harvested(f"D{number}", "D") for number in range(20)))
    assert "COMMON_SOURCE" not in {rule for rule, _, _ in common(told)}


def test_what_a_strain_joins_and_parts() -> None:
    same = failed("farm/leaf/LA", strain="ST 678"), ill(1, "farm/leaf/LB", strain="st 678")
    assert len(common(after(*CANAL, *same))) == 1
    other = failed("farm/leaf/LA", strain="ST 678"), ill(1, "farm/leaf/LB", strain="ST 11")
    assert common(after(*CANAL, *other)) == []


def test_another_hazard_is_another_matter_and_so_is_another_season() -> None:
    assert common(after(*CANAL, failed("farm/leaf/LA"), failed("farm/leaf/LB", hazard="Listeria"))) == []
    assert common(after(*CANAL, failed("farm/leaf/LA"), failed("farm/leaf/LB", at="2026-06-15"))) == []


def test_two_results_on_one_lot_and_one_on_what_was_made_of_it_are_one_finding() -> None:
    assert common(after(*CANAL, failed("farm/leaf/LA"), failed("farm/leaf/LA", id="t2", report="R2"))) == []
    assert common(after(*CANAL, failed("farm/leaf/LA"), failed("plant/salad/S1"))) == []


@pytest.mark.parametrize(("who", "target"), [("lab", "t-S1"), ("county", "c-1"), ("trade", "w-B-CANAL")])
def test_it_is_withdrawn_with_what_it_rests_on(who: str, target: str) -> None:
    told = after(*others(60), *CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LB"))
    told.tell(withdrawn(target, who))
    assert common(told) == []


def test_keys_that_are_one_batch_are_one_finding_until_they_are_parted() -> None:
    told = after(*CANAL, failed("farm/leaf/LA"), failed("farm/leaf/LB"))
    assert len(common(told)) == 1
    told.tell(("trade", {"kind": "same_batch", "id": "same", "batches": ["farm/leaf/LA", "farm/leaf/LB"]}))
    assert common(told) == []
    told.tell(withdrawn("same", "trade"))
    assert len(common(told)) == 1


def test_it_is_found_in_any_order() -> None:
    links = [watered("A"), watered("B"), harvested("LA", "A"), harvested("LB", "B")]
    orders = permutations([*links, failed("farm/leaf/LA"), failed("farm/leaf/LB")])
    for order in islice(orders, 0, None, 23):
        assert common(after(*order)) == [("SHARED_ENVIRONMENT", "farm/water/~CANAL", 2)]


def test_an_alert_is_not_amended_with_every_batch_that_comes() -> None:
    told = after(*others(60), *CANAL, failed("plant/salad/S1"), ill(1, "farm/leaf/LB"))
    told.tell(*others(110)[60:])
    [alert] = [alert for alert in told.world.board.standing() if alert.rule == "COMMON_SOURCE"]
    assert alert.version < 5


_leaf = st.sampled_from(["farm/leaf/LA", "farm/leaf/LB", "farm/leaf/LC", "plant/salad/S1", "plant/salad/S2"])
_field = st.sampled_from("AB")


@st.composite
def sayings(draw: st.DrawFn) -> Saying:
    match draw(st.integers(0, 6)):
        case 0:
            return watered(draw(_field), draw(st.sampled_from(["CANAL", "WELL"])), draw(_day), str(draw(_few)))
        case 1 | 2:
            return harvested(draw(st.sampled_from(["LA", "LB", "LC"])), draw(_field), at=draw(_day))
        case 3:
            return made(
                draw(st.sampled_from(["S1", "S2"])), *draw(st.lists(_leaf, min_size=1, max_size=2, unique=True))
            )
        case 4:
            strain = draw(st.sampled_from([None, "st1", "st2"]))
            method = draw(st.sampled_from(["confirmatory", "screening"]))
            return failed(draw(_leaf), strain=strain, method=method, at=draw(_day))
        case 5:
            cluster = draw(st.sampled_from([None, "Nord"]))
            return ill(draw(_few), draw(_leaf), cluster=cluster, at=draw(_day))
        case _:
            pair = draw(st.lists(_leaf, min_size=2, max_size=2, unique=True))
            same: Saying = ("trade", {"kind": "same_batch", "id": "b", "batches": pair})
            targets = ["h-LA", "h-LB", "m-S1", "w-A-CANAL1", "b"]
            one: st.SearchStrategy[Saying] = st.sampled_from(
                [same, *(withdrawn(one, "trade") for one in targets), withdrawn("t-LA", "lab")]
            )
            return draw(one)


_day = st.sampled_from(["2026-03-01", "2026-03-05", "2026-05-20", "2025-11-01", "2026-03", None])
_few = st.integers(1, 3)


@given(st.lists(sayings(), min_size=3, max_size=14), st.randoms(use_true_random=False))
def test_what_findings_have_in_common_is_the_same_in_any_order_repetition_and_split(
    said: list[Saying], random: Random
) -> None:
    beside = others(45)
    first = Told()
    first.tell_at_once(beside, [len(beside)])
    first.tell(*said)
    first.end()
    again = [*said, *random.sample(said, len(said) // 2)]
    random.shuffle(again)
    second = Told()
    second.tell_at_once([*again, *beside], [*(random.randint(1, 4) for _ in again), len(beside)])
    second.tell_at_once(beside, [len(beside)])
    second.end()
    assert second.alerts() == first.alerts()
    assert not [alert for alert in first.alerts() if alert[0] == "RULE_FAILED"]
