"""The feed as the tables have it: versions of alerts and scopes in order of position, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from fieldline_schemas.times import instant

from fieldline_trace.follow.told import FeedItem
from fieldline_trace.risk.alerts import finding_of
from fieldline_trace.risk.render import render
from fieldline_trace.store import Connection, Q
from fieldline_trace.store.ledger_read import event_rows

EVERYTHING = 1 << 40
"""A limit that limits nothing."""


async def page(conn: Connection, after: int, until: int, most: int) -> tuple[list[FeedItem], int]:
    """The items of the positions after ``after``, and up to which position they are all: ``until``, or an earlier one
    where there would be more than ``most`` alerts or scopes. A position is never split."""
    alerts = await conn.fetch(Q["feed_alerts"], after, until, most + 1)
    scopes = await conn.fetch(Q["feed_scopes"], after, until, most + 1)
    upto = min(_whole(alerts, until, most), _whole(scopes, until, most))
    if upto == after:
        # One entry alone made more than a page.
        upto = min(rows[0]["position"] for rows in (alerts, scopes) if len(rows) > most)
        alerts = await conn.fetch(Q["feed_alerts"], after, upto, EVERYTHING)
        scopes = await conn.fetch(Q["feed_scopes"], after, upto, EVERYTHING)
    told = [*(("alert", row) for row in alerts), *(("scope", row) for row in scopes)]
    told = sorted(((kind, row) for kind, row in told if row["position"] <= upto), key=lambda one: one[1]["position"])
    causes = await _ids(conn, {row["cause"] for _, row in told})
    items = []
    for position, rows in groupby(told, key=lambda one: one[1]["position"]):
        for sequence, (kind, row) in enumerate(rows, 1):
            said = alert_told(row, causes) if kind == "alert" else scope_told(row, causes)
            items.append(FeedItem(position, sequence, "alert" if kind == "alert" else "scope", said))
    return items, upto


def reached(items: Iterable[FeedItem], position: int) -> FeedItem:
    """The item that says that all up to ``position`` was told; ``items``: those of it, perhaps with earlier ones."""
    last = max((item.sequence for item in items if item.position == position), default=0)
    return FeedItem(position, last + 1, "position", {"position": position})


def alert_told(row: Any, causes: dict[int, str]) -> dict[str, Any]:
    """One version of an alert: ``{"position", "at", "alert", "version", "change", "rule", "subject", "severity",
    "confidence", "sure", "standing", "historical", "texts", "reason", "cause"}``."""
    finding = finding_of(row["finding"])
    return {
        "position": row["position"],
        "at": instant(row["at"]),
        "alert": row["id"],
        "version": row["version"],
        "change": row["change"],
        "rule": finding.rule,
        "subject": finding.subject,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "sure": finding.sure,
        "standing": row["change"] != "withdrawn",
        "historical": finding.historical,
        "texts": {"en": render(finding, "en"), "zh-CN": render(finding, "zh-CN")},
        "reason": row["reason"],
        "cause": causes.get(row["cause"]),
    }


def scope_told(row: Any, causes: dict[int, str]) -> dict[str, Any]:
    """One version of a scope: ``{"position", "at", "scope", "version", "status", "hazard_class", "hazard", "lot",
    "members", "held", "inferred", "co_descendants", "reason", "cause"}``."""
    return {
        "position": row["position"],
        "at": instant(row["at"]),
        **{name: row[name] for name in ("scope", "version", "status", "hazard_class", "hazard", "lot")},
        **{name: row[name] for name in ("members", "held", "inferred", "co_descendants", "reason")},
        "cause": causes.get(row["cause"]),
    }


def _whole(rows: list[Any], until: int, most: int) -> int:
    """Up to which position ``rows`` are surely all there are."""
    return until if len(rows) <= most else int(rows[-1]["position"]) - 1


async def _ids(conn: Connection, numbers: set[int]) -> dict[int, str]:
    wanted = sorted(number for number in numbers if number >= 0)
    return {event.number: event.id for event in await event_rows(conn, wanted)} if wanted else {}
