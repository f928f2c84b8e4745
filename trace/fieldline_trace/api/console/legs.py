"""Where the legs meet: findings by sources, and what each hypothesis leaves unexplained."""

from __future__ import annotations

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text
from fieldline_trace.errors import NotFound

SOURCES = 25


async def legs(visit: Visit) -> Page:
    """View 5: of the batches that the address names, else of the clusters of cases and all lots that failed."""
    batches = visit.request.query_params.getlist("batch")
    cases = not batches and visit.query("cases") != "0"
    if not batches:
        alerts = await visit.ask("alerts", rule="TEST_FAILED")
        batches = sorted({alert["subject"] for alert in alerts["alerts"] if alert["subject"].count("/") >= 2})
    found, nothing = None, ""
    if batches or cases:
        try:
            found = await visit.ask("sources", batches=batches[:60], cases=cases, limit=SOURCES)
        except NotFound as none:
            nothing = str(none)
            if batches and cases:
                found = await visit.ask("sources", batches=batches[:60], limit=SOURCES)
    suspects = [one.strip() for one in visit.query("suspects").splitlines() if one.strip()]
    tried = None
    if suspects and found:
        tried = await visit.ask("hypothesis", suspects=suspects[:20], batches=batches[:60], cases=cases and not nothing)
    names = await visit.names_of(
        [*batches, *(key for one in (found or {}).get("sources", ())[:8] for key in one["batches"])]
    )
    shown = {
        "names": names,
        "found": found,
        "nothing": nothing,
        "batches": batches,
        "suspects": suspects,
        "tried": tried,
    }
    return Page("legs.html", text("legs.title", visit.spoken), shown)
