"""The picture of lineage, as a function of its model: nothing dropped, nothing over another, always the same."""

from __future__ import annotations

import re

import pytest
from fieldline_trace.api.console.layout import APART, HEIGHT, Card, Row, counted, laid_out, shortened
from fieldline_trace.api.console.model import STANDINGS, Holding, Link, Model, Site, modelled
from hypothesis import given
from hypothesis import strategies as st


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Any holdings at any sites of any stage, with any links between them, circles too."""
    sites = draw(st.integers(1, 14))
    stages = draw(st.lists(st.integers(0, 4), min_size=sites, max_size=sites))
    holdings = [
        Holding(f"firm/product {product}/L{number}", f"site {site}", standing=standing)
        for number, (site, product, standing) in enumerate(
            draw(
                st.lists(
                    st.tuples(st.integers(0, sites - 1), st.integers(0, 5), st.sampled_from(STANDINGS)),
                    min_size=1,
                    max_size=60,
                )
            )
        )
    ]
    ends = st.integers(0, len(holdings) - 1)
    links = draw(st.lists(st.tuples(ends, ends, st.sampled_from(STANDINGS)), max_size=60))
    return Model(
        holdings,
        [Link(source, target, standing) for source, target, standing in links if source != target],
        {f"site {site}": Site(f"site {site}", stages[site]) for site in range(sites)},
    )


@given(models(), st.sets(st.integers(0, 4)))
def test_every_holding_is_in_one_row_and_every_site_on_one_card(model: Model, opened: set[int]) -> None:
    picture = laid_out(model, opened)
    shown = sorted(at for card in picture.cards for row in card.rows for at in row.holdings)
    assert shown == list(range(len(model.holdings)))
    sites = sorted(site for card in picture.cards for site in card.sites)
    assert sites == sorted({holding.site for holding in model.holdings})
    assert all(at in picture.row_of for at in shown)


@given(models(), st.sets(st.integers(0, 4)))
def test_no_card_lies_over_another_and_no_row_leaves_its_card(model: Model, opened: set[int]) -> None:
    picture = laid_out(model, opened)
    for at, card in enumerate(picture.cards):
        assert card.x >= 0
        assert card.x + card.width <= picture.width
        assert card.y >= 0
        assert card.y + card.height <= picture.height
        for other in picture.cards[at + 1 :]:
            assert not _over(card, other)
        for number, row in enumerate(card.rows):
            assert card.x <= row.x
            assert row.x + row.width <= card.x + card.width + 0.001
            assert card.y < row.y < card.y + card.height
            for another in card.rows[number + 1 :]:
                assert not _on(row, another)


@given(models())
def test_the_same_model_gives_the_same_picture(model: Model) -> None:
    assert laid_out(model) == laid_out(model)


@given(models())
def test_a_line_joins_what_is_linked_and_a_link_that_is_not_within_a_row_has_its_line(model: Model) -> None:
    picture = laid_out(model)
    drawn = {(id(picture.row_of[path.source]), id(picture.row_of[path.target])) for path in picture.paths}
    linked = {(id(picture.row_of[link.source]), id(picture.row_of[link.target])) for link in model.links}
    assert drawn == {ends for ends in linked if ends[0] != ends[1]}
    assert all(re.fullmatch(r"[MLC0-9 .e-]+", path.d) for path in picture.paths)


@given(models())
def test_lines_over_a_column_run_between_its_cards(model: Model) -> None:
    picture = laid_out(model)
    for path in picture.paths:
        for x1, y1, x2, y2 in _straight(path.d):
            if y1 == y2 and x2 - x1 > 30:
                ends = {id(picture.row_of[path.source]), id(picture.row_of[path.target])}
                through = [
                    card
                    for card in picture.cards
                    if x1 < card.x + card.width - 1
                    and card.x + 1 < x2
                    and card.y < y1 < card.y + card.height
                    and not any(id(row) in ends for row in card.rows)
                ]
                assert not through


def test_ten_thousand_holdings_fold_into_a_picture_of_one_screen() -> None:
    model = Model()
    for number in range(10_000):
        stage = number % 5
        site = f"site {number % 1500}"
        standing = "failed" if number < 40 else "definite" if number < 100 else "possible"
        model.holdings.append(Holding(f"firm/tea/{number}", site, standing=standing))
        model.sites.setdefault(site, Site(site, stage))
        if number:
            model.links.append(Link(number // 2, number, standing))
    picture = laid_out(model)
    assert picture.height < HEIGHT + 400
    assert picture.folded
    assert sum(len(row.holdings) for card in picture.cards for row in card.rows) == 10_000
    more = laid_out(model, [2])
    assert sum(not card.folded for card in more.cards) > sum(not card.folded for card in picture.cards)
    assert counted(model.holdings)["possible"] == 9_900


@pytest.mark.parametrize(
    ("text", "halves", "shown"), [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("批次追溯", 5, "批…")]
)
def test_text_is_cut_to_its_room(text: str, halves: int, shown: str) -> None:
    assert shortened(text, halves) == shown


def _member(batch: str, site: str, hops: int, via: tuple[str, str] | None, **more: object) -> dict[str, object]:
    return {
        "batch": batch, "site": site, "labels": [], "operator": None, "certainty": "definite", "basis": "recorded",
        "role": "descendant", "exposed": {"from": None, "to": None}, "hops": hops, "event": "e1",
        "via": None if via is None else {"batch": via[0], "site": via[1]}, **more,
    }  # fmt: skip


def test_stages_follow_from_what_is_done_and_what_comes_before() -> None:
    forward = {
        "direction": "forward",
        "asked": {"batches": ["f/leaf/1"]},
        "events": [
            {"id": "e1", "kind": "harvested", "site": "field"},
            {"id": "e2", "kind": "served", "site": "canteen"},
        ],
        "members": [
            _member("f/leaf/1", "field", 0, None),
            _member("f/leaf/1", "trader", 1, ("f/leaf/1", "field")),
            _member("f/leaf/1", "plant", 2, ("f/leaf/1", "trader")),
            _member("p/salad/2", "plant", 3, ("f/leaf/1", "plant")),
            _member("p/salad/2", "store", 4, ("p/salad/2", "plant")),
            _member("p/salad/2", "canteen", 5, ("p/salad/2", "store")),
        ],
    }
    model = modelled([{**forward, "direction": "back", "members": forward["members"][:1]}, forward], {})  # type: ignore[index]
    assert {site.key: site.stage for site in model.sites.values()} == {
        "field": 0, "trader": 1, "plant": 2, "store": 3, "canteen": 4,
    }  # fmt: skip
    assert [holding.standing for holding in model.holdings][:3] == ["asked", "definite", "definite"]


def test_a_place_that_may_not_be_named_is_a_card_without_a_name() -> None:
    answer = {"direction": "forward", "asked": {"batches": ["f/leaf/1"]}, "events": [], "members": [
        _member("f/leaf/1", "field", 0, None), {**_member("f/leaf/1", "x", 1, ("f/leaf/1", "field")), "site": None},
    ]}  # fmt: skip
    picture = laid_out(modelled([answer, answer], {}))
    assert sorted(card.name for card in picture.cards) == ["", "field"]


def _over(one: Card, other: Card) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height + APART / 2
        and other.y < one.y + one.height + APART / 2
    )


def _on(one: Row, other: Row) -> bool:
    return one.x < other.x + other.width and other.x < one.x + one.width and abs(one.y - other.y) < 17


def _straight(d: str) -> list[tuple[float, float, float, float]]:
    """The level pieces of a path."""
    found = []
    here = (0.0, 0.0)
    for letter, said in re.findall(r"([MLC])([^MLC]*)", d):
        numbers = [float(one) for one in said.split()]
        there = (numbers[-2], numbers[-1])
        if letter == "L":
            found.append((*here, *there))
        here = there
    return found
