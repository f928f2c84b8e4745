"""Whose records are missing, and what was refused and waits to be mended."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text
from fieldline_trace.api.http.problems import rejected as at_fault
from fieldline_trace.errors import NotFound

ROWS = 100


async def records(visit: Visit) -> Page:
    """View 9."""
    found = await visit.ask_if("alerts", rule="CHAIN_GAP", language=visit.spoken)
    gaps: list[dict[str, Any]] = found["alerts"] if found else []
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for gap in gaps:
        asked[str(gap["args"].get("site") or "")].append(gap)
    status = visit.query("status") or "open"
    if status not in ("open", "mended", "replayed", "resent", "dismissed"):
        raise at_fault("status", status, "it_is_one_of", words=["open", "mended", "replayed", "resent", "dismissed"])
    refused = await visit.ask_if("rejected list", status=status, limit=ROWS)
    return Page(
        "records.html",
        text("records.title", visit.spoken),
        {
            "sites": sorted(asked.items(), key=lambda one: (-len(one[1]), one[0])),
            "gaps": len(gaps),
            "names": await visit.names_of(gap["args"].get(name) for gap in gaps for name in ("batch", "to")),
            "refused": refused["rejected"] if refused else None,
            "count": refused["count"] if refused else 0,
            "status": status,
            "mend_allowed": visit.may("rejected_mend"),
            "done": visit.query("done"),
        },
    )


async def refused(visit: Visit, rejected: str) -> Page:
    """One that was refused, with the forms that mend it, take it in after all, or lay it aside."""
    if not rejected.isascii() or not rejected.isdecimal() or len(rejected) > 18:
        raise NotFound(f"{rejected[:40]!r}")
    found = await visit.ask("rejected show", rejected=int(rejected))
    return Page("refused.html", text("refused.title", visit.spoken), {"one": found, "done": visit.query("done")})
