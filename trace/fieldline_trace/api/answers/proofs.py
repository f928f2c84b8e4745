"""Which evidence there is of a batch and its lineage: positives, negatives, samples, illness, complaints; and which
findings are of one strain or cluster.

``{"position", "asked", "positives", "negatives", "inconclusive", "cases", "others", "clusters": [{"cluster", "cases",
"results", "batches"}]}``; a result is ``{"event", "batch", "site", "lab", "report", "method", "verdict",
"hazard_class", "hazard", "at", "cluster", "standing"}``, a case ``{"event", "case", "cluster", "hazard", "confirmed",
"onset", "batches", "standing"}``. A negative clears nothing but its own sample.
"""

from __future__ import annotations

from typing import Any, Literal

from fieldline_schemas.kinds.complaint import Complaint
from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.registry import code_of, kind_of
from fieldline_schemas.whole import read_whole
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.naming import named
from fieldline_trace.api.answers.units import opened
from fieldline_trace.lineage import Seed
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows

_KINDS = ("tested", "sampled", "illness_case", "complaint")


class ProofArguments(BaseModel):
    """Of which batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling, or a lot number.")
    along: Literal["batch", "back", "forward", "both"] = Field(
        default="both", description="Of the batch alone, or of what it came from and came into too."
    )


async def proof(desk: Desk, asked: ProofArguments) -> dict[str, Any]:
    """Test results, cases and complaints along the lineage of a batch, and what is of one cluster or strain."""
    what = await named(desk, asked.batch)
    index = desk.world.index
    seeds = [Seed(batch) for batch in await opened(desk, what.batches)]
    batches = {int(seed.batch) for seed in seeds}
    if asked.along in ("back", "both"):
        batches |= set(index.backward(seeds).batch.tolist())
    if asked.along in ("forward", "both"):
        batches |= set(index.forward(seeds).batch.tolist())
    codes = sorted(code_of(kind) for kind in _KINDS)
    every = desk.every_key(batches)
    rows = await desk.conn.fetch(Q["answer_kinds_naming"], every, codes, desk.position)
    numbers = {row["event"] for row in rows}
    for number in list(numbers):  # a result may name its sample alone
        numbers |= desk.world.results.on_sample_taken_by(number)
    own = {desk.names.batch_key(batch) for batch in every}
    results: dict[str, list[dict[str, Any]]] = {"failed": [], "passed": [], "inconclusive": []}
    cases, others = [], []
    for event in await event_rows(desk.conn, sorted(numbers)) if numbers else []:
        body, standing = read_whole(event.body), desk.world.standing_of(event.number)
        if standing == "withdrawn":
            continue
        head = {"event": event.id, "site": event.site or None, "at": time_said(*body.at), "standing": standing}
        if isinstance(body, Tested):
            results[body.verdict].append(
                {
                    **head,
                    "batch": body.batch or _sampled(desk, body, own),
                    "sample": body.sample,
                    "lab": body.lab,
                    "report": body.report,
                    "method": body.method,
                    "verdict": body.verdict,
                    "hazard_class": body.hazard_class,
                    "hazard": body.hazard,
                    "cluster": _strain(body),
                }
            )
        elif isinstance(body, IllnessCase):
            cases.append(
                {
                    **head,
                    "case": body.case,
                    "cluster": body.cluster or _strain(body),
                    "hazard": body.hazard,
                    "confirmed": body.confirmed,
                    "onset": None if body.onset is None else time_said(*body.onset),
                    "batches": sorted({one.batch for one in body.exposures}),
                }
            )
        elif isinstance(body, Sampled | Complaint):
            others.append({**head, "kind": kind_of(event.kind)})
    return {
        "position": desk.position,
        "asked": {"text": what.text, "by": what.by, "batches": [desk.names.batch_key(one) for one in what.batches]},
        "along": asked.along,
        "positives": results["failed"],
        "negatives": results["passed"],
        "inconclusive": results["inconclusive"],
        "cases": cases,
        "others": others,
        "clusters": _clusters([one for every in results.values() for one in every], cases),
    }


def _sampled(desk: Desk, body: Tested, own: set[str]) -> str | None:
    """The batch of ``own`` that a result is on which names its sample; of several the first."""
    taken = desk.world.results.samplings(body.sample) if body.sample else []
    return min((batch for one in taken for batch in one.batches if batch in own), default=None)


def _strain(body: Tested | IllnessCase) -> str | None:
    """The sequence type or cluster that a report names, among what it says beside the contract's fields."""
    extra = body.model_extra or {}
    for name in ("x-cluster", "x-sequence-type", "x-strain"):
        if extra.get(name):
            return str(extra[name])
    return None


def _clusters(results: list[dict[str, Any]], cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is of one cluster, strain, or hazard by name: where cases and results both are, the strongest."""
    found: dict[str, dict[str, Any]] = {}
    for field, rows in (("results", results), ("cases", cases)):
        for one in rows:
            if one.get("verdict") in ("passed", "inconclusive"):
                continue
            name = one["cluster"] or one["hazard"]
            if name is None:
                continue
            row = found.setdefault(name, {"cluster": name, "cases": [], "results": [], "batches": []})
            row[field].append(one["event"])
            for batch in one.get("batches") or [one.get("batch")]:
                if batch is not None and batch not in row["batches"]:
                    row["batches"].append(batch)
    return sorted(found.values(), key=lambda row: (-len(row["cases"]) * len(row["results"]), row["cluster"]))
