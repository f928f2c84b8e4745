"""Why a batch is in, and by which ways material got from one batch to another.

- ``why``: ``{"position", "batch", "direction", "of", "certainty", "basis", "path", "events", "accountable"}``: the
  strongest of the shortest chains.
- ``paths``: ``{"position", "from", "to", "paths": [{"certainty", "basis", "hops", "path", "events"}], "more",
  "excluded_by_times"}``: the strongest first, each by other events than those before.
- ``accountable``: ``{"position", "batch", "direction", "operators"}``: who did what along a whole trace.

A path is ``[{"batch", "site", "operator", "certainty", "basis", "exposed", "event", "kind", "sender", "by"}]`` in order
of the flow of material; ``event`` is what brought it on to that holding, of which ``by`` is the operator who acted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from fieldline_schemas.messages import Sentence
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.members import BASIS, CERTAINTY
from fieldline_trace.api.answers.naming import named, site_named
from fieldline_trace.api.answers.scopes import scope_named
from fieldline_trace.api.answers.trace import excluded
from fieldline_trace.api.answers.units import opened
from fieldline_trace.errors import NotFound
from fieldline_trace.lineage import Seed, Trace
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.recall.reach import asked_of

TRIED = 400
"""Sets of events that are left out, one after another, in search of further paths."""


class WhyArguments(BaseModel):
    """Why which batch is in what."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling, or a lot number.")
    site: str | None = Field(default=None, description="What lies of it at this site alone.")
    scope: str | None = Field(default=None, description="In this scope: its id, or the begin of it.")
    of: str | None = Field(default=None, description="Or in what came of, or went into, this batch.")
    times: Literal["trusted", "ignore"] = Field(default="trusted", description="Whether dates may exclude.")


class PathsArguments(BaseModel):
    """From where to where."""

    model_config = ConfigDict(extra="forbid")

    origin: str = Field(description="Where material came from: a batch in any spelling, or a lot number.")
    target: str = Field(description="Where it got to.")
    times: Literal["trusted", "ignore"] = Field(default="trusted", description="Whether dates may exclude.")
    limit: int = Field(default=5, ge=1, le=50, description="Paths, at most.")


class AccountableArguments(BaseModel):
    """Along which trace."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch in any spelling, or a lot number.")
    direction: Literal["back", "forward"] = Field(default="back", description="Which way.")
    to: str | None = Field(default=None, description="Along the strongest path to this batch alone.")


class Hop(NamedTuple):
    """A holding on a path, in the trace's own direction."""

    holding: int
    event: int
    """What links it to the one before; -1 for the first."""


async def why(desk: Desk, asked: WhyArguments) -> dict[str, Any]:
    """Why a batch is in a scope, or in a trace of another batch: the strongest path, with the ids of its events."""
    at = None if asked.site is None else await site_named(desk, asked.site)
    wanted = {desk.world.index.canonical(one) for one in (await named(desk, asked.batch)).batches}
    if asked.scope is not None:
        scope = await scope_named(desk, asked.scope)
        of: str | None = scope.id
        seeds = [asked_of(seed) for seed in scope.seeds]
        seeds += [Seed(one.batch, one.site or None) for one in scope.decisions.values() if one.included]
    else:
        what = await named(desk, asked.of or asked.batch)
        of, seeds = asked.of, [Seed(batch) for batch in await opened(desk, what.batches)]
    trusted = asked.times == "trusted"
    for direction in ("forward", "back"):
        found = _followed(desk, seeds, direction == "forward", trusted)
        row = _best(found, wanted, at)
        if row is not None:
            hops = _chain(found, row)
            path = await _said(desk, found, hops, forward=direction == "forward")
            return {
                "position": desk.position,
                "batch": asked.batch,
                "of": of,
                "direction": direction,
                "certainty": CERTAINTY[int(found.certainty[row])],
                "basis": BASIS[int(found.basis[row])],
                "path": path,
                "events": _ids(path),
                "accountable": _accountable(path),
            }
    raise NotFound(Sentence("no_way", batch=repr(asked.batch), other=repr(of or "")))


async def paths(desk: Desk, asked: PathsArguments) -> dict[str, Any]:
    """The ways from one batch to another, the strongest and shortest first."""
    index = desk.world.index
    seeds = [Seed(batch) for batch in await opened(desk, (await named(desk, asked.origin)).batches)]
    wanted = {index.canonical(one) for one in await opened(desk, (await named(desk, asked.target)).batches)}
    trusted = asked.times == "trusted"
    told: list[dict[str, Any]] = []
    known: set[tuple[Hop, ...]] = set()
    queue: list[frozenset[int]] = [frozenset()]
    tried = {frozenset[int]()}
    whole = _followed(desk, seeds, True, trusted)
    while queue and len(told) < asked.limit + 1:
        without = queue.pop(0)
        found = whole if not without else index.forward(seeds, times=trusted, without=without)
        row = _best(found, wanted, None)
        if row is None:
            continue
        hops = tuple(_chain(found, row))
        if hops not in known:
            known.add(hops)
            path = await _said(desk, found, hops, forward=True)
            told.append(
                {
                    "certainty": CERTAINTY[int(found.certainty[row])],
                    "basis": BASIS[int(found.basis[row])],
                    "hops": int(found.hops[row]),
                    "path": path,
                    "events": _ids(path),
                }
            )
        for hop in hops:
            fewer = without | {hop.event}
            if hop.event >= 0 and fewer not in tried and len(tried) < TRIED:
                tried.add(fewer)
                queue.append(fewer)
    told.sort(key=lambda one: (one["certainty"] != "definite", one["hops"]))
    places = [place for place in excluded(desk, whole) if place["batch"] in {desk.names.batch_key(b) for b in wanted}]
    return {
        "position": desk.position,
        "from": asked.origin,
        "to": asked.target,
        "paths": told[: asked.limit],
        "more": len(told) > asked.limit,
        "excluded_by_times": places,
    }


async def accountable(desk: Desk, asked: AccountableArguments) -> dict[str, Any]:
    """Who did what along a trace, or along the strongest path to one batch: for each operator its sites, the batches it
    had in hand, and the events that it stands for."""
    index = desk.world.index
    seeds = [Seed(batch) for batch in await opened(desk, (await named(desk, asked.batch)).batches)]
    forward = asked.direction == "forward"
    found = _followed(desk, seeds, forward, True)
    hops = [Hop(int(h), int(e)) for h, e in zip(found.holding, found.via_event, strict=True)]
    if asked.to is not None:
        wanted = {index.canonical(one) for one in (await named(desk, asked.to)).batches}
        row = _best(found, wanted, None)
        if row is None:
            raise NotFound(Sentence("no_way", batch=repr(asked.to), other=repr(asked.batch)))
        hops = _chain(found, row)
    path = await _said(desk, found, hops, forward=forward)
    return {
        "position": desk.position,
        "batch": asked.batch,
        "direction": asked.direction,
        "to": asked.to,
        "operators": _accountable(path),
    }


def _followed(desk: Desk, seeds: Sequence[Seed], forward: bool, times: bool) -> Trace:
    index = desk.world.index
    return index.forward(seeds, times=times) if forward else index.backward(seeds, times=times)


def _best(found: Trace, wanted: set[int], site: int | None) -> int | None:
    """The row of the strongest, then nearest, of the holdings of ``wanted``."""
    rows = [
        row
        for row in range(len(found))
        if int(found.batch[row]) in wanted and (int(found.site[row]) == site if site else found.site[row] != NOWHERE)
    ]
    return min(rows, key=lambda r: (-int(found.certainty[r]), int(found.hops[r]), int(found.holding[r])), default=None)


def _chain(found: Trace, row: int) -> list[Hop]:
    """From a seed to the holding of ``row``, by the last link of each."""
    place = {int(holding): at for at, holding in enumerate(found.holding.tolist())}
    hops: list[Hop] = []
    seen: set[int] = set()
    at: int | None = row
    while at is not None and at not in seen:
        seen.add(at)
        hops.append(Hop(int(found.holding[at]), int(found.via_event[at])))
        at = place.get(int(found.via_holding[at]))
    return hops[::-1]


async def _said(desk: Desk, found: Trace, hops: Iterable[Hop], *, forward: bool) -> list[dict[str, Any]]:
    """A path in words, from where material came to where it got."""
    index, names, hops = desk.world.index, desk.names, list(hops)
    place = {int(holding): at for at, holding in enumerate(found.holding.tolist())}
    places = [index.holding(hop.holding) for hop in hops]
    operators = await desk.operators(places)
    events = await desk.events(hop.event for hop in hops)
    said = []
    for hop, (batch, site) in zip(hops, places, strict=True):
        if site == NOWHERE:  # a lot as such, or a contaminated window: the event says what it is
            continue
        row, event = place[hop.holding], events.get(hop.event)
        said.append(
            {
                "batch": names.batch_key(batch),
                "site": names.site_key(site) or None,
                "operator": operators.get(site),
                "certainty": CERTAINTY[int(found.certainty[row])],
                "basis": BASIS[int(found.basis[row])],
                "exposed": time_said(int(found.exposed_lo[row]), int(found.exposed_hi[row])),
                "event": event and event["id"],
                "kind": event and event["kind"],
                "sender": event and event["sender"],
                "by": event and event["operator"],
            }
        )
    return said if forward else said[::-1]


def _ids(path: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(one["event"] for one in path if one["event"] is not None))


def _accountable(path: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """``{"operator", "sites", "batches", "did": [{"kind", "event"}], "said_by"}`` by operator, in order of the path."""
    found: dict[str, dict[str, Any]] = {}
    for one in path:
        for operator in dict.fromkeys((one["operator"], one["by"])):
            if operator is None:
                continue
            row = found.setdefault(
                operator, {"operator": operator, "sites": [], "batches": [], "did": [], "said_by": []}
            )
            holds = operator == one["operator"]
            acted = {"kind": one["kind"], "event": one["event"]} if operator == one["by"] else None
            for name, value in (
                ("sites", one["site"] if holds else None),
                ("batches", one["batch"] if holds else None),
                ("did", acted),
                ("said_by", one["sender"] if acted else None),
            ):
                if value is not None and value not in row[name]:
                    row[name].append(value)
    return list(found.values())
