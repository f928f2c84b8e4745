"""The console while the door is busy: time and bytes of the first picture of a lineage.

Networks of 2,000 and 10,000 holdings (and the teas, where ``FIELDLINE_DATA`` names the collected data): a farm's lot
goes to plants, each plant makes lots of it, each goes to shops. 32 readers of one team ask for the picture, one
after the other each, while events come in. ``FIELDLINE_BENCH_SECONDS`` (10) for each; ``FIELDLINE_BENCH_RATE`` (1,000)
events a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from fieldline_streams.embedded.directory import Service
from fieldline_streams.show.pictures import FAILED
from fieldline_streams.show.process import ServeProcess
from fieldline_trace.formats import fcl

READERS = 32
SECONDS = float(os.environ.get("FIELDLINE_BENCH_SECONDS", "10"))
RATE = int(os.environ.get("FIELDLINE_BENCH_RATE", "1000"))
BLOCK = 100
LOT = "farm/leaf/F"


def network(holdings: int) -> Iterator[dict[str, Any]]:
    """Events of a network in which about ``holdings`` come of one lot."""
    yield {"kind": "harvested", "operator": "farm", "site": "farm", "at": "2026-01-01", "out_batch": LOT}
    plants = max(2, holdings // 200)
    made = holdings // plants // 2
    for plant in range(plants):
        name = f"plant-{plant}"
        yield {
            "kind": "shipped", "operator": "farm", "site": "farm", "at": "2026-01-02", "arrived": "2026-01-03",
            "to_site": name, "to_operator": name, "batches": [{"batch": LOT}],
        }  # fmt: skip
        lots = [f"{name}/salad/S{number}" for number in range(made)]
        yield {
            "kind": "transformed", "operator": name, "site": name, "at": "2026-01-04",
            "in_batches": [{"batch": LOT}], "out_batches": [{"batch": lot} for lot in lots],
        }  # fmt: skip
        for number, lot in enumerate(lots):
            shop = f"shop-{(plant * made + number) % max(10, holdings // 7)}"
            yield {
                "kind": "shipped", "operator": name, "site": name, "at": "2026-01-05", "arrived": "2026-01-06",
                "to_site": shop, "to_operator": shop, "batches": [{"batch": lot}],
            }  # fmt: skip


async def said(client: httpx.AsyncClient, events: list[dict[str, Any]], role: str = "producer") -> int:
    """Hand events in; the last position."""
    position = 0
    headers = {"content-type": "application/x-ndjson", "x-fieldline-sender": "bench", "x-fieldline-role": role}
    for start in range(0, len(events), 5000):
        body = "\n".join(json.dumps(event) for event in events[start : start + 5000]).encode()
        answer = (await client.post("/v1/events", content=body, headers=headers)).raise_for_status()
        position = max(int(one.get("position", 0)) for one in answer.json()["receipts"])
    return position


async def busy(client: httpx.AsyncClient, until: float) -> int:
    """Events at the rate, until a time; how many were taken."""
    taken, began = 0, time.perf_counter()
    while time.perf_counter() < until:
        events = [
            {"kind": "harvested", "operator": "other", "site": "other", "out_batch": f"other/{began}/{taken + at}"}
            for at in range(BLOCK)
        ]
        try:
            await said(client, events)
        except httpx.TransportError:  # a connection that idled while we were busy ourselves
            continue
        taken += BLOCK
        await asyncio.sleep(max(0.0, began + taken / RATE - time.perf_counter()))
    return taken


async def reader(
    client: httpx.AsyncClient, path: str, until: float, times: list[float], sizes: list[int], away: list[int]
) -> None:
    """Ask for a picture again and again, at least until there was one."""
    done = False
    while not done or time.perf_counter() < until:
        began = time.perf_counter()
        answer = await client.get(path)
        if answer.status_code == 503:  # too busy: told to come again
            away.append(1)
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
            continue
        answer.raise_for_status()
        done = True
        times.append(time.perf_counter() - began)
        sizes.append(len(answer.content))


async def entered(service: Service) -> httpx.AsyncClient:
    """Somebody of the team, logged in."""
    client = httpx.AsyncClient(base_url=service.address, timeout=300)
    await client.post("/login", data={"key": service.key, "role": "emergency", "sender": "team"})
    return client


async def measured(name: str, events: list[dict[str, Any]], failed: str, folder: Path) -> None:
    """One network: alone, then with the readers while events come in."""
    process = ServeProcess(folder / name)
    service = await process.start()
    try:
        headers = {"authorization": f"Bearer {service.key}"}
        async with httpx.AsyncClient(base_url=service.address, headers=headers, timeout=120) as client:
            await said(client, events)
            report = {
                "kind": "tested", "batch": failed, "lab": "lab", "report": "R-1", "verdict": "failed",
                "hazard_class": "pathogen", "hazard": "Salmonella",
            }  # fmt: skip
            position = await said(client, [report], "laboratory")
            await client.get("/v1/scopes", params={"at_least": position, "wait": 60})
            path = f"/lineage?batch={quote(failed, safe='')}"
            for readers in (1, READERS):
                times: list[float] = []
                sizes: list[int] = []
                clients = [await entered(service) for _ in range(readers)]
                until = time.perf_counter() + SECONDS
                away: list[int] = []
                doing = [reader(one, path, until, times, sizes, away) for one in clients]
                rate, *_ = await asyncio.gather(busy(client, until) if readers > 1 else asyncio.sleep(0, 0), *doing)
                for one in clients:
                    await one.aclose()
                times.sort()
                p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
                sys.stdout.write(
                    f"{name:>16} {readers:>3} readers {(rate or 0) / SECONDS:>7,.0f} events/s  "
                    f"p50 {1000 * p50:>7,.0f} ms  p99 {1000 * p99:>7,.0f} ms  {max(sizes) / 1000:>6,.0f} kB  "
                    f"{len(times)} pictures, {len(away)} told to come again\n"
                )
                sys.stdout.flush()
    finally:
        await process.stop()


async def main() -> None:
    """All networks."""
    with tempfile.TemporaryDirectory(prefix="fieldline-console-bench-") as folder:
        if named := os.environ.get("FIELDLINE_DATA"):
            raw = await asyncio.to_thread((Path(named) / "baby-tea" / "network.json").read_bytes)
            await measured("teas", fcl.events_of(fcl.read(raw)).events, FAILED[0], Path(folder))
        else:
            sys.stdout.write("FIELDLINE_DATA is not set: the teas were not measured\n")
        for holdings in (2_000, 10_000):
            await measured(f"{holdings} holdings", list(network(holdings)), LOT, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
