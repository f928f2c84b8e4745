"""How long from a failed test handed in to its alert, and to its scope, while 1,000 other events a second come in.

Measured by who hands in: from the request to the answer in which the alert stands, and in which the scope can be read
with its members.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from fieldline_streams.gateway import HttpGateway
from fieldline_streams.sending import send_lines
from fieldline_streams.show.chain import events, failed
from fieldline_streams.show.figures import Figure, at_most
from fieldline_streams.show.process import ServeProcess

RATE, SECONDS, TESTS = 1_000, 30, 100
BEFORE = 20_000
"""Events that are there before the measurement begins."""
TICK_SECONDS = 0.01
TARGET_MS = 1_000.0
"""Well below a second from event to alert."""


async def show(folder: Path, console: Console) -> list[Figure]:
    """Percentiles of both, in milliseconds."""
    raws = list(events(BEFORE + RATE * SECONDS, datetime.now(UTC).date(), fails=0.0))
    serving = ServeProcess(folder / "data")
    service = await serving.start()
    async with HttpGateway(serving.directory, service) as found:
        await send_lines(found, raws[:BEFORE], sender="trade", role="producer")
        await found.ask("alerts", {})
        load = asyncio.create_task(_load(found, raws[BEFORE:]))
        alerted, scoped, members = await _tests(found)
        rate = await load
    await serving.stop()
    console.print(f"{len(alerted)} failed tests, scopes of {min(members)} to {max(members)} members", markup=False)
    return [
        Figure("events a second beside it", round(rate), "events/s", RATE, rate >= 0.95 * RATE),
        Figure("failed tests", len(alerted), "tests"),
        at_most("failed test handed in → alert, p50", _percentile(alerted, 50), "ms", TARGET_MS),
        at_most("failed test handed in → alert, p99", _percentile(alerted, 99), "ms", TARGET_MS),
        at_most("failed test handed in → scope readable, p50", _percentile(scoped, 50), "ms", TARGET_MS),
        at_most("failed test handed in → scope readable, p99", _percentile(scoped, 99), "ms", TARGET_MS),
    ]


async def _load(found: HttpGateway, raws: list[bytes]) -> float:
    """Hand ``raws`` in at ``RATE``, a few each tick; the rate that was kept."""
    size = int(RATE * TICK_SECONDS)
    began = time.monotonic()
    under_way: set[asyncio.Task[object]] = set()
    for number, start in enumerate(range(0, len(raws), size)):
        ahead = began + number * TICK_SECONDS - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        sent = asyncio.create_task(found.hand_in(raws[start : start + size], sender="trade", role="producer"))
        under_way.add(sent)
        sent.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return len(raws) / (time.monotonic() - began)


async def _tests(found: HttpGateway) -> tuple[list[float], list[float], list[int]]:
    """Failed tests of lots that are there, one after another, spread over the time of the load."""
    chance = random.Random(3)  # noqa: S311  (no secret: which lots, the same each time)
    alerted, scoped, members = [], [], []
    made = BEFORE // 5
    for number in range(TESTS):
        lot = await _lot(found, chance.randrange(made // 2, made))
        event = {"kind": "tested", "id": f"urn:test:{number}", "at": "2026-01-01", **failed(lot, f"T{number}")}
        began = time.perf_counter()
        await found.hand_in([json.dumps(event).encode()], sender="lab-1", role="laboratory")
        alerts = (await found.ask("alerts", {"rule": "TEST_FAILED", "subject": lot}))["alerts"]
        alerted.append(1000 * (time.perf_counter() - began))
        if not alerts:
            raise AssertionError(f"no alert stands for {lot}")
        scopes = (await found.ask("scope list", {"lot": lot}))["scopes"]
        shown = await found.ask("scope show", {"scope": scopes[0]["scope"]})
        scoped.append(1000 * (time.perf_counter() - began))
        members.append(len(shown["members"]))
        await asyncio.sleep(chance.random() * 2 * SECONDS / TESTS * 0.9)
    return alerted, scoped, members


async def _lot(found: HttpGateway, number: int) -> str:
    """The key of a product by its number; the trade names plants at random."""
    return str((await found.ask("batch", {"batch": f"S{number}"}))["batch"])


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)
