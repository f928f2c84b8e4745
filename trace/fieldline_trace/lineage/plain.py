"""The rules of lineage in plain sets and dictionaries: what the index is held to, and the text to read first.

The module is long because the rules are to be read from top to bottom in one place.

The node is a holding, a batch at a site. A step of an event draws from holdings and fills others. A link into a
holding is a filling ``f``, a link out of it (or a sample) a draw ``d``; both are intervals, and None where order in
time says nothing ("timeless").

- **Pair rule.** f reaches d at holding h unless ``d.hi < f.lo and content(h) <= d.hi``, where content(h) is the least
  ``hi`` of all dated fillings of h. f surely reaches d if it reaches it and ``f.hi <= d.lo``, or if at most one event
  filled h. What is timeless reaches, and is reached, surely.
- **Fillings.** Receipts that name no source date a holding (they count for content) but are no filling event and
  explain no draw. The fillings of a holding by one event are one filling: the hull of its intervals. Timeless ones
  count for neither content nor number.
- **Additions.** What is applied to a field, or a contaminated line gives, is added to what is there: an addition is no
  filling, counts for neither content nor number, makes nothing and explains nothing. It reaches a draw unless it began
  after the draw's end (no fault of the records, there was something to add to), and surely if it was over before.
- **A lot is whole.** What enters a lot where it is made is in each of its holdings, timelessly; surely if one event
  made the lot. Where it was made, it is also a filling as any other.
- **Gaps.** A draw is unexplained where no filling from a known source began by its end (a declared one asks for no
  explanation: nobody says that something was taken). A lot's holding with such a
  draw is a gap, fed timelessly by all other holdings of the lot (dated by its receipts if it has any). A lot whose
  making is not recorded starts where it was shipped from: at its shipping holdings that nothing filled, or where
  there is none at those with an unexplained shipment; if that is one place, it is no gap.
- **Pools.** A gap of a lot that is nowhere else is fed from the general pool of its product at the site, which was
  drawn for it by its last unexplained draw. A general pool that is drawn on is fed by the lots of its product at the
  site as they came: each filling or receipt of the lot is one of the pool, each addition an addition, and where a lot
  has unexplained draws and is not itself fed from the pool, it came at no known time. But for additions the pool
  counts all this as a further filling event.
  Other pools are tanks, silos, herds: nothing but records fills them.
- **Chains.** A chain's certainty is its weakest link's and pair's; a member's is that of its best chain, then of the
  best basis, then the fewest links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from fieldline_schemas.record import ADDED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval

from fieldline_trace.lineage.parts import asserting
from fieldline_trace.lineage.terms import ALL, DECLARED, DEFINITE, INFERRED, POOLED, POSSIBLE, RECORDED, WITHDRAWN

_K = TypeVar("_K")
_V = TypeVar("_V")


class Holding(NamedTuple):
    """A batch (``product/lot``) at a site."""

    batch: str
    site: str


class Step(NamedTuple):
    """What one event says: ``ins`` were drawn when ``drawn``, ``outs`` filled when ``filled``."""

    event: int
    shape: int
    ins: tuple[Holding, ...]
    outs: tuple[Holding, ...]
    drawn: Interval = UNKNOWN
    filled: Interval = UNKNOWN
    basis: int = RECORDED


class Member(NamedTuple):
    """How a holding is in an answer."""

    certainty: int
    basis: int
    hops: int
    exposed: Interval


class Answer(NamedTuple):
    """The members, and what would be in if times were not trusted."""

    members: dict[Holding, Member]
    excluded: set[Holding]


class Gap(NamedTuple):
    """Why a holding is a gap: events with unexplained draws, and shipments from it as one of several places of
    origin.
    """

    unexplained: frozenset[int]
    origin: frozenset[int]


class _Link(NamedTuple):
    source: Holding
    target: Holding
    drawn: Interval | None
    filled: Interval | None
    basis: int = RECORDED
    certain: bool = True
    added: bool = False
    event: int | None = None


class _Draw(NamedTuple):
    at: Interval
    event: int
    moved: bool


def is_pool(batch: str) -> bool:
    """Whether the batch has no lot: its last segment begins with ``~``."""
    return batch.rsplit("/", 1)[1].startswith("~")


def is_general(batch: str) -> bool:
    """Whether the batch is the pool of all that is not told apart of its product."""
    return batch.rsplit("/", 1)[1] == "~"


def product_of(batch: str) -> str:
    """What is before the lot."""
    return batch.rsplit("/", 1)[0]


def hull(intervals: Iterable[Interval]) -> Interval:
    """The least interval that holds them all."""
    all_of = list(intervals)
    return Interval(min(i.lo for i in all_of), max(i.hi for i in all_of))


class PlainLineage:
    """The links of a world, and its answers. Built whole; ``same`` are groups of keys that are one batch, named by
    the least.
    """

    def __init__(self, steps: Iterable[Step], same: Iterable[Sequence[str]] = ()) -> None:
        self._name: dict[str, str] = {}
        for group in same:
            self._join(group)
        self._steps = [self._named(step) for step in steps if step.basis != WITHDRAWN]
        self.holdings: set[Holding] = {h for s in self._steps for h in _touched(s)}
        self._of_batch = _grouped(self.holdings, lambda h: h.batch)
        self._at_site = _grouped(self.holdings, lambda h: (product_of(h.batch), h.site))
        self._fillings: dict[Holding, dict[int, Interval]] = defaultdict(dict)
        self._timeless: set[Holding] = set()
        self._receipts: dict[Holding, list[Interval]] = defaultdict(list)
        self._additions: dict[Holding, list[Interval | None]] = defaultdict(list)
        self._draws: dict[Holding, list[_Draw]] = defaultdict(list)
        self._births: dict[str, set[int]] = defaultdict(set)
        self._pooled: dict[Holding, list[Interval | None]] = defaultdict(list)
        for step in self._steps:
            self._take(step)
        self._starts = {batch: self._origins(batch) for batch in self._of_batch}
        self._links = [*self._recorded(), *self._lots(), *self._gaps(), *self._pools()]
        for link in self._links:
            if link.basis == POOLED and is_general(link.target.batch) and not link.added:
                self._pooled[link.target].append(link.filled)
        self._out = _grouped(self._links, lambda link: link.source)
        self._in = _grouped(self._links, lambda link: link.target)

    # What is said

    def _join(self, group: Sequence[str]) -> None:
        roots = {self.name(batch) for batch in group}
        least = min(roots)
        for batch in {*group, *(b for b, root in self._name.items() if root in roots)}:
            self._name[batch] = least

    def name(self, batch: str) -> str:
        """The key that the batch is answered under."""
        return self._name.get(batch, batch)

    def _named(self, step: Step) -> Step:
        def rename(h: Holding) -> Holding:
            return Holding(self.name(h.batch), h.site)

        shape = step.shape & SHAPE_MASK
        ins = () if shape == RECEIVED else tuple(map(rename, step.ins))
        return step._replace(ins=ins, outs=() if shape == DRAWN else tuple(map(rename, step.outs)))

    def _take(self, step: Step) -> None:
        shape, timeless = step.shape & SHAPE_MASK, bool(step.shape & TIMELESS)
        for h in step.ins:
            if step.basis == DECLARED:
                continue
            at = UNKNOWN if timeless else step.drawn
            self._draws[h].append(_Draw(at, step.event, shape == MOVED))
        for h in step.outs:
            if shape == RECEIVED:
                self._receipts[h].append(UNKNOWN if timeless else step.filled)
                continue
            if shape == ADDED:
                self._additions[h].append(None if timeless else step.filled)
                continue
            if shape == MADE:
                self._births[h.batch].add(asserting(step.event))
            if timeless:
                self._timeless.add(h)
            else:
                before = self._fillings[h].get(step.event, step.filled)
                self._fillings[h][step.event] = hull((before, step.filled))

    # What is derived of a holding

    def unexplained(self, h: Holding) -> list[Interval]:
        """The draws that no filling from a known source could have fed in time."""
        return [draw.at for draw in self._unexplained(h)]

    def _unexplained(self, h: Holding) -> list[_Draw]:
        if h in self._timeless:
            return []
        return [d for d in self._draws[h] if not any(f.lo <= d.at.hi for f in self._fillings[h].values())]

    def _origins(self, batch: str) -> set[Holding]:
        if is_pool(batch) or self._births[batch]:
            return set()
        shipping = {h for h in self._of_batch[batch] if any(d.moved for d in self._draws[h])}
        unfilled = {h for h in shipping if not self._fillings[h] and h not in self._timeless}
        return unfilled or {h for h in shipping if any(d.moved for d in self._unexplained(h))}

    def _is_gap(self, h: Holding) -> bool:
        return not is_pool(h.batch) and bool(self._unexplained(h)) and self._starts[h.batch] != {h}

    def _is_fed_from_pool(self, h: Holding) -> bool:
        return self._is_gap(h) and len(self._of_batch[h.batch]) == 1

    def gap(self, h: Holding) -> Gap | None:
        """Why CHAIN_GAP stands at ``h``, None where it does not. A pool has one where not even a lot could have fed
        its draw.
        """
        missing = self._unexplained(h)
        if is_pool(h.batch):
            missing = [d for d in missing if not any(f is None or f.lo <= d.at.hi for f in self._pooled[h])]
        origins = self._starts[h.batch]
        if not missing or origins == {h}:
            return None
        shipped = {asserting(d.event) for d in missing if d.moved and h in origins}
        return Gap(frozenset(asserting(d.event) for d in missing), frozenset(shipped))

    def content(self, h: Holding) -> int:
        """From when on something was surely in it; FOREVER where that is not known."""
        dated = [*self._fillings[h].values(), *self._receipts[h], *self._pooled[h]]
        return min((f.hi for f in dated if f is not None), default=FOREVER)

    def _one_event(self, h: Holding) -> bool:
        return len(set(map(asserting, self._fillings[h]))) + bool(self._pooled[h]) <= 1

    def since(self, h: Holding) -> Interval:
        """When the holding was first filled, so far as records date that."""
        dated = [*self._fillings[h].values(), *self._receipts[h]]
        return Interval(min(f.lo for f in dated), min(f.hi for f in dated)) if dated else UNKNOWN

    # Links

    def _recorded(self) -> Iterator[_Link]:
        for step in self._steps:
            for source, target in _pairs(step):
                if step.shape & TIMELESS:
                    yield _Link(source, target, None, None, step.basis, event=step.event)
                elif step.shape & SHAPE_MASK == ADDED:
                    yield _Link(source, target, step.drawn, step.filled, step.basis, added=True, event=step.event)
                else:
                    filled = self._fillings[target][step.event]
                    yield _Link(source, target, step.drawn, filled, step.basis, event=step.event)

    def _lots(self) -> Iterator[_Link]:
        for step in self._steps:
            if step.shape & SHAPE_MASK != MADE:
                continue
            drawn = None if step.shape & TIMELESS else step.drawn
            for source, target in _pairs(step):
                if not is_pool(target.batch):
                    one = len(self._births[target.batch]) == 1
                    for h in self._of_batch[target.batch]:
                        yield _Link(source, h, drawn, None, step.basis, certain=one, event=step.event)

    def _came(self, h: Holding) -> Interval | None:
        dated = self._receipts[h]
        return Interval(min(f.lo for f in dated), min(f.hi for f in dated)) if dated else None

    def _gaps(self) -> Iterator[_Link]:
        for h in filter(self._is_gap, self.holdings):
            for other in self._of_batch[h.batch] - {h}:
                yield _Link(other, h, None, self._came(h), INFERRED)

    def _pools(self) -> Iterator[_Link]:
        for pool in self.holdings:
            if not is_general(pool.batch):
                continue
            for lot in self._at_site[product_of(pool.batch), pool.site]:
                if is_pool(lot.batch):
                    continue
                fed = self._is_fed_from_pool(lot)
                if fed:
                    last = max(d.hi for d in self.unexplained(lot))
                    yield _Link(pool, lot, Interval(NEVER, last), self._came(lot), POOLED)
                if self._draws[pool]:
                    came: list[Interval | None] = [*self._fillings[lot].values(), *self._receipts[lot]]
                    if lot in self._timeless or (self._unexplained(lot) and not fed):
                        came.append(None)
                    for f in came:
                        yield _Link(lot, pool, f, f, POOLED)
                    for f in self._additions[lot]:
                        yield _Link(lot, pool, f, f, POOLED, added=True)

    # Chains

    def _carries(self, before: _Link, after: _Link) -> int:
        """How what ``before`` brings to a holding is in what ``after`` takes from it: 0 not, as times say; 1 maybe; 2
        surely.
        """
        h, f, d = after.source, before.filled, after.drawn
        if f is None or d is None:
            return 2
        if d.hi < f.lo and (before.added or self.content(h) <= d.hi):
            return 0
        return 2 if f.hi <= d.lo or (self._one_event(h) and f.lo <= d.hi and not before.added) else 1

    def forward(
        self,
        seeds: Iterable[str | Holding],
        *,
        times: bool = True,
        depth: int | None = None,
        bases: Collection[int] = ALL,
        without: Collection[int] = (),
    ) -> Answer:
        """All that what the seeds hold (a batch: all its holdings) is in. ``without``: events whose links are not
        followed."""

        def carries(so_far: _Link, link: _Link) -> int:
            return self._carries(so_far, link)

        return self._answer(
            seeds, self._out, lambda link: link.target, carries, times, depth, bases, without, dated=True
        )

    def backward(
        self,
        seeds: Iterable[str | Holding],
        *,
        times: bool = True,
        depth: int | None = None,
        bases: Collection[int] = ALL,
        without: Collection[int] = (),
    ) -> Answer:
        """All that is in what the seeds hold. ``exposed`` is when the holding was first filled."""

        def carries(so_far: _Link, link: _Link) -> int:
            return self._carries(link, so_far)

        return self._answer(
            seeds, self._in, lambda link: link.source, carries, times, depth, bases, without, dated=False
        )

    def _answer(
        self,
        seeds: Iterable[str | Holding],
        links: dict[Holding, set[_Link]],
        far: Callable[[_Link], Holding],
        carries: Callable[[_Link, _Link], int],
        times: bool,
        depth: int | None,
        bases: Collection[int],
        without: Collection[int],
        dated: bool,
    ) -> Answer:
        starts: set[Holding] = set()
        for seed in seeds:
            if isinstance(seed, Holding):
                starts |= {Holding(self.name(seed.batch), seed.site)} & self.holdings
            else:
                starts |= self._of_batch.get(self.name(seed), set())

        def spread(least: int, allowed: Collection[int], certain: bool) -> dict[_Link, int]:
            """Links reached and in how many steps, by links of ``allowed`` bases, each pair at ``least``."""
            reached: dict[_Link, int] = {}
            here: list[tuple[Holding, _Link | None]] = [(h, None) for h in starts]
            hops = 0
            while here and hops != depth:
                hops += 1
                there: list[tuple[Holding, _Link | None]] = []
                for h, so_far in here:
                    for link in links.get(h, ()):
                        if link in reached or link.basis not in allowed or (certain and not link.certain):
                            continue
                        if link.event in without:
                            continue
                        if so_far is None or carries(so_far, link) >= least:
                            reached[link] = hops
                            there.append((far(link), link))
                here = there
            return reached

        maybe = 1 if times else 0
        definite = spread(2, set(bases) & {RECORDED}, certain=True)
        possible = spread(maybe, bases, certain=False)
        standards = [(DEFINITE, RECORDED, definite)]
        for basis in sorted(bases):
            standards.append((POSSIBLE, basis, spread(maybe, {b for b in bases if b <= basis}, certain=False)))
        ranks: dict[Holding, tuple[int, int, int]] = dict.fromkeys(starts, (DEFINITE, RECORDED, 0))
        for certainty, basis, reached in standards:
            found: dict[Holding, tuple[int, int, int]] = {}
            for link, hops in reached.items():
                rank = (certainty, basis, hops)
                found[far(link)] = min(found.get(far(link), rank), rank, key=lambda r: r[2])
            ranks = {**found, **ranks}
        exposed = self._exposed(starts, definite, possible) if dated else self.since
        members = {h: Member(*rank, exposed(h)) for h, rank in ranks.items()}
        untimed = {far(link) for link in spread(0, bases, certain=False)}
        return Answer(members, untimed - set(members))

    def _exposed(
        self, starts: set[Holding], definite: dict[_Link, int], possible: dict[_Link, int]
    ) -> Callable[[Holding], Interval]:
        """Since when: from the earliest filling that may have brought it, to the earliest that surely has, if one has.

        Where it came at no time that is known (a lot is whole), since the holding was first filled.
        """
        by_all, by_sure = _grouped(possible, lambda k: k.target), _grouped(definite, lambda k: k.target)

        def exposed(h: Holding) -> Interval:
            fillings = [link.filled for link in by_all.get(h, ())]
            dated = [f for f in fillings if f is not None]
            if h in starts or len(dated) < len(fillings):
                return self.since(h)
            sure = [link.filled.hi for link in by_sure.get(h, ()) if link.filled is not None]
            return Interval(min(f.lo for f in dated), min(sure or [f.hi for f in dated]))

        return exposed


def _touched(step: Step) -> tuple[Holding, ...]:
    return (*step.ins, *step.outs)


def _pairs(step: Step) -> Iterator[tuple[Holding, Holding]]:
    """The links of a step: all inputs to all outputs; a move takes each batch to its own."""
    if step.shape & SHAPE_MASK == MOVED:
        yield from zip(step.ins, step.outs, strict=True)
    elif step.shape & SHAPE_MASK in (MADE, ADDED):
        for source in step.ins:
            for target in step.outs:
                yield source, target


def _grouped(items: Iterable[_V], key: Callable[[_V], _K]) -> dict[_K, set[_V]]:
    groups: dict[_K, set[_V]] = defaultdict(set)
    for item in items:
        groups[key(item)].add(item)
    return dict(groups)
