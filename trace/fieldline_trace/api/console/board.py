"""The situation: incidents, alerts that stand, what waits, and whether all of it is up to date."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.charts import columns
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.scopes import OPEN_FIRST
from fieldline_trace.api.console.texts import text
from fieldline_trace.errors import Unavailable

SEVERITIES = ("critical", "hold", "warning", "info")
ENTRIES = 2_000
"""Entries of the ledger that the picture of events counts."""
SHOWN = 12
"""Alerts that the board shows; a link leads to the others."""
OVERDUE = ("ALERT_UNACKNOWLEDGED", "CONFIRMATION_OVERDUE", "DEADLINE_MISSED", "RECALL_OVERDUE")
"""Rules about what should have been done by now."""


async def board(visit: Visit) -> Page:
    """View 1."""
    found = await visit.ask_if("alerts", language=visit.spoken)
    alerts: list[dict[str, Any]] = found["alerts"] if found else []
    listed = await visit.ask_if("scope list")
    scopes = sorted(listed["scopes"] if listed else [], key=lambda scope: OPEN_FIRST.index(scope["status"]))
    incidents = await visit.ask_if("incident list")
    refused = await visit.ask_if("rejected list", status="open", limit=1)
    activity = await visit.ask_if("activity", entries=ENTRIES)
    severity = visit.query("severity")
    shown = [alert for alert in alerts if severity in ("", alert["severity"])]
    every = visit.query("all") == "1"
    lines = shown if every else shown[:SHOWN]
    about = [
        *(scope["lot"] for scope in scopes),
        *(key for alert in lines for key in (alert["subject"], alert["args"].get("to"))),
    ]
    return Page(
        "board.html",
        text("board.title", visit.spoken),
        {
            "counts": Counter(alert["severity"] for alert in alerts),
            "severities": SEVERITIES,
            "severity": severity,
            "alerts": lines,
            "names": await visit.names_of(about),
            "more": 0 if every else max(0, len(shown) - SHOWN),
            "scopes": scopes,
            "running": [scope for scope in scopes if scope["status"] in ("open", "draft")],
            "incidents": incidents["incidents"] if incidents else [],
            "proposed": (incidents["proposed"] or []) if incidents else [],
            "gaps": [alert for alert in alerts if alert["rule"] == "CHAIN_GAP"],
            "refused": refused["count"] if refused else None,
            "health": await _health(visit),
            "activity": activity,
            "entries": ENTRIES,
            "bars": columns(activity["spans"], "events", "waiting", height=66, step=14) if activity else [],
            "overdue": [alert for alert in alerts if alert["rule"] in OVERDUE],
        },
    )


async def _health(visit: Visit) -> dict[str, Any]:
    """How far capture and judge are; ``{"why"}`` where it does not work."""
    try:
        return await visit.ports.answers.ready()
    except Unavailable as away:
        return {"ready": False, "why": str(away)}
