"""What units held: the incremental answer is the plain one, in whatever order statements come, change and go."""

from __future__ import annotations

from itertools import chain

from fieldline_schemas.record import ADDED, AGGREGATED, DISAGGREGATED, DRAWN, MADE, MOVED, RECEIVED, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_trace.follow.opened import slot_of
from fieldline_trace.follow.units import Standing, Units
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage import CONFLICTING, DISPUTED, INFERRED, RECORDED
from hypothesis import given
from hypothesis import strategies as st

from .plain_units import Laid, PlainUnits

UNITS, ITEMS, LOTS = frozenset({1, 2, 3}), frozenset({11, 12}), frozenset({21, 22})
SITES = (1, 2, 3)
ADD, PICK, SHIP, OUT = 10, 15, 20, 30


def at(*moments: int) -> tuple[int, int, int, int]:
    return moments[0], moments[-1], moments[0], moments[-1]


def packed(unit: int, *children: int, site: int = 1, when: tuple[int, ...] = (ADD,)) -> StepRow:
    return StepRow(AGGREGATED, tuple((one, site) for one in children), ((unit, site),), at(*when))


def unpacked(unit: int, *children: int, site: int = 2, when: tuple[int, ...] = (OUT,)) -> StepRow:
    return StepRow(DISAGGREGATED, ((unit, site),), tuple((one, site) for one in children), at(*when))


def shipped(batch: int, origin: int = 1, to: int = 2, when: tuple[int, ...] = (SHIP,)) -> StepRow:
    return StepRow(MOVED, ((batch, origin),), ((batch, to),), (when[0], when[-1], when[0], FOREVER))


def laid(units: Units, events: dict[int, Standing]) -> Laid:
    return {
        (event, step): basis
        for event in events
        for steps in units.opened(event).values()
        for step, basis in steps.items()
    }


def told(*events: StepRow) -> Units:
    units = Units(UNITS, ITEMS)
    for number, step in enumerate(events):
        units.say(number, [(step, RECORDED)])
        units.settle()
    return units


def moved(units: Units, event: int) -> dict[int, int]:
    return {step.ins[0][0]: basis for steps in units.opened(event).values() for step, basis in steps.items()}


_moment = st.integers(0, 6)
_times = st.one_of(
    st.tuples(_moment),
    st.tuples(_moment),
    st.tuples(_moment, _moment).map(lambda pair: (min(pair), max(pair))),
    st.just((NEVER, FOREVER)),
    st.tuples(st.just(NEVER), _moment),
)
_site = st.sampled_from(SITES)
_unit = st.sampled_from(sorted(UNITS))
_any = st.sampled_from(sorted(UNITS | ITEMS | LOTS))
_leaf = st.sampled_from(sorted(ITEMS | LOTS))


@st.composite
def rows(draw: st.DrawFn) -> StepRow:
    site, times = draw(_site), at(*draw(_times))
    shape = draw(st.sampled_from([AGGREGATED, AGGREGATED, DISAGGREGATED, MOVED, MOVED, RECEIVED, DRAWN, MADE, ADDED]))
    if shape == AGGREGATED:
        unit = draw(_unit)
        children = draw(st.lists(_any.filter(lambda one: one != unit), min_size=1, max_size=2, unique=True))
        return StepRow(shape, tuple((one, site) for one in children), ((unit, site),), times)
    if shape == DISAGGREGATED:
        unit = draw(_unit)
        children = draw(st.lists(_any.filter(lambda one: one != unit), max_size=1))
        return StepRow(shape, ((unit, site),), tuple((one, site) for one in children), times)
    one = draw(_any)
    if shape == MOVED:
        later = at(*draw(_times))
        return StepRow(shape, ((one, site),), ((one, draw(_site)),), (*times[:2], *later[2:]))
    if shape == RECEIVED:
        return StepRow(shape, (), ((one, site),), times)
    if shape == DRAWN:
        return StepRow(shape, ((one, site),), (), times)
    ins = draw(st.lists(_any, max_size=2, unique=True))
    out = draw(st.one_of(_any, _leaf, _leaf))
    shape |= draw(st.sampled_from([0, 0, TIMELESS]))
    return StepRow(shape, tuple((each, site) for each in ins), ((out, site),), times)


_basis = st.sampled_from([RECORDED, RECORDED, RECORDED, CONFLICTING, DISPUTED])
_standing = st.lists(st.tuples(rows(), _basis), max_size=2)
sayings = st.lists(st.tuples(st.integers(1, 9), _standing, st.booleans()), min_size=1, max_size=14)


@given(sayings)
def test_in_any_order_of_saying_and_taking_back_units_hold_what_the_plain_model_says(
    said: list[tuple[int, Standing, bool]],
) -> None:
    units, stands = Units(UNITS, ITEMS), dict[int, Standing]()
    for event, steps, settle in said:
        units.say(event, steps)
        stands[event] = steps
        if settle:
            units.settle()
    units.settle()
    plain = PlainUnits(stands, UNITS, ITEMS)
    named = {e for e, steps in stands.items() if any(b in UNITS for s, _ in steps for b, _ in chain(s.ins, s.outs))}
    assert {key: basis for key, basis in laid(units, stands).items() if key[0] in named} == plain.laid()
    assert {(event, *pair) for event, pairs in units.missing.items() for pair in pairs} == plain.missing()


@given(sayings)
def test_what_changed_is_told_so_that_laying_only_that_again_gives_the_whole(
    said: list[tuple[int, Standing, bool]],
) -> None:
    units, slots = Units(UNITS, ITEMS), dict[int, dict[int, dict[StepRow, int]]]()
    for event, steps, _ in said:
        units.say(event, steps)
        for changed, leaves in units.settle().leaves.items():
            if leaves is None:
                slots[changed] = units.opened(changed)
            else:
                kept = {slot: laid for slot, laid in slots[changed].items() if slot not in {0, *map(slot_of, leaves)}}
                slots[changed] = kept | units.opened(changed, leaves)
        assert {one: found for one, found in slots.items() if found} == {
            one: found for one in slots if (found := units.opened(one))
        }


def test_a_shipment_of_a_unit_moves_what_was_packed_into_it() -> None:
    units = told(packed(1, 21, 22), shipped(1))
    assert moved(units, 1) == {21: RECORDED, 22: RECORDED}


def test_a_shipment_known_before_the_packing_moves_it_when_that_comes() -> None:
    units = told(shipped(1), packed(1, 21))
    assert moved(units, 0) == {21: RECORDED}


def test_what_was_unpacked_before_does_not_move_and_what_may_have_been_is_inferred() -> None:
    units = told(packed(1, 21, 22), unpacked(1, 21, when=(PICK,)), unpacked(1, 22, when=(PICK, OUT)), shipped(1))
    assert moved(units, 3) == {22: INFERRED}


def test_goods_packed_drawn_and_unpacked_at_one_time_were_in() -> None:
    units = told(packed(1, 21, when=(SHIP,)), shipped(1), unpacked(1, when=(SHIP,)))
    assert moved(units, 1) == {21: RECORDED}


def test_a_unit_used_again_holds_its_new_load_alone() -> None:
    units = told(packed(1, 21), shipped(1), unpacked(1), packed(1, 22, when=(40,)), shipped(1, when=(50,)))
    assert moved(units, 1) == {21: RECORDED}
    assert moved(units, 4) == {22: RECORDED}


def test_what_is_packed_and_shipped_on_one_day_is_recorded_as_shipped() -> None:
    units = told(packed(1, 21, when=(0, 100)), shipped(1, when=(0, 100)))
    assert moved(units, 1) == {21: RECORDED}


def test_a_unit_in_a_unit_brings_its_content() -> None:
    units = told(packed(1, 21), packed(2, 1), shipped(2))
    assert moved(units, 2) == {21: RECORDED}


def test_a_unit_in_itself_by_way_of_another_ends_nothing_and_holds_what_they_hold() -> None:
    units = told(packed(1, 2, 21), packed(2, 1, 22), shipped(1))
    assert moved(units, 2) == {21: RECORDED, 22: RECORDED}


def test_an_item_seen_elsewhere_is_out_and_a_lot_is_not() -> None:
    units = told(packed(1, 11, 21), StepRow(RECEIVED, (), ((11, 3), (21, 3)), at(PICK)), shipped(1))
    assert moved(units, 2) == {21: RECORDED}


def test_an_item_seen_where_the_unit_has_come_to_is_still_in() -> None:
    there = StepRow(RECEIVED, (), ((11, 2),), at(25))
    units = told(packed(1, 11), shipped(1), there, shipped(1, origin=2, to=3, when=(OUT,)))
    assert moved(units, 3) == {11: RECORDED}


def test_an_item_seen_where_the_unit_left_is_out() -> None:
    arrives = StepRow(MOVED, ((1, 1),), ((1, 2),), (SHIP, SHIP, 22, 22))
    back = StepRow(RECEIVED, (), ((11, 1),), at(25))
    units = told(packed(1, 11), arrives, back, shipped(1, origin=2, to=3, when=(OUT,)))
    assert moved(units, 3) == {}


def test_what_was_made_into_a_unit_moves_with_it() -> None:
    made = StepRow(MADE, ((21, 1),), ((1, 1),), at(ADD))
    units = told(made, shipped(1))
    assert moved(units, 1) == {1: RECORDED}


def test_a_unit_that_is_in_a_unit_and_was_made_itself_is_weighed_by_its_making_alone() -> None:
    made = StepRow(MADE, ((21, 1),), ((1, 1),), at(ADD))
    units = told(made, packed(2, 1), shipped(2), unpacked(1, site=1, when=(NEVER, FOREVER)))
    assert moved(units, 2) == {1: INFERRED}


def test_an_input_that_is_a_unit_is_what_it_held_the_sure_apart_from_the_possible() -> None:
    made = StepRow(MADE, ((1, 1),), ((22, 1),), at(SHIP))
    units = told(packed(1, 21, 11), unpacked(1, 11, site=1, when=(PICK, OUT)), made)
    steps = {step.ins: basis for step, basis in units.opened(2)[0].items()}
    assert steps == {((21, 1),): RECORDED, ((11, 1),): INFERRED}


def test_what_is_taken_out_and_was_never_put_in_is_missing_until_it_is() -> None:
    units = told(unpacked(1, 21))
    assert units.missing == {0: {(1, 21, 2)}}
    assert [step.outs for step in units.opened(0).popitem()[1]] == [((21, 2),)]
    units.say(7, [(packed(1, 21), RECORDED)])
    assert units.settle().missing == {0}
    assert not units.missing


def test_the_content_asked_for_is_what_is_in_or_else_what_was_in_last() -> None:
    units = told(packed(1, 21, when=(1,)), unpacked(1, when=(2,)), packed(1, 22, when=(3,)), unpacked(1, when=(4,)))
    assert [set(units.content(1, when, when)) for when in (1, 3, 9)] == [{21}, {22}, {22}]
    assert units.content(2, 9, 9) == {}
    assert not units.knows(2)
