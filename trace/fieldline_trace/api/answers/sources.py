"""What could explain several findings at once: where their legs meet, ranked by the share explained, then by how
unlikely by chance.

The share is FoodChain-Lab's score with equal weights. Among equal shares the more specific source comes first: the
chance that as many of the findings would lie among what it reached if they were drawn at random (hypergeometric);
water that everyone uses explains all and gets 1.

``{"position", "findings", "sources", "more"}``; a finding is ``{"name", "batches"}``, a source
``{"lot", "labelled", "batches", "products", "sites", "explains", "unexplained", "share", "reached", "chance",
"certainty", "hops", "raw", "widespread", "fresh"}``. ``widespread``: it reached more than a thousand batches, or more
than 5 % of all: said to be so, and among equal shares the last, since its share is likely by chance; never left out.
``fresh``: how much is left of it within its shelf life, amounts by unit; where all else is equal, more of it comes
first, since it can still do harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from fieldline_schemas.batch_key import lot_of, product_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.illness_case import Exposure, IllnessCase
from fieldline_schemas.messages import Sentence
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import NEVER, Interval
from fieldline_schemas.whole import read_if_known
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.balance import accounts_of
from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.members import CERTAINTY
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.units import opened
from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.listed import listed
from fieldline_trace.recall.accounts import Sums, told, total
from fieldline_trace.risk.explaining import chance, rank, widest
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import batch_number, site_number

WEIGHED = 500
"""Candidates, best share first, whose reach is counted; the rest are ranked by share and nearness alone."""

Place = tuple[int, int | None]


class SourcesArguments(BaseModel):
    """The findings to explain: batches, or the clusters of illness cases."""

    model_config = ConfigDict(extra="forbid")

    batches: list[str] = Field(default=[], description="Each a finding: a batch in any spelling, or a lot number.")
    cases: bool = Field(default=False, description="Each cluster of illness cases is a finding, by what the cases ate.")
    times: bool = Field(default=True, description="Whether dates may exclude.")
    limit: int = Field(default=20, ge=1, description="Most sources that are named; the rest are counted.")
    direction: Literal["back", "forward"] = Field(
        default="back", description="back: what they have in common behind them; forward: what they came into together."
    )


@dataclass(slots=True)
class Finding:
    """One thing to explain."""

    name: str
    seeds: list[Place]
    cases: int = 0


@dataclass(slots=True)
class _Candidate:
    lot: str
    labelled: bool
    batches: set[int] = field(default_factory=set)
    sites: set[int] = field(default_factory=set)
    explains: set[int] = field(default_factory=set)
    certainty: int = 2
    hops: int = 1 << 30
    reached: int | None = None
    raw: bool | None = None
    chance: float | None = None
    widespread: bool = False
    fresh: Sums = field(default_factory=dict)


async def sources(desk: Desk, asked: SourcesArguments) -> dict[str, Any]:
    """Where the findings meet. ``NotFound`` where there is nothing to explain."""
    if not asked.batches and not asked.cases:
        raise Rejected(Fault.by("cases_or_batches", "batches"))
    findings = await findings_of(desk, asked.batches, asked.cases)
    if not findings:
        raise NotFound(Sentence("cases_name_nothing"))
    back = asked.direction == "back"
    candidates = await _candidates(desk, findings, asked.times, back)
    best = sorted(candidates, key=lambda c: (-len(c.explains), c.hops, c.lot))
    batches = await desk.conn.fetchval(Q["answer_batch_count"])
    for candidate in best[:WEIGHED]:
        _weigh(desk, candidate, len(findings), batches, asked.times, back)
    await _freshen(desk, best[:WEIGHED])
    best.sort(key=lambda c: (*rank(len(c.explains), c.chance, c.hops), *_most_first(c.fresh), c.lot))
    return {
        "position": desk.position,
        "findings": [
            {
                "name": finding.name,
                "cases": finding.cases,
                "batches": sorted({desk.names.batch_key(batch) for batch, _ in finding.seeds}),
            }
            for finding in findings
        ],
        "sources": [_said(desk, candidate, findings) for candidate in best[: asked.limit]],
        "more": max(0, len(best) - asked.limit),
    }


async def findings_of(desk: Desk, batches: Sequence[str], cases: bool) -> list[Finding]:
    """What has to be explained: each batch that is named, and with ``cases`` each cluster of illness cases."""
    findings = []
    for text in batches:
        held = await opened(desk, (await named(desk, text)).batches)
        findings.append(Finding(text, [(batch, None) for batch in held]))
    return findings + (await _clusters(desk) if cases else [])


async def _candidates(desk: Desk, findings: Sequence[Finding], times: bool, back: bool) -> list[_Candidate]:
    """Every lot that some finding came from, or came into, the findings themselves left out."""
    index = desk.world.index
    own = {index.canonical(batch) for finding in findings for batch, _ in finding.seeds}
    met: dict[int, list[tuple[int, int, int, int]]] = {}
    for number, finding in enumerate(findings):
        seeds = [Seed(batch, site) for batch, site in finding.seeds]
        trace = index.backward(seeds, times=times) if back else index.forward(seeds, times=times)
        found = listed(index, trace, desk.world.is_pool)
        for at in range(len(found.holding)):
            batch = int(found.batch[at])
            if batch not in own:
                met.setdefault(batch, []).append(
                    (number, int(found.site[at]), int(found.certainty[at]), int(found.hops[at]))
                )
    labels = await desk.labels(met)
    groups: dict[tuple[bool, str], _Candidate] = {}
    for batch, meetings in met.items():
        key = desk.names.batch_key(batch)
        for labelled, name in [(True, label) for label in labels.get(batch, [])] or [(False, key)]:
            group = groups.setdefault((labelled, name), _Candidate(name if labelled else lot_of(key), labelled))
            group.batches.add(batch)
            for number, site, certainty, hops in meetings:
                group.explains.add(number)
                group.sites.add(site)
                group.certainty = max(group.certainty, certainty)
                group.hops = min(group.hops, hops)
    return list(groups.values())


def _weigh(desk: Desk, candidate: _Candidate, findings: int, batches: int, times: bool, back: bool) -> None:
    """How many batches it reached (was made of), whether it is a start (an end), and how likely its share is by
    chance."""
    index = desk.world.index
    seeds = [Seed(batch) for batch in sorted(candidate.batches)]
    own = {index.canonical(batch) for batch in candidate.batches}
    towards, away = (index.forward, index.backward) if back else (index.backward, index.forward)
    candidate.reached = len({int(batch) for batch in towards(seeds, times=times).batch} - own)
    candidate.raw = {int(batch) for batch in away(seeds, times=times).batch} <= own
    candidate.widespread = candidate.reached > widest(batches, desk.world.reference.collapse)
    candidate.chance = chance(len(candidate.explains), findings, candidate.reached, batches)


async def _freshen(desk: Desk, candidates: Sequence[_Candidate]) -> None:
    """How much is left of each, wherever it lies, that nothing said is past its shelf life."""
    index, lives = desk.world.index, desk.world.shelf_lives
    lots = {index.canonical(batch) for candidate in candidates for batch in candidate.batches}
    fresh = {
        one
        for one in lots
        if lives.until(desk.world.presence.lying.together(one), desk.world.bases.state) >= desk.world.received_at
    }
    left: dict[int, list[Sums]] = {}
    for (batch, _), account in (await accounts_of(desk, sorted(fresh))).items():
        left.setdefault(batch, []).append(account.on_hand())
    for candidate in candidates:
        own = {index.canonical(batch) for batch in candidate.batches}
        amounts = total(amount for one in sorted(own) for amount in left.get(one, ()))
        candidate.fresh = {unit: amount for unit, amount in amounts.items() if amount}


def _most_first(amounts: Sums) -> tuple[Decimal, ...]:
    return tuple(-amounts.get(unit, Decimal(0)) for unit in ("kg", "l", "piece"))


def _said(desk: Desk, candidate: _Candidate, findings: Sequence[Finding]) -> dict[str, Any]:
    batches = sorted(desk.names.batch_key(batch) for batch in candidate.batches)
    return {
        "lot": candidate.lot,
        "labelled": candidate.labelled,
        "batches": batches,
        "products": sorted({product_of(batch) for batch in batches}),
        "sites": sorted(desk.names.site_key(site) for site in candidate.sites),
        "explains": [finding.name for number, finding in enumerate(findings) if number in candidate.explains],
        "unexplained": [finding.name for number, finding in enumerate(findings) if number not in candidate.explains],
        "share": round(len(candidate.explains) / len(findings), 6),
        "reached": candidate.reached,
        "chance": candidate.chance,
        "certainty": CERTAINTY[candidate.certainty],
        "hops": candidate.hops,
        "raw": candidate.raw,
        "widespread": candidate.widespread,
        "fresh": told(candidate.fresh),
    }


async def _clusters(desk: Desk) -> list[Finding]:
    """Illness cases that stand, one finding a cluster; a case without one stands for itself."""
    clusters: dict[str, Finding] = {}
    for row in await desk.conn.fetch(Q["answer_events_of_kind"], code_of("illness_case"), desk.position):
        if desk.world.standing_of(row["number"]) == "withdrawn":
            continue
        case = read_if_known(row["body"])
        if not isinstance(case, IllnessCase):
            continue
        name = case.cluster or case.case
        finding = clusters.setdefault(name, Finding(name, []))
        finding.cases += 1
        for exposure in case.exposures:
            when = case.at if exposure.at is None else exposure.at
            finding.seeds += [seed for seed in await _seeds(desk, exposure, when) if seed not in finding.seeds]
    return [finding for _, finding in sorted(clusters.items()) if finding.seeds]


async def _seeds(desk: Desk, exposure: Exposure, when: Interval) -> list[Place]:
    """What was eaten of; of a unit, what it held then."""
    batch = await batch_number(desk.conn, exposure.batch)
    if batch is None or not desk.knows(batch):
        return []
    site = await site_number(desk.conn, exposure.site)
    if batch not in desk.world.catalogue.units:
        return [(batch, site)]
    hi = min(when.hi, desk.world.received_at)
    held = desk.world.content.units.held(batch, hi if when.lo == NEVER else when.lo, hi)
    return [(one, site) for one in held.sure or sorted(held.content)]
