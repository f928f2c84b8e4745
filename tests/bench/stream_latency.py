"""From a failed test that is produced to its alert that can be read, over Kafka, while 1,000 events a second come.

One worker (lane, judge, notices, clock) is a process of its own; fsync is on. Every 100 ms a failed test comes between.
Three moments are timed from just before it is produced: the alert is in the table; a replica, which is what answers,
has applied the position; a receiver of webhooks has it. Prints a table and writes
``.bench/stream_latency.json``. Exits 1 where the target is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from fieldline_streams.kafka.broker import Broker
from fieldline_streams.kafka.running import opened_producer
from fieldline_streams.kafka.topics import create, topic_name
from fieldline_trace.follow.replica import Replica
from fieldline_trace.notices import subscribers
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Pool, borrowed, open_store
from fieldline_trace.store.ledger_read import listening

from tests.bench.capture_bench import events
from tests.bench.figures import Figure, figure, shown
from tests.integration.notices.receiver import Got, receiving

RATE, SECONDS = 1_000, int(os.environ.get("FIELDLINE_BENCH_SECONDS", "20"))
TICK_SECONDS = 0.01
TEST_EVERY = 0.1
READABLE_MS = 200.0
PATIENCE = 120.0


def settings_of(bootstrap: str, dsn: str, folder: Path) -> Settings:
    """A deployment whose broker says who speaks, and whose receivers are on this machine."""
    return Settings(
        kafka=bootstrap,
        kafka_trust="headers",
        database_url=dsn,
        data_dir=folder,
        notice_loopback=True,
    )


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[None]:
    """``fieldline worker``, with all its parts."""
    told = {f"FIELDLINE_{name.upper()}": str(value) for name, value in settings.model_dump(exclude_unset=True).items()}
    with (settings.data_dir / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fieldline_streams.cli", "worker", env=os.environ | told, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def failed(number: int) -> bytes:
    """A failed test of one of the lots."""
    said = {
        "kind": "tested", "id": f"bench:test:{number}", "lab": "lab", "report": f"B-{number}", "verdict": "failed",
        "batch": f"operator-1/bench/{number}", "site": "site-1", "hazard_class": "pathogen", "hazard": "Listeria",
        "at": "2026-03-09T08:00:00Z",
    }  # fmt: skip
    return json.dumps(said).encode()


async def measure(settings: Settings, pool: Pool) -> dict[str, list[float]]:
    """Seconds from produced until each moment, of every failed test after the first second."""
    sent: dict[str, float] = {}
    seen: dict[str, dict[str, float]] = {"in the table": {}, "readable": {}, "at a receiver": {}}
    done = asyncio.Event()
    replica = Replica(pool)
    await replica.load()

    def noted(got: Got) -> int:
        subject = got.said["data"].get("subject")
        if subject is not None:
            seen["at a receiver"].setdefault(subject, time.perf_counter())
        return 204

    async def watch() -> None:
        async with listening(pool, "judged") as heard:
            while not done.is_set():
                await heard(1.0)
                rows = await pool.fetch("select subject, position from alert where rule = 'TEST_FAILED'")
                now = time.perf_counter()
                for row in rows:
                    seen["in the table"].setdefault(row["subject"], now)

    async def follow() -> None:
        async with listening(pool, "judged") as heard:
            while not done.is_set():
                if not await replica.step():
                    await heard(1.0)
                    continue
                now = time.perf_counter()
                for alert in replica.world.alerts.values():
                    if alert.rule == "TEST_FAILED":
                        seen["readable"].setdefault(alert.subject, now)

    async def produce() -> None:
        producer = await opened_producer(settings)
        raws = list(islice(events(11), RATE * (SECONDS + 2)))
        headers = [("fieldline-sender", b"operator-1"), ("fieldline-role", b"producer")]
        lab = [("fieldline-sender", b"lab"), ("fieldline-role", b"laboratory")]
        try:
            # The clock starts when the first alert has gone all the way: the worker is up, everything is compiled.
            await producer.send_and_wait(topic_name(settings, "inspection"), failed(-1), key=b"t", headers=lab)
            async with asyncio.timeout(PATIENCE):
                while not all(seen.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            begun, at, tests = time.perf_counter(), 0, 0
            while (since := time.perf_counter() - begun) < SECONDS:
                if since >= tests * TEST_EVERY:
                    sent[f"operator-1/bench/{tests}"] = time.perf_counter()
                    await producer.send(topic_name(settings, "inspection"), failed(tests), key=b"t", headers=lab)
                    tests += 1
                for raw in raws[at : int(since * RATE)]:
                    key = str(at % 64).encode()
                    await producer.send(topic_name(settings, "processing"), raw, key=key, headers=headers)
                    at += 1
                await asyncio.sleep(TICK_SECONDS)
        finally:
            await producer.stop()

    async with receiving(noted) as receiver:
        async with borrowed(pool) as conn:
            await subscribers.add(
                conn, url=receiver.url, topics=("alerts",), content="whole", tenant="default", note="", by="bench",
                now=time.time_ns() // 1000, loopback=True,
            )  # fmt: skip
        tasks = [asyncio.create_task(watch()), asyncio.create_task(follow())]
        await produce()
        async with asyncio.timeout(PATIENCE):
            while any(len(found) <= len(sent) for found in seen.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        done.set()
        await asyncio.gather(*tasks)
    warm = [subject for subject in sent if int(subject.rpartition("/")[2]) * TEST_EVERY >= 1.0]
    return {name: sorted(found[subject] - sent[subject] for subject in warm) for name, found in seen.items()}


def share(sorted_values: Sequence[float], part: float) -> float:
    """The value that ``part`` of all are at or below, in milliseconds."""
    return round(1000 * sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))], 1)


def figures_of(found: dict[str, list[float]]) -> list[Figure]:
    """What is printed and written."""
    figures: list[Figure] = []
    for name, values in found.items():
        for part, word in ((0.5, "p50"), (0.99, "p99")):
            value = share(values, part)
            target = READABLE_MS if (name, word) == ("readable", "p99") else None
            met = None if target is None else value <= target
            figures.append(figure(f"failed test produced → {name}, {word}", value, "ms", target, met))
    figures.append(figure("failed tests", len(found["readable"]), ""))
    return figures


async def run(settings: Settings) -> list[Figure]:
    """One run."""
    assert settings.database_url is not None
    pool = await open_store(settings.database_url, size=6)
    try:
        await create(settings)
        async with worker(settings):
            return figures_of(await measure(settings, pool))
    finally:
        pool.terminate()


def main() -> int:
    """Measure, print, write; 1 where the target is missed."""
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder) as server, Broker(folder / "kafka") as broker:
            figures = asyncio.run(run(settings_of(broker.bootstrap, server.dsn(), folder)))
    return shown("stream_latency", figures, f"at {RATE:,} events/s over Kafka")


if __name__ == "__main__":
    sys.exit(main())
