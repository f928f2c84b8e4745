"""What chains say of themselves, and input of every shape: fans, long chains, loops, steps of many to many."""

from __future__ import annotations

import numpy as np
import pytest
from fieldline_schemas.record import DRAWN, MADE, MOVED
from fieldline_schemas.times import Interval
from fieldline_trace.lineage import DEFINITE, WITHDRAWN, LineageIndex, Seed, StepColumns
from fieldline_trace.lineage.plain import Holding, PlainLineage, Step
from hypothesis import given

from tests.unit.lineage.strategies import worlds
from tests.unit.lineage.worlds import Indexed, indexed


def day(n: int) -> Interval:
    return Interval(n * 10, n * 10 + 9)


@given(worlds())
def test_what_one_way_finds_the_other_finds_as_surely(steps: list[Step]) -> None:
    world = indexed(steps)
    holdings = [h for batch in range(world.count) for h in world.index.holdings_of(batch)]
    forward: dict[tuple[int, int], tuple[int, int, int]] = {}
    backward: dict[tuple[int, int], tuple[int, int, int]] = {}
    for holding in holdings:
        for ask, found in ((world.index.forward, forward), (world.index.backward, backward)):
            trace = ask([Seed(*world.index.holding(holding))])
            for h, c, b, n in zip(trace.holding, trace.certainty, trace.basis, trace.hops, strict=True):
                found[holding, int(h)] = int(c), int(b), int(n)
            for h in trace.excluded:
                found[holding, int(h)] = (0, 0, 0)
    assert forward == {(b, a): how for (a, b), how in backward.items()}


@given(worlds())
def test_a_member_cites_the_event_that_brought_it_in(steps: list[Step]) -> None:
    world = indexed(steps)
    by_event: dict[int, set[Holding]] = {}
    for step in steps:
        by_event.setdefault(step.event, set()).update(step.ins, step.outs)
    for batch in range(world.count):
        for holding in world.index.holdings_of(batch):
            trace = world.index.forward([Seed(*world.index.holding(holding))])
            rank = {
                h: (-c, b, n)
                for h, c, b, n in zip(
                    *(c.tolist() for c in (trace.holding, trace.certainty, trace.basis, trace.hops)), strict=True
                )
            }
            for h, event, via in zip(
                trace.holding.tolist(), trace.via_event.tolist(), trace.via_holding.tolist(), strict=True
            ):
                if rank[h][2] == 0:
                    assert (event, via) == (-1, -1)
                    continue
                assert rank[via] < rank[h], "following what brought each in leads back to a seed"
                lots = {world.holding(h).batch, world.holding(via).batch}
                assert lots & {named.batch for named in by_event[event]}


def fan(width: int) -> tuple[Indexed, int]:
    """One lot, shipped to ``width`` shops."""
    world = Indexed()
    lot = world.batch("milk/L1")
    world.apply([Step(1, MADE, (Holding("feed/F", "dairy"),), (Holding("milk/L1", "dairy"),), day(1), day(1))])
    dairy, first = world.site("dairy"), 1000
    span = np.tile(np.array([20, 29, 30, 39]), (width, 1))
    shops, lots, starts = np.arange(first, first + width), np.full(width, lot), np.arange(width + 1)
    world.index.apply(
        StepColumns(
            np.arange(2, width + 2),
            np.full(width, MOVED, np.uint8),
            span,
            starts,
            lots,
            np.full(width, dairy),
            starts,
            lots,
            shops,
        )
    )
    return world, first


def test_a_lot_in_a_hundred_thousand_shops() -> None:
    width = 100_000
    world, first = fan(width)
    found = world.index.forward([Seed(world.batch("feed/F"))])
    assert len(found) == width + 2
    assert (found.certainty == DEFINITE).all()
    assert int(found.hops.max()) == 1
    back = world.index.backward([Seed(world.batch("milk/L1"), first + width - 1)])
    assert {world.index.holding(int(h))[0] for h in back.holding} == {world.batch("milk/L1"), world.batch("feed/F")}
    assert len(back) == 3


def test_a_meal_of_a_hundred_thousand_lots() -> None:
    width = 100_000
    index = LineageIndex()
    index.know_all(np.arange(width + 1), np.arange(width + 1), np.zeros(width + 1, bool), np.zeros(width + 1, bool))
    at = np.array([[10, 19, 10, 19]])
    one, zeros = np.array([0, 1]), np.zeros(width, np.int64)
    index.apply(
        StepColumns(
            np.array([1]),
            np.array([MADE], np.uint8),
            at,
            np.array([0, width]),
            np.arange(1, width + 1),
            zeros,
            one,
            np.array([0]),
            np.array([0]),
        )
    )
    back = index.backward([Seed(0)])
    assert len(back) == width + 1
    assert len(index.forward([Seed(width)])) == 2
    index.set_basis([1], 7)
    assert len(index.backward([Seed(0)])) == 0


@pytest.mark.parametrize("pools", [False, True])
def test_a_chain_of_ten_thousand(pools: bool) -> None:
    length = 10_000
    index = LineageIndex()
    numbers = np.arange(length + 1)
    index.know_all(numbers, numbers, np.full(length + 1, pools), np.zeros(length + 1, bool))
    at = np.repeat(numbers[1:, None] * 10, 4, axis=1)
    starts, sites = np.arange(length + 1), np.zeros(length, np.int64)
    index.apply(
        StepColumns(
            numbers[1:], np.full(length, MADE, np.uint8), at, starts, numbers[:-1], sites, starts, numbers[1:], sites
        )
    )
    found = index.forward([Seed(0)])
    assert found.hops.tolist() == list(range(length + 1))
    assert (found.certainty == DEFINITE).all()
    assert len(index.backward([Seed(length)])) == length + 1
    assert index.backward([Seed(length)], depth=10).batch.tolist() == list(range(length, length - 11, -1))


def test_many_to_many_costs_a_link_for_each_end() -> None:
    width = 1_000
    index = LineageIndex()
    index.know_all(np.arange(2 * width), np.arange(2 * width), np.zeros(2 * width, bool), np.zeros(2 * width, bool))
    ends, sites = np.array([0, width]), np.zeros(width, np.int64)
    index.apply(
        StepColumns(
            np.array([1]),
            np.array([MADE], np.uint8),
            np.array([[1, 2, 1, 2]]),
            ends,
            np.arange(width),
            sites,
            ends,
            np.arange(width, 2 * width),
            sites,
        )
    )
    found = index.forward([Seed(3)])
    assert (len(found), int(found.hops.max())) == (width + 1, 1)
    assert set(found.via_holding.tolist()) == {-1, index.holding_of(3, 0)}
    assert index.bytes()["links"] < 100 * width


def test_a_loop_ends() -> None:
    rework = [
        Step(n, MADE, (Holding(f"dough/~{a}", "bakery"),), (Holding(f"dough/~{b}", "bakery"),), day(n), day(n))
        for n, (a, b) in enumerate([("X", "Y"), ("Y", "Z"), ("Z", "X"), ("X", "X")], 1)
    ]
    world = indexed(rework)
    assert len(world.forward(["dough/~X"]).members) == 3
    assert len(world.backward(["dough/~X"]).members) == 3


def test_what_goes_into_a_lot_is_news_wherever_the_lot_is() -> None:
    """A lot that several events made already, at two sites, is made once more, of something."""
    world, here = Indexed(), (Holding("p/L1", "A"),)
    world.apply([Step(1, MADE, (), here, day(1), day(1)), Step(2, MADE, (), (Holding("p/L1", "B"),), day(1), day(1))])
    elsewhere = world.index.holding_of(world.batch("p/L1"), world.site("B"))
    touched = world.apply([Step(3, MADE, (Holding("milk/M1", "A"),), here, day(1), day(1))])
    assert elsewhere in touched.holdings
    assert Holding("milk/M1", "A") in world.backward([Holding("p/L1", "B")]).members


def test_room_is_made_however_much_was_withdrawn_before() -> None:
    """More comes in after a packing that found mostly withdrawn links than was in before it."""
    world, width = Indexed(), 3_000

    def moves(first: int, count: int) -> None:
        for start in range(first, first + count, 500):
            some = range(start, start + 500)
            world.apply(
                [Step(n, MOVED, (Holding(f"p/L{n}", "A"),), (Holding(f"p/L{n}", "B"),), day(1), day(2)) for n in some]
            )

    moves(0, width)
    world.index.set_basis(list(range(width)), WITHDRAWN)
    moves(width, 6 * width)
    assert len(world.forward([Holding(f"p/L{7 * width - 1}", "A")]).members) == 2
    assert world.forward([Holding("p/L1", "A")]).members == {}


def test_links_may_be_many_more_than_holdings() -> None:
    """All of one kitchen's tubs into all of its pans: one layer of a trace says more than there are holdings."""
    width = 50
    tubs, pans = ([Holding(f"{kind}/~{n}", "kitchen") for n in range(width)] for kind in ("tub", "pan"))
    first = Holding("milk/L1", "kitchen")
    steps = [Step(n, MADE, (first,), (tub,), day(1), day(1)) for n, tub in enumerate(tubs)]
    for tub in tubs:
        steps += [Step(len(steps) + n, MADE, (tub,), (pan,), day(2), day(2)) for n, pan in enumerate(pans)]
    world = indexed(steps, at_once=10)
    for _ in range(2):
        assert set(world.forward([first]).members) == {first, *tubs, *pans}
        assert set(world.backward(pans).members) == {first, *tubs, *pans}


def test_what_one_event_says_twice_is_taken_together_in_a_long_input() -> None:
    """Of many steps at once 32,768 are taken in at a time: here one event has steps on both sides of that."""
    lot, salad, meal = (Holding(f"{key}/L1", "A") for key in ("p", "q", "r"))
    long = [Step(0, DRAWN, (Holding("x/L1", "B"),), (), day(1), day(1))] * 32_767
    said = [
        Step(1, MADE, (lot,), (salad,), day(1), day(1)),
        Step(1, MADE, (lot,), (salad,), day(6), day(6)),
        Step(2, MADE, (salad,), (meal,), day(3), day(3)),
    ]
    plain, world = PlainLineage(said), indexed(long + said)
    assert world.forward([lot]) == plain.forward([lot])
    assert world.backward([meal]) == plain.backward([meal])
