"""What was at a site in a window of time, no lot known: what a scope on it would hold."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.hazards import HAZARD_CLASSES

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text
from fieldline_trace.errors import NotFound

MOST = 300
"""Rows of each table."""
FIELDS = ("site", "location", "since", "until", "hazard_class", "hazard")


async def window(visit: Visit) -> Page:
    """View 6."""
    asked = {name: visit.query(name).strip() for name in FIELDS}
    said = {name: value for name, value in asked.items() if value}
    found = None
    lots = None
    if asked["site"]:
        place = {name: said[name] for name in ("site", "location", "since", "until") if name in said}
        lots = await visit.ask_if("present", **place)
        try:
            found = await visit.ask("scope preview", **said)
        except NotFound as none:
            if lots is None:
                raise
            nothing = str(none)
            return Page("window.html", text("window.title", visit.spoken), _shown(asked, lots, None, nothing))
    return Page("window.html", text("window.title", visit.spoken), _shown(asked, lots, found, ""))


def _shown(
    asked: dict[str, str], lots: dict[str, Any] | None, found: dict[str, Any] | None, nothing: str
) -> dict[str, Any]:
    return {
        "asked": asked,
        "found": found,
        "lots": lots,
        "nothing": nothing,
        "classes": sorted(HAZARD_CLASSES),
        "rows": (found or {}).get("members", [])[:MOST],
        "most": MOST,
    }
