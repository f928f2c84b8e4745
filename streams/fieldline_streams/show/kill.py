"""``fieldline serve`` is killed ten times at random instants while events come in with retries, some of them twice.

Afterwards nothing that was acknowledged is missing, nothing is there twice, the chain is whole, and links, alerts and
scopes are those of a calm run of the same events.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldline_trace.errors import Unavailable
from fieldline_trace.store import EmbeddedPostgres
from rich.console import Console

from fieldline_streams.gateway import HttpGateway
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import Figure, equal
from fieldline_streams.show.process import ServeProcess
from fieldline_streams.show.state import State, state_of

EVENTS, KILLS, CHUNK = 50_000, 10, 250
TWICE = 0.05
"""Share of the requests that are sent again though they were answered."""
GIVE_UP_SECONDS = 300.0


async def show(folder: Path, console: Console) -> list[Figure]:
    """The figures; two runs of the same events, one calm."""
    today = datetime.now(UTC).date()
    raws = list(events(EVENTS, today))
    calm, acknowledged, _ = await _run(folder / "calm", raws, 0, console)
    stormy, acknowledged_too, seconds = await _run(folder / "killed", raws, KILLS, console)
    lost = [name for name in acknowledged_too if name not in stormy.events]
    differing = sorted(name for name in {*calm.parts, *stormy.parts} if calm.parts.get(name) != stormy.parts.get(name))
    for name in differing:
        console.print(
            f"{name} differs: {calm.parts.get(name)} calm, {stormy.parts.get(name)} killed",
            markup=False,
            soft_wrap=True,
        )
    return [
        equal("kill -9 of fieldline serve while events came in", KILLS, "kills", KILLS),
        equal("events acknowledged", len(acknowledged_too), "events", len(acknowledged)),
        equal("acknowledged and lost", len(lost), "events", 0),
        equal("there twice", stormy.doubled, "events", 0),
        equal("chain of hashes whole", "yes" if stormy.verified else "no", "", "yes"),
        equal("parts of links, alerts and scopes unlike the calm run", len(differing), "parts", 0),
        Figure("links compared", stormy.links, "links"),
        Figure("alerts compared", stormy.alerts, "alerts"),
        Figure("scopes compared", stormy.scopes, "scopes"),
        Figure("longest time from a kill to the next answer", round(max(seconds, default=0.0), 2), "s"),
    ]


async def _run(data_dir: Path, raws: list[bytes], kills: int, console: Console) -> tuple[State, set[str], list[float]]:
    """Hand all of ``raws`` in, killing so often; the state at the end, the ids that were acknowledged, the outages."""
    chance = random.Random(7)  # noqa: S311  (no secret: which instants, the same each time)
    chunks = [raws[start : start + CHUNK] for start in range(0, len(raws), CHUNK)]
    when = sorted(chance.sample(range(2, len(chunks) - 2), kills)) if kills else []
    serving = ServeProcess(data_dir)
    await serving.start()
    acknowledged: set[str] = set()
    outages: list[float] = []
    try:
        async with HttpGateway.local(serving.directory) as found:

            async def send(chunk: list[bytes]) -> None:
                for _ in range(2 if kills and chance.random() < TWICE else 1):
                    for receipt in await _until_taken(found, chunk):
                        acknowledged.add(receipt["id"])

            async def killed() -> None:
                await asyncio.sleep(chance.random() * 0.05)
                began = time.monotonic()
                await serving.kill()
                await serving.start()
                outages.append(time.monotonic() - began)

            killing: list[asyncio.Task[None]] = []
            for number in range(0, len(chunks), 2):
                if when and when[0] <= number:
                    when.pop(0)
                    await asyncio.gather(*killing)
                    killing.append(asyncio.create_task(killed()))
                await asyncio.gather(*(send(chunk) for chunk in chunks[number : number + 2]))
            await asyncio.gather(*killing)
            state = await state_of(EmbeddedPostgres(data_dir).dsn(), found)
    finally:
        await serving.stop()
    outcome = f"{kills} kills" if kills else "calm"
    console.print(f"{outcome}: {len(acknowledged):,} events acknowledged, {len(state.events):,} stored")
    return state, acknowledged, outages


async def _until_taken(found: HttpGateway, chunk: list[bytes]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            return await found.hand_in(chunk, sender="trade", role="producer")
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
