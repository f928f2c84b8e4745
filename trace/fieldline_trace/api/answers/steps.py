"""One step back and one step forward, for who holds a batch; and its story from field to table, for who eats it.

- ``steps``: ``{"position", "asked", "back", "forward"}``; both as a trace of depth 1 answers: from whom it came and
  what it was made of; to whom it went and what was made of it.
- ``story``: ``{"position", "batch", "product", "stages": [{"stage", "did", "product", "area", "from", "to"}], "tested",
  "origin"}``, in order of time. No operator, site or lot but the one asked for is named: ``area`` is the first four
  digits of the administrative code, ``tested`` counts results that passed and failed along the way, ``origin`` are
  countries that parts of it were imported from.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.batch_key import product_of
from fieldline_schemas.kinds.imported import Imported
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.registry import code_of, kind_of
from fieldline_schemas.times import FOREVER, NEVER, instant
from fieldline_schemas.topics import topic_of
from fieldline_schemas.whole import read_whole
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.trace import TraceArguments, trace
from fieldline_trace.api.answers.units import opened
from fieldline_trace.lineage import Seed
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows

STAGES = ("farm", "processing", "distribution", "catering")
DAY = 10
"""Characters of a time that tell the day."""
AREA = 4
"""Digits of an administrative code that name a city."""


class StepsArguments(BaseModel):
    """Of which batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch or unit in any spelling, or a lot number as printed.")
    site: str | None = Field(default=None, description="At this site alone; else wherever it is.")


class StoryArguments(BaseModel):
    """Of which batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling, or the lot number as printed on it.")


async def steps(desk: Desk, asked: StepsArguments) -> dict[str, Any]:
    """From whom a batch came and of what it was made, to whom it went and what was made of it: one step each way."""
    back, forward = [
        await trace(desk, TraceArguments(batch=asked.batch, direction=way, site=asked.site, depth=1))
        for way in ("back", "forward")
    ]
    return {"position": desk.position, "asked": back["asked"], "back": back, "forward": forward}


async def story(desk: Desk, asked: StoryArguments) -> dict[str, Any]:
    """What a consumer may know of a batch: which stages it went through, when and in which area, and how it was
    tested."""
    what = await named(desk, asked.batch)
    index = desk.world.index
    seeds = [Seed(batch) for batch in await opened(desk, what.batches)]
    found = index.backward(seeds)
    links = desk.world.presence.lying.links(found.holding)
    numbers = {int(number) for number in links.event[links.incoming] if number >= 0}
    kinds = [code_of("tested"), code_of("imported")]
    batches = desk.every_key(int(batch) for batch in found.batch)
    for row in await desk.conn.fetch(Q["answer_kinds_naming"], batches, kinds, desk.position):
        numbers.add(row["event"])
    for row in await desk.conn.fetch(Q["answer_kinds_naming"], batches, [code_of("sampled")], desk.position):
        numbers |= desk.world.results.on_sample_taken_by(row["event"])
    tested = {"passed": 0, "failed": 0}
    origins: set[str] = set()
    stages: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for event in await event_rows(desk.conn, sorted(numbers)) if numbers else []:
        if desk.world.standing_of(event.number) != "recorded":
            continue
        body = read_whole(event.body)
        if isinstance(body, Tested):
            if body.verdict in tested:
                tested[body.verdict] += 1
            continue
        if isinstance(body, Imported):
            origins.add(body.country)
        kind = kind_of(event.kind)
        stage = topic_of(kind).name
        if stage in STAGES:
            step = stage, kind, _products(body), event.grid[:AREA]
            lo, hi = stages.get(step, (FOREVER, NEVER))
            stages[step] = min(lo, body.at.lo if body.at.lo > NEVER else lo), max(hi, min(body.at.hi, FOREVER - 1))
    said = [
        {
            "stage": stage,
            "did": kind,
            "product": product or None,
            "area": area or None,
            "from": None if lo >= FOREVER else instant(lo)[:DAY],
            "to": None if hi >= FOREVER - 1 or hi <= NEVER else instant(hi)[:DAY],
        }
        for (stage, kind, product, area), (lo, hi) in stages.items()
    ]
    key = desk.names.batch_key(what.batches[0])
    return {
        "position": desk.position,
        "batch": key,
        "product": _plain(key),
        "stages": sorted(said, key=lambda one: (one["from"] or "", STAGES.index(one["stage"]), one["did"])),
        "tested": tested,
        "origin": sorted(origins),
    }


def _products(body: Any) -> str:
    refs = getattr(body, "out_batches", None) or [getattr(body, "out_batch", None)]
    refs = [ref for ref in refs if ref is not None] or list(getattr(body, "batches", None) or [])
    return ", ".join(sorted({_plain(ref.batch) for ref in refs}))


def _plain(key: str) -> str:
    """A product without whose it is."""
    return product_of(key).rsplit("/", 1)[-1]
