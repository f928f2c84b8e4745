"""Derived steps: what is laid follows from what is put, and answers name the event that asserts it."""

from __future__ import annotations

import numpy as np
from fieldline_schemas.record import MADE, MOVED
from fieldline_trace.follow.bases import step_columns
from fieldline_trace.follow.derived import Derived, slot_of, weaker
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage import CONFLICTING, DEFINITE, INFERRED, POSSIBLE, RECORDED, LineageIndex, Seed
from fieldline_trace.lineage.parts import SLOTS, asserting, asserting_all, part_of
from hypothesis import given
from hypothesis import strategies as st

EVENTS = [1 << 16 | 3, 2 << 16, 2 << 16 | 1]
TIMES = (10, 10, 20, 20)


def index_of_batches() -> LineageIndex:
    index = LineageIndex()
    for batch in range(1, 6):
        index.know(batch, batch, pool=False, general=False)
    return index


def move(batch: int, at: int = 1, to: int = 2) -> StepRow:
    return StepRow(MOVED, ((batch, at),), ((batch, to),), TIMES)


def made(ins: list[int], out: int, at: int = 1) -> StepRow:
    return StepRow(MADE, tuple((one, at) for one in ins), ((out, at),), (5, 5, 5, 5))


def reached(index: LineageIndex) -> dict[int, dict[tuple[int, int], tuple[int, int, int]]]:
    found = {}
    for batch in range(1, 6):
        trace = index.forward([Seed(batch)])
        columns = (trace.batch, trace.site, trace.certainty, trace.basis, trace.via_event)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        found[batch] = {(b, s): (certainty, basis, via) for b, s, certainty, basis, via in rows}
    return {batch: rows for batch, rows in found.items() if rows}


def without_via(index: LineageIndex) -> dict[int, dict[tuple[int, int], tuple[int, int]]]:
    """Which of two events that say the same is named is for the order in which they came."""
    return {batch: {at: row[:2] for at, row in rows.items()} for batch, rows in reached(index).items()}


steps = st.lists(
    st.tuples(
        st.one_of(
            st.builds(move, st.integers(1, 5), st.integers(1, 2), st.integers(3, 4)),
            st.builds(made, st.lists(st.integers(1, 4), max_size=2, unique=True), st.just(5)),
        ),
        st.sampled_from([RECORDED, INFERRED]),
    ),
    max_size=3,
)
puts = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 2), steps, st.booleans()), min_size=1, max_size=8)


@given(puts)
def test_what_is_laid_last_stands_whatever_was_laid_before(
    said: list[tuple[int, int, list[tuple[StepRow, int]], bool]],
) -> None:
    index, plain = index_of_batches(), index_of_batches()
    derived = Derived(index, lambda _: State.RECORDED)
    last = {}
    for event, slot, new, flush in said:
        derived.put(event, slot, new)
        last[event, slot] = tuple(new)
        if flush:
            derived.flush()
    derived.flush()
    fresh = Derived(plain, lambda _: State.RECORDED)
    for (event, slot), laid in sorted(last.items()):
        fresh.put(event, slot, laid)
    fresh.flush()
    assert without_via(index) == without_via(plain)


def test_a_derived_step_names_the_event_that_asserts_it() -> None:
    index = index_of_batches()
    derived = Derived(index, lambda _: State.RECORDED)
    derived.put(EVENTS[0], slot_of(1), [(move(1), RECORDED)])
    derived.flush()
    trace = index.forward([Seed(1, 1)])
    assert dict(zip(trace.site.tolist(), trace.via_event.tolist(), strict=True)) == {1: -1, 2: EVENTS[0]}


def test_parts_of_one_event_and_the_event_itself_count_as_one_making() -> None:
    index = index_of_batches()
    derived = Derived(index, lambda _: State.RECORDED)
    index.apply(step_columns(EVENTS[0], [made([1], 5)]))
    derived.put(EVENTS[0], 0, [(made([2], 5), RECORDED)])
    derived.flush()
    assert reached(index)[2][5, 1][0] == DEFINITE
    index.apply(step_columns(EVENTS[1], [StepRow(MADE, ((3, 4),), ((5, 4),), (1, 1, 1, 1))]))
    assert reached(index)[3][5, 1][0] == POSSIBLE


def test_what_is_lowered_goes_with_its_event_and_comes_back_with_it() -> None:
    index, states = index_of_batches(), {EVENTS[0]: State.RECORDED}
    derived = Derived(index, states.__getitem__)
    derived.put(EVENTS[0], 1, [(move(1), RECORDED)])
    derived.flush()
    states[EVENTS[0]] = State.WITHDRAWN
    derived.restated([EVENTS[0]])
    assert [sorted(touched) for touched in map(np.ndarray.tolist, derived.flush())]
    assert not reached(index)
    states[EVENTS[0]] = State.CONFLICTING
    derived.restated([EVENTS[0]])
    derived.flush()
    assert index.forward([Seed(1, 1)]).basis.tolist() == [RECORDED, CONFLICTING]


def test_numbers_of_parts_tell_their_event() -> None:
    numbers = [part_of(event, slot) for event in (65536, 2**46) for slot in (0, 1, SLOTS - 1)]
    assert len(set(numbers)) == 6
    assert all(number < -1 for number in numbers)
    assert asserting_all(np.array([*numbers, -1, 7])).tolist() == [*[65536] * 3, *[2**46] * 3, -1, 7]
    assert [asserting(number) for number in (*numbers, -1, 7)] == [*[65536] * 3, *[2**46] * 3, -1, 7]
    assert weaker(INFERRED, RECORDED) == INFERRED
    assert 0 < slot_of(2**40, 5) < SLOTS
