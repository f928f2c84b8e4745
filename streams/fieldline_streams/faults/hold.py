"""What is there after a fault, held to a calm run of the same events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from fieldline_trace.settings import Settings

from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.faults.ground import SENDER, SQL
from fieldline_streams.show.state import State, state_of

CHUNK = 2000
MEMORY = 400 << 20
"""Bytes that a worker may hold whatever was handed in: a lane's share of micro-batches, and all that is loaded."""
MEMORY_OF_EVENT = 1500
"""Bytes that a judge, or a replica, may hold of an event beside that: what it knows of it grows with the ledger, and
with nothing else that is done to it."""


@dataclass(frozen=True, slots=True)
class Held:
    """How a scene ended. Where all is well, all is 0 but ``messages``, ``seconds``, memory, ``rejected``, what was
    compared."""

    fault: str
    events: int
    """Different ones that were handed in."""
    messages: int
    """Those, and what was handed in beside them or again."""
    lost: int
    doubled: int
    links_differ: int
    alerts_differ: int
    scopes_differ: int
    traces_differ: int
    judge_differs: int
    """Versions that the judge wrote and the ledger does not give, or gives otherwise."""
    chain_broken: int
    notices_lost: int
    """Versions that a subscriber neither was told nor will be."""
    answers_differ: int
    """What a replica that was killed answers otherwise."""
    answers_behind: int
    """Answers that were for less than was asked (``at_least``)."""
    refused: int
    """Events that were refused, and should not have been."""
    rejected: int
    """What was refused and kept: poison."""
    seconds: float
    """From the end of the fault until all that had come by then was judged."""
    memory_mb: int
    """Most that any one worker, or replica, held."""
    memory_bound_mb: int
    revived: int
    """Workers that ended by themselves and were started again."""
    links: int
    alerts: int
    scopes: int

    @property
    def whole(self) -> bool:
        """Whether nothing is lost, doubled or different, and no more memory was held than is to be expected."""
        said = asdict(self)
        return not any(said[name] for name in WRONG) and self.memory_mb <= self.memory_bound_mb


WRONG: Final = (
    "lost", "doubled", "links_differ", "alerts_differ", "scopes_differ", "traces_differ", "judge_differs",
    "chain_broken", "notices_lost", "answers_differ", "answers_behind", "refused",
)  # fmt: skip
"""What has to be 0."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A scene that did not come to its end."""

    fault: str
    events: int
    trouble: str

    @property
    def whole(self) -> bool:
        """It is not."""
        return False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a scene while it was played."""

    messages: int
    seconds: float
    memory: int
    revived: int
    notices_lost: int = 0
    answers_differ: int = 0
    answers_behind: int = 0
    refused: int = 0


async def calm(folder: Path, dsn: str, raws: Sequence[bytes]) -> State:
    """The state after ``raws`` came one after another and nothing happened."""
    async with opened(Settings(data_dir=folder, database_url=dsn)) as runtime:
        for start in range(0, len(raws), CHUNK):
            await runtime.hand_in(raws[start : start + CHUNK], sender=SENDER, role="producer", channel="kafka")
        return await state_of(dsn, runtime)


async def held(fault: str, folder: Path, dsn: str, ids: set[str], known: State, seen: Seen) -> Held:
    """How a scene's database, which nobody works on any more, compares with ``known``."""
    async with opened(Settings(data_dir=folder, database_url=dsn)) as runtime:
        now = await state_of(dsn, runtime)
        differs = (await runtime.ask("rebuild", {}))["differed"]
        rejected = await _rejected(runtime)
    wrong = differing(known, now)

    def of(*begins: str) -> int:
        return sum(name.startswith(begins) for name in wrong)

    return Held(
        fault=fault,
        events=len(ids),
        messages=seen.messages,
        lost=len(ids - now.events),
        doubled=now.doubled + len(now.events - ids),
        links_differ=of("links"),
        alerts_differ=of("alert "),
        scopes_differ=of("scope "),
        traces_differ=of("forward ", "back "),
        judge_differs=len(differs),
        chain_broken=int(not now.verified),
        notices_lost=seen.notices_lost,
        answers_differ=seen.answers_differ,
        answers_behind=seen.answers_behind,
        refused=seen.refused,
        rejected=rejected,
        seconds=round(seen.seconds, 1),
        memory_mb=seen.memory >> 20,
        memory_bound_mb=(MEMORY + len(ids) * MEMORY_OF_EVENT) >> 20,
        revived=seen.revived,
        links=now.links,
        alerts=now.alerts,
        scopes=now.scopes,
    )


def differing(known: State, now: State) -> list[str]:
    """Names of the parts that are not alike."""
    return [name for name in {*known.parts, *now.parts} if known.parts.get(name) != now.parts.get(name)]


async def _rejected(runtime: Runtime) -> int:
    async with runtime.pool.acquire() as conn:
        count: Any = await conn.fetchval(SQL["faults_rejected"])
        return int(count)
