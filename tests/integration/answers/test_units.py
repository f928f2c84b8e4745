"""Units and serial items, asked for in any spelling: what is in them, where it is, and what it came of."""

from __future__ import annotations

from typing import Any

from tests.integration.answers.conftest import Told
from tests.integration.answers.test_answers import failed, harvested, ill, made, places

PALLET = "00/095060001343529997"
SPELLINGS = (PALLET, "urn:epc:id:sscc:9506000.0134352999", "(00)095060001343529997")
LOT, ITEM = "01/04012345055559/10/4711", "01/04012345055559/10/4711/21/9"


def packed(*children: str, unit: str = PALLET, site: str = "plant", **more: Any) -> dict[str, Any]:
    return {"kind": "aggregated", "operator": "hof-1", "site": site, "parent": unit, "children": list(children)} | more


def shipped(batch: str, origin: str = "plant", target: str = "shop", **more: Any) -> dict[str, Any]:
    return {"kind": "shipped", "operator": "hof-1", "site": origin, "batches": [batch], "to_site": target} | more


async def test_a_pallet_in_any_spelling_is_traced_by_what_is_on_it(told: Told) -> None:
    await told.say(
        harvested("hof-1/leaf/L1", site="plant", at="2026-03-01T06:00:00Z"),
        packed("hof-1/leaf/L1", at="2026-03-01T08:00:00Z"),
        shipped(PALLET, at="2026-03-02T08:00:00Z"),
    )
    for spelling in SPELLINGS:
        answer = await told.ask("trace", batch=spelling, direction="forward")
        assert places(answer) == {("hof-1/leaf/L1", "plant"), ("hof-1/leaf/L1", "shop")}
        assert answer["asked"]["units"] == [
            {
                "unit": PALLET,
                "content": "now",
                "holds": [{"batch": "hof-1/leaf/L1", "certainty": "definite"}],
                "site": "plant",
                "left_for": "shop",
            }
        ]
    preview = await told.ask("scope preview", batches=[PALLET], hazard_class="pathogen", hazard="Salmonella")
    assert ("hof-1/leaf/L1", "shop") in places(preview)


async def test_a_pallet_of_which_nobody_told_what_is_on_it_says_so_and_a_later_packing_brings_its_moves(
    told: Told,
) -> None:
    await told.say(shipped(PALLET, at="2026-03-02T08:00:00Z"))
    unknown = await told.ask("batch", batch=PALLET)
    assert [unit["content"] for unit in unknown["units"]] == ["unknown"]
    assert [event["kind"] for event in unknown["events"]] == ["shipped"]
    assert unknown["holdings"] == []
    await told.say(packed("hof-1/leaf/L1", at="2026-03-01T08:00:00Z"))
    known = await told.ask("batch", batch=PALLET)
    assert [unit["content"] for unit in known["units"]] == ["now"]
    assert {holding["site"] for holding in known["holdings"]} == {"plant", "shop"}


async def test_an_unpacked_pallet_is_asked_for_what_was_on_it_last(told: Told) -> None:
    await told.say(
        packed("hof-1/leaf/L1", at="2026-03-01T08:00:00Z"),
        shipped(PALLET, at="2026-03-02T08:00:00Z"),
        {"kind": "disaggregated", "operator": "hof-1", "site": "shop", "parent": PALLET, "at": "2026-03-03T08:00:00Z"},
    )
    answer = await told.ask("trace", batch=PALLET, direction="forward")
    assert answer["asked"]["units"][0]["content"] == "last"
    assert answer["asked"]["units"][0]["site"] == "shop"
    assert ("hof-1/leaf/L1", "shop") in places(answer)


async def test_a_failed_pallet_and_a_meal_off_a_pallet_are_about_what_was_on_it(told: Told) -> None:
    await told.say(
        made("hof-1/mix/M1", "hof-1/leaf/L1", site="plant", at="2026-03-01T06:00:00Z"),
        packed("hof-1/mix/M1", at="2026-03-01T08:00:00Z"),
        shipped(PALLET, at="2026-03-02T08:00:00Z"),
        failed(PALLET),
        ill("case-1", None, (PALLET, "shop")),
    )
    scopes = (await told.ask("scope list"))["scopes"]
    assert [scope["lot"] for scope in scopes] == ["hof-1/mix/M1"]
    sources = (await told.ask("sources", cases=True))["sources"]
    assert sources[0]["batches"] == ["hof-1/leaf/L1"]


async def test_an_item_is_traced_to_its_lot_and_the_lot_to_its_items_and_neither_lists_a_place_that_is_none(
    told: Told,
) -> None:
    await told.say(
        made(LOT, "hof-1/leaf/L1", site="plant"),
        {"kind": "served", "operator": "hof-1", "site": "shop", "batches": [ITEM]},
    )
    back = await told.ask("trace", batch="https://id.gs1.org/01/04012345055559/21/9", direction="back")
    assert places(back) == {(ITEM, "shop"), (LOT, "plant"), ("hof-1/leaf/L1", "plant")}
    forward = await told.ask("trace", batch=LOT, direction="forward")
    assert places(forward) == {(LOT, "plant"), (ITEM, "shop")}
    assert {holding["site"] for holding in (await told.ask("batch", batch=LOT))["holdings"]} == {"plant"}


async def test_the_lot_of_an_item_is_found_where_nobody_named_it_but_by_the_item(told: Told) -> None:
    await told.say({"kind": "served", "operator": "hof-1", "site": "shop", "batches": [ITEM]})
    back = await told.ask("trace", batch=ITEM, direction="back")
    assert places(back) == {(ITEM, "shop"), (LOT, "")}
    forward = await told.ask("trace", batch=LOT, direction="forward")
    assert places(forward) == {(ITEM, "shop")}


async def test_what_was_packed_into_a_unit_is_what_its_shipment_took_and_brought(told: Told) -> None:
    part = {"batch": "hof-1/leaf/L1", "quantity": 40, "unit": "kg"}
    await told.say(
        harvested("hof-1/leaf/L1", site="plant", at="2026-03-01T06:00:00Z")
        | {"out_batch": {"batch": "hof-1/leaf/L1", "quantity": 100, "unit": "kg"}},
        packed(at="2026-03-01T08:00:00Z") | {"children": [part]},
        packed(unit="unit/hof-1/crate", at="2026-03-01T08:00:00Z") | {"children": [part | {"quantity": 5}]},
        packed("unit/hof-1/crate", at="2026-03-01T09:00:00Z"),
        shipped(PALLET, at="2026-03-02T08:00:00Z"),
    )
    answer = await told.ask("batch", batch="hof-1/leaf/L1")
    assert {one["site"]: one["quantity"] for one in answer["holdings"]} == {"plant": "55", "shop": "45"}
