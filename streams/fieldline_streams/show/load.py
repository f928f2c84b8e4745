"""``python -m fieldline_streams.show.load DATA_DIR SKIP COUNT RATE``: a process that hands events in at a steady rate;
prints the rate kept.

A process of its own, so that who measures beside it is not slowed down by who loads.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from fieldline_trace.errors import Unavailable

from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.gateway import HttpGateway
from fieldline_streams.show.chain import events

TICK_SECONDS, UNDER_WAY = 0.01, 24
"""A few events each tick; so many requests at once."""


async def load(data_dir: Path, skip: int, count: int, rate: int) -> float:
    """Hand ``count`` events of the trade in, those after the first ``skip``; the events a second that were kept."""
    directory = DataDirectory(data_dir)
    service = directory.service()
    if service is None:
        raise Unavailable(f"no service answers for {data_dir}")
    raws = list(events(skip + count, datetime.now(UTC).date(), fails=0.0))[skip:]
    size = max(1, int(rate * TICK_SECONDS))
    free = asyncio.Semaphore(UNDER_WAY)
    async with HttpGateway(directory, service) as found:

        async def send(part: list[bytes]) -> None:
            async with free:
                await found.hand_in(part, sender="trade", role="producer")

        began = time.monotonic()
        async with asyncio.TaskGroup() as sending:
            for number, start in enumerate(range(0, len(raws), size)):
                ahead = began + number * TICK_SECONDS - time.monotonic()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                sending.create_task(send(raws[start : start + size]))
        return count / (time.monotonic() - began)


if __name__ == "__main__":
    kept = asyncio.run(load(Path(sys.argv[1]), *(int(text) for text in sys.argv[2:5])))
    sys.stdout.write(f"{kept:.1f}\n")
