"""Where a scope's members are: by site, with counts."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text


async def where(visit: Visit, scope: str) -> Page:
    """View 11."""
    found = await visit.ask("scope show", scope=scope)
    sites: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for member in found["members"]:
        sites[member["site"] or ""].append(member)
    rows = [
        {
            "site": site,
            "operator": next((one["operator"] for one in members if one["operator"]), None),
            "definite": sum(one["certainty"] == "definite" for one in members),
            "possible": sum(one["certainty"] != "definite" for one in members),
            "batches": len({one["batch"] for one in members}),
        }
        for site, members in sites.items()
    ]
    rows.sort(key=lambda row: (-row["definite"], -row["possible"], row["site"]))
    most = max((row["definite"] + row["possible"] for row in rows), default=0)
    digits = int(said) if (said := visit.query("digits")) in ("2", "4", "6") else 2
    areas = await visit.ask_if("areas", scope=found["scope"], digits=digits)
    return Page(
        "where.html",
        text("where.title", visit.spoken),
        {"scope": found, "names": {}, "rows": rows, "most": most, "areas": areas, "digits": digits},
    )
