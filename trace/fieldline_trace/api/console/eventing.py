"""One event: what was said, by whom, where it stands in the ledger, and what became of it."""

from __future__ import annotations

import json

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text


async def event(visit: Visit) -> Page:
    """View 8, of an event."""
    found = await visit.ask("event", id=visit.query("id"), sender=visit.query("sender") or None)
    return Page(
        "event.html",
        text("entry.title", visit.spoken),
        {
            "id": found["id"],
            "events": found["events"],
            "cut": found.get("cut"),
            "texts": [_written(one["said"]) for one in found["events"]],
        },
    )


def _written(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=2)
