"""The clock writes a tick for each deadline that has come, and for no other."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fieldline_schemas.fast import read
from fieldline_streams.embedded.clock import tick, tick_when_due
from fieldline_trace.errors import Unavailable


class _Judged:
    """A judge's deadlines in the order in which ticks let it come to the next."""

    def __init__(self, deadlines: list[int | None], outages: int = 0) -> None:
        self.deadlines = deadlines
        self.ticks: list[int] = []
        self.outages = outages
        self.stopping = asyncio.Event()

    def next_deadline(self) -> int | None:
        if len(self.deadlines) == 1:
            self.stopping.set()
        return self.deadlines[0]

    async def hand_in(self, raws: list[bytes], *, sender: str, role: str, channel: str) -> list[dict[str, Any]]:
        assert (sender, role, channel) == ("fieldline", "system", "clock")
        if self.outages:
            self.outages -= 1
            raise Unavailable("away")
        self.ticks.append(read(raws[0]).at.lo)
        self.deadlines.pop(0)
        return []


async def test_each_deadline_that_has_come_gets_one_tick_at_the_time_that_it_is() -> None:
    judged = _Judged([10, 20, None])
    moments = iter([15, 25, 30, 35])
    await tick_when_due(judged.hand_in, judged.next_deadline, judged.stopping, lambda: next(moments))
    assert judged.ticks == [15, 25]


async def test_a_tick_that_could_not_be_written_is_written_later() -> None:
    judged = _Judged([10, None], outages=2)
    await tick_when_due(judged.hand_in, judged.next_deadline, judged.stopping, lambda: 12)
    assert judged.ticks == [12]


def test_a_tick_is_an_instant_to_the_microsecond() -> None:
    assert json.loads(tick(1_772_325_000_000_001))["at"] == "2026-03-01T00:30:00.000001Z"
    assert read(tick(1_772_325_000_000_001)).at == (1_772_325_000_000_001, 1_772_325_000_000_001)
