"""Input that breaks naive indexes: long loops and chains, wide fans, ladders, no dates, one date, everything corrected.

Sizes are a tenth of the full ones, which ``FIELDLINE_EXTREMES=1`` asks for.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from fieldline_schemas.record import MADE, MOVED
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_trace.lineage import DEFINITE, POSSIBLE, RECORDED, WITHDRAWN, LineageIndex, Seed, StepColumns
from numpy.typing import NDArray

FULL = bool(os.environ.get("FIELDLINE_EXTREMES"))
LONG = 100_000 if FULL else 10_000
WIDE = 1_000_000 if FULL else 100_000
Numbers = NDArray[np.int64]
MOST_BYTES = 260
"""Of the index, a link, in the worst of these shapes."""


def pairs(source: Numbers, target: Numbers, times: Numbers, *, pools: bool = False) -> LineageIndex:
    """Each source batch went into its target, all at one site; ``times``: (n, 4) or (4,)."""
    index, count = LineageIndex(), len(source)
    numbers = np.arange(int(max(source.max(), target.max())) + 1)
    index.know_all(numbers, numbers, np.full(len(numbers), pools), np.zeros(len(numbers), bool))
    starts, site = np.arange(count + 1), np.zeros(count, np.int64)
    shape = np.full(count, MADE, np.uint8)
    said = np.broadcast_to(times, (count, 4)).astype(np.int64)
    index.apply(StepColumns(np.arange(count), shape, said, starts, source, site, starts, target, site))
    assert sum(index.bytes().values()) < MOST_BYTES * count + 150_000
    return index


def in_turn(count: int) -> Numbers:
    return np.repeat(np.arange(1, count + 1)[:, None] * 10, 4, axis=1)


@pytest.mark.parametrize("pools", [False, True])
def test_a_long_loop_is_gone_round_once(pools: bool) -> None:
    numbers = np.arange(LONG)
    unknown = np.array([NEVER, FOREVER, NEVER, FOREVER])
    index = pairs(numbers, (numbers + 1) % LONG, unknown, pools=pools)
    for ask in (index.forward, index.backward):
        found = ask([Seed(LONG // 2)])
        assert len(found) == LONG
        assert int(found.hops.max()) == LONG - 1
        assert not len(found.excluded)


@pytest.mark.parametrize("pools", [False, True])
def test_a_long_chain_is_followed_to_its_ends(pools: bool) -> None:
    numbers = np.arange(LONG + 1)
    index = pairs(numbers[:-1], numbers[1:], in_turn(LONG), pools=pools)
    ahead, back = index.forward([Seed(0)]), index.backward([Seed(LONG)])
    assert len(ahead) == len(back) == LONG + 1
    assert (ahead.certainty == DEFINITE).all()
    assert (back.certainty == DEFINITE).all()


def test_a_wide_fan_is_one_layer_and_each_shop_is_found_by_itself() -> None:
    index = LineageIndex()
    index.know_all(np.arange(1), np.arange(1), np.zeros(1, bool), np.zeros(1, bool))
    starts, lot = np.arange(WIDE + 1), np.zeros(WIDE, np.int64)
    shape, when = np.full(WIDE, MOVED, np.uint8), np.broadcast_to(np.array([1, 1, 2, 2]), (WIDE, 4))
    shops = np.arange(1, WIDE + 1)
    index.apply(StepColumns(np.arange(WIDE), shape, when, starts, lot, np.zeros(WIDE, np.int64), starts, lot, shops))
    assert len(index.forward([Seed(0, 0)])) == WIDE + 1
    assert len(index.backward([Seed(0, WIDE)])) == 2
    assert [index.holding(index.holding_of(0, shop) or 0)[1] for shop in (1, WIDE // 2, WIDE)] == [1, WIDE // 2, WIDE]
    assert index.holding_of(0, WIDE + 1) is None


def test_a_ladder_of_diamonds_is_climbed_and_not_multiplied() -> None:
    depth = 64
    rungs = np.arange(depth) * 3
    source = np.stack((rungs, rungs, rungs + 1, rungs + 2), axis=1).ravel()
    target = np.stack((rungs + 1, rungs + 2, rungs + 3, rungs + 3), axis=1).ravel()
    index = pairs(source, target, np.repeat(in_turn(2 * depth), 2, axis=0), pools=True)
    found = index.forward([Seed(0)])
    assert len(found) == 3 * depth + 1
    assert int(found.hops.max()) == 2 * depth
    assert len(index.backward([Seed(3 * depth)])) == 3 * depth + 1


@pytest.mark.parametrize(("lo", "hi"), [(NEVER, FOREVER), (10, 19)])
def test_without_dates_or_with_one_for_all_nothing_is_excluded_and_pools_are_possible(lo: int, hi: int) -> None:
    order = np.random.default_rng(3)
    source, target = order.integers(0, LONG // 4, (2, LONG))
    index = pairs(source, target, np.array([lo, hi, lo, hi]), pools=True)
    seed = Seed(int(source[0]))
    timed, untimed = index.forward([seed]), index.forward([seed], times=False)
    assert len(timed) > LONG // 8
    assert set(timed.holding.tolist()) == set(untimed.holding.tolist())
    assert POSSIBLE in timed.certainty


def test_when_everything_is_corrected_and_the_corrections_too_all_is_as_before() -> None:
    order = np.random.default_rng(4)
    source, target = order.integers(0, LONG, (2, LONG))
    index = pairs(source, target, in_turn(LONG))
    before = index.forward([Seed(int(source[0]))])
    everything = list(range(LONG))
    index.set_basis(everything, WITHDRAWN)
    assert not len(index.forward([Seed(int(source[0]))]))
    index.set_basis(everything, RECORDED)
    after = index.forward([Seed(int(source[0]))])
    assert dict(zip(before.holding.tolist(), before.certainty.tolist(), strict=True)) == dict(
        zip(after.holding.tolist(), after.certainty.tolist(), strict=True)
    )
