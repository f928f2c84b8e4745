"""How the whole stands, as any service may read it: ledger, followers, what waits and what was given up."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .pool import Connection
from .queries import Q

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Condition:
    """One look. Positions of the ledger; ages in seconds by the clock of the database; counts stop at 10,000."""

    position: int
    judged: int
    noticed: int
    published: int
    judge_seconds: float
    """How long the oldest entry that is not judged has waited."""
    tick_seconds: float
    """How long the clock's next tick has been due; 0: it is not."""
    refused_open: int
    notices_waiting: int
    notices_dead: int
    tail_whole: bool
    """Whether the last entries are chained as they should be, up to the head."""
    skew_seconds: float
    """By how much this machine's clock is ahead of the database's."""
    stopped_at: int = 0
    """The entry that the judge falls over, and stands before; 0: none."""
    stopped_by: str = ""
    """The type of the error that it falls over it with."""


async def condition(conn: Connection) -> Condition:
    """Look."""
    asked = time.time()
    row = await conn.fetchrow(Q["condition"])
    here = (asked + time.time()) / 2
    assert row is not None
    behind = row["judged"] < row["position"]
    now, due = row["now"], row["next_deadline"]
    return Condition(
        position=row["position"],
        judged=row["judged"],
        noticed=row["noticed"],
        published=row["published"],
        judge_seconds=max(0, now - row["unjudged_since"]) / MICROSECONDS if behind else 0.0,
        stopped_at=row["stopped_at"],
        stopped_by=row["stopped_by"],
        tick_seconds=max(0, now - due) / MICROSECONDS if due is not None and not behind else 0.0,
        refused_open=row["refused_open"],
        notices_waiting=row["notices_waiting"],
        notices_dead=row["notices_dead"],
        tail_whole=row["tail_whole"],
        skew_seconds=round(here - now / MICROSECONDS, 3),
    )
