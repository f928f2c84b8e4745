"""What a data directory holds, in a form that two runs can be held to each other: by keys, never by numbers or
positions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fieldline_schemas.record import Record
from fieldline_trace.store import Connection, connect
from fieldline_trace.store.ledger_read import batches_after, entries_after
from fieldline_trace.store.queries import parse

from fieldline_streams.gateway import Gateway

SQL = parse("show.sql", files(__package__).joinpath("show.sql").read_text("utf-8"))
TRACED = 25
"""Lots that are traced both ways, spread over all."""


@dataclass(frozen=True, slots=True)
class State:
    """``parts`` are digests of content that has to be equal, whatever the order in which events came."""

    events: set[str]
    doubled: int
    verified: bool
    parts: dict[str, str]
    links: int
    alerts: int
    scopes: int


async def state_of(dsn: str, found: Gateway) -> State:
    """The state of a database, and what the service over it answers."""
    pool = await connect(dsn, size=2)
    try:
        async with pool.acquire() as conn:
            stored = await conn.fetch(SQL["show_events"])
            links, lots = await _links(conn)
    finally:
        await pool.close()
    alerts = (await found.ask("alerts", {}))["alerts"]
    scopes = (await found.ask("scope list", {}))["scopes"]
    parts = {"links": _digest(sorted(links))}
    parts |= {f"alert {alert['id']}": _digest(_alert(alert)) for alert in alerts}
    for scope in scopes:
        shown = await found.ask("scope show", {"scope": scope["scope"], "inferred": True, "co_descendants": True})
        parts[f"scope {scope['scope']}"] = _digest([shown["status"], shown["hazard"], _members(shown["members"])])
    for lot in lots[:: max(1, len(lots) // TRACED)]:
        for direction in ("forward", "back"):
            trace = await found.ask("trace", {"batch": lot, "direction": direction})
            parts[f"{direction} {lot}"] = _digest([_members(trace["members"]), trace["excluded_by_times"]])
    return State(
        events={row["id"] for row in stored},
        doubled=sum(row["times"] - 1 for row in stored),
        verified=(await found.ask("verify", {}))["ok"],
        parts=parts,
        links=len(links),
        alerts=len(alerts),
        scopes=len(scopes),
    )


async def _links(conn: Connection) -> tuple[list[str], list[str]]:
    """Every step of every event by keys, and all lots in order of their keys."""
    batches = dict(await batches_after(conn, 0, 10_000_000))
    sites = {0: "", **{row["number"]: row["key"] for row in await conn.fetch(SQL["show_sites"])}}
    links = []
    position = 0
    while entries := await entries_after(conn, position, 100):
        for entry in entries:
            position = entry.position
            columns = Record.unpack(entry.record).columns()
            for step, event in enumerate(columns.step_event.tolist()):
                ends = [
                    sorted(
                        (batches[batch], sites[site])
                        for batch, site in zip(
                            batch_column[start[step] : start[step + 1]].tolist(),
                            site_column[start[step] : start[step + 1]].tolist(),
                            strict=True,
                        )
                    )
                    for start, batch_column, site_column in (
                        (columns.in_start, columns.in_batch, columns.in_site),
                        (columns.out_start, columns.out_batch, columns.out_site),
                    )
                ]
                identity, shape = int(columns.identities[event]), int(columns.step_shape[step])
                links.append(json.dumps([identity, shape, columns.times[step].tolist(), ends]))
    return links, sorted(batches.values())


def _alert(alert: dict[str, Any]) -> list[Any]:
    return [alert[field] for field in ("rule", "subject", "severity", "confidence", "sure", "args")] + [
        sorted(alert["evidence"]),
        alert["evidence_count"],
    ]


def _members(members: list[dict[str, Any]]) -> list[list[Any]]:
    fields = ("batch", "site", "role", "certainty", "basis", "exposed", "hops")
    return sorted([[member[field] for field in fields] for member in members if member.get("supported", True)], key=str)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
