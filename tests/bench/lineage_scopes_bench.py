"""Open scopes that grow by entries of 2,000 steps, beside PostgreSQL that keeps the same members without times.

The network is drawn (``fieldline_trace.generate``): 200,000 links, ``--links N``, 1 M with ``--full``. 1,000 and 10,000
scopes are open, each on a lot, with as many members in all as there are links: few scopes of many members, and many of
few that overlap. Of each entry the index says what it touched; the scopes that one of these is in are asked anew,
whole. PostgreSQL has holdings numbered, links and hubs of lots in one table with an index, and the members of each
scope in another; it adds the entry's links and whatever they lead to, until nothing is new; it is stopped after ten
seconds, which then count. Then the same with one event in twenty of each entry withdrawn, which PostgreSQL is spared.
Entries are timed each once, by the clock on the wall; medians are compared. Prints a table, writes
``.bench/lineage_scopes.json``, exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
from fieldline_trace.generate import Network, network
from fieldline_trace.lineage import WITHDRAWN, LineageIndex, Seed, Touched
from fieldline_trace.lineage.warm import warm
from fieldline_trace.store import EmbeddedPostgres, connect, ensure_database
from fieldline_trace.store.queries import parse
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Measured, shown_measured
from tests.bench.lineage_bench import BARE, Numbers, dated_edges

ENTRY, ENTRIES, WITHDRAWN_OF = 2_000, 4, 20
PATIENCE = 10.0
"""Seconds after which PostgreSQL is stopped: without times an entry that leads into a tank leads to all that was ever
drawn of it, for every scope."""


class Scopes:
    """Open scopes over an index: what each rests on, and which rest on a holding."""

    def __init__(self, index: LineageIndex, lots: list[int]) -> None:
        self.index, self.lots = index, lots
        traces = [index.forward([Seed(lot)], bases=BARE) for lot in lots]
        closures = [trace.closure() for trace in traces]
        self.members = sum(map(len, traces))
        self.pairs = [(number, one) for number, trace in enumerate(traces) for one in trace.holding.tolist()]
        """Scope and member, as they were opened."""
        holdings = np.concatenate(closures)
        scopes = np.repeat(np.arange(len(lots)), [len(one) for one in closures])
        order = np.argsort(holdings, kind="stable")
        self._holdings, self._scopes = holdings[order], scopes[order]
        self.asked = 0

    def follow(self, touched: Touched) -> None:
        """Ask the scopes anew that rest on what was touched. What they rest on newly is not entered: an entry later
        finds no fewer scopes for it that are of this measurement."""
        low = np.searchsorted(self._holdings, touched.holdings, "left")
        high = np.searchsorted(self._holdings, touched.holdings, "right")
        hit = [self._scopes[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if a < b]
        which: NDArray[np.int64] = np.unique(np.concatenate(hit)) if hit else np.empty(0, np.int64)
        for scope in which.tolist():
            self.index.forward([Seed(self.lots[scope])], bases=BARE)
        self.asked += len(which)


def opened(index: LineageIndex, drawn: Network, count: int, members: int) -> Scopes:
    """So many scopes on lots, with about so many members together."""
    each, order = members / count, np.random.default_rng(7)
    lots: list[int] = []
    for lot in order.permutation(np.flatnonzero(~drawn.pool)).tolist():
        if each / 3 <= len(index.forward([Seed(lot)], bases=BARE)) <= each * 3:
            lots.append(lot)
        if len(lots) == count:
            break
    return Scopes(index, lots)


async def stored(dsn: str, scopes: Scopes, links: tuple[Numbers, Numbers, Numbers], until: int) -> list[float]:
    """Milliseconds that PostgreSQL takes for each entry."""
    sql = parse("lineage_scopes.sql", Path(__file__).with_name("lineage_scopes.sql").read_text("utf-8"))
    parent, child, step = links
    conn = await connect(dsn)
    await conn.execute(sql["scopes_tables"])
    known = step < until
    pairs = list(zip(parent[known].tolist(), child[known].tolist(), strict=True))
    await conn.copy_records_to_table("edge", records=pairs)
    await conn.copy_records_to_table("member", records=scopes.pairs)
    await conn.execute(sql["scopes_indexes"])
    await conn.execute(sql["scopes_analyze"])
    took = []
    for start in range(until, until + ENTRY * ENTRIES, ENTRY):
        new = (step >= start) & (step < start + ENTRY)
        began = time.perf_counter()
        await conn.execute(sql["scopes_entry"], parent[new].tolist(), child[new].tolist())
        with suppress(TimeoutError):
            await conn.execute(sql["scopes_extend"], parent[new].tolist(), child[new].tolist(), timeout=PATIENCE)
        took.append((time.perf_counter() - began) * 1000)
    await conn.close()
    return took


def extended(scopes: Scopes, drawn: Network, until: int, *, withdrawn: bool) -> list[float]:
    """Milliseconds that the index and its scopes take for each entry."""
    took, index = [], scopes.index
    for start in range(until, until + ENTRY * ENTRIES, ENTRY):
        part = drawn.steps.select(np.arange(start, start + ENTRY))
        began = time.perf_counter()
        touched = index.apply(part)
        if withdrawn:
            touched = touched.merge(index.set_basis(part.event[::WITHDRAWN_OF].tolist(), WITHDRAWN))
        scopes.follow(touched)
        took.append((time.perf_counter() - began) * 1000)
    return took


def measure(links: int, dsn_of: list[str]) -> list[Measured]:
    """All figures."""
    drawn = network(links, 1)
    until = len(drawn.steps.event) - 2 * ENTRY * ENTRIES
    figures: list[Measured] = [("links", drawn.links, "links", None, None)]
    for count, dsn in zip((1_000, 10_000), dsn_of, strict=True):
        index = LineageIndex()
        index.know_all(np.arange(len(drawn.product)), drawn.product, drawn.pool, drawn.general)
        index.apply(drawn.steps.select(np.arange(until)))
        scopes = opened(index, drawn, count, drawn.links)
        mine = extended(scopes, drawn, until, withdrawn=False)
        asked = scopes.asked
        more = extended(scopes, drawn, until + ENTRY * ENTRIES, withdrawn=True)
        # Numbers of holdings are those of an index that knows all.
        theirs = asyncio.run(stored(dsn, scopes, dated_edges(drawn, index)[:3], until))
        ours, worse, slow = median(mine), median(more), median(theirs)
        name = f"{len(scopes.lots):,} scopes"
        figures += [
            (f"{name}: members", scopes.members, "holdings", None, None),
            (f"{name}: asked anew, an entry", asked / ENTRIES, "scopes", None, None),
            (f"{name}: an entry of {ENTRY:,} steps", ours, "ms", None, None),
            (f"{name}: the same in PostgreSQL", slow, "ms", None, None),
            (f"{name}: PostgreSQL against the index, at least", slow / ours, "x", 10.0, slow >= 10 * ours),
            (f"{name}: with one event in {WITHDRAWN_OF} withdrawn", worse, "ms", None, None),
            (f"{name}: that against without", worse / ours, "x", 2.5, worse <= 2.5 * ours),
        ]
    return figures


def main() -> int:
    """Measure, print, write; 1 where a target is missed."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--links", type=int, default=200_000)
    said.add_argument("--full", action="store_true", help="1 M links")
    given = said.parse_args()
    warm()
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        figures = measure(1_000_000 if given.full else given.links, asyncio.run(databases(server)))
    versions = f"PostgreSQL 18, Python {platform.python_version()}, numba {version('numba')}"
    return shown_measured("lineage_scopes", figures, versions, "scopes")


async def databases(server: EmbeddedPostgres) -> list[str]:
    """One for each number of scopes."""
    for name in ("few", "many"):
        await ensure_database(server.dsn(name))
    return [server.dsn("few"), server.dsn("many")]


if __name__ == "__main__":
    sys.exit(main())
