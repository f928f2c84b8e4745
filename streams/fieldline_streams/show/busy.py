"""A busy door: 1,000 events a second, 50 traces a second and 100 readers of the feed, for a minute.

Each of the three is a process of its own, on the same cores as the service. Events come ten in a request, a hundred
requests a second; one in a thousand is a test that failed, so that alerts and scopes change all the time.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from fieldline_streams.gateway import HttpGateway
from fieldline_streams.sending import send_lines
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import Figure, equal
from fieldline_streams.show.load import SENDER
from fieldline_streams.show.process import ServeProcess
from fieldline_streams.show.steady import percentile

EVENTS, TRACES, READERS, SECONDS = 1_000, 50, 100, 60
BEFORE = 20_000
"""Events that are there before the minute begins."""
FAILS = 0.001
AFTER_SECONDS = 5
"""How long the readers read on when the others have ended."""


async def show(folder: Path, console: Console) -> list[Figure]:
    """Rates, percentiles, errors, and what a reader that was cut off has missed."""
    raws = list(events(BEFORE, datetime.now(UTC).date(), fails=0.0))
    serving = ServeProcess(folder / "data")
    await serving.start()
    try:
        async with HttpGateway.local(serving.directory) as found:
            await send_lines(found, raws, sender=SENDER, role="producer")
            data, position = str(folder / "data"), (await found.ask("alerts", {}))["position"]
            reading = _part("readers", data, position, READERS, SECONDS + AFTER_SECONDS)
            tracing = _part("tracing", data, BEFORE, SECONDS, TRACES)
            sending = _part("load", data, BEFORE, EVENTS * SECONDS, EVENTS, FAILS)
            read, traced, sent = await asyncio.gather(reading, tracing, sending)
            verified = (await found.ask("verify", {}))["ok"]
    finally:
        await serving.stop()
    for name, said in (("events", sent), ("traces", traced)):
        if said["errors"]:
            console.print(f"{name}: {said['trouble']}", markup=False, soft_wrap=True)
    for trouble in read["trouble"][:3]:
        console.print(f"feed: {trouble}", markup=False, soft_wrap=True)
    return _figures(sent, traced, read, verified)


def _figures(sent: dict[str, Any], traced: dict[str, Any], read: dict[str, Any], verified: bool) -> list[Figure]:
    resumed, *others = read["items"]
    most = max(others, key=len)
    return [
        Figure("events a second", round(sent["rate"]), "events/s", EVENTS, sent["rate"] >= 0.95 * EVENTS),
        Figure("request of ten events, p50", sent["p50"], "ms"),
        Figure("request of ten events, p99", sent["p99"], "ms"),
        equal("requests with events that failed", sent["errors"], "requests", 0),
        Figure("traces a second", round(traced["rate"], 1), "traces/s", TRACES, traced["rate"] >= 0.95 * TRACES),
        Figure("trace, p50", traced["p50"], "ms"),
        Figure("trace, p99", traced["p99"], "ms"),
        equal("traces that failed", traced["errors"], "requests", 0),
        equal("readers of the feed that got all", sum(one == most for one in others) + 1, "readers", READERS),
        Figure("alerts and scope versions in the feed", len(most), "items", "at least 1", bool(most)),
        Figure("received → in the feed, p50", percentile(read["milliseconds"], 50), "ms"),
        Figure("received → in the feed, p99", percentile(read["milliseconds"], 99), "ms"),
        equal("readers in trouble", len(read["trouble"]), "readers", 0),
        Figure("one reader cut off and resumed", read["cut"], "times", "at least 10", read["cut"] >= 10),
        equal("what it missed", len(set(most) - set(resumed)), "items", 0),
        equal("what it got twice", len(resumed) - len(set(resumed)), "items", 0),
        equal("chain of hashes whole", "yes" if verified else "no", "", "yes"),
    ]


async def _part(name: str, *arguments: object) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"fieldline_streams.show.{name}", *map(str, arguments)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found: dict[str, Any] = json.loads(said or b"{}")
    return found
