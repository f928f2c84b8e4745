"""What is there after a fault, held to a calm run of the same events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fieldline_trace.settings import Settings

from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.faults.ground import SENDER, SQL
from fieldline_streams.show.state import State, state_of

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Held:
    """How a scene ended. Where all is well, all is 0 but ``seconds``, ``memory_mb``, ``rejected``, what was
    compared."""

    fault: str
    events: int
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
    rejected: int
    seconds: float
    """From the end of the fault until all that had come by then was judged."""
    memory_mb: int
    """Most that any one worker held."""
    revived: int
    """Workers that ended by themselves and were started again."""
    links: int
    alerts: int
    scopes: int

    @property
    def whole(self) -> bool:
        """Whether nothing is lost, doubled or different."""
        said = asdict(self)
        wrong = ("lost", "doubled", "chain_broken", "notices_lost", *(name for name in said if "differ" in name))
        return not any(said[name] for name in wrong)


async def calm(folder: Path, dsn: str, raws: Sequence[bytes]) -> State:
    """The state after ``raws`` came one after another and nothing happened."""
    async with opened(Settings(data_dir=folder, database_url=dsn)) as runtime:
        for start in range(0, len(raws), CHUNK):
            await runtime.hand_in(raws[start : start + CHUNK], sender=SENDER, role="producer", channel="kafka")
        return await state_of(dsn, runtime)


async def held(
    fault: str,
    folder: Path,
    dsn: str,
    ids: set[str],
    known: State,
    *,
    seconds: float,
    memory: int,
    revived: int,
    notices_lost: int,
) -> Held:
    """How a scene's database, which nobody works on any more, compares with ``known``."""
    async with opened(Settings(data_dir=folder, database_url=dsn)) as runtime:
        now = await state_of(dsn, runtime)
        differs = (await runtime.ask("rebuild", {}))["differed"]
        rejected = await _rejected(runtime)
    wrong = [name for name in {*known.parts, *now.parts} if known.parts.get(name) != now.parts.get(name)]

    def of(*begins: str) -> int:
        return sum(name.startswith(begins) for name in wrong)

    return Held(
        fault=fault,
        events=len(ids),
        lost=len(ids - now.events),
        doubled=now.doubled + len(now.events - ids),
        links_differ=of("links"),
        alerts_differ=of("alert "),
        scopes_differ=of("scope "),
        traces_differ=of("forward ", "back "),
        judge_differs=len(differs),
        chain_broken=int(not now.verified),
        notices_lost=notices_lost,
        rejected=rejected,
        seconds=round(seconds, 1),
        memory_mb=memory >> 20,
        revived=revived,
        links=now.links,
        alerts=now.alerts,
        scopes=now.scopes,
    )


async def _rejected(runtime: Runtime) -> int:
    async with runtime.pool.acquire() as conn:
        count: Any = await conn.fetchval(SQL["faults_rejected"])
        return int(count)
