"""What variants of one id say together: recorded where all agree, conflicting elsewhere."""

from __future__ import annotations

from fieldline_trace.follow.standing import State
from fieldline_trace.follow.variants import LINKS_AT_MOST, StepRow, merge

A, B, C, OUT, OTHER = ((n, 1) for n in range(1, 6))
MADE = 0
NOON = (10, 20, 10, 20)


def made(
    ins: tuple[tuple[int, int], ...], outs: tuple[tuple[int, int], ...], times: tuple[int, int, int, int] = NOON
) -> StepRow:
    return StepRow(MADE, ins, outs, times)


def test_one_standing_variant_is_taken_as_it_is() -> None:
    step = made((A,), (OUT,))
    assert merge([(State.DISPUTED, [step]), (State.WITHDRAWN, [made((B,), (OUT,))])]) == [(step, State.DISPUTED)]
    assert merge([(State.WITHDRAWN, [step])]) == []


def test_a_step_that_all_say_is_recorded_over_the_hull_of_its_times() -> None:
    early, late = made((A, B), (OUT,), (10, 20, 10, 20)), made((B, A), (OUT,), (15, 30, 15, 30))
    [(step, state)] = merge([(State.CONFLICTING, [early]), (State.CONFLICTING, [late])])
    assert (step.times, state) == ((10, 30, 10, 30), State.RECORDED)


def test_what_only_some_say_is_conflicting_link_by_link() -> None:
    merged = merge([(State.CONFLICTING, [made((A, B), (OUT,))]), (State.CONFLICTING, [made((A, C), (OUT,))])])
    assert {(step.ins, state) for step, state in merged} == {
        ((A,), State.RECORDED),
        ((B,), State.CONFLICTING),
        ((C,), State.CONFLICTING),
    }


def test_what_only_disputed_variants_say_is_disputed() -> None:
    merged = merge([(State.DISPUTED, [made((A,), (OUT,))]), (State.CONFLICTING, [made((B,), (OUT,))])])
    assert {(step.ins, state) for step, state in merged} == {((A,), State.DISPUTED), ((B,), State.CONFLICTING)}


def test_what_all_say_is_disputed_where_all_are() -> None:
    step = made((A,), (OUT,))
    assert merge([(State.DISPUTED, [step]), (State.DISPUTED, [step])]) == [(step, State.DISPUTED)]


def test_a_birth_and_a_making_differ() -> None:
    merged = merge([(State.CONFLICTING, [made((), (OUT,))]), (State.CONFLICTING, [made((A,), (OUT,))])])
    assert {state for _, state in merged} == {State.CONFLICTING}


def test_a_difference_too_wide_to_take_apart_is_conflicting_as_a_whole() -> None:
    wide = tuple((n, 1) for n in range(LINKS_AT_MOST // 2 + 1))
    merged = merge([(State.CONFLICTING, [made(wide, (OUT,))]), (State.CONFLICTING, [made(wide, (OTHER,))])])
    assert [state for _, state in merged] == [State.CONFLICTING, State.CONFLICTING]
