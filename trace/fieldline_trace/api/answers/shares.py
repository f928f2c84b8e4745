"""How much of a source can be in a holding: at least, and at most, from what is said of amounts along all ways.

Nothing is assumed of how well a batch was mixed, what a step lost, or what is not said: a part of a batch may hold all
of the source that is in the batch, or none of it.

``{"position", "source", "batch", "places": [{"batch", "site", "least", "most", "of", "share"}], "unit", "whole":
{"least", "most", "of", "share"}, "batches", "circle"}``: decimal texts in ``unit``; ``most`` is None where no amount
bounds it. ``of`` is how much there was of the batch, and what part of that is the source's ``share``, [least, most];
where not all that came is said, ``of`` is None and the share anything, [0, 1]. ``circle``: the ways come back on
themselves, so only the whole of the source bounds it there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from fieldline_schemas import fast
from fieldline_schemas.faults import Fault
from fieldline_schemas.record import MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.registry import kind_of
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.balance import accounts_of
from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import named
from fieldline_trace.capture.rows import IN, OUT, mentions_of
from fieldline_trace.errors import Rejected
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.lineage.terms import DECLARED
from fieldline_trace.recall.accounts import Account, Bounds, Place, in_base, made_of, part_of, told
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows

BATCHES = 5_000
"""Batches between source and holding that one answer follows at most."""


class ShareArguments(BaseModel):
    """Of what, in what."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(description="The source: a batch in any spelling, or a lot number.")
    batch: str = Field(description="What may hold some of it.")
    unit: str = Field(default="kg", pattern="^(kg|l|piece)$", description="In which unit amounts are counted.")


async def share(desk: Desk, asked: ShareArguments) -> dict[str, Any]:
    """Bounds on how much of a source is in each holding of a batch."""
    index = desk.world.index
    source, batch = await _one(desk, "source", asked.source), await _one(desk, "batch", asked.batch)
    forward, back = index.forward([Seed(source)]), index.backward([Seed(batch)])
    between = sorted(set(forward.batch.tolist()) & set(back.batch.tolist()))
    if len(between) > BATCHES:
        raise Rejected(Fault.by("too_many_batches", "batch", asked.batch, count=len(between), most=BATCHES))
    steps = await _steps(desk, between, asked.unit)
    loose = set(forward.batch[forward.basis >= DECLARED].tolist()) | (set(between) - steps.keys())
    found = _Shares(source, asked.unit, await accounts_of(desk, between), steps, loose)
    whole = found.of(batch) if batch in between else Bounds(Decimal(0), Decimal(0))
    unsaid = await _unsaid(desk, batch, asked.unit)
    places = []
    for holding in index.holdings_of(batch):
        where = index.holding(holding)
        if where[1] != NOWHERE:
            came = None if where in unsaid else found.came(where)
            part = part_of(whole, found.made.get(batch), came)
            places.append(
                {
                    "batch": desk.names.batch_key(batch),
                    "site": desk.names.site_key(where[1]) or None,
                    **_said(part, came),
                }
            )
    return {
        "position": desk.position,
        "source": desk.names.batch_key(source),
        "batch": desk.names.batch_key(batch),
        "unit": asked.unit,
        "whole": _said(whole, found.made.get(batch)),
        "places": sorted(places, key=lambda one: str(one["site"])),
        "batches": len(between),
        "circle": found.circle,
    }


async def _one(desk: Desk, name: str, text: str) -> int:
    """The one batch that a text names."""
    found = sorted({desk.world.index.canonical(one) for one in (await named(desk, text)).batches})
    if len(found) > 1:
        example = desk.names.batch_key(found[0])
        raise Rejected(Fault.of(text, "lot_of_many_batches", name, count=len(found), example=example))
    return found[0]


Step = tuple[dict[int, Decimal | None], dict[int, Decimal | None]]
"""Batches that went in and that came out, each with how much."""


class _Shares:
    """How much of one source is in batches as wholes."""

    def __init__(
        self,
        source: int,
        unit: str,
        accounts: Mapping[Place, Account],
        steps: Mapping[int, list[Step]],
        loose: Collection[int],
    ) -> None:
        """``loose``: batches that some came to by other ways than by steps that made them."""
        self._loose = loose
        self._source, self._unit, self._accounts, self._steps = source, unit, accounts, steps
        self.circle = False
        self.made: dict[int, Decimal] = defaultdict(Decimal)
        for (batch, _), account in accounts.items():
            amount = account.sums.get("produced", {}).get(unit)
            if amount is not None and all(outs[batch] is not None for _, outs in steps.get(batch, ())):
                self.made[batch] += amount
        self._known: dict[int, Bounds] = {}

    def came(self, place: Place) -> Decimal | None:
        """How much came to a place; None where it is not known."""
        account = self._accounts.get(place)
        return None if account is None else account.came().get(self._unit)

    def of(self, batch: int) -> Bounds:
        """How much of the source is in a batch as it was made. Depth first, without recursion: chains are long."""
        amount = self.made.get(self._source)
        self._known[self._source] = Bounds(amount or Decimal(0), amount)
        todo, entered = [batch], set[int]()
        while todo:
            one = todo[-1]
            if one in self._known:
                todo.pop()
                continue
            before = [b for ins, _ in self._steps.get(one, ()) for b in ins if b not in self._known]
            if one not in entered:
                entered.add(one)
                ahead = [b for b in before if b not in entered]
                if len(ahead) < len(before):
                    self.circle = True
                if ahead:
                    todo += ahead
                    continue
            self._known[one] = self._whole(one)
            todo.pop()
        return self._known[batch]

    def _whole(self, batch: int) -> Bounds:
        least, most = Decimal(0), Decimal(0)
        unbounded = batch in self._loose
        everything = self._known[self._source].most
        for ins, outs in self._steps.get(batch, ()):
            parts = [
                part_of(self._known.get(one, Bounds(Decimal(0), everything)), self.made.get(one), amount)
                for one, amount in ins.items()
            ]
            bounds = made_of(parts, _sum(ins), _sum(outs), outs[batch])
            least += bounds.least
            if bounds.most is None:
                unbounded = True
            else:
                most += bounds.most
        if everything is not None:
            most, unbounded = (everything, False) if unbounded else (min(most, everything), False)
        return Bounds(least, None if unbounded else most)


async def _steps(desk: Desk, batches: list[int], unit: str) -> dict[int, list[Step]]:
    """By batch, the steps that made it, with those inputs alone that are ``batches``; amounts are of all inputs."""
    lying = desk.world.presence.lying
    links = lying.links(lying.of_batches(batches))
    making = links.event[links.incoming & ((links.shape & SHAPE_MASK) == MADE)]
    numbers = sorted({int(number) for number in making if number >= 0})
    said = []
    keys: set[str] = set()
    for event in await event_rows(desk.conn, numbers) if numbers else []:
        rows = list(mentions_of(fast.read(event.body)))
        keys.update(batch for batch, *_ in rows)
        said.append(rows)
    known = await desk.conn.fetch(Q["keys_batch"], sorted(keys)) if keys else []
    number_of = {row["key"]: desk.world.index.canonical(row["number"]) for row in known}
    found: dict[int, list[Step]] = {}
    wanted = set(batches)
    for rows in said:
        sides: tuple[dict[int, Decimal | None], dict[int, Decimal | None]] = {}, {}
        for key, _, role, amount, code in rows:
            if role in (IN, OUT) and key in number_of:
                name, much = in_base(Decimal(amount), code) if amount else ("", None)
                side, number = sides[role - 1], number_of[key]
                before = side.get(number, Decimal(0))
                side[number] = None if much is None or before is None or name != unit else before + much
        for batch in sides[1]:
            if batch in wanted:
                found.setdefault(batch, []).append(sides)
    return found


def _sum(amounts: Mapping[int, Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts.values() if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


async def _unsaid(desk: Desk, batch: int, unit: str) -> set[Place]:
    """Places that some of the batch came to of which no amount is said. A move is said by who sent and by who
    received, and it is enough that either of them says how much: all of them, and no fewer than there are others."""
    lying = desk.world.presence.lying
    holdings = lying.of_batches([batch])
    links = lying.links(holdings)
    shape = links.shape & SHAPE_MASK
    coming = links.incoming & ((shape == MADE) | (shape == MOVED) | (shape == RECEIVED)) & (links.event >= 0)
    events = {event.number: event for event in await event_rows(desk.conn, sorted(set(links.event[coming].tolist())))}
    own = {desk.names.batch_key(one) for one in lying.together(batch)}
    says: dict[tuple[Place, str], dict[int, bool]] = defaultdict(dict)
    for at, number in zip(links.at[coming].tolist(), links.event[coming].tolist(), strict=True):
        event, place = events.get(number), desk.world.index.holding(int(holdings[at]))
        kind = "stored" if event is None else kind_of(event.kind)
        if event is None or kind in ("stored", "aggregated", "disaggregated"):  # it lay there, and did not come
            continue
        site = desk.names.site_key(place[1])
        way = "received" if kind == "received" else "made" if event.site == site else "moved"
        says[place, way][number] = any(
            key in own and where == site and amount and in_base(Decimal(amount), code)[0] == unit
            for key, where, _, amount, code in mentions_of(fast.read(event.body))
        )
    found = set()
    for place in {place for place, _ in says}:
        made, sent, got = (says.get((place, way), {}).values() for way in ("made", "moved", "received"))
        enough = (all(sent) and len(sent) >= len(got)) or (all(got) and len(got) >= len(sent))
        if not (all(made) and enough):
            found.add(place)
    return found


def _said(bounds: Bounds, of: Decimal | None) -> dict[str, Any]:
    least, most = bounds
    share = [0.0, 1.0]
    if of:
        share = [
            round(float(min(least / of, Decimal(1))), 6),
            1.0 if most is None else round(float(min(most / of, Decimal(1))), 6),
        ]
    return {
        "least": told({"": least})[""],
        "most": None if most is None else told({"": most})[""],
        "of": None if of is None else told({"": of})[""],
        "share": share,
    }
