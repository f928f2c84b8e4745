"""Writing what a follower found, and reading the versions back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
import msgspec

from fieldline_trace.errors import Conflict
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.world import World
from fieldline_trace.recall.changes import ChangeSet
from fieldline_trace.recall.consignees import Amount
from fieldline_trace.recall.versions import ScopeVersion
from fieldline_trace.risk.alerts import AlertChange, Cause, finding_of
from fieldline_trace.store import Connection, Q, outages_as_unavailable
from fieldline_trace.store.ledger_read import Reader

JUDGE = "judge"


async def write(conn: Connection, world: World, before: int, outcomes: Sequence[Outcome]) -> None:
    """Write what several entries changed, and the judge's position, in one transaction.

    Args:
        world: as it is after the last of ``outcomes``.
        before: the position that the judge had; ``Conflict`` where somebody else has moved it, and nothing is written.
    """
    if not outcomes:
        return
    with outages_as_unavailable():
        async with conn.transaction():
            await conn.execute(Q["follower_relaxed"])
            moved = Q["follower_advance"], JUDGE, before, outcomes[-1].position, world.next_deadline
            if await conn.execute(*moved) != "UPDATE 1":
                raise Conflict(f"another judge has moved on from position {before}; this one writes nothing")
            await _write_alerts(conn, world, [change for outcome in outcomes for change in outcome.alerts])
            await _write_scopes(conn, world, [version for outcome in outcomes for version in outcome.scopes])
            await conn.execute(Q["follower_notify"], outcomes[-1].position)


class Stopped(NamedTuple):
    """The entry that a follower falls over, and stands before; since when (microseconds since 1970 UTC), and the type
    of the error."""

    position: int
    since: int
    why: str


async def stopped(conn: Reader) -> Stopped | None:
    """What the judge stands before; None where it goes on."""
    row = await conn.fetchrow(Q["follower_stopped"], JUDGE)
    return None if row is None else Stopped(*row)


async def stops(conn: Connection, position: int, why: str) -> None:
    """Say that the judge stands before an entry."""
    await conn.execute(Q["follower_stops"], JUDGE, position, why)


async def went_on(conn: Connection, position: int) -> None:
    """Say that the judge is past ``position``."""
    await conn.execute(Q["follower_went_on"], JUDGE, position)


async def _write_alerts(conn: Connection, world: World, changes: Sequence[AlertChange]) -> None:
    if not changes:
        return
    alerts = [world.alerts[one] for one in sorted({change.id for change in changes})]
    await conn.execute(
        Q["alerts_put"],
        [alert.id for alert in alerts],
        [alert.rule for alert in alerts],
        [alert.subject for alert in alerts],
        [alert.severity for alert in alerts],
        [alert.standing for alert in alerts],
        [alert.historical for alert in alerts],
        [alert.version for alert in alerts],
        [alert.position for alert in alerts],
        [alert.raised_at for alert in alerts],
        [alert.changed_at for alert in alerts],
    )
    rows = [alert_row(change) for change in changes]
    await conn.execute(Q["alert_versions_add"], *map(list, zip(*rows, strict=True)))


async def _write_scopes(conn: Connection, world: World, versions: Sequence[ScopeVersion]) -> None:
    if not versions:
        return
    scopes = [world.scopes[one] for one in sorted({version.scope for version in versions})]
    await conn.execute(
        Q["scopes_put"],
        [scope.id for scope in scopes],
        [scope.status for scope in scopes],
        [scope.hazard_class for scope in scopes],
        [scope.hazard for scope in scopes],
        [scope.title for scope in scopes],
        [scope.lot for scope in scopes],
        [scope.version for scope in scopes],
        [scope.position for scope in scopes],
        [scope.changed_at for scope in scopes],
        [len(scope.table) for scope in scopes],
        [int(scope.held.sum()) for scope in scopes],
    )
    rows = [scope_row(version) for version in versions]
    await conn.execute(Q["scope_versions_add"], *map(list, zip(*rows, strict=True)))


def alert_row(change: AlertChange) -> tuple[Any, ...]:
    """One version of an alert as it is stored."""
    finding = msgspec.to_builtins(change.finding)
    return (
        change.id,
        change.version,
        change.position,
        change.at,
        change.change,
        finding,
        change.cause.code,
        change.cause.event,
    )


def scope_row(version: ScopeVersion) -> tuple[Any, ...]:
    """One version of a scope as it is stored."""
    return (
        version.scope,
        version.number,
        version.position,
        version.at,
        version.status,
        version.cause.code,
        version.cause.event,
        version.members,
        version.held,
        version.inferred,
        version.co_descendants,
        version.changes.pack(),
    )


def alert_change_of(row: asyncpg.Record) -> AlertChange:
    """One stored version of an alert."""
    return AlertChange(
        row["id"],
        row["version"],
        row["change"],
        row["position"],
        row["at"],
        finding_of(row["finding"]),
        Cause(row["reason"], row["cause"]),
    )


def scope_version_of(row: asyncpg.Record) -> ScopeVersion:
    """One stored version of a scope."""
    return ScopeVersion(
        row["scope"],
        row["version"],
        row["position"],
        row["at"],
        row["status"],
        Cause(row["reason"], row["cause"]),
        row["members"],
        row["held"],
        row["inferred"],
        row["co_descendants"],
        ChangeSet.unpack(row["changes"]),
    )


async def position(conn: Reader) -> int:
    """The judge's position."""
    with outages_as_unavailable():
        return int(await conn.fetchval(Q["follower_position"], JUDGE))


async def alert_versions(conn: Reader, alert_id: str) -> list[AlertChange]:
    """All versions of one alert, in order; none where it is not known."""
    with outages_as_unavailable():
        return [alert_change_of(row) for row in await conn.fetch(Q["alert_versions"], alert_id)]


async def scope_versions(conn: Reader, scope_id: str) -> list[ScopeVersion]:
    """All versions of one scope, in order; none where it is not known."""
    with outages_as_unavailable():
        return [scope_version_of(row) for row in await conn.fetch(Q["scope_versions"], scope_id)]


async def amounts_of(conn: Reader, world: World, batches: Sequence[int]) -> list[Amount]:
    """What standing events say of amounts of ``batches``, for ``recall.consignees``; a batch counts as its group's."""
    with outages_as_unavailable():
        rows = await conn.fetch(Q["follow_amounts"], list(batches))
    return [
        Amount(int(world.index.canonical(row["batch"])), row["site"], row["role"], row["amount"], row["unit"])
        for row in rows
        if world.rows.knows(row["event"]) and row["event"] not in world.bases.gone
    ]


async def deadline(conn: Reader) -> tuple[int | None, int]:
    """When the clock is to tick next by what the judge has applied (None: it need not), and what time it is for the
    database; microseconds since 1970 UTC."""
    with outages_as_unavailable():
        row = await conn.fetchrow(Q["follower_deadline"], JUDGE)
    assert row is not None
    return row["next_deadline"], row["now"]
