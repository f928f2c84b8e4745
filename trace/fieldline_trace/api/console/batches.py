"""A batch and the events that were said of it: where it is, how it is spelled, what was corrected."""

from __future__ import annotations

from collections import Counter

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.charts import amounts, shelf_life
from fieldline_trace.api.console.naming import lot_said, product_said
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.scopes import paged
from fieldline_trace.api.console.texts import text

ROWS = 100
RISKS = 12
"""Points of a risk score that are listed."""


async def batch(visit: Visit) -> Page:
    """View 8."""
    found = await visit.ask("batch", batch=visit.query("batch"))
    alerts = await visit.ask_if("alerts", subject=found["batch"], language=visit.spoken)
    held = [float(one["quantity"]) for one in found["holdings"] if one["quantity"] is not None]
    events = sorted(found["events"], key=lambda event: (event["received"], event["id"]))
    proof = await visit.ask_if("proof", batch=found["batch"])
    balance = await visit.ask_if("balance", batch=found["batch"])
    span = await visit.ask_if("span", batch=found["batch"])
    made = ((span or {}).get("first") or {}).get("produced") or {}
    page, pages = paged(visit, len(events), ROWS)
    return Page(
        "batch.html",
        text("batch.title", visit.spoken),
        {
            "batch": found,
            "alerts": alerts["alerts"] if alerts else [],
            "names": {
                found[
                    "batch"
                ]: f"{', '.join(found['labels']) or lot_said(found['batch'])} {product_said(found['batch'])}"
            },
            "proof": proof,
            "balance": balance,
            "span": span,
            "amounts": amounts((balance or {}).get("totals") or {}),
            "shelf": shelf_life(made.get("from") or made.get("to"), (balance or {}).get("expires"), visit.as_of),
            "risk": await visit.ask_if("risk", batch=found["batch"], rows=RISKS),
            "ends": await visit.ask_if("dead ends", batch=found["batch"]),
            "most": max(held, default=0.0),
            "events": events[(page - 1) * ROWS : page * ROWS],
            "kinds": Counter(event["kind"] for event in events),
            "standings": Counter(event["standing"] for event in events),
            "page": page,
            "pages": pages,
        },
    )
