"""The index beside graph libraries and a plain breadth-first search, in one run: scopes, memory, loading, entries.

The network is drawn (``fieldline_trace.generate``): 1 M links, or ``--links N``; ``--full``: 5 M, and beside scopes of
10,000 holdings those of half a million, without rustworkx, which takes minutes for its graph. Peers hold the
same links between holdings and, as the plain search does, a hub for each lot; they know no times and no certainty. The
index is compared over recorded links alone, since pools and inferred links, which peers do not have, lead it further;
what an answer with all of them takes stands beside it. Ways of answering take turns over the same seeds; a seed's best
of the rounds counts, since what else the machine does only adds, and medians over seeds are compared. Seconds are the
processor's: none of the ways waits for anything else. Prints a table, writes ``.bench/lineage.json``, exits 1 where a
target is missed. The recursive query of PostgreSQL: ``trace_bench``.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import igraph
import numba
import numpy as np
import rustworkx
from fieldline_schemas.record import MADE, MOVED
from fieldline_trace.generate import Network, network
from fieldline_trace.lineage import RECORDED, LineageIndex, Seed
from fieldline_trace.lineage.warm import warm
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Measured, shown_measured

ENTRY, ROUNDS, SEEDS = 2_000, 5, 7
_MOST_IN_RUST = 4_000_000
"""Links of a graph that rustworkx is handed."""
BARE = frozenset({RECORDED})
Numbers = NDArray[np.int64]


def indexed(drawn: Network, until: int | None = None) -> tuple[LineageIndex, float]:
    """An index of the first steps, and the seconds of processor that it took."""
    index, steps = LineageIndex(), drawn.steps
    part = steps if until is None else steps.select(np.arange(until))
    began = time.process_time()
    index.know_all(np.arange(len(drawn.product)), drawn.product, drawn.pool, drawn.general)
    index.apply(part)
    return index, time.process_time() - began


def edges(drawn: Network, index: LineageIndex) -> tuple[Numbers, Numbers, int]:
    """Sources, targets and the number of nodes: holdings, then hubs of lots, from what makes a lot to where it is."""
    source, target, _, count = dated_edges(drawn, index)
    return source, target, count


def dated_edges(drawn: Network, index: LineageIndex) -> tuple[Numbers, Numbers, Numbers, int]:
    """Sources, targets, the steps that bring them, and the number of nodes."""
    steps = drawn.steps
    m, n = np.diff(steps.in_start), np.diff(steps.out_start)
    places = 1 + len(drawn.tier)
    keys = np.concatenate((steps.in_batch * places + steps.in_site, steps.out_batch * places + steps.out_site))
    known, number = np.unique(keys, return_inverse=True)
    own = np.array([index.holding_of(int(key // places), int(key % places)) or 0 for key in known])
    count = int(own.max()) + 1
    ins, outs = own[number[: len(steps.in_batch)]], own[number[len(steps.in_batch) :]]
    pairs = np.where(steps.shape == MOVED, np.maximum(m, 0), m * n)
    step = np.repeat(np.arange(len(m)), pairs)
    at = np.arange(len(step)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    moved = steps.shape[step] == MOVED
    source = ins[steps.in_start[step] + np.where(moved, at, at // np.maximum(n[step], 1))]
    out_at = steps.out_start[step] + np.where(moved, at, at % np.maximum(n[step], 1))
    target, batch = outs[out_at], steps.out_batch[out_at]
    whole = (steps.shape[step] == MADE) & ~drawn.pool[batch]
    target = np.where(whole, count + batch, target)
    lots = ~drawn.pool[known // places]
    hubs, held = count + (known // places)[lots], own[lots]
    came = np.full(len(known), len(m))
    named = np.concatenate((np.repeat(np.arange(len(m)), m), np.repeat(np.arange(len(n)), n)))
    np.minimum.at(came, number, named)
    return (
        np.concatenate((source, hubs)),
        np.concatenate((target, held)),
        np.concatenate((step, came[lots])),
        count + len(drawn.product),
    )


@numba.njit(cache=True, nogil=True)
def plain(start: Numbers, target: Numbers, seeds: Numbers, seen: NDArray[np.uint8], queue: Numbers) -> int:
    """Breadth first from ``seeds``, without times: how many nodes; ``seen`` is left as it was."""
    n = 0
    for seed in seeds:
        seen[seed] = 1
        queue[n] = seed
        n += 1
    i = 0
    while i < n:
        for k in range(start[queue[i]], start[queue[i] + 1]):
            v = target[k]
            if seen[v] == 0:
                seen[v] = 1
                queue[n] = v
                n += 1
        i += 1
    for i in range(n):
        seen[queue[i]] = 0
    return n


def chosen(drawn: Network, ask: Callable[[list[Seed]], Any], size: tuple[int, int], late: bool) -> list[int]:
    """Lots whose scope is of the size wanted, near one end of the chain."""
    order = np.random.default_rng(7)
    tiers = drawn.tier[drawn.maker]
    lots = np.flatnonzero(~drawn.pool & (tiers >= 3 if late else (tiers >= 0) & (tiers <= 2)))
    found: list[int] = []
    for lot in order.permutation(lots)[:3_000].tolist():
        if size[0] <= len(ask([Seed(lot)])) <= size[1]:
            found.append(lot)
        if len(found) == SEEDS:
            break
    return found


def ways_of(
    index: LineageIndex, ahead: bool, links: tuple[Numbers, Numbers, int], holdings: dict[int, Numbers]
) -> dict[str, Callable[[int], Any]]:
    """Ways of answering, by name."""
    a, b, count = links
    ask = index.forward if ahead else index.backward
    by = np.argsort(a, kind="stable")
    start, ends = np.searchsorted(a[by], np.arange(count + 1)), b[by].astype(np.int64)
    seen, queue = np.zeros(count, np.uint8), np.empty(count, np.int64)
    theirs = igraph.Graph(n=count, edges=np.stack((a, b), axis=1), directed=True)
    rust = rustworkx.PyDiGraph()
    if len(a) < _MOST_IN_RUST:
        rust.add_nodes_from(range(count))
        rust.extend_from_edge_list(list(zip(a.tolist(), b.tolist(), strict=True)))

    def recorded(seed: int) -> Any:
        return ask([Seed(seed)], bases=BARE)

    def whole(seed: int) -> Any:
        return ask([Seed(seed)])

    def searched(seed: int) -> Any:
        return plain(start, ends, holdings[seed], seen, queue)

    def by_igraph(seed: int) -> Any:
        return [theirs.subcomponent(int(one), mode="out") for one in holdings[seed]]

    def by_rustworkx(seed: int) -> Any:
        return [rustworkx.descendants(rust, int(one)) for one in holdings[seed]]

    ways: dict[str, Callable[[int], Any]] = {
        "index": recorded,
        "index, pooled and inferred links too": whole,
        "plain search": searched,
        "igraph": by_igraph,
    }
    if len(a) < _MOST_IN_RUST:
        ways["rustworkx"] = by_rustworkx
    return ways


def scopes(
    drawn: Network, index: LineageIndex, size: tuple[int, int], most: float, seeds_at_most: int = SEEDS
) -> list[Measured]:
    """Both ways, beside peers. ``size``: the least and the most holdings of a scope; ``most``: times a plain search."""
    source, target, count = edges(drawn, index)
    figures: list[Measured] = []
    for name, ask, a, b in (("forward", index.forward, source, target), ("backward", index.backward, target, source)):
        seeds = chosen(drawn, partial(ask, bases=BARE), size, name == "backward")[:seeds_at_most]
        of = f"{name}, {size[0]:,} to {size[1]:,}"
        if not seeds:
            figures.append((f"{of}: no such scope", 0, "", None, None))
            continue
        holdings = {seed: np.array(index.holdings_of(seed))[-1:] for seed in seeds}
        ways = ways_of(index, name == "forward", (a, b, count), holdings)
        best: dict[str, dict[int, float]] = {way: {} for way in ways}
        for round_ in range(ROUNDS + 1):
            for way, answer in ways.items():
                for seed in seeds:
                    began = time.process_time()
                    answer(seed)
                    taken = (time.process_time() - began) * 1000
                    best[way][seed] = min(best[way].get(seed, 1e9), taken) if round_ else 1e9
        took = {way: median(taken.values()) for way, taken in best.items()}
        traces = [ask([Seed(seed)], bases=BARE) for seed in seeds]
        reached = median(ways["plain search"](seed) for seed in seeds)
        figures += [
            (f"{of}: holdings in a scope, median", median(map(len, traces)), "holdings", None, None),
            (f"{of}: more that times exclude", median(len(t.excluded) for t in traces), "holdings", None, None),
            (f"{of}: nodes that peers reach, hubs too", reached, "nodes", None, None),
            *((f"{of}: {way}", ms, "ms", None, None) for way, ms in took.items()),
        ]
        ratio = took["index"] / took["plain search"]
        figures.append((f"{of}: index against plain search, at most", ratio, "x", most, ratio <= most))
        for way in (way for way in ("igraph", "rustworkx") if way in ways):
            ratio = took[way] / took["index"]
            figures.append((f"{of}: {way} against index, at least", ratio, "x", 1.0, ratio >= 1.0))
    return figures


def measure(links: int) -> list[Measured]:
    """All figures."""
    warm()
    drawn = network(links, 1)
    total = len(drawn.steps.event)
    until = total - 10 * ENTRY
    index, taken = indexed(drawn, until)
    seconds = [taken]
    for _ in range(2):
        index, taken = indexed(drawn, until)
        seconds.append(taken)
    entries = []
    for start in range(until, total, ENTRY):
        part = drawn.steps.select(np.arange(start, min(start + ENTRY, total)))
        began = time.process_time()
        index.apply(part)
        entries.append((time.process_time() - began) * 1000)
    empty = LineageIndex()
    empty.know_all(np.arange(len(drawn.product)), drawn.product, drawn.pool, drawn.general)
    first = []
    for start in range(0, 10 * ENTRY, ENTRY):
        part = drawn.steps.select(np.arange(start, start + ENTRY))
        began = time.process_time()
        empty.apply(part)
        first.append((time.process_time() - began) * 1000)
    rate = drawn.links * until / total / median(seconds)
    used = index.bytes()
    grown = median(entries) / median(first)
    figures: list[Measured] = [
        ("links", drawn.links, "links", None, None),
        ("memory", sum(used.values()) / drawn.links, "bytes/link", 36, sum(used.values()) / drawn.links <= 36),
        *((f"memory: {name}", size / drawn.links, "bytes/link", None, None) for name, size in used.items()),
        ("steps in columns taken in, processor", rate / 1e6, "M links/s", 1, rate >= 1e6),
        ("entry of 2,000 steps, processor", median(entries), "ms", None, None),
        ("entry here against an entry at the beginning", grown, "x", 1.25, grown <= 1.25),
        *scopes(drawn, index, (7_000, 14_000), 2.0),
        *(scopes(drawn, index, (300_000, 700_000), 2.5, 3) if drawn.links > 4_000_000 else ()),
    ]
    return figures


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--links", type=int, default=1_000_000)
    asked.add_argument("--full", action="store_true", help="5 M links")
    given = asked.parse_args()
    figures = measure(5_000_000 if given.full else given.links)
    names = ("numba", "numpy", "igraph", "rustworkx")
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)])
    return shown_measured("lineage", figures, versions)


if __name__ == "__main__":
    sys.exit(main())
