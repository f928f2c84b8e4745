"""A version of a scope whole, for other programs: its members as rows, the events that it rests on, the network.

- ``scope export``: ``{"position", "scope", "version", "status", "hazard_class", "hazard", "title", "rows": [{"batch",
  "lot", "product", "site", "operator", "role", "certainty", "basis", "state", "held", "exposed_from", "exposed_to",
  "hops", "quantity", "unit", "event", "reason", "cause"}]}``: all members, those that inference alone knows and what
  suspects also fed with them. ``held`` is None in an earlier version.
- ``scope events``: ``{"position", "scope", "events": [{"number", "id", "sender", "kind", "received", "standing",
  "body"}]}``, in the order of the ledger; ``body`` as it was received.
- ``scope network``: ``{"position", "scope", "network"}``: FoodChain-Lab's exchange format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldline_schemas.batch_key import lot_of, product_of
from fieldline_schemas.messages import Sentence
from fieldline_schemas.registry import kind_of
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.quantities import quantities_of
from fieldline_trace.api.answers.scopes import scope_named, versions_of
from fieldline_trace.api.answers.trading import Told, Trading, told_of
from fieldline_trace.errors import NotFound
from fieldline_trace.formats.fcl.days import Days
from fieldline_trace.formats.fcl.write import Delivery, Station, network_of
from fieldline_trace.recall.changes import Change
from fieldline_trace.recall.members import Member
from fieldline_trace.recall.scope import Scope
from fieldline_trace.recall.versions import members_at
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows


class ExportArguments(BaseModel):
    """Which version of which scope."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(description="Its id, or the begin of it that no other has.")
    version: int | None = Field(default=None, ge=1, description="Which version; None is the latest.")


class OfScopeArguments(BaseModel):
    """Of which scope."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(description="Its id, or the begin of it that no other has.")


async def scope_export(desk: Desk, asked: ExportArguments) -> dict[str, Any]:
    """All members of a version of a scope, as rows."""
    scope = await scope_named(desk, asked.scope)
    number = scope.version if asked.version is None else asked.version
    rows = scope.members(inferred=True, co=True)
    members: Sequence[Member | Change] = rows
    status: str = scope.status
    if number != scope.version:
        versions = await versions_of(desk, scope)
        if number not in [one.number for one in versions]:
            known = tuple(str(one.number) for one in versions)
            raise NotFound(Sentence("scope_no_version", scope=scope.id, number=number), known)
        members = [one for one in members_at(versions, number).rows() if one.after is not None]
        status = next(one.status for one in versions if one.number == number)
    places = [(one.batch, one.site) for one in members]
    operators = await desk.operators(places)
    quantities = await quantities_of(desk, places)
    events = await desk.events(n for one in members for n in (one.event, one.cause))
    labels = await desk.labels(batch for batch, _ in places)
    return {
        "position": desk.position,
        "scope": scope.id,
        "version": number,
        "status": status,
        "title": scope.title,
        "hazard_class": scope.hazard_class,
        "hazard": scope.hazard,
        "rows": [
            {
                "batch": desk.names.batch_key(one.batch),
                "lot": (labels.get(one.batch) or [lot_of(desk.names.batch_key(one.batch))])[0],
                "product": product_of(desk.names.batch_key(one.batch)),
                "site": desk.names.site_key(one.site) or None,
                "operator": operators.get(one.site),
                **_standing(one),
                "exposed_from": time_said(*one.exposed)["from"],
                "exposed_to": time_said(*one.exposed)["to"],
                "hops": one.hops,
                **_quantity(quantities.get((one.batch, one.site))),
                "event": events[one.event]["id"] if one.event in events else None,
                "reason": one.reason,
                "cause": events[one.cause]["id"] if one.cause in events else None,
            }
            for one in members
        ],
    }


async def scope_events(desk: Desk, asked: OfScopeArguments) -> dict[str, Any]:
    """The events that a scope rests on, as they were received: of its lineage, its findings and its acts."""
    scope = await scope_named(desk, asked.scope)
    found = await event_rows(desk.conn, await _numbers(desk, scope))
    return {
        "position": desk.position,
        "scope": scope.id,
        "events": [
            {
                "number": one.number,
                "id": one.id,
                "sender": one.sender,
                "kind": kind_of(one.kind),
                "received": instant(one.received_at),
                "standing": desk.world.standing_of(one.number),
                "body": one.body.decode(errors="replace"),
            }
            for one in sorted(found, key=lambda event: (event.position, event.number))
        ],
    }


async def scope_network(desk: Desk, asked: OfScopeArguments) -> dict[str, Any]:
    """The stations, deliveries and relations of a scope, as FoodChain-Lab's applications open them. What failed has
    weight 1."""
    scope = await scope_named(desk, asked.scope)
    told: list[Told] = []
    for event in await event_rows(desk.conn, await _numbers(desk, scope)):
        if desk.world.standing_of(event.number) not in ("withdrawn", "unreadable"):
            said = told_of(event.number, event.kind, event.body)
            told += [said] if said is not None else []
    members = scope.members(inferred=True, co=True)
    own = {desk.names.batch_key(one.batch) for one in members}
    failed = {(one.batch, one.site) for one in members if one.role in ("failed_lot", "failed_holding")}
    trading = Trading(told, str)
    for one in members:
        if one.site:
            trading.station(desk.names.site_key(one.site))
    stations, deliveries = trading.ids({})
    weights = {desk.names.site_key(site) for _, site in failed}
    quantities = await quantities_of(desk, [(one.batch, one.site) for one in members])
    numbers = {desk.names.batch_key(one.batch): one.batch for one in members}
    labels = await desk.labels(numbers.values())
    days = trading.days
    kept = [at for at, (batch, _, _) in enumerate(trading.deliveries) if batch in own]
    rows = []
    for at in kept:
        batch, origin, target = trading.deliveries[at]
        site = desk.names.site_number(target)
        amount = quantities.get((numbers[batch], site)) if site is not None else None
        rows.append(
            Delivery(
                deliveries[at],
                stations[trading.station(origin)],
                stations[trading.station(target)],
                product_of(batch).rsplit("/", 1)[-1],
                (labels.get(numbers[batch]) or [lot_of(batch)])[0],
                _day(days[at][0]),
                _day(days[at][1]),
                "" if amount is None else f"{format(amount[0].normalize(), 'f')} {amount[1]}",
            )
        )
    found = [
        Station(name, site, weight=1.0 if site in weights else 0.0)
        for name, site in zip(stations, trading.stations, strict=True)
    ]
    inside = set(kept)
    relations = [(deliveries[a], deliveries[b]) for a, b in trading.relations() if a in inside and b in inside]
    return {"position": desk.position, "scope": scope.id, "network": network_of(found, rows, relations)}


async def _numbers(desk: Desk, scope: Scope) -> list[int]:
    """Numbers of the events that name any member, and of those that made the scope what it is."""
    members = scope.members(inferred=True, co=True)
    batches = sorted({one for member in members for one in desk.world.presence.lying.together(member.batch)})
    rows = await desk.conn.fetch(Q["answer_event_numbers"], batches, desk.position)
    numbers = {row["event"] for row in rows}
    numbers |= {number for one in members for number in (one.event, one.cause)}
    numbers |= {version.cause.event for version in await versions_of(desk, scope)}
    return sorted(number for number in numbers if number >= 0)


def _standing(one: Member | Change) -> dict[str, Any]:
    said = one if isinstance(one, Member) else one.after
    assert said is not None
    held = one.held if isinstance(one, Member) else None
    return {
        "role": said.role,
        "certainty": said.certainty,
        "basis": said.basis,
        "state": said.state,
        "held": held,
    }


def _quantity(amount: tuple[Any, str] | None) -> dict[str, str | None]:
    if amount is None:
        return {"quantity": None, "unit": None}
    return {"quantity": format(amount[0].normalize(), "f"), "unit": amount[1]}


def _day(days: Days) -> str:
    """The day, the month or the year that days are; empty where they say nothing, or not one of these."""
    (year, first), (last_year, last) = divmod(days.first, 10_000), divmod(days.last, 10_000)
    if not 1000 <= year == last_year:
        return ""
    month, day = divmod(first, 100)
    if first == last and month and day:
        return f"{year:04}-{month:02}-{day:02}"
    return f"{year:04}-{month:02}" if month and month == last // 100 else f"{year:04}"
