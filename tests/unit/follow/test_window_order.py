"""Windows keep the promises: any order, repetition and split of the same events join the same, as a plain reading of
what stands says."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from .plain_windows import joined, joined_plainly
from .window_worlds import Watched, worlds
from .worlds import Saying


def told(sayings: list[Saying]) -> Watched:
    one = Watched()
    one.tell(*sayings)
    one.end()
    return one


@given(worlds(), st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=8))
def test_any_order_repetition_and_split_ends_in_the_same_answers(
    sayings: list[Saying], random: Random, sizes: list[int]
) -> None:
    again = sayings + random.sample(sayings, len(sayings) // 2)
    random.shuffle(again)
    other = Watched()
    other.tell_at_once(again, sizes)
    other.end()
    links, alerts, supported = told(sayings).known()
    assert other.links() == links
    assert other.alerts() == alerts
    assert other.supported() == supported


@given(worlds(12), st.lists(st.integers(1, 4), max_size=8))
def test_what_is_joined_is_what_a_plain_reading_of_all_that_stands_joins(
    sayings: list[Saying], sizes: list[int]
) -> None:
    one = Watched()
    one.tell_at_once(sayings, sizes)
    assert joined(one) == joined_plainly(one)
