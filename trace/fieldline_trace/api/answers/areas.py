"""Which other provinces, counties or countries: where members of a scope, or what came of a batch, are.

``{"position", "of", "digits", "areas": [{"area", "holdings", "definite", "held", "sites", "operators"}], "unknown",
"countries": [{"country", "batches", "events"}]}``; an area is the first digits of the administrative code (2: province,
4: city, 6: county).
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.kinds.exported import Exported
from fieldline_schemas.registry import code_of
from fieldline_schemas.whole import read_whole
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.grids import Grids
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.scopes import scope_named
from fieldline_trace.api.answers.units import opened
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.lineage.terms import DEFINITE
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows


class AreasArguments(BaseModel):
    """Of which scope or batch."""

    model_config = ConfigDict(extra="forbid")

    scope: str | None = Field(default=None, description="A scope: its id, or the begin of it.")
    batch: str | None = Field(default=None, description="Or what came of a batch.")
    digits: int = Field(default=2, ge=2, le=12, description="Digits of the administrative code: 2, 4 or 6.")


async def areas(desk: Desk, asked: AreasArguments) -> dict[str, Any]:
    """Where members of a scope, or what came of a batch, are, by area, and to which countries they were exported."""
    held: set[tuple[int, int]] = set()
    if asked.scope is not None:
        scope = await scope_named(desk, asked.scope)
        members = scope.members()
        of = scope.id
        places = {(m.batch, m.site): m.certainty == "definite" for m in members}
        held = {(m.batch, m.site) for m in members if m.held}
    else:
        of = asked.batch or ""
        seeds = [Seed(batch) for batch in await opened(desk, (await named(desk, of)).batches)]
        found = desk.world.index.forward(seeds)
        rows = zip(found.batch.tolist(), found.site.tolist(), found.certainty.tolist(), strict=True)
        places = {(batch, site): certainty == DEFINITE for batch, site, certainty in rows if site != NOWHERE}
    grids = await Grids().of(desk.conn, desk.world, {site for _, site in places})
    operators = await desk.operators(places)
    by_area: dict[str, list[tuple[int, int]]] = {}
    for place in sorted(places):
        by_area.setdefault(grids.get(place[1], "")[: asked.digits], []).append(place)
    unknown = len(by_area.pop("", []))
    batches = desk.every_key(batch for batch, _ in places)
    exported = await desk.conn.fetch(Q["answer_kinds_naming"], batches, [code_of("exported")], desk.position)
    countries: dict[str, dict[str, Any]] = {}
    own = {desk.names.batch_key(batch) for batch in batches}
    for event in await event_rows(desk.conn, [row["event"] for row in exported]) if exported else []:
        body = read_whole(event.body)
        if isinstance(body, Exported) and desk.world.standing_of(event.number) != "withdrawn":
            row = countries.setdefault(body.country, {"country": body.country, "batches": [], "events": []})
            row["events"].append(event.id)
            row["batches"] += sorted({ref.batch for ref in body.batches} & own - set(row["batches"]))
    return {
        "position": desk.position,
        "of": of,
        "digits": asked.digits,
        "areas": [
            {
                "area": area,
                "holdings": len(there),
                "definite": sum(places[place] for place in there),
                "held": sum(place in held for place in there),
                "sites": sorted({desk.names.site_key(site) for _, site in there}),
                "operators": sorted({operators[site] for _, site in there if site in operators}),
            }
            for area, there in sorted(by_area.items(), key=lambda one: (-len(one[1]), one[0]))
        ],
        "unknown": unknown,
        "countries": sorted(countries.values(), key=lambda row: row["country"]),
    }
