"""How long from a failed test handed in to its alert, and to its scope, while 1,000 other events a second come in.

Measured by who hands in, over the local door: from the request to the answer in which the alert stands, and to the
answer with the scope's members.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from fieldline_trace.recall.docket import draft_id
from rich.console import Console

from fieldline_streams.gateway import HttpGateway
from fieldline_streams.sending import send_lines
from fieldline_streams.show.chain import HAZARD, events, failed
from fieldline_streams.show.figures import Figure, at_most
from fieldline_streams.show.process import ServeProcess
from fieldline_streams.show.steady import percentile

RATE, SECONDS, TESTS = 1_000, 30, 100
BEFORE = 20_000
"""Events that are there before the measurement begins."""
TARGET_MS = 1_000.0
"""Well below a second from event to alert."""


async def show(folder: Path, console: Console) -> list[Figure]:
    """Percentiles of both, in milliseconds."""
    raws = list(events(BEFORE + RATE * SECONDS, datetime.now(UTC).date(), fails=0.0))[:BEFORE]
    lots = [json.loads(raw)["out_batches"][0]["batch"] for raw in raws if b'"transformed"' in raw]
    serving = ServeProcess(folder / "data")
    await serving.start()
    try:
        async with HttpGateway.local(serving.directory) as found:
            await send_lines(found, raws, sender="trade", role="producer")
            await _tests(found, lots, "warm", 5)
            load = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "fieldline_streams.show.load"),
                *(str(part) for part in (folder / "data", BEFORE, RATE * SECONDS, RATE, 0.0)),
                stdout=asyncio.subprocess.PIPE,
            )
            alerted, scoped, members = await _tests(found, lots, "test", TESTS)
            said, _ = await load.communicate()
    finally:
        await serving.stop()
    console.print(f"{TESTS} failed tests, scopes of {min(members)} to {max(members)} members", soft_wrap=True)
    rate = float(json.loads(said)["rate"]) if said else 0.0
    return [
        Figure("events a second beside it", round(rate), "events/s", RATE, rate >= 0.95 * RATE),
        Figure("failed tests", TESTS, "tests"),
        at_most("failed test handed in → alert, p50", percentile(alerted, 50), "ms", TARGET_MS),
        at_most("failed test handed in → alert, p99", percentile(alerted, 99), "ms", TARGET_MS),
        at_most("failed test handed in → scope readable, p50", percentile(scoped, 50), "ms", TARGET_MS),
        at_most("failed test handed in → scope readable, p99", percentile(scoped, 99), "ms", TARGET_MS),
    ]


async def _tests(
    found: HttpGateway, lots: list[str], name: str, count: int
) -> tuple[list[float], list[float], list[int]]:
    """Failed tests of lots that are there, one after another, spread over the time of the load."""
    chance = random.Random(name)  # noqa: S311  (no secret: which lots, the same each time)
    alerted, scoped, members = [], [], []
    for number, lot in enumerate(chance.sample(lots, count)):
        await asyncio.sleep(chance.random() * 2 * 0.9 * SECONDS / TESTS)
        event = {"kind": "tested", "id": f"urn:{name}:{number}", "at": "2026-01-01", **failed(lot, f"{name} {number}")}
        began = time.perf_counter()
        await found.hand_in([json.dumps(event).encode()], sender="lab-1", role="laboratory")
        alerts = (await found.ask("alerts", {"rule": "TEST_FAILED", "subject": lot}))["alerts"]
        alerted.append(1000 * (time.perf_counter() - began))
        shown = await found.ask("scope show", {"scope": draft_id(lot, HAZARD["hazard_class"], HAZARD["hazard"])})
        scoped.append(1000 * (time.perf_counter() - began))
        if len(alerts) != 1:
            raise AssertionError(f"{len(alerts)} alerts stand for {lot}")
        members.append(len(shown["members"]))
    return alerted, scoped, members
