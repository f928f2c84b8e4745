"""``make soak``: workers at half of the most that they can do, for half an hour; memory, lag and latency at the start
and at the end, in ``.bench/soak.json``.

How much they can do is measured first, on the same workers. What is said of latency is what the workers' own metrics
say, in the first and in the last tenth of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
import psutil
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from fieldline_streams.cli.views import console_of_people
from fieldline_streams.faults.ground import HEADERS, Ground, Scene, until
from fieldline_streams.faults.hold import MEMORY_OF_EVENT
from fieldline_streams.kafka.broker import free_ports
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import event_topics
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import Figure, at_most, equal, shown

JUDGE: Final = "judge-1"
WORKERS: Final = (("lane-1", "lane,clock"), ("lane-2", "lane,clock"), (JUDGE, "judge"))
BURST: Final = 60_000
"""Events that the most is measured with."""
SHARE: Final = 0.5
LOOKS: Final = 10.0
"""Seconds between two looks."""
GROWTH: Final = 1.5
"""Times as much as at the start that a lane may hold at the end."""
SWAY: Final = 32 << 20
"""Bytes by which the memory of a process goes up and down by itself."""
LAG_SECONDS: Final = 10.0
"""How far capture and the judge may be behind what is handed in, at most."""
DELAYS: Final = ("fieldline_durable_delay_seconds", "fieldline_judge_delay_seconds")


@dataclass(slots=True)
class Look:
    """What was seen at one time: seconds since the start, bytes by worker, what waits, and delays as counted so far."""

    at: float
    memory: dict[str, int]
    behind: float
    unjudged: float
    """Seconds since the oldest event came that is not judged."""
    delays: dict[str, dict[float, float]] = field(default_factory=dict)
    """Observations up to each bound, by histogram."""


class Soak:
    """Workers on ``ground``, and what is handed to them."""

    def __init__(self, ground: Ground, console: Console) -> None:
        self._ground, self._console = ground, console
        self._ports: dict[str, int] = {}
        self._sent = 0

    async def run(self, seconds: float, rate: float | None) -> list[Figure]:
        """Measure the most (unless ``rate`` is given), then hand in at half of it for so long."""
        scene = await self._ground.scene("soak")
        producer = await opened_producer(scene.settings)
        try:
            self._ports = dict(zip((name for name, _ in WORKERS), free_ports(len(WORKERS)), strict=True))
            for name, parts in WORKERS:
                scene.settings = scene.settings.model_copy(update={"worker_port": self._ports[name]})
                scene.work(name, parts)
            # More than can be sent: how many are sent is decided by time.
            trade = events(200_000_000, datetime.now(UTC).date())
            most = await self._most(scene, producer, trade)
            goal = SHARE * most if rate is None else rate
            self._console.print(f"at most {most:,.0f} events/s; {goal:,.0f} for {seconds / 60:.1f} minutes")
            looks = await self._steady(scene, producer, trade, goal, seconds)
            began = time.monotonic()
            await scene.until_judged(self._sent)
            return figures_of(looks, most, goal, self._sent, time.monotonic() - began, scene.revived)
        finally:
            await producer.stop()
            await scene.end()

    async def _most(self, scene: Scene, producer: AIOKafkaProducer, trade: Iterator[bytes]) -> float:
        """Events a second from the first handed in to the last judged, where nobody waits with handing in."""
        await self._send(scene, producer, list(islice(trade, 1000)))  # all is loaded and compiled by then
        await scene.until_judged(self._sent)
        burst = list(islice(trade, BURST))
        began = time.monotonic()
        await self._send(scene, producer, burst)
        await scene.until_judged(self._sent)
        return BURST / (time.monotonic() - began)

    async def _send(self, scene: Scene, producer: AIOKafkaProducer, raws: list[bytes]) -> None:
        topics = event_topics(scene.settings)
        waiting = []
        for number, raw in enumerate(raws, self._sent):
            topic = topics[number % len(topics)]
            waiting.append(await producer.send(topic, raw, key=str(number).encode(), headers=HEADERS))
        await asyncio.gather(*waiting)
        self._sent += len(raws)

    async def _steady(
        self, scene: Scene, producer: AIOKafkaProducer, trade: Iterator[bytes], rate: float, seconds: float
    ) -> list[Look]:
        looks: list[Look] = []
        await self._settled(scene)
        began = time.monotonic()

        async def look() -> None:
            async with httpx.AsyncClient(timeout=30) as http:
                while True:
                    # A worker that ended is started again, and counted; then there is nothing to look at.
                    with contextlib.suppress(httpx.TransportError, psutil.Error):
                        looks.append(await self._look(http, scene, time.monotonic() - began))
                    await asyncio.sleep(LOOKS)

        looking, watching = asyncio.create_task(look()), asyncio.create_task(scene.watch())
        try:
            sent = 0
            while (now := time.monotonic() - began) < seconds:
                due = int(rate * now) - sent
                await self._send(scene, producer, list(islice(trade, due)))
                sent += due
                await asyncio.sleep(0.05)
        finally:
            looking.cancel()
            watching.cancel()
            await asyncio.gather(looking, watching, return_exceptions=True)
        async with httpx.AsyncClient(timeout=30) as http:
            looks.append(await self._look(http, scene, time.monotonic() - began))
        return looks

    async def _settled(self, scene: Scene) -> None:
        """Until workers say that nothing waits: what came at once is none of what is measured then."""
        async with httpx.AsyncClient(timeout=30) as http:

            async def nothing_waits() -> bool:
                seen = await self._look(http, scene, 0.0)
                return seen.behind == 0 and seen.unjudged == 0

            await until(nothing_waits)

    async def _look(self, http: httpx.AsyncClient, scene: Scene, at: float) -> Look:
        seen = Look(at, {}, 0.0, 0.0, {name: {} for name in DELAYS})
        for name, process in scene.workers.items():
            seen.memory[name] = psutil.Process(process.pid).memory_info().rss
            answer = await http.get(f"http://127.0.0.1:{self._ports[name]}/metrics")
            for family in text_string_to_metric_families(answer.text):
                for sample in family.samples:
                    if sample.name == "fieldline_lane_behind_events":
                        seen.behind += sample.value
                    elif sample.name == "fieldline_judge_behind_seconds":
                        seen.unjudged = max(seen.unjudged, sample.value)
                    elif sample.name.removesuffix("_bucket") in DELAYS and sample.name.endswith("_bucket"):
                        counted = seen.delays[sample.name.removesuffix("_bucket")]
                        bound = float(sample.labels["le"])
                        counted[bound] = counted.get(bound, 0.0) + sample.value
        return seen


def quantile(share: float, before: dict[float, float], after: dict[float, float]) -> float:
    """Below what so large a share of the observations between two looks is, in seconds; read off between two bounds. 0
    where there are none."""
    counted = [(bound, after[bound] - before.get(bound, 0.0)) for bound in sorted(after)]
    total = counted[-1][1] if counted else 0.0
    below, lower = 0.0, 0.0
    for bound, count in counted:
        if total and count >= share * total:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (share * total - below) / max(count - below, 1e-9)
        below, lower = count, bound
    return 0.0


def figures_of(looks: list[Look], most: float, rate: float, sent: int, rest: float, revived: int) -> list[Figure]:
    """What ``looks`` at workers say: rates in events/s, ``rest`` the seconds from the last event handed in to the last
    judged. Not met where memory or lag grew without bound."""
    tenth = max(1, len(looks) // 10)
    spans = {"start": (looks[0], looks[tenth]), "end": (looks[-1 - tenth], looks[-1])}
    found = [
        Figure("most, from the first handed in to the last judged", round(most), "events/s"),
        Figure("handed in, all the time", round(rate), "events/s"),
        Figure("handed in, in all", sent, "events"),
        Figure("for", round(looks[-1].at / 60, 1), "min"),
        equal("workers that ended by themselves", revived, "workers", 0),
    ]
    for when, (first, last) in spans.items():
        for name in DELAYS:
            what = "handed in to durable" if "durable" in name else "durable to judged"
            for share in (0.5, 0.99):
                value = 1000 * quantile(share, first.delays[name], last.delays[name])
                found.append(Figure(f"{what}, p{share * 100:.0f}, {when}", round(value, 1), "ms"))
        found.append(Figure(f"not captured yet, {when}", round(last.behind), "events"))
        found.append(Figure(f"oldest not judged, {when}", round(last.unjudged, 2), "s"))
        for name, held in sorted(last.memory.items()):
            found.append(Figure(f"memory of {name}, {when}", round(held / 1e6), "MB"))
    return found + _bounds(looks, looks[tenth], rate, rest)


def _bounds(looks: list[Look], early: Look, rate: float, rest: float) -> list[Figure]:
    """What may not grow without bound. A lane holds what is under way, a judge what it knows of each event; both are as
    far behind at the end as at the start."""
    late = looks[-1]
    lanes = [name for name in late.memory if name.startswith("lane")]
    grown = max(late.memory[name] / early.memory[name] for name in lanes)
    known = max(0, late.memory[JUDGE] - early.memory[JUDGE] - SWAY) / max(rate * (late.at - early.at), 1)
    behind = max(look.behind for look in looks)
    return [
        at_most("a lane's memory, end to start", round(grown, 2), "times", GROWTH),
        at_most("the judge's memory, for each event of the trade", round(known), "bytes", MEMORY_OF_EVENT),
        at_most("most that waited to be captured", round(behind), "events", round(LAG_SECONDS * rate)),
        at_most("oldest that waited to be judged", round(max(look.unjudged for look in looks), 2), "s", LAG_SECONDS),
        at_most("after the last handed in until all was judged", round(rest, 1), "s", LAG_SECONDS),
    ]


def main(arguments: list[str]) -> int:
    """Soak, and print and write what was seen; 1 where it is not as it should be."""
    asked = argparse.ArgumentParser(
        prog="python -m fieldline_streams.soak", description=(__doc__ or "").partition("\n\n")[0]
    )
    asked.add_argument("--minutes", type=float, default=30.0, help="how long; 30 by default")
    asked.add_argument("--rate", type=float, help="events a second; by default half of the most that is measured first")
    told = asked.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    console = console_of_people()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # topics are made anew: it tells of each that is not led yet
    with tempfile.TemporaryDirectory(prefix="fieldline-soak-") as folder:
        Path(folder).chmod(0o711)  # whoever runs PostgreSQL has to pass
        ground = Ground(Path(folder))
        ground.start()
        try:
            figures = asyncio.run(Soak(ground, console).run(told.minutes * 60, told.rate))
        finally:
            ground.stop()
    shown("soak", figures, console)
    return 0 if all(figure.met is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
