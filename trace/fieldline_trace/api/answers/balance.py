"""How much of a batch is where, and what became of it: produced, received, on hand, used, served, sold, destroyed; loss
and yield of each step that it went through; and what does not add up.

``{"position", "asked", "expires", "totals", "places": [{"batch", "site", "operator", "on_hand", "odds", …}], "steps":
[{"event", "kind", "site", "put_in", "made", "yield", "loss"}], "odds"}``. Amounts are by unit, decimal texts:
``{"kg": "115"}``. ``odds``: ``{"what", "unit", "one", "other"}``: ``more_left_than_came`` (what left, what came),
``receipt_differs`` (what was shipped, what was received), ``more_made_than_put_in`` (what was made, what was put in).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from fieldline_schemas import fast
from fieldline_schemas.record import MADE, SHAPE_MASK
from fieldline_schemas.registry import kind_of
from fieldline_schemas.times import FOREVER
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.naming import named, site_named
from fieldline_trace.api.answers.units import opened
from fieldline_trace.capture.rows import mentions_of
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.recall.accounts import WAYS, Account, Place, Said, Sums, accounts, in_base, told, total
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows

STEPS = 1000
"""Steps that one answer tells of at most."""


class BalanceArguments(BaseModel):
    """Of which batch."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(description="The batch or unit in any spelling, or a lot number as printed.")
    site: str | None = Field(default=None, description="What became of it at this site alone.")


async def balance(desk: Desk, asked: BalanceArguments) -> dict[str, Any]:
    """What became of a batch, place by place and in all, and what of it does not add up."""
    what = await named(desk, asked.batch)
    at = None if asked.site is None else await site_named(desk, asked.site)
    batches = sorted({desk.world.index.canonical(one) for one in await opened(desk, what.batches)})
    found = await accounts_of(desk, batches)
    index = desk.world.index
    places = {index.holding(h) for batch in batches for h in index.holdings_of(batch)} | found.keys()
    wanted = sorted(place for place in places if place[1] != NOWHERE and at in (None, place[1]))
    operators = await desk.operators(wanted)
    steps = await steps_of(desk, batches)
    odds = [odd for place in wanted for odd in _odds(desk, place, found.get(place, Account()))]
    for step in steps:
        odds += [{"batch": None, "site": step["site"], "event": step["event"], **odd} for odd in step.pop("odds")]
    until = desk.world.shelf_lives.until(batches, desk.world.bases.state)
    return {
        "position": desk.position,
        "asked": {"text": what.text, "by": what.by, "batches": [desk.names.batch_key(one) for one in batches]},
        "expires": None if until >= FOREVER else time_said(until, until)["to"],
        "totals": totals([found[place] for place in wanted if place in found]),
        "places": [place_said(desk, place, found.get(place, Account()), operators) for place in wanted],
        "steps": steps,
        "odds": odds,
    }


def place_said(desk: Desk, place: Place, account: Account, operators: dict[int, str]) -> dict[str, Any]:
    """What became of a batch at one site."""
    return {
        "batch": desk.names.batch_key(place[0]),
        "site": desk.names.site_key(place[1]) or None,
        "operator": operators.get(place[1]),
        **{way: told(account.sums.get(way, {})) for way in WAYS},
        "on_hand": told(account.on_hand()),
    }


def totals(every: Sequence[Account]) -> dict[str, dict[str, str]]:
    """What became of a batch in all: what went from one of its sites to another is no loss and no gain. ``elsewhere``:
    what left for places that are not recorded; ``unrecorded``: what came from such."""
    kept = [way for way in WAYS if way not in ("shipped", "received")]
    said = {way: told(total(one.sums.get(way, {}) for one in every)) for way in kept}
    went = total(one.sums.get(way, {}) for one in every for way in ("sold", "shipped", "exported", "returned"))
    came = total(one.sums.get("received", {}) for one in every)
    away = {unit: went.get(unit, Decimal(0)) - came.get(unit, Decimal(0)) for unit in went.keys() | came.keys()}
    return {
        **said,
        "on_hand": told(total(one.on_hand() for one in every)),
        "elsewhere": told({unit: amount for unit, amount in away.items() if amount > 0}),
        "unrecorded": told({unit: -amount for unit, amount in away.items() if amount < 0}),
    }


async def accounts_of(desk: Desk, batches: Iterable[int]) -> dict[Place, Account]:
    """By place, what became of batches, as far as events that stand say it."""
    canonical, world = desk.world.index.canonical, desk.world
    wanted = sorted({one for batch in batches for one in world.presence.lying.together(batch)})
    rows = await desk.conn.fetch(Q["answer_said_amounts"], wanted, desk.position)
    return accounts(
        Said(
            canonical(row["batch"]),
            row["site"],
            row["role"],
            row["amount"],
            row["unit"],
            row["event"],
            (row["sender"], row["id"]),
            kind_of(row["kind"]),
        )
        for row in rows
        if world.standing_of(row["event"]) != "withdrawn"
    )


async def steps_of(desk: Desk, batches: Iterable[int]) -> list[dict[str, Any]]:
    """The steps that made batches, or drew on them to make others, with what went in and what came out."""
    lying = desk.world.presence.lying
    links = lying.links(lying.of_batches(batches))
    made = links.event[(links.shape & SHAPE_MASK) == MADE]
    numbers = sorted({int(number) for number in made if number >= 0})[:STEPS]
    said = []
    for event in await event_rows(desk.conn, numbers) if numbers else []:
        put_in, out = await _both(event.body)
        ratio, loss = _yield(put_in, out)
        odds = [
            {"what": "more_made_than_put_in", "unit": unit, "one": told(out)[unit], "other": told(put_in)[unit]}
            for unit in sorted(out.keys() & put_in.keys())
            if out[unit] > put_in[unit]
        ]
        said.append(
            {
                "event": event.id,
                "kind": kind_of(event.kind),
                "site": event.site or None,
                "operator": event.operator or None,
                "put_in": told(put_in),
                "made": told(out),
                "yield": ratio,
                "loss": loss,
                "odds": odds,
            }
        )
    return said


async def _both(body: bytes) -> tuple[Sums, Sums]:
    """What went into an event's step and what came out of it."""
    sums: tuple[Sums, Sums] = {}, {}
    for _, _, role, amount, unit in mentions_of(fast.read(body)):
        if amount and unit and role in (1, 2):
            name, much = in_base(Decimal(amount), unit)
            sums[role - 1][name] = sums[role - 1].get(name, Decimal(0)) + much
    return sums


def _yield(put_in: Sums, out: Sums) -> tuple[str | None, dict[str, str]]:
    """How much came out of one that went in, and what was lost; None where the two are not in one unit."""
    common = sorted(put_in.keys() & out.keys())
    if len(common) != 1 or len(put_in) > 1 or len(out) > 1:
        return None, {}
    unit = common[0]
    lost = max(put_in[unit] - out[unit], Decimal(0))
    return format(round(out[unit] / put_in[unit], 6).normalize(), "f"), told({unit: lost})


def _odds(desk: Desk, place: Place, account: Account) -> list[dict[str, Any]]:
    batch, site = desk.names.batch_key(place[0]), desk.names.site_key(place[1]) or None
    return [
        {
            "batch": batch,
            "site": site,
            "event": None,
            "what": what,
            "unit": unit,
            "one": told({unit: one})[unit],
            "other": told({unit: other})[unit],
        }
        for what, unit, one, other in account.odds()
    ]
