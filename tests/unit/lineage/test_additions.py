"""What is applied, fed or given by a declared window is added to what is there: it fills and explains nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fieldline_schemas.record import ADDED, AGGREGATED, DRAWN, MADE, MOVED, RECEIVED, TIMELESS
from fieldline_schemas.times import UNKNOWN, Interval
from fieldline_trace.lineage.plain import Answer, Holding, PlainLineage, Step
from fieldline_trace.lineage.terms import CONFLICTING, DECLARED, DEFINITE, POSSIBLE, RECORDED

from tests.unit.lineage.worlds import Indexed, indexed

SPRAY, PLOT, APPLES = Holding("spray/S1", "farm"), Holding("apple/~PLOT7", "farm"), Holding("apple/L1", "farm")
FEED, HERD, MILK = Holding("feed/F1", "dairy"), Holding("milk/~HERD", "dairy"), Holding("milk/L1", "dairy")


def day(n: int) -> Interval:
    return Interval(n * 10, n * 10 + 9)


def added(event: int, source: Holding, target: Holding, at: Interval, basis: int = RECORDED, flag: int = 0) -> Step:
    return Step(event, ADDED | flag, (source,), (target,), at, at, basis)


def made(event: int, source: Holding | None, target: Holding, at: Interval) -> Step:
    return Step(event, MADE, (source,) if source else (), (target,), at, at)


def both(steps: Sequence[Step]) -> list[PlainLineage | Indexed]:
    return [PlainLineage(steps), indexed(steps)]


def certainty(answer: Answer, h: Holding) -> int:
    return answer.members[h].certainty if h in answer.members else 0


def test_what_is_sprayed_after_harvest_is_not_in_the_harvest() -> None:
    """Whether the planting is recorded or not."""
    harvest, late = made(2, PLOT, APPLES, day(5)), added(3, SPRAY, PLOT, day(6))
    for steps in ([harvest, late], [made(1, None, PLOT, day(1)), harvest, late]):
        for world in both(steps):
            found = world.forward([SPRAY])
            assert (set(found.members), found.excluded) == ({SPRAY, PLOT}, {APPLES})
            back = world.backward([APPLES])
            assert (set(back.members), back.excluded) == ({APPLES, PLOT}, {SPRAY})


def test_feed_before_milking_is_in_the_milk_surely_and_later_feed_is_not() -> None:
    later = Holding("feed/F2", "dairy")
    for world in both([added(1, FEED, HERD, day(1)), made(2, HERD, MILK, day(2)), added(3, later, HERD, day(3))]):
        assert certainty(world.forward([FEED]), MILK) == DEFINITE
        back = world.backward([MILK])
        assert certainty(back, FEED) == DEFINITE
        assert later in back.excluded


def test_feed_of_the_day_of_milking_may_be_in_the_milk() -> None:
    """The herd had no other feed, and was there before it all the same: not surely."""
    for world in both([added(1, FEED, HERD, day(2)), made(2, HERD, MILK, day(2))]):
        assert certainty(world.forward([FEED]), MILK) == POSSIBLE
        assert certainty(world.backward([MILK]), FEED) == POSSIBLE


def test_an_application_leaves_the_one_making_of_a_lot_sure() -> None:
    """Neither the lot's making nor what one event brought to a shop becomes one of several."""
    shop, meal = Holding("apple/L1", "shop"), Holding("pie/P1", "shop")
    steps = [
        made(1, PLOT, APPLES, day(1)),
        Step(2, MOVED, (APPLES,), (shop,), day(2), Interval(20, 49)),
        added(3, SPRAY, APPLES, day(2)),
        added(4, Holding("wax/W1", "shop"), shop, day(3)),
        made(5, shop, meal, day(4)),
    ]
    for world in both(steps):
        assert certainty(world.forward([PLOT]), meal) == DEFINITE
        assert certainty(world.backward([meal]), PLOT) == DEFINITE


def test_an_application_explains_no_draw() -> None:
    """The lot was sampled where nothing is known to have brought it: a gap, sprayed or not."""
    elsewhere, sampled = Holding("apple/L1", "shop"), Step(3, DRAWN, (Holding("apple/L1", "shop"),), (), day(5), day(5))
    steps = [made(1, None, APPLES, day(1)), added(2, SPRAY._replace(site="shop"), elsewhere, day(4)), sampled]
    plain, world = PlainLineage(steps), indexed(steps)
    gap = plain.gap(elsewhere)
    assert gap is not None
    assert gap.unexplained == {3}
    number = world.index.holding_of(world.batch("apple/L1"), world.site("shop"))
    assert number is not None
    found = world.index.gap_state(number)
    assert found is not None
    assert found.unexplained == (3,)


def test_an_application_does_not_date_what_came() -> None:
    """A draw before all that filled the holding is a fault of the records; that it was sprayed before is none."""
    brought, late = Holding("apple/L2", "farm"), made(3, None, PLOT, day(7))
    steps = [added(1, SPRAY, PLOT, day(1)), made(2, PLOT, APPLES, day(5)), late, made(4, brought, PLOT, day(8))]
    for world in both(steps):
        assert certainty(world.forward([brought]), APPLES) == POSSIBLE
        assert certainty(world.backward([APPLES]), brought) == POSSIBLE


def test_a_gap_that_was_sprayed_is_fed_back_by_the_gaps_it_feeds() -> None:
    """Two shops lack a record of where the lot came from: what was added in one may be in the other's, and back."""
    one, other, pie = Holding("apple/L1", "A"), Holding("apple/L1", "B"), Holding("pie/P1", "A")
    steps = [
        Step(2, DRAWN, (one,), (), day(3), day(3)),
        Step(3, DRAWN, (other,), (), day(4), day(4)),
        Step(4, RECEIVED, (), (one,), day(1), day(1)),
        added(5, SPRAY._replace(site="A"), one, day(6)),
        made(6, one, pie, day(2)),
    ]
    for world in both(steps):
        assert certainty(world.forward([SPRAY._replace(site="A")]), pie) == POSSIBLE
        assert certainty(world.backward([pie]), SPRAY._replace(site="A")) == POSSIBLE


def test_what_a_declared_window_gives_is_possible_and_says_so() -> None:
    window = Holding("window/~W1", "farm")
    steps = [
        made(1, None, APPLES, day(1)),
        added(2, APPLES, window, UNKNOWN, DECLARED, TIMELESS),
        added(2, window, APPLES, day(2), DECLARED),
        Step(3, DRAWN, (SPRAY,), (), day(1), day(1), DECLARED),
        made(4, APPLES, Holding("pie/P1", "farm"), day(4)),
    ]
    for world in both(steps):
        found = world.forward([window])
        assert {h.batch: (m.certainty, m.basis) for h, m in found.members.items()} == {
            "window/~W1": (DEFINITE, RECORDED),
            "apple/L1": (POSSIBLE, DECLARED),
            "pie/P1": (POSSIBLE, DECLARED),
        }
        assert set(world.forward([window], bases={RECORDED, CONFLICTING}).members) == {window}


def test_what_is_added_to_a_lot_may_be_in_what_is_drawn_of_the_pool_beside_it() -> None:
    pool, pie = Holding("apple/~", "farm"), Holding("pie/P1", "farm")
    steps = [made(1, None, APPLES, day(1)), added(2, SPRAY, APPLES, day(2)), made(3, pool, pie, day(3))]
    for world in both(steps):
        assert certainty(world.forward([SPRAY]), pie) == POSSIBLE
        assert certainty(world.backward([pie]), SPRAY) == POSSIBLE
    early = [*steps[:2], made(3, pool, pie, Interval(15, 18))]
    for world in both(early):
        assert pie in world.forward([SPRAY]).excluded


def test_units_are_worked_out_before_the_index_is_told() -> None:
    with pytest.raises(ValueError, match="units"):
        indexed([Step(1, AGGREGATED, (APPLES,), (Holding("00/1", "farm"),), day(1), day(1))])


def test_a_declared_draw_asks_for_no_explanation() -> None:
    window, elsewhere = Holding("window/~W1", "shop"), Holding("apple/L1", "shop")
    steps = [made(1, None, APPLES, day(1)), added(2, elsewhere, window, day(3), DECLARED)]
    for basis, gap in ((DECLARED, False), (RECORDED, True)):
        said = [step._replace(basis=basis) if step.event == 2 else step for step in steps]
        world = indexed(said)
        assert (PlainLineage(said).gap(elsewhere) is not None) == gap
        assert [world.holding(found.holding) for found in world.index.gaps()] == [elsewhere] * gap
