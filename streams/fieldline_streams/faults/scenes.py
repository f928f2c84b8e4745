"""The faults, each a function of the scene that it strikes. It strikes when a third of the messages is handed in, while
the rest goes on coming, and returns when what was broken is whole again.

Whatever is killed again and again works again before the next kill, so that each strikes in the middle of work.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psutil
from fieldline_trace.errors import Conflict, Unavailable
from fieldline_trace.follow.judge import Judge

from fieldline_streams.faults.doors import NAMES
from fieldline_streams.faults.ground import LOOK_SECONDS, SESSION_SECONDS, Scene, poison
from fieldline_streams.faults.receivers import subscribed

Strike = Callable[[Scene], Awaitable[None]]
Messages = Callable[[Sequence[bytes]], list[bytes]]
MOST: Final = 300_000
MANY: Final = 100_000
FEW: Final = 60_000
AT_WORK_SECONDS: Final = 60.0
"""How long it is waited for whoever was killed to work again, before the next one is."""


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault: what it does, what is produced (the events as they are, unless it says otherwise), and who works."""

    strike: Strike
    messages: Messages = list
    events: Messages = list
    """What has to be there in the end."""
    workers: tuple[tuple[str, str], ...] = (("w1", "lane,judge,clock"), ("w2", "lane,judge,clock"))
    """Name to what it does."""
    deaf: bool = False
    doors: bool = False
    """Whether events come by HTTP, to replicas."""
    lasts: float = 0.0
    """Seconds that events go on coming, at least, from when it strikes."""
    ago: float = 0.0
    """How long ago messages were made, as the broker is told, in seconds."""
    most: int = MOST
    """Events that it is played with at most, and ``why`` not more."""
    why: str = ""


async def nothing(scene: Scene) -> None:
    """What is wrong comes with the messages."""


async def worker_killed(scene: Scene) -> None:
    """Ten times, one of the two at a time."""
    for number in range(10):
        await _goes_on(scene, scene.captured)
        await scene.again(f"w{1 + number % 2}")


async def both_killed(scene: Scene) -> None:
    """Nobody is left; then they come back."""
    await asyncio.gather(scene.kill("w1"), scene.kill("w2"))
    await asyncio.sleep(2)
    scene.start("w1")
    scene.start("w2")


async def broker_killed(scene: Scene) -> None:
    """And started again on what it had on disk."""
    await asyncio.to_thread(scene.ground.broker.kill)
    await asyncio.sleep(2)
    await asyncio.to_thread(scene.ground.broker.start)


async def postgres_killed(scene: Scene) -> None:
    """Five times in the middle of whatever it does; recovery is its own."""
    for _ in range(5):
        await _goes_on(scene, scene.captured)
        _kill_postgres(scene)
        await asyncio.to_thread(scene.ground.postgres.start)


async def postgres_away(scene: Scene) -> None:
    """For a minute."""
    await asyncio.to_thread(scene.ground.postgres.stop)
    await asyncio.sleep(60)
    await asyncio.to_thread(scene.ground.postgres.start)


async def judge_killed(scene: Scene) -> None:
    """Five times in the middle of whatever it does; the other one takes over."""
    for _ in range(5):
        await _goes_on(scene, scene.judged)
        await asyncio.gather(scene.kill("j1"), scene.kill("j2"))
        scene.start("j1")
        scene.start("j2")
    for number in range(2):
        await _goes_on(scene, scene.judged)
        await scene.again(f"j{1 + number % 2}")


async def two_judges(scene: Scene) -> None:
    """One more judge that nobody appointed writes for ten seconds beside the one that is active."""
    pool = await scene.pool()
    until = asyncio.get_running_loop().time() + 10
    try:
        while asyncio.get_running_loop().time() < until:
            judge = Judge(pool)
            try:
                await judge.load()
                while asyncio.get_running_loop().time() < until:
                    if not await judge.step():
                        await asyncio.sleep(0.01)
            except (Conflict, Unavailable):
                continue
    finally:
        await pool.close()


async def storm(scene: Scene) -> None:
    """Two more workers come and go, one every two seconds, for twenty."""
    for number in range(10):
        scene.work(f"w{3 + number % 2}")
        await asyncio.sleep(2)
        if number:
            await scene.kill(f"w{3 + (number + 1) % 2}")
    await scene.kill("w4")


async def frozen(scene: Scene) -> None:
    """Past its session, so that others have its partitions when it goes on where it stood."""
    for _ in range(2):
        scene.signal("w1", signal.SIGSTOP)
        await asyncio.sleep(SESSION_SECONDS + 4)
        scene.signal("w1", signal.SIGCONT)
        await asyncio.sleep(1)


async def slow_receiver(scene: Scene) -> None:
    """One that is told answers too late, each time; another one waits for nobody."""
    await subscribed(scene, "prompt", "slow")


async def dead_receiver(scene: Scene) -> None:
    """One that is told is not there."""
    await subscribed(scene, "prompt", "dead")


async def disk_full(scene: Scene) -> None:
    """Nothing more can be written for ten seconds."""
    volume = scene.ground.database
    ballast, room = volume / "ballast", os.statvfs(volume)
    with ballast.open("wb") as file:
        left = room.f_bavail * room.f_frsize
        try:
            while left > 0:
                left -= file.write(b"\0" * min(left, 1 << 20))
        except OSError:
            pass  # full is what it should be
    await asyncio.sleep(10)
    ballast.unlink()
    await asyncio.to_thread(scene.ground.postgres.start)


async def replica_killed(scene: Scene) -> None:
    """Six times, one of the two at a time, while both are written to and read."""
    doors = scene.doors
    assert doors is not None
    for number in range(6):
        await _goes_on(scene, scene.captured)
        await scene.again(NAMES[number % 2])
        await doors.answers(NAMES[number % 2])


async def _goes_on(scene: Scene, measured: Callable[[], Awaitable[int]]) -> None:
    """Until there is more of what is measured than now, and some part of a second longer: nobody knows what is done
    then. At once where nothing is left to do."""
    was, patience = await measured(), time.monotonic() + AT_WORK_SECONDS
    while await measured() <= was and time.monotonic() < patience:
        if await scene.idle():
            return
        await asyncio.sleep(LOOK_SECONDS)
    await asyncio.sleep(_chance.random())


_chance = random.Random(11)  # noqa: S311 - when, no secret


def twice_and_reversed(events: Sequence[bytes]) -> list[bytes]:
    """All of it from its end, and then once more from its begin."""
    return [*reversed(events), *events]


def with_poison(events: Sequence[bytes]) -> list[bytes]:
    """One message in ten is none."""
    chance = random.Random(3)  # noqa: S311 - where, no secret
    messages = [*events, *poison(len(events) // 9)]
    chance.shuffle(messages)
    return messages


def a_day_ahead(events: Sequence[bytes]) -> list[bytes]:
    """Every tenth says a time forty days later than it was: days ahead of any receipt."""
    from datetime import datetime, timedelta

    said = []
    for number, raw in enumerate(events):
        event = json.loads(raw)
        if number % 10 == 0 and "T" in str(event.get("at")):
            ahead = datetime.fromisoformat(event["at"].replace("Z", "+00:00")) + timedelta(40)
            event["at"] = ahead.isoformat()
        said.append(json.dumps(event).encode())
    return said


def _kill_postgres(scene: Scene) -> None:
    pid = scene.ground.postgres.pid
    if pid is None:
        return
    for process in [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


_JUDGES: Final = (("w1", "lane,clock"), ("w2", "lane,clock"), ("j1", "judge"), ("j2", "judge"))
_TELLING: Final = (("w1", "lane,judge,clock,notices"), ("w2", "lane,judge,clock,notices"))
_DOORS: Final = (("w1", "lane,clock"), ("w2", "lane,judge,clock"))
FAULTS: Final[Mapping[str, Blow]] = MappingProxyType(
    {
        "worker killed ten times": Blow(worker_killed, lasts=40),
        "both workers killed": Blow(both_killed, lasts=10),
        "broker killed and restarted": Blow(broker_killed, lasts=20),
        "PostgreSQL killed in the middle": Blow(postgres_killed, lasts=30),
        "PostgreSQL away for a minute": Blow(postgres_away, lasts=65),
        "committed and not published": Blow(nothing, deaf=True),
        "disk of the database full": Blow(disk_full, lasts=15, most=FEW, why="since its file system lies in memory"),
        "judge killed in the middle": Blow(judge_killed, lasts=60, workers=_JUDGES),
        "two judges at once": Blow(
            two_judges, lasts=12, most=MANY, why="which are more than both judge in ten seconds"
        ),
        "rebalance storm": Blow(storm, lasts=25),
        "frozen past its session": Blow(frozen, lasts=25),
        "twice, in reverse, from an hour ago": Blow(
            nothing, messages=twice_and_reversed, ago=3600, most=MANY, why="each of which comes twice"
        ),
        "clock of a producer ahead": Blow(
            nothing, messages=a_day_ahead, events=a_day_ahead, most=FEW, why="since one of a sender shows it"
        ),
        "a webhook's receiver is slow": Blow(
            slow_receiver, workers=_TELLING, most=FEW, why="since changes of alerts and scopes are told, not events"
        ),
        "a webhook's receiver is dead": Blow(
            dead_receiver, workers=_TELLING, most=FEW, why="since changes of alerts and scopes are told, not events"
        ),
        "one message in ten is poison": Blow(
            nothing, messages=with_poison, most=MANY, why="and a ninth as many that are none"
        ),
        "API replica killed under load": Blow(
            replica_killed,
            workers=_DOORS,
            doors=True,
            lasts=40,
            most=FEW,
            why="since they come by HTTP while it is read",
        ),
    }
)
"""Name to fault, in the order in which they are played."""


def on_a_small_disk(name: str) -> bool:
    """Whether a fault wants a file system of its own, small enough to be filled."""
    return FAULTS[name].strike is disk_full


def may_mount(folder: Path) -> bool:
    """Whether this process may give ``folder`` a file system of its own."""
    return os.geteuid() == 0 and folder.is_dir()
