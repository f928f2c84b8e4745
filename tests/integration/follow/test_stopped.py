"""An entry that the judge falls over: what is before it is judged and answered, all are told, and it goes on mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fieldline_streams.doctor import examine
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.api.caller import HERE
from fieldline_trace.api.ports import Moment
from fieldline_trace.errors import Unavailable
from fieldline_trace.follow import stored
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.rebuild import rebuild
from fieldline_trace.follow.world import World
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool
from fieldline_trace.store.condition import condition
from fieldline_trace.store.ledger_read import Entry

from tests.integration.feed.conftest import harvested, result
from tests.integration.follow.test_replica import judged
from tests.integration.kafka.test_judge import say

PATIENT = Moment(at_least=3, wait=60.0)


def falls_over(monkeypatch: pytest.MonkeyPatch, position: int) -> None:
    """A flaw of the rules: they raise when the entry is half applied."""
    apply = World.apply

    def flawed(self: World, entry: Entry, names: Names) -> Outcome:
        outcome = apply(self, entry, names)
        if entry.position == position:
            raise KeyError("flaw")
        return outcome

    monkeypatch.setattr(World, "apply", flawed)


async def stands(pool: Pool) -> tuple[int, int, str]:
    async with pool.acquire() as conn:
        found = await condition(conn)
    return found.judged, found.stopped_at, found.stopped_by


async def test_what_is_before_it_is_judged_and_nothing_behind_it(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    last = await say(pool, 3)
    with monkeypatch.context() as flaw:
        falls_over(flaw, 4)
        judge = Judge(pool)
        await judge.load()
        for _ in range(4):
            await judge.step()
        assert await stands(pool) == (3, 4, "KeyError")
        assert judge.position == 3, "nobody is answered from a world that fell over something"
        since = (await stored.stopped(pool) or stored.Stopped(0, 0, "")).since
        another = Judge(pool)
        await another.load()
        for _ in range(3):
            await another.step()
        found = await stored.stopped(pool)
        assert found == stored.Stopped(4, since, "KeyError"), "since when is what it was"
    await judged(pool)
    assert await stands(pool) == (last, 0, "")
    assert (await rebuild(pool)).differed == []


async def test_answers_go_on_and_say_how_far_they_know(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    falls_over(monkeypatch, 3)
    settings = Settings(data_dir=tmp_path, database_url=database)
    async with opened(settings) as runtime:
        for number, said in ((1, harvested(1)), (2, result(1)), (3, harvested(2))):
            role = "laboratory" if said["kind"] == "tested" else "producer"
            sender = "lab" if role == "laboratory" else f"farm-{number}"
            await runtime.hand_in([json.dumps(said).encode()], sender=sender, role=role)
        answer = await runtime.answer("alerts", {}, HERE)
        assert (answer.position, answer.stopped_before) == (2, 3)
        assert answer.said["alerts"], "what is known is told"
        with pytest.raises(Unavailable, match="falls over entry 3, and stands at 2"):
            await runtime.answer("alerts", {}, HERE, PATIENT)
        assert await runtime.ready() == {"ready": True, "position": 3, "judged": 2, "stopped_before": 3}
        (judge,) = [one for one in await examine(settings) if one.check == "judge"]
        assert (judge.verdict, "entry 3 (KeyError)" in judge.seen) == ("wrong", True)


async def test_who_ended_before_it_was_said_that_it_goes_on_says_so_when_it_is_back(pool: Pool) -> None:
    last = await say(pool, 3)
    await judged(pool)
    async with pool.acquire() as conn:
        await stored.stops(conn, 2, "KeyError")
    back = Judge(pool)
    await back.load()
    await back.step()
    assert await stands(pool) == (last, 0, "")


async def test_nobody_is_answered_from_a_world_that_is_emptied_meanwhile(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = Runtime._reached
    full: list[World] = []

    async def emptied(self: Runtime, moment: Moment) -> tuple[int, int]:
        found = await reached(self, moment)
        full.append(self.followed.world)
        self.followed.world = World() if len(full) == 1 else full[0]
        return found

    async with opened(Settings(data_dir=tmp_path, database_url=database)) as runtime:
        for role, said in (("producer", harvested(1)), ("laboratory", result(1))):
            await runtime.hand_in(
                [json.dumps(said).encode()], sender="lab" if role == "laboratory" else "farm-1", role=role
            )
        await runtime.answer("alerts", {}, HERE, Moment(at_least=2, wait=60.0))
        monkeypatch.setattr(Runtime, "_reached", emptied)
        answer = await runtime.answer("alerts", {}, HERE)
        assert (answer.position, len(full)) == (2, 2)
        assert answer.said["alerts"]
