"""History captured and judged, a start from PostgreSQL, and questions while events come in: the index in its world.

The network is drawn (``fieldline_trace.generate``): 60,000 links, ``--links N``, 1 M with ``--full``. Its events are
captured as history in entries of 2,000 into PostgreSQL with fsync on, one lane, then judged; what an entry costs the
judge at the end is compared with what it cost at the beginning, in seconds of processor. Then a judge that has all this
written starts: all links ready. Last, questions are asked every 4 ms, of up to 2,000 holdings, first of an index at
rest and then while entries of 500 come in ten times a second, as on a replica: one thread, an entry whole, then
whoever waits. A question's time counts from when it was to be asked; the clock of both is the processor's, which runs
while nothing else does, so that what else the machine does is not counted. Prints a table, writes
``.bench/lineage_history.json``, exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from fieldline_trace.capture import Accepted, Door, Keys, MemoryLedger, take
from fieldline_trace.capture.door import Handed
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.replay import apply_all
from fieldline_trace.follow.world import World
from fieldline_trace.generate import events, network
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.warm import warm
from fieldline_trace.store import EmbeddedPostgres, borrowed, open_store
from fieldline_trace.store.ledger_read import entries_after

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Measured, shown_measured

ENTRY, AT_ONCE, SEED = 2_000, 8, 1
LIVE, EVERY, ENTRIES = 500, 0.1, 20
"""Events of an entry while questions are asked, seconds between entries, and how many of them."""
ASKED = 0.004
DOOR = Door("traffic", "administrator")


def batched(raws: list[bytes], size: int) -> Iterator[list[bytes]]:
    """So many at a time."""
    for start in range(0, len(raws), size):
        yield raws[start : start + size]


async def imported(dsn: str, raws: list[bytes], links: int) -> list[Measured]:
    """Captured, judged, and loaded anew."""
    pool = await open_store(dsn)
    keys = Keys()
    began = time.perf_counter()
    async with borrowed(pool) as conn:
        for some in batched(raws, ENTRY):
            receipts = await take(conn, some, DOOR, history=True, keys=keys)
            assert all(isinstance(one, Accepted) for one in receipts)
    captured = time.perf_counter() - began
    judge = Judge(pool)
    began = time.perf_counter()
    costs: list[float] = []
    async with borrowed(pool) as conn:
        while entries := await entries_after(conn, judge.world.position, AT_ONCE):
            start = time.process_time()
            async for _ in apply_all(conn, judge.world, judge.names, entries):
                pass
            costs += [(time.process_time() - start) / len(entries)] * len(entries)
    followed = time.perf_counter() - began
    head = judge.world.position
    writer = Judge(pool)
    began = time.perf_counter()
    while await writer.step():
        pass
    judged = time.perf_counter() - began
    assert writer.position == head
    began, start = time.perf_counter(), time.process_time()
    again = Judge(pool)
    await again.load()
    loaded, spent = time.perf_counter() - began, time.process_time() - start
    assert again.world.position == head
    await pool.close()
    tenth = max(1, len(costs) // 10)
    # The first entries meet products, sites and kernels for the first time.
    early, late = median(costs[tenth : 2 * tenth + 1]), median(costs[-tenth:])
    rate = links / loaded
    return [
        ("history captured", len(raws) / captured, "events/s", None, None),
        ("history judged and written", len(raws) / judged, "events/s", None, None),
        ("history applied, nothing written", len(raws) / followed, "events/s", None, None),
        ("an entry at the end against one at the beginning", late / early, "x", 1.25, late / early <= 1.25),
        ("start from PostgreSQL", loaded, "s", None, None),
        ("start from PostgreSQL, processor", spent, "s", None, None),
        ("links ready", rate / 1e6, "M links/s", 1.0, rate >= 1e6),
        ("5 M links ready, at this rate", 5e6 / rate, "s", 15.0, 5e6 / rate <= 15),
    ]


def asked(world: World, seeds: list[int], seconds: float, entries: list[Any], view: LedgerInMemory) -> list[float]:
    """Milliseconds of processor that each question took, from when it was to be asked, while ``entries`` come in."""
    took: list[float] = []
    ready = list(entries)
    began = time.process_time()
    number = 0
    while (due := number * ASKED) < seconds:
        now = time.process_time() - began
        if ready and now >= (ENTRIES - len(ready)) * EVERY:
            entry = ready.pop(0)
            world.apply(entry, view.prepare(world, entry))
            continue
        if now < due:
            continue
        world.index.forward([Seed(seeds[number % len(seeds)])])
        took.append((time.process_time() - began - due) * 1000)
        number += 1
    return took


def questions(raws: list[bytes]) -> list[Measured]:
    """Questions of an index at rest and of one that entries come into."""
    ledger = MemoryLedger(clock=iter(range(1_798_761_600_000_000, 1_900_000_000_000_000)).__next__)
    until = len(raws) - LIVE * ENTRIES
    for some in batched(raws[:until], ENTRY):
        ledger.take_all([Handed(raw, DOOR) for raw in some])
    before = len(ledger.entries)
    for some in batched(raws[until:], LIVE):
        ledger.take_all([Handed(raw, DOOR) for raw in some])
    world, view = World(), LedgerInMemory(ledger)
    for entry in ledger.entries[:before]:
        world.apply(entry, view.prepare(world, entry))
    order, seeds = np.random.default_rng(7), []
    for lot in order.permutation(len(ledger.batches) - 1)[:2_000].tolist():
        if 2 <= len(world.index.forward([Seed(lot + 1)])) <= 2_000:
            seeds.append(lot + 1)
    quiet = asked(world, seeds, ENTRIES * EVERY, [], view)
    busy = asked(world, seeds, ENTRIES * EVERY, ledger.entries[before:], view)
    p99 = [float(np.percentile(taken, 99)) for taken in (quiet, busy)]
    half = [median(taken) for taken in (quiet, busy)]
    return [
        ("questions of an index at rest, median", half[0], "ms", None, None),
        ("questions of an index at rest, p99", p99[0], "ms", None, None),
        (f"the same while {LIVE / EVERY:,.0f} events a second come in, median", half[1], "ms", None, None),
        (f"the same while {LIVE / EVERY:,.0f} events a second come in, p99", p99[1], "ms", None, None),
        ("p99 while events come in against rest", p99[1] / p99[0], "x", 2.0, p99[1] <= 2 * p99[0]),
    ]


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--links", type=int, default=60_000)
    said.add_argument("--full", action="store_true", help="1 M links")
    given = said.parse_args()
    warm()
    drawn = network(1_000_000 if given.full else given.links, SEED)
    raws = [raw.rstrip() for raw in events(drawn, SEED)]
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        figures: list[Measured] = [
            ("links", drawn.links, "links", None, None),
            ("events", len(raws), "events", None, None),
            *asyncio.run(imported(server.dsn(), raws, drawn.links)),
        ]
    figures += questions(raws)
    versions = f"PostgreSQL 18, Python {platform.python_version()}, numba {version('numba')}"
    return shown_measured("lineage_history", figures, versions, "history")


if __name__ == "__main__":
    sys.exit(main())
