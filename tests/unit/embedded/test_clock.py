"""The clock writes a tick for each deadline that has come, and for no other; of one deadline all write the same."""

from __future__ import annotations

import asyncio
import json

from fieldline_schemas.fast import read
from fieldline_streams.embedded.clock import MINUTE, Due, moment_of, tick, tick_when_due
from fieldline_trace.errors import Unavailable

NOON = 1_772_323_200_000_000


class _Judged:
    """A judge's deadlines in the order in which ticks let it come to the next, and the moments of the looks."""

    def __init__(self, deadlines: list[int | None], moments: list[int], outages: int = 0) -> None:
        self.deadlines, self.moments = deadlines, moments
        self.ticks: list[int] = []
        self.outages = outages
        self.stopping = asyncio.Event()

    async def due(self) -> Due:
        if len(self.deadlines) == 1:
            self.stopping.set()
        return Due(self.deadlines[0], self.moments.pop(0) if len(self.moments) > 1 else self.moments[0])

    async def take(self, raw: bytes) -> None:
        if self.outages:
            self.outages -= 1
            raise Unavailable("away")
        self.ticks.append(read(raw).at.lo)
        self.deadlines.pop(0)


async def test_each_deadline_that_has_come_gets_one_tick_that_says_it() -> None:
    judged = _Judged([NOON + 10, NOON + 20, None], [NOON + 15, NOON + 25, NOON + 30])
    await tick_when_due(judged.take, judged.due, judged.stopping)
    assert judged.ticks == [NOON + 10, NOON + 20]


async def test_a_tick_that_could_not_be_written_is_written_later() -> None:
    judged = _Judged([NOON + 10, None], [NOON + 12], outages=1)
    await tick_when_due(judged.take, judged.due, judged.stopping)
    assert judged.ticks == [NOON + 10]


async def test_what_is_long_past_is_passed_by_one_tick() -> None:
    judged = _Judged([NOON, None], [NOON + 5 * MINUTE + 7])
    await tick_when_due(judged.take, judged.due, judged.stopping)
    assert judged.ticks == [NOON + 5 * MINUTE]


def test_two_clocks_that_are_not_quite_together_write_the_same_tick() -> None:
    assert tick(moment_of(NOON + 10, NOON + 11)) == tick(moment_of(NOON + 10, NOON + MINUTE - 1))
    assert tick(moment_of(NOON, NOON + 3 * MINUTE + 1)) == tick(moment_of(NOON, NOON + 3 * MINUTE + 50_000_000))


def test_a_tick_is_never_ahead_of_the_time() -> None:
    assert moment_of(NOON - MINUTE, NOON + 1) <= NOON + 1
    assert moment_of(NOON, NOON) == NOON


def test_a_tick_is_an_instant_to_the_microsecond() -> None:
    assert json.loads(tick(1_772_325_000_000_001))["at"] == "2026-03-01T00:30:00.000001Z"
    assert read(tick(1_772_325_000_000_001)).at == (1_772_325_000_000_001, 1_772_325_000_000_001)
