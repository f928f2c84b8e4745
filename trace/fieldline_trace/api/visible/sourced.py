"""Where findings meet, cut to what an authority may see."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.batch_key import product_of
from pydantic import BaseModel

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.lineages import only
from fieldline_trace.api.visible.sight import sight_of
from fieldline_trace.api.visible.view import View
from fieldline_trace.store import Q

Said = dict[str, Any]


async def cut_sources(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Sources with batches that may be named; how far one reaches is told of none, since it reaches beyond the area."""
    batches = {batch for one in (*said["findings"], *said["sources"]) for batch in one["batches"]}
    rows = await desk.conn.fetch(Q["keys_batch"], sorted(batches))
    keys = {row["number"]: row["key"] for row in rows}
    named = {keys[number] for number in await view.batches(keys)}
    places = [(batch, site) for one in said["sources"] for batch in one["batches"] for site in one["sites"]]
    sight = await sight_of(desk, view, grant, places)
    findings = [
        {**only(one, ("name", "cases")), "batches": [batch for batch in one["batches"] if batch in named]}
        for one in said["findings"]
        if named & set(one["batches"])
    ]
    names = {one["name"] for one in findings}
    shown = []
    for one in said["sources"]:
        kept = [batch for batch in one["batches"] if batch in named]
        explains = [name for name in one["explains"] if name in names]
        if kept and explains:
            shown.append(
                {
                    **only(one, ("lot", "labelled", "certainty", "hops", "raw")),
                    "batches": kept,
                    "products": sorted({product_of(batch) for batch in kept}),
                    "sites": sorted({s for s in one["sites"] if any(sight.whole(batch, s) for batch in kept)}),
                    "explains": explains,
                    "unexplained": [name for name in one["unexplained"] if name in names],
                    "share": round(len(explains) / len(findings), 6),
                    "reached": None,
                    "chance": None,
                }
            )
    return {
        "position": said["position"],
        "findings": findings,
        "sources": shown,
        "more": 0,
        "cut": sight.cut(len(said["sources"]) - len(shown) + said["more"]),
    }
