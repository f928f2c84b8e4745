"""Rebuild: apply the ledger again, and say what differs from what is stored. Nothing should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from fieldline_schemas.messages import Sentence

from fieldline_trace.errors import Conflict
from fieldline_trace.follow import stored
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.replay import replay
from fieldline_trace.follow.world import World
from fieldline_trace.store import Pool, Q, borrowed, outages_as_unavailable


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did."""

    position: int
    alerts: int
    scopes: int
    differed: list[str]
    """One line for each version that was other than stored; empty where nothing differed."""


async def rebuild(pool: Pool) -> Rebuilt:
    """Compute alerts and scopes again from the ledger, up to the judge's position, and put that in the place of what
    is stored.

    ``Conflict`` where a judge goes on writing meanwhile: nothing is replaced then.
    """
    with outages_as_unavailable():
        async with borrowed(pool) as conn:
            until = await stored.position(conn)
            before = {
                **{
                    ("alert", row["id"], row["version"]): _plain(row)
                    for row in await conn.fetch(Q["alert_versions_until"], until)
                },
                **{
                    ("scope", row["scope"], row["version"]): _plain(row)
                    for row in await conn.fetch(Q["scope_versions_until"], until)
                },
            }
            world, outcomes = World(), []
            async for outcome in replay(conn, world, NameBook(), until):
                outcomes.append(outcome)
            now: dict[tuple[str, str, int], tuple[Any, ...]] = {}
            for outcome in outcomes:
                now.update({("alert", one.id, one.version): stored.alert_row(one) for one in outcome.alerts})
                now.update({("scope", one.scope, one.number): stored.scope_row(one) for one in outcome.scopes})
            differed = compare(before, now)
            async with conn.transaction():
                if await conn.execute(Q["follower_advance"], stored.JUDGE, until, 0, None) != "UPDATE 1":
                    raise Conflict(Sentence("judge_meanwhile"))
                await conn.execute(Q["follow_empty"])
                if outcomes:
                    await stored.write(conn, world, 0, outcomes)
    return Rebuilt(until, len(world.alerts), len(world.scopes), differed)


def compare(
    before: dict[tuple[str, str, int], tuple[Any, ...]], now: dict[tuple[str, str, int], tuple[Any, ...]]
) -> list[str]:
    """One line for each version that is in one only, or other in both."""
    lines = []
    for key in sorted(before.keys() | now.keys()):
        name = f"{key[0]} {key[1]} version {key[2]}"
        if key not in now:
            lines.append(f"{name}: stored, but the ledger does not give it")
        elif key not in before:
            lines.append(f"{name}: missing")
        elif _canonical(before[key]) != _canonical(now[key]):
            lines.append(f"{name}: other than the ledger gives it")
    return lines


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(row.values())


def _canonical(row: tuple[Any, ...]) -> bytes:
    return msgspec.json.encode(row, order="sorted")
