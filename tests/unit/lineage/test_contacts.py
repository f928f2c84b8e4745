"""Contact chains, against every row of moves that there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from fieldline_trace.lineage.contacts import Direction, Moves, contact_chain, degree
from hypothesis import given
from hypothesis import strategies as st

Move = tuple[int, int, int, int]
"""Source, destination, and the interval of its time."""


def moves_of(rows: Sequence[Move]) -> Moves:
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return Moves(columns[0], columns[1], columns[2], columns[3], columns[2], columns[3])


def plain(rows: Sequence[Move], root: int, since: int, until: int, direction: Direction) -> dict[int, int]:
    """Site -> fewest moves, by trying every row of moves; times are chosen greedily, as early (late) as may be."""
    found: dict[int, int] = {}
    begin = since if direction == "outgoing" else until
    waiting = [(root, begin, 0, frozenset[int]())]
    while waiting:
        site, now, steps, used = waiting.pop()
        if steps and site != root:
            found[site] = min(steps, found.get(site, steps))
        for number, (source, destination, lo, hi) in enumerate(rows):
            if source == destination or number in used or hi < since or lo > until:
                continue
            if direction == "outgoing" and source == site and hi >= now:
                waiting.append((destination, max(now, lo), steps + 1, used | {number}))
            if direction == "ingoing" and destination == site and lo <= now:
                waiting.append((source, min(now, hi), steps + 1, used | {number}))
    return found


times = st.integers(0, 6)
rows = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 5), times, st.integers(0, 2)).map(
        lambda row: (row[0], row[1], row[2], row[2] + row[3])
    ),
    max_size=7,
)


@given(rows, st.integers(1, 5), times, times)
def test_a_chain_is_every_site_on_any_row_of_moves_in_time(moves: list[Move], root: int, one: int, two: int) -> None:
    since, until = min(one, two), max(one, two)
    directions: tuple[Direction, ...] = ("ingoing", "outgoing")
    for direction in directions:
        chain = contact_chain(moves_of(moves), root, since, until, direction)
        assert {contact.site: contact.distance for contact in chain} == plain(moves, root, since, until, direction)


def test_moves_of_one_day_follow_each_other_in_any_order() -> None:
    moves = moves_of([(2, 3, 10, 19), (1, 2, 10, 19)])
    assert [contact.site for contact in contact_chain(moves, 1, 0, 99, "outgoing")] == [2, 3]


def test_a_move_before_what_it_would_carry_is_no_contact() -> None:
    moves = moves_of([(2, 3, 5, 5), (1, 2, 6, 6)])
    assert [contact.site for contact in contact_chain(moves, 1, 0, 99, "outgoing")] == [2]
    assert [contact.site for contact in contact_chain(moves, 3, 0, 99, "ingoing")] == [2]


def test_a_chain_begins_and_ends_within_the_window() -> None:
    moves = moves_of([(1, 2, 3, 3), (2, 3, 8, 8)])
    assert [contact.site for contact in contact_chain(moves, 3, 4, 9, "ingoing")] == [2]
    assert [contact.site for contact in contact_chain(moves, 1, 0, 7, "outgoing")] == [2]
    assert degree(moves, 2, 0, 7, "outgoing") == 0
    assert degree(moves, 2, 0, 8, "outgoing") == 1


def test_the_time_of_a_contact_is_the_earliest_out_and_the_latest_in() -> None:
    moves = moves_of([(1, 2, 3, 3), (1, 2, 5, 5), (2, 3, 4, 4), (2, 3, 9, 9)])
    assert [(c.site, c.time) for c in contact_chain(moves, 1, 0, 99, "outgoing")] == [(2, 3), (3, 4)]
    assert [(c.site, c.time) for c in contact_chain(moves, 3, 0, 99, "ingoing")] == [(2, 9), (1, 5)]
