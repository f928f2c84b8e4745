"""What windows join, read plainly from all that stands: the rules of ``follow.presence`` and ``follow.windows`` in
loops over every event and every step, each time anew. What the incremental reading is held to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from fieldline_schemas import fast, read_whole
from fieldline_schemas import windows as said
from fieldline_schemas.batch_key import is_pool
from fieldline_schemas.kinds.cleaned import Cleaned
from fieldline_schemas.kinds.contamination_declared import ContaminationDeclared
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.quantities import UNITS
from fieldline_schemas.record import ADDED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval
from fieldline_trace.capture.rows import IN, MOVED_IN, MOVED_OUT, OUT, mentions_of
from fieldline_trace.lineage.kernels.columns import ROWS
from fieldline_trace.lineage.parts import NOWHERE, asserting
from fieldline_trace.lineage.terms import DECLARED, RECORDED
from fieldline_trace.risk.rules.test_failed import fails

from .worlds import Told

Holding = tuple[str, str]
Joined = tuple[str, str, Holding, Interval, Interval, bool]
"""``to`` or ``from`` the window, its key, the holding, drawn, filled, timeless."""


class Row(NamedTuple):
    """A standing step; of a move, one batch."""

    event: int
    shape: int
    basis: int
    ins: tuple[Holding, ...]
    outs: tuple[Holding, ...]
    drawn: Interval
    filled: Interval

    @property
    def timeless(self) -> bool:
        return bool(self.shape & TIMELESS)

    @property
    def kind(self) -> int:
        return self.shape & SHAPE_MASK


def joined(one: Told) -> set[Joined]:
    """What is laid for windows that stand."""
    found = set()
    names, world = one.names, one.world
    for event in list(world.derived._put):
        if world.standing_of(event) == "withdrawn":
            continue
        for steps in world.derived.slots(event).values():
            for step, basis in steps:
                if basis != DECLARED:
                    continue
                drawn, filled = Interval(*step.times[:2]), Interval(*step.times[2:])
                into = step.outs[0][1] == NOWHERE
                (node, _), (batch, site) = (step.outs[0], step.ins[0]) if into else (step.ins[0], step.outs[0])
                holding = names.batch_key(world.index.canonical(batch)), names.site_key(site)
                timeless = bool(step.shape & TIMELESS)
                found.add(("to" if into else "from", names.batch_key(node), holding, drawn, filled, timeless))
    return found


def joined_plainly(one: Told) -> set[Joined]:
    """What they should join."""
    return set(Plain(one).joined())


class Plain:
    """All that stands of one world."""

    def __init__(self, one: Told) -> None:
        self.one = one
        self.world, self.names = one.world, one.names
        self.rows = [row for row in self._rows() if row.basis != DECLARED]
        self.events = {n: read_whole(e.body) for n, e in one.ledger.events.items() if self.stands(n)}

    def stands(self, number: int) -> bool:
        return self.world.standing_of(number) != "withdrawn"

    def key(self, batch: int) -> str:
        return self.names.batch_key(self.world.index.canonical(batch))

    def canonical(self, key: str) -> str:
        number = self.names.batch_number(key)
        return key if number is None else self.key(number)

    def _rows(self) -> Iterator[Row]:
        storage = self.world.index._storage
        of, known, parts = storage.rows, storage.known, self.world.index._parts
        for row in range(int(storage.counts[ROWS])):
            # An event fills a holding once: where its steps differ in when, parts with the hull stand in their place.
            if of.basis[row] >= 7 or row not in parts.get(int(of.event[row]), (row,)):
                continue
            start, end = int(of.start[row]), int(of.start[row + 1])
            middle = start + int(of.inputs[row])
            ends = [self.world.index.holding(int(node)) for node in of.ends[start:end]]
            keys = [(self.key(batch), self.names.site_key(site)) for batch, site in ends]
            ins, outs = tuple(keys[: middle - start]), tuple(keys[middle - start :])
            drawn, filled = (Interval(*known[of.when[row, side]].tolist()) for side in (0, 1))
            event, shape, basis = asserting(int(of.event[row])), int(of.shape[row]), int(of.basis[row])
            pairs = zip(ins, outs, strict=True) if shape & SHAPE_MASK == MOVED else [(ins, outs)]
            for a, b in pairs:
                moved = shape & SHAPE_MASK == MOVED
                yield Row(event, shape, basis, (a,) if moved else a, (b,) if moved else b, drawn, filled)  # type: ignore

    # Presence

    def variants(self, event: int) -> list[int]:
        identity = self.world.rows.identity(event)
        return [n for n in self.events if self.world.rows.identity(n) == identity]

    def is_at(self, event: int, site: str, location: str) -> bool:
        said_by = [self.events[n] for n in self.variants(event)]
        return not location or any(one.site == site and one.location == location for one in said_by)

    def stay(self, holding: Holding, location: str) -> tuple[int, int, Interval | None] | None:
        """From, to, and when it was made there; None where it was never there."""
        rows = [row for row in self.rows if holding in (*row.ins, *row.outs)]
        fills = [row for row in rows if holding in row.outs and row.kind in (MADE, MOVED, RECEIVED)]
        start = min([NEVER if row.timeless else row.filled.lo for row in fills] or [NEVER])
        draws = [row for row in rows if holding in row.ins]
        start = min([start, *(row.drawn.lo for row in draws if not row.timeless and row.drawn.hi < start)])
        end = max(start, self.end(holding, rows, fills, draws))
        here = [row for row in rows if self.is_at(row.event, holding[1], location)]
        made = [UNKNOWN if row.timeless else row.filled for row in here if row in fills and row.kind == MADE]
        born = Interval(min(t.lo for t in made), max(t.hi for t in made)) if made else None
        if not here:
            return None
        if not location:
            return start, end, born
        pieces = []
        for row in here:
            if holding in row.ins:
                drawn = UNKNOWN if row.timeless else row.drawn
                pieces.append(Interval(start, drawn.hi) if row.kind == MOVED else drawn)
            if holding in row.outs:
                filled = UNKNOWN if row.timeless else row.filled
                if row.kind in (MOVED, RECEIVED):
                    pieces.append(Interval(filled.lo, end))
                elif row.kind == MADE and born is not None:
                    pieces.append(Interval(filled.lo, min([end, *self.later(holding, rows, here, born.hi)])))
                else:
                    pieces.append(filled)
        lo = min(piece.lo for piece in pieces)
        return lo, max(lo, min(end, max(piece.hi for piece in pieces))), born

    def later(self, holding: Holding, rows: list[Row], here: list[Row], since: int) -> Iterator[int]:
        """Ends of what events elsewhere say of it that begins after ``since``."""
        for row in rows:
            if row in here or row.timeless:
                continue
            for at in [row.drawn] * (holding in row.ins) + [row.filled] * (holding in row.outs):
                if at.lo > since:
                    yield at.hi

    def end(self, holding: Holding, here: list[Row], fills: list[Row], draws: list[Row]) -> int:
        ends = []
        amounts = [a for n in self.events for a in self.amounts(n) if a[:2] == holding]
        timeless = any(row.timeless for row in here)
        if not is_pool(holding[0]):
            lives = [
                until.hi
                for number in self.events
                for batch, until in fast.read(self.one.ledger.events[number].body).expires
                if self.canonical(batch) == holding[0]
            ]
            ends += [max(lives)] if lives else []
            if fills and draws and not timeless and self.all_left(fills, amounts):
                ends.append(max([r.drawn.hi for r in draws] + [r.filled.hi for r in here if holding in r.outs]))
        measured = {self.world.rows.identity(a[5]) for a in amounts if a[2] == IN}
        for row in draws:
            kinds = {self.events[n].kind for n in self.variants(row.event)}
            if row.kind != DRAWN or row.basis != RECORDED or row.timeless or kinds != {"disposed"}:
                continue
            before = all(not fill.timeless and fill.filled.hi <= row.drawn.lo for fill in fills)
            if before and self.world.rows.identity(row.event) not in measured:
                ends.append(row.drawn.hi)
        dated = [row.drawn.lo for row in draws if not row.timeless]
        dated += [row.filled.lo for row in here if holding in row.outs and row.kind != ADDED and not row.timeless]
        return max([min([FOREVER, *ends]), *dated])

    def amounts(self, number: int) -> list[tuple[str, str, int, str, str, int]]:
        read = fast.read(self.one.ledger.events[number].body)
        return [(self.canonical(b), s, role, a, u, number) for b, s, role, a, u in mentions_of(read) if a]

    def all_left(self, fills: list[Row], amounts: list[Any]) -> bool:
        rows = self.world.rows
        if not amounts or any(self.world.standing_of(a[5]) != "recorded" for a in amounts):
            return False
        came = {rows.identity(a[5]) for a in amounts if a[2] in (OUT, MOVED_IN)}
        for fill in fills:
            kinds = [self.events[n].kind for n in self.variants(fill.event)]
            if len(kinds) > 1:
                return False
            if fill.kind == RECEIVED and kinds[0] in ("stored", "cooled"):
                continue
            if rows.identity(fill.event) not in came:
                return False

        def total(*roles: int) -> Decimal:
            """Of what is said as shipped and as received the greater counts; kilograms."""
            sums = []
            for receipts in (False, True):
                said_by = [a for a in amounts if (self.events[a[5]].kind == "received") == receipts]
                factors = [(a, UNITS[a[4]].factor) for a in said_by if a[2] in roles]
                sums.append(sum((Decimal(a[3]) * factor for a, factor in factors if factor), Decimal(0)))
            return sums[0] + sums[1] if IN in roles or OUT in roles else max(sums)

        in_all, out_all = total(OUT) + total(MOVED_IN), total(IN) + total(MOVED_OUT)
        return bool(in_all == out_all and out_all)

    # Windows

    def joined(self) -> Iterator[Joined]:
        for number, event in self.events.items():
            if isinstance(event, ContaminationDeclared):
                lo = event.until.lo if event.until else event.at.lo
                hi = event.since.hi if event.since else event.at.hi
                for window in said.declared(event):
                    yield from self.of_window(self.bounded(window, Interval(lo, hi), event.hazard_class, []))
            elif isinstance(event, ScopeOpened):
                for opened in said.opened(event):
                    if opened is not None:
                        yield from self.of_window(opened)
            else:
                yield from self.of_result(number)

    def of_result(self, number: int) -> Iterator[Joined]:
        identity = self.world.rows.identity(number)
        if not self.world.results.knows(identity):
            return
        facts = self.world.results.facts(identity)
        places = [v for v in facts.variants if not v.batches and v.sample]
        for failed in fails(places, facts.superseded_by, facts.deciding):
            if failed.number != number:
                continue
            for swab, window in self.swabs(failed.sample):
                passed = [
                    other.at
                    for sample in ("P1", "P2", "S1", "S2")
                    if sample != failed.sample and self.passes(sample)
                    for other, place in self.swabs(sample)
                    if (place.site, place.location) == (window.site, window.location)
                ]
                yield from self.of_window(self.bounded(window, swab.at, failed.hazard_class, passed))

    def swabs(self, sample: str) -> list[tuple[Sampled, said.Window]]:
        taken = [e for e in self.events.values() if isinstance(e, Sampled) and e.sample == sample and not e.batches]
        return [(event, said.swabbed(event)[0]) for event in taken]

    def passes(self, sample: str) -> bool:
        for number in self.events:
            identity = self.world.rows.identity(number)
            if self.world.results.knows(identity):
                facts = self.world.results.facts(identity)
                for v in facts.variants:
                    good = v.verdict == "passed" and v.firm and not v.screening and not v.batches
                    if v.sample == sample and good and not facts.superseded_by:
                        return True
        return False

    def bounded(self, window: said.Window, near: Interval, hazard: str, passed: list[Interval]) -> said.Window:
        breaks = list(passed)
        for number, event in self.events.items():
            if isinstance(event, Cleaned) and self.world.standing_of(number) == "recorded":
                there = event.site == window.site and event.location in (None, window.location or None)
                if there and hazard in (event.hazard_classes or ["pathogen", "allergen", "residue"]):
                    breaks.append(event.at)
        since, until = window.since, window.until
        before, after = min(until, near.lo), max(since, near.hi)
        if since == NEVER:
            since = max([NEVER, *(b.lo for b in breaks if b.hi <= before)])
        if until == FOREVER:
            until = min([FOREVER, *(b.hi for b in breaks if b.lo >= after)])
        return window._replace(since=since, until=max(since, until))

    def of_window(self, window: said.Window) -> Iterator[Joined]:
        if window.source:
            yield from self.of_source(window)
            return
        for holding in {h for row in self.rows for h in (*row.ins, *row.outs) if h[1] == window.site}:
            stay = self.stay(holding, window.location)
            if stay is None:
                continue
            lo, hi = max(stay[0], window.since), min(stay[1], window.until)
            if lo > hi:
                continue
            yield ("to", window.key, holding, Interval(lo, hi), Interval(lo, hi), False)
            unbounded = (lo, hi) == UNKNOWN
            yield ("from", window.key, holding, Interval(lo, hi), Interval(lo, hi), unbounded)
            born = stay[2]
            if born and born.lo <= window.until and born.hi >= window.since and not is_pool(holding[0]):
                yield from self.whole(window, holding[0])

    def whole(self, window: said.Window, lot: str) -> Iterator[Joined]:
        for holding in {h for row in self.rows for h in (*row.ins, *row.outs) if h[0] == lot}:
            yield ("from", window.key, holding, UNKNOWN, UNKNOWN, True)

    def of_source(self, window: said.Window) -> Iterator[Joined]:
        source = self.canonical(window.source)
        places = {h for row in self.rows for h in (*row.ins, *row.outs) if h[0] == source}
        if window.site and is_pool(source):
            places = {h for h in places if h[1] == window.site}
        then = Interval(window.since, window.until)
        for holding in places:
            yield ("to", window.key, holding, then, then, False)
        for row in self.rows:
            if row.kind == DRAWN or not places.intersection(row.ins):
                continue
            if not row.timeless and not (row.drawn.lo <= window.until and row.drawn.hi >= window.since):
                continue
            for out in row.outs:
                if row.kind == MADE and not is_pool(out[0]):
                    yield from self.whole(window, out[0])
                elif row.timeless or (row.drawn, row.filled) == (UNKNOWN, UNKNOWN):
                    yield ("from", window.key, out, UNKNOWN, UNKNOWN, True)
                else:
                    yield ("from", window.key, out, row.drawn, row.filled, False)
