"""Trace a batch back to what it came from, or forward to what came of it.

``{"position", "asked", "direction", "times", "depth", "filtered", "members", "excluded_by_times", "lots", "sites",
"events"}``; ``filtered``: how many members the filters leave out; a
member is ``{"batch", "labels", "site", "operator", "certainty", "basis", "role", "exposed", "hops", "event", "via",
"incomplete"}``; ``incomplete``: more was made there than was put in, so that a source is not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fieldline_schemas.batch_key import product_of
from fieldline_schemas.topics import topic_of
from fieldline_schemas.windows import is_window
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import SHOWN_EVENTS, Desk, time_said
from fieldline_trace.api.answers.evidence import evidence_of
from fieldline_trace.api.answers.members import BASIS, CERTAINTY, by_lot, by_site
from fieldline_trace.api.answers.naming import named, site_named
from fieldline_trace.api.answers.units import opened, units_said
from fieldline_trace.api.answers.windowed import time_asked
from fieldline_trace.lineage import Seed, Trace
from fieldline_trace.lineage.listed import listed
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.store import Q


class TraceArguments(BaseModel):
    """What to trace, which way, and how far."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch or unit in any spelling, or a lot number as printed.")
    direction: Literal["back", "forward"]
    site: str | None = Field(default=None, description="Begin at this site alone; else wherever the batch is.")
    times: Literal["trusted", "ignore"] = Field(default="trusted", description="Whether dates may exclude.")
    depth: int | None = Field(default=None, ge=0, description="Steps to go at most; None is all the way.")
    stage: Literal["farm", "processing", "distribution", "catering"] | None = Field(
        default=None, description="Only what an event of this stage brought in."
    )
    product: str | None = Field(default=None, description="Only this product: ISSUER/PRODUCT, or PRODUCT.")
    place: str | None = Field(default=None, description="Only what lies at this site, or with this operator.")
    certainty: Literal["definite", "possible"] | None = Field(default=None, description="Only what is so sure.")
    since: str | None = Field(default=None, description="Only what may have been there then or later.")
    until: str | None = Field(default=None, description="Only what may have been there then or earlier.")


async def trace(desk: Desk, asked: TraceArguments) -> dict[str, Any]:
    """The holdings that what was asked for came from, or that came of it, each with the event that brought it in."""
    what = await named(desk, asked.batch)
    at = None if asked.site is None else await site_named(desk, asked.site)
    batches = await opened(desk, what.batches)
    seeds = [Seed(batch, at) for batch in batches]
    index = desk.world.index
    follow = index.forward if asked.direction == "forward" else index.backward
    found = listed(index, follow(seeds, times=asked.times == "trusted", depth=asked.depth), desk.world.is_pool)
    role = "descendant" if asked.direction == "forward" else "source"
    members = await members_of(desk, found, set(batches), role)
    events = await desk.events(int(number) for number in found.via_event)
    rows = await desk.conn.fetch(Q["answer_events_naming"], list(what.batches), desk.position)
    naming = {number for row in rows for number in row.values()}
    said = evidence_of(index, found, forward=asked.direction == "forward", naming=naming)
    events |= await desk.events([number for number in said if number not in events][: SHOWN_EVENTS - len(events)])
    kept = _kept(asked, members, events, found)
    left_out = len(members) - len(kept)
    members = kept
    for member in members:
        member["event"] = events[member["event"]]["id"] if member["event"] in events else None
    return {
        "position": desk.position,
        "asked": {
            "text": what.text,
            "by": what.by,
            "batches": [desk.names.batch_key(batch) for batch in what.batches],
            "units": await units_said(desk, what.batches),
            "site": asked.site,
        },
        "direction": asked.direction,
        "times": asked.times,
        "depth": asked.depth,
        "filtered": left_out,
        "members": members,
        "excluded_by_times": excluded(desk, found),
        "lots": by_lot(members),
        "sites": by_site(members),
        "events": [events[number] for number in sorted(events)],
    }


def _kept(
    asked: TraceArguments, members: list[dict[str, Any]], events: Mapping[int, dict[str, Any]], found: Trace
) -> list[dict[str, Any]]:
    """Those that the filters leave; what was asked for stays."""
    if not any((asked.stage, asked.product, asked.place, asked.certainty, asked.since, asked.until)):
        return members
    since, until = time_asked("since", asked.since).lo, time_asked("until", asked.until).hi
    exposed = {
        (said["from"], said["to"]): (lo, hi)
        for lo, hi in zip(found.exposed_lo.tolist(), found.exposed_hi.tolist(), strict=True)
        for said in [time_said(lo, hi)]
    }

    def fits(member: dict[str, Any]) -> bool:
        event = events.get(member["event"])
        product = product_of(member["batch"])
        lo, hi = exposed[member["exposed"]["from"], member["exposed"]["to"]]
        return (
            (asked.stage is None or (event is not None and topic_of(event["kind"]).name == asked.stage))
            and (asked.product is None or asked.product in (product, product.rpartition("/")[2]))
            and (asked.place is None or asked.place in (member["site"], member["operator"]))
            and (asked.certainty is None or member["certainty"] == asked.certainty)
            and lo <= until
            and hi >= since
        )

    return [member for member in members if member["hops"] == 0 or fits(member)]


async def members_of(desk: Desk, found: Trace, seeds: set[int], role: str) -> list[dict[str, Any]]:
    """The members of a trace, nearest first; ``event`` is still a number (-1 where none brought it in), ``via`` the
    holding ``{"batch", "site"}`` that its link comes from, None where that is a contaminated window, which the event
    declares."""
    names = desk.names
    index = desk.world.index
    canonical = {index.canonical(seed) for seed in seeds}
    labels = await desk.labels(int(batch) for batch in found.batch)
    operators = await desk.operators(zip(found.batch.tolist(), found.site.tolist(), strict=True))
    places: dict[int, dict[str, str] | None] = {-1: None}
    for holding in set(found.via_holding.tolist()) - {-1}:
        batch, site = index.holding(holding)
        key = names.batch_key(batch)
        places[holding] = None if is_window(key) else {"batch": key, "site": names.site_key(site)}
    incomplete = desk.world.risks.balances.incomplete()
    members = []
    for at in range(len(found.holding)):
        batch, site = int(found.batch[at]), int(found.site[at])
        is_seed = int(found.hops[at]) == 0
        members.append(
            {
                "batch": names.batch_key(batch),
                "labels": labels.get(batch, []),
                "site": names.site_key(site),
                "operator": operators.get(site),
                "certainty": CERTAINTY[int(found.certainty[at])],
                "basis": BASIS[int(found.basis[at])],
                "role": "asked" if is_seed else "same_lot" if batch in canonical else role,
                "exposed": time_said(int(found.exposed_lo[at]), int(found.exposed_hi[at])),
                "hops": int(found.hops[at]),
                "event": int(found.via_event[at]),
                "via": places[int(found.via_holding[at])],
                "incomplete": (batch, site) in incomplete,
            }
        )
    return sorted(members, key=lambda m: (m["hops"], m["certainty"] != "definite", m["batch"], m["site"]))


def excluded(desk: Desk, found: Trace) -> list[dict[str, str]]:
    """``{"batch", "site"}`` of the holdings that dates alone keep out, sorted."""
    places = [desk.world.index.holding(int(holding)) for holding in found.excluded]
    return sorted(
        (
            {"batch": desk.names.batch_key(batch), "site": desk.names.site_key(site)}
            for batch, site in places
            if site != NOWHERE
        ),
        key=lambda place: (place["batch"], place["site"]),
    )
