"""All rules on against none, interleaved in one run: events a second to the last one judged, and what each rule costs.

The traffic is a network drawn at random in which every operator has a licence and every lot a shelf life, every
thirtieth event is a test of a sample, and failures of each rule are planted (``fieldline_trace.generate``). Captured
and judged in one process on one PostgreSQL with fsync on, which is the hardest place for rules: nothing runs beside
them. Rounds with and without rules alternate on databases of their own; medians are compared. Then the judge alone,
without PostgreSQL, with a clock around each rule. Prints tables, writes ``.bench/rules.json``, exits 1 where the target
is missed.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import msgspec
from fieldline_trace.capture import Door, Keys, MemoryLedger, Refused, take_all
from fieldline_trace.capture.door import Handed
from fieldline_trace.capture.personal import SECRET_BYTES, Persons
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.gaps import Gaps
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.risks import Risks
from fieldline_trace.follow.rulings import Rulings
from fieldline_trace.follow.world import World
from fieldline_trace.generate import events, network
from fieldline_trace.generate.faults import PLANTERS, plant
from fieldline_trace.store import EmbeddedPostgres, borrowed, open_store
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.bench.figures import Figure, written

LINKS, ROUNDS, BATCH, EACH, SEED = 40_000, 3, 2_000, 4, 3
TESTED = 30
"""One event in so many is a test."""
TARGET = 0.7
COUNTER, COUNTY, LAB = Door("traffic", "administrator"), Door("county", "regulator"), Door("lab", "laboratory")


def traffic() -> list[Handed]:
    """What is handed in, in its order."""
    encode, known = msgspec.json.encode, set[str]()
    handed: list[Handed] = []
    for number, raw in enumerate(events(network(LINKS, SEED), SEED)):
        event = msgspec.json.decode(raw)
        if event["operator"] not in known:
            known.add(event["operator"])
            licence = {"kind": "licensed", "id": f"licence-{number}", "holder": event["operator"], "zone": "UTC"}
            licence |= {"activity": "production", "valid_from": "2020-01-01", "valid_until": "2030-12-31"}
            handed.append(Handed(encode(licence | {"licence": f"SC{number}"}), COUNTY))
        outs = event.get("out_batches", [])
        if outs:
            event["out_batches"] = [{"batch": batch, "expires": "2026-12-31"} for batch in outs]
        handed.append(Handed(encode(event), COUNTER))
        if number % TESTED == 0 and outs:
            result: dict[str, Any] = {
                "kind": "tested",
                "id": f"test-{number}",
                "lab": "lab",
                "report": f"R{number}",
                "zone": "UTC",
            }
            result |= {"batch": outs[0], "hazard_class": "residue", "hazard": "lead", "at": "2026-09-10"}
            result |= {"verdict": "passed", "results": [{"analyte": "lead", "value": "0.05", "unit": "mg/kg"}]}
            handed.append(Handed(encode(result), LAB))
    cases = [Handed(encode(one.event), Door(one.sender, one.role)) for one in plant(PLANTERS, EACH, SEED).sayings]
    every = len(handed) // len(cases)
    for place, case in enumerate(cases):
        handed.insert(place * (every + 1), case)
    return handed


@contextmanager
def unruled() -> Iterator[None]:
    """No rule is judged, and nothing is kept for one; lineage and scopes are as ever."""
    with ExitStack() as stack:
        for name in ("take", "restated", "lineage", "regrouped", "tick", "columns", "result"):
            stack.enter_context(patch.object(Risks, name, lambda *_, **__: []))
        for name in ("add", "changed", "restated", "taken_out", "regrouped", "tick"):
            stack.enter_context(patch.object(Gaps, name, lambda *_, **__: set()))
        stack.enter_context(patch.object(Rulings, "judge", lambda *_, **__: []))
        yield


async def whole(dsn: str, handed: list[Handed]) -> tuple[float, int]:
    """Events a second from the first handed in to the last judged; how many alerts stand."""
    pool = await open_store(dsn)
    judge, keys, captured = Judge(pool), Keys(), asyncio.Event()
    persons = Persons(bytes(SECRET_BYTES))

    async def capture() -> None:
        async with borrowed(pool) as conn:
            for start in range(0, len(handed), BATCH):
                receipts = await take_all(conn, handed[start : start + BATCH], keys=keys, persons=persons)
                assert not [str(one.fault) for one in receipts if isinstance(one, Refused)], receipts
        captured.set()

    async def judging() -> None:
        while not captured.is_set() or await judge.step():
            if not await judge.step():
                await asyncio.sleep(0.005)

    gc.collect()
    began = time.perf_counter()
    await asyncio.gather(capture(), judging())
    took = time.perf_counter() - began
    async with borrowed(pool) as conn:
        head = await conn.fetchval("select max(position) from ledger")
    assert judge.position == head
    await pool.close()
    return len(handed) / took, len(judge.world.board.standing())


def alone(handed: list[Handed]) -> float:
    """Seconds of the judge alone, over a ledger in memory."""
    ledger, world = MemoryLedger(clock=iter(range(1_798_761_600_000_000, 1_900_000_000_000_000)).__next__), World()
    for start in range(0, len(handed), BATCH):
        ledger.take_all(handed[start : start + BATCH])
    view, took = LedgerInMemory(ledger), 0.0
    for entry in ledger.entries:
        names = view.prepare(world, entry)
        began = time.perf_counter()
        world.apply(entry, names)
        took += time.perf_counter() - began
    return took


class Clocks:
    """Seconds and calls, by what was timed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work``, timed as ``name``; rules by their own names."""

        @wraps(work)
        def timed(*args: Any, **more: Any) -> Any:
            began = time.perf_counter()
            found = work(*args, **more)
            found = list(found) if name == "rule" else found
            what = args[1] if name == "rule" else name
            self.seconds[what] += time.perf_counter() - began
            self.calls[what] += 1
            return found

        return timed


def clocked(handed: list[Handed]) -> Clocks:
    """The judge alone, with a clock around each rule and around what finds their subjects."""
    clocks = Clocks()
    with ExitStack() as stack:
        stack.enter_context(patch.object(Rulings, "_findings", clocks.around("rule", Rulings._findings)))
        for owner, name, what in (
            (Risks, "columns", "screens over columns"),
            (Risks, "take", "facts taken in"),
            (Risks, "lineage", "what rests on lineage"),
            (Risks, "result", "subjects of results"),
            (Gaps, "add", "gaps: steps"),
            (Gaps, "changed", "gaps: holdings"),
        ):
            stack.enter_context(patch.object(owner, name, clocks.around(what, getattr(owner, name))))
        alone(handed)
    return clocks


async def measure(server: EmbeddedPostgres, handed: list[Handed]) -> tuple[list[float], list[float], int]:
    """Events a second with all rules and with none, by round; how many alerts stand with all."""
    pool = await open_store(server.dsn())
    rates: dict[bool, list[float]] = {True: [], False: []}
    alerts = 0
    for number in range(ROUNDS + 1):
        for ruled in (True, False):
            name = f"round_{number}_{'ruled' if ruled else 'bare'}"
            await pool.execute(f"create database {name}")
            dsn = server.dsn(name)
            if ruled:
                rate, alerts = await whole(dsn, handed)
            else:
                with unruled():
                    rate, none = await whole(dsn, handed)
                assert not none
            if number:  # the first of each warms up
                rates[ruled].append(rate)
            await pool.execute(f"drop database {name}")
    await pool.close()
    return rates[True], rates[False], alerts


def main() -> int:
    """Measure, print, write; 1 where the target is missed."""
    handed, out = traffic(), Console()
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as folder, EmbeddedPostgres(folder) as server:
        ruled, bare, alerts = asyncio.run(measure(server, handed))
    ratio = median(ruled) / median(bare)
    own: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(3):
        own[True].append(alone(handed))
        with unruled():
            own[False].append(alone(handed))
    clocks = clocked(handed)
    figures: list[Figure] = [
        {"name": "all rules", "value": round(median(ruled)), "unit": "events/s"},
        {"name": "no rule", "value": round(median(bare)), "unit": "events/s"},
        {"name": "all rules against none", "value": round(ratio, 3), "unit": "x", "target": TARGET,
         "met": ratio >= TARGET},
        {"name": "judge alone, all rules", "value": round(len(handed) / median(own[True])), "unit": "events/s"},
        {"name": "judge alone, no rule", "value": round(len(handed) / median(own[False])), "unit": "events/s"},
        {"name": "events, alerts that stand", "value": f"{len(handed)}, {alerts}", "unit": ""},
    ]  # fmt: skip
    table = Table("rules", "value", "unit", "target", "met")
    for one in figures:
        table.add_row(*[str(one.get(key, "")) for key in ("name", "value", "unit", "target", "met")])
    out.print(table)
    costs = [
        {
            "rule": name,
            "judged": clocks.calls[name],
            "us_each": round(1e6 * took / clocks.calls[name], 1),
            "us_per_event": round(1e6 * took / len(handed), 3),
        }
        for name, took in sorted(clocks.seconds.items(), key=lambda item: -item[1])
    ]
    table = Table("rule, or what finds its subjects", "times", "us each", "us per event of all")
    for cost in costs:
        table.add_row(*map(str, cost.values()))
    out.print(table)
    written("rules", {"figures": figures, "costs": costs})
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
