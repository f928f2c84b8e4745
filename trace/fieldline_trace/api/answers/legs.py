"""What a hypothesis explains: which findings what is supposed to be the source reaches, and which leg it leaves
unexplained, with where the records of that leg stop.

``{"position", "hypothesis", "explained": [{"name", "cases", "batches", "certainty", "hops"}], "unexplained": [{"name",
"cases", "batches", "excluded_by_times", "ends"}], "share"}``. ``excluded_by_times``: dates alone keep it from being
explained; ``ends`` are those of ``dead ends``, nearest first, at most three.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.ends import EndsArguments, dead_ends
from fieldline_trace.api.answers.members import CERTAINTY
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.sources import findings_of
from fieldline_trace.api.answers.units import opened
from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.lineage import Seed


class HypothesisArguments(BaseModel):
    """What is supposed, and what it has to explain."""

    model_config = ConfigDict(extra="forbid")

    suspects: list[str] = Field(min_length=1, description="What is supposed to be the source: batches or lot numbers.")
    batches: list[str] = Field(default=[], description="Each a finding: a batch in any spelling, or a lot number.")
    cases: bool = Field(default=False, description="Each cluster of illness cases is a finding.")


async def hypothesis(desk: Desk, asked: HypothesisArguments) -> dict[str, Any]:
    """Which legs a supposed source explains, and which it leaves unexplained."""
    if not asked.batches and not asked.cases:
        raise Rejected(Fault.by("cases_or_batches", "batches"))
    findings = await findings_of(desk, asked.batches, asked.cases)
    if not findings:
        raise NotFound(Sentence("cases_name_nothing"))
    index, names = desk.world.index, desk.names
    seeds = [Seed(batch) for text in asked.suspects for batch in await opened(desk, (await named(desk, text)).batches)]
    found = index.forward(seeds)
    place = {int(holding): row for row, holding in enumerate(found.holding.tolist())}
    kept_out = {index.holding(int(holding))[0] for holding in found.excluded}
    explained, unexplained = [], []
    for finding in findings:
        keys = sorted({names.batch_key(batch) for batch, _ in finding.seeds})
        said = {"name": finding.name, "cases": finding.cases, "batches": keys}
        holdings = [
            holding
            for batch, site in finding.seeds
            for holding in index.holdings_of(batch)
            if site is None or index.holding(holding)[1] == site
        ]
        rows = [place[holding] for holding in holdings if holding in place]
        if rows:
            best = min(rows, key=lambda row: (-int(found.certainty[row]), int(found.hops[row])))
            certainty = CERTAINTY[int(found.certainty[best])]
            explained.append({**said, "certainty": certainty, "hops": int(found.hops[best])})
            continue
        excluded = any(index.canonical(batch) in kept_out for batch, _ in finding.seeds)
        ends = [end for key in keys[:3] for end in (await dead_ends(desk, EndsArguments(batch=key, limit=3)))["ends"]]
        unexplained.append({**said, "excluded_by_times": excluded, "ends": ends[:3]})
    return {
        "position": desk.position,
        "hypothesis": sorted({names.batch_key(seed.batch) for seed in seeds}),
        "explained": explained,
        "unexplained": unexplained,
        "share": round(len(explained) / len(findings), 6),
    }
