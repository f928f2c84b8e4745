"""Networks drawn at random look as they should, are the same for the same seed, and say what truly happened."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from fieldline_schemas.record import MADE, MOVED
from fieldline_schemas.times import FOREVER
from fieldline_trace.capture import Accepted, Door, MemoryLedger
from fieldline_trace.follow.fetch import follow_memory
from fieldline_trace.generate import Network, events, network, truth
from fieldline_trace.generate.events import batch_key, site_key
from fieldline_trace.lineage import DEFINITE, LineageIndex, Seed

LINKS = 30_000


@pytest.fixture(scope="module")
def drawn() -> Network:
    return network(LINKS, 5)


def index_of(drawn: Network) -> LineageIndex:
    index = LineageIndex()
    index.know_all(np.arange(len(drawn.product)), drawn.product, drawn.pool, drawn.general)
    index.apply(drawn.steps)
    return index


def test_the_same_seed_gives_the_same_bytes(drawn: Network) -> None:
    first = b"".join(events(drawn, 5))
    assert first == b"".join(events(network(LINKS, 5), 5))
    assert first != b"".join(events(network(LINKS, 6), 6))


@pytest.mark.parametrize("links", [10_000, LINKS])
def test_it_has_about_the_links_asked_for(links: int) -> None:
    assert network(links, 1).links == pytest.approx(links, rel=0.15)


def test_a_size_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="links=999 "):
        network(999, 1)


def test_dates_are_partial_missing_and_late_as_often_as_said(drawn: Network) -> None:
    lo, hi = drawn.steps.times[:, 2], drawn.steps.times[:, 3]
    assert (hi == FOREVER).mean() == pytest.approx(0.02, abs=0.01)
    assert ((lo != hi) & (hi != FOREVER)).mean() == pytest.approx(0.20, abs=0.02)
    assert (np.diff(drawn.true[:, 1]) < 0).any(), "some records come late"
    assert (lo <= drawn.true[:, 1]).all(), "what is said is wide, never wrong"
    assert (drawn.true[:, 1] <= hi).all(), "what is said is wide, never wrong"


def test_fans_follow_a_power_law_and_batches_are_filled_several_times(drawn: Network) -> None:
    steps = drawn.steps
    taken = np.sort(np.bincount(steps.out_site))[::-1]
    assert taken[: len(taken) // 10].sum() > 0.3 * taken.sum(), "a tenth of the sites takes a good share of all"
    places = len(drawn.tier)
    holding, fillings = np.unique(steps.out_batch * places + steps.out_site, return_counts=True)
    several = len(np.unique(holding[fillings > 1] // places)) / len(np.unique(holding // places))
    assert several == pytest.approx(0.30, abs=0.06)
    assert (np.diff(steps.in_start) > 10).any(), "something is made of many"
    assert (np.diff(steps.out_start)[steps.shape == MADE] > 3).any(), "something is split"


def test_goods_go_round_and_water_is_shared(drawn: Network) -> None:
    steps = drawn.steps
    moves = steps.shape == MOVED
    first, last = steps.in_start[:-1][moves], steps.out_start[:-1][moves]
    ways = set(zip(steps.in_batch[first].tolist(), steps.in_site[first].tolist(), steps.out_site[last], strict=True))
    assert any((batch, to, source) in ways for batch, source, to in ways), "a delivery that comes back"
    canals = drawn.tier[drawn.maker] == -1
    farms = {site for batch, site in zip(steps.out_batch[last], steps.out_site[last], strict=True) if canals[batch]}
    assert len(farms) > canals.sum() > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_index_misses_nothing_that_truly_happened_and_is_sure_of_nothing_else(seed: int) -> None:
    drawn = network(20_000, seed)
    index, planted = index_of(drawn), truth(drawn)
    trace = index.forward([Seed(planted.batch)])
    found = list(zip(trace.batch.tolist(), trace.site.tolist(), strict=True))
    true = set(map(tuple, planted.reached.tolist()))
    assert len(true) > 3
    assert true <= set(found)
    assert {one for one, sure in zip(found, trace.certainty == DEFINITE, strict=True) if sure} <= true


def test_its_events_say_what_its_columns_say() -> None:
    drawn = network(2_000, 2)
    lines = list(events(drawn, 2))
    ledger = MemoryLedger(count(1_735_689_600_000_000).__next__)
    for start in range(0, len(lines), 500):
        receipts = ledger.take(lines[start : start + 500], Door("generator", "administrator"))
        assert {type(receipt) for receipt in receipts} == {Accepted}
    world, index = follow_memory(ledger), index_of(drawn)
    lot = truth(drawn).batch
    trace = index.forward([Seed(lot)])
    members = {
        (batch_key(drawn, batch), site_key(drawn, site)): tuple(map(int, said))
        for batch, site, *said in zip(
            trace.batch.tolist(), trace.site.tolist(), trace.certainty, trace.basis, trace.hops, strict=True
        )
    }
    batches = {number: key for key, number in ledger.batches.items()}
    sites = {number: key for key, number in ledger.sites.items()}
    theirs = world.index.forward([Seed(ledger.batches[batch_key(drawn, lot)])])
    assert members == {
        (batches[batch], sites[site]): tuple(map(int, said))
        for batch, site, *said in zip(
            theirs.batch.tolist(), theirs.site.tolist(), theirs.certainty, theirs.basis, theirs.hops, strict=True
        )
    }
