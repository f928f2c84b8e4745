"""The index: holdings and links in numbers, grown step by step, followed in milliseconds.

The module is long because it is one class, and each of its methods guards the same invariants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from fieldline_schemas.record import ADDED, MADE, MOVED, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Gap, Seed, StepColumns, Touched, Trace
from fieldline_trace.lineage.closures import Closures
from fieldline_trace.lineage.draws import Draws
from fieldline_trace.lineage.kernels.columns import NODES, ROWS
from fieldline_trace.lineage.kernels.linking import attach, detach, touched
from fieldline_trace.lineage.kernels.taking import group_all, holding_of, know, take
from fieldline_trace.lineage.storage import Storage
from fieldline_trace.lineage.terms import ALL, RECORDED, WITHDRAWN

_RETIRED = 8
"""The basis of a row that will not stand again: its event was said anew, or its part is now said by other rows."""
_AT_ONCE = 32_768
"""Steps taken in at once, so that room is made for what they name and not for what all of them could."""


class LineageIndex:
    """Holdings, links and what is derived of them.

    One writer; readers on the same thread, since a trace works in memory that belongs to the index. Every step is a
    row; the links of a row are put in when it comes to stand and taken out when it no longer does, and what is derived
    of a holding (``kernels.linking``) is brought up to date with it. Hubs of lots, gaps and pools are no links: they
    follow from that, and the kernels lead them as they pass (``kernels.forward``, ``kernels.backward``).
    """

    def __init__(self) -> None:
        self._storage = Storage()
        self._closures = Closures(self._storage)
        self._draws = Draws(self._storage)
        self._order: NDArray[np.int64] | None = None
        self._last = -1
        self._late: dict[int, list[int]] = defaultdict(list)
        self._parts: dict[int, list[int]] = {}
        self._claims: dict[int, tuple[int, ...]] = {}
        self._claimed: dict[int, set[int]] = defaultdict(set)
        self._keys: dict[int, bytes] = {}
        self._regrouped: set[int] = set()

    @property
    def storage(self) -> Storage:
        """Its columns as they are now, to be read: for the modules beside it that list what it holds."""
        return self._storage

    @property
    def draws(self) -> Draws:
        """What is said at single holdings, to be read."""
        return self._draws

    @property
    def parted(self) -> Mapping[int, Sequence[int]]:
        """Rows that say parts of an event in the place of its own, by the event."""
        return self._parts

    @property
    def claims(self) -> Mapping[int, tuple[int, ...]]:
        """Batches that are one, by the event that says so."""
        return self._claims

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Batches may be made known and steps taken in meanwhile, and answers take them into account; then all is as it
        was: numbers of holdings, rows, the order of links, room. No keys are joined meanwhile. Copies the index: for
        what is asked seldom."""
        kept = self._order, self._last, self._late, self._parts
        # What is beyond the last row of the order is of nobody: that may be written.
        self._late = defaultdict(list, {event: rows.copy() for event, rows in self._late.items()})
        self._parts = dict(self._parts)
        try:
            with self._storage.aside():
                yield
        finally:
            self._order, self._last, self._late, self._parts = kept

    # What is known of batches

    def know(self, batch: int, product: int, pool: bool, general: bool) -> None:
        """Say of what product a batch is (a number that is the same for all its lots), whether it is a pool, and the
        general one. Comes before the batch's first use; said again, it changes nothing."""
        self.know_all(np.array([batch]), np.array([product]), np.array([pool]), np.array([general]))

    def know_all(
        self,
        batches: NDArray[np.integer],
        products: NDArray[np.integer],
        pools: NDArray[np.bool_],
        generals: NDArray[np.bool_],
    ) -> None:
        """``know`` for many."""
        if not len(batches):
            return
        storage = self._storage
        storage.room_for_batches(int(batches.max()) + 1)
        storage.room_for_products(int(products.max()) + 1)
        found = np.empty(len(storage.batches.root) if generals.any() else 0, np.int32)
        count = know(
            storage.batches,
            storage.products,
            np.ascontiguousarray(batches, np.int64),
            np.ascontiguousarray(products, np.int64),
            np.ascontiguousarray(pools, np.uint8),
            np.ascontiguousarray(generals, np.uint8),
            found,
        )
        if generals.any():
            which = found[:count]
            storage.room_for_groups(sum(len(self._chain(batch)) for batch in which.tolist()))
            group_all(
                storage.counts, storage.nodes, storage.batches, storage.groups, storage.known, storage.tables, which
            )

    # What is said

    def apply(self, steps: StepColumns, basis: NDArray[np.uint8] | int = RECORDED) -> Touched:
        """Take steps in. ``basis``: one for all or one a step. An event may come again with more steps; those of it
        that were withdrawn then never stand again. ``ValueError`` where a batch is not known, or where a step is
        of a shape that others work out first (units)."""
        if (steps.shape & SHAPE_MASK > ADDED).any():
            raise ValueError("apply: what units hold is worked out before the index is told")
        for batch in (steps.in_batch, steps.out_batch):
            if len(batch) and (int(batch.max()) >= len(self._storage.batches.root) or not self._known(batch)):
                raise ValueError("apply: know() comes before the first use of a batch")
        bases = np.broadcast_to(np.asarray(basis, np.uint8), steps.event.shape)
        before = {int(e) for e in np.unique(steps.event[steps.event <= self._last]) if self._rows_of(int(e))}
        self._unlink(before)
        for event in before:
            for row in self._rows_of(event):
                if self._storage.rows.basis[row] == WITHDRAWN:
                    self._storage.rows.basis[row] = _RETIRED
            if event in self._late:
                self._late[event] = [row for row in self._late[event] if self._storage.rows.basis[row] != _RETIRED]
        many = len(steps.event) > _AT_ONCE
        if many:
            before |= _in_several_pieces(steps.event)
            self._storage.room_for_entries(_entries(np.diff(steps.in_start), np.diff(steps.out_start)))
        for start in range(0, len(steps.event), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            piece = steps.select(np.arange(len(steps.event))[part]) if many else steps
            self._take(piece, bases[part], before)
        self._link(before)
        if many:
            self._storage.pack()
        return self._touched()

    def _known(self, batch: NDArray[np.integer]) -> bool:
        return bool(self._storage.batches.hot["kind"][batch].all())

    def _take(self, steps: StepColumns, bases: NDArray[np.uint8], before: Collection[int]) -> None:
        storage, s = self._storage, len(steps.event)
        storage.room_for_steps(s, len(steps.in_batch) + len(steps.out_batch))
        first = int(storage.counts[ROWS])
        take(
            storage.counts,
            storage.nodes,
            storage.batches,
            storage.groups,
            storage.rows,
            storage.known,
            storage.tables,
            np.ascontiguousarray(steps.event, np.int64),
            np.ascontiguousarray(steps.shape, np.uint8),
            np.ascontiguousarray(bases),
            np.ascontiguousarray(steps.times, np.int64),
            *(np.ascontiguousarray(column, np.int64) for column in steps[3:]),
        )
        rows = np.arange(first, first + s)
        self._note_order(steps.event, first)
        apart = {*before, *self._at_odds(rows)}
        if apart:
            rows = rows[~np.isin(steps.event, np.fromiter(apart, np.int64))]
        self._attach(rows[storage.rows.basis[rows] < WITHDRAWN])
        self._link(apart.difference(before))

    def _note_order(self, event: NDArray[np.int64], first: int) -> None:
        """Keep rows findable by event: those that come in order by search, the others by a table."""
        if not len(event):
            return
        top = np.maximum.accumulate(np.maximum(event, self._last))
        late = np.flatnonzero(top > event)
        if len(late) and self._order is None:
            self._order = self._storage.rows.event[:first].copy()
        if self._order is not None:
            if len(self._order) < first + len(top):
                self._order = np.resize(self._order, 2 * (first + len(top)))
            self._order[first : first + len(top)] = top
        for i in late:
            self._late[int(event[i])].append(first + int(i))
        self._last = int(top[-1])

    def _rows_of(self, event: int) -> list[int]:
        """All rows of an event, those that say parts of others left out."""
        n = int(self._storage.counts[ROWS])
        order = self._storage.rows.event if self._order is None else self._order
        lo, hi = np.searchsorted(order[:n], [event, event + 1]) if event >= 0 else (0, 0)
        rows = (lo + np.flatnonzero(self._storage.rows.event[lo:hi] == event)).tolist() + self._late.get(event, [])
        parts = set(self._parts.get(event, ()))
        return [r for r in rows if self._storage.rows.basis[r] != _RETIRED and r not in parts]

    def drawn_at(self, event: int) -> list[tuple[int, int]]:
        """When the standing steps of an event drew on what they name, or filled it where that is not known;
        microseconds."""
        storage, found = self._storage, []
        for row in self._rows_of(event):
            drawn, filled = storage.known[storage.rows.when[row]].tolist()
            found.append(tuple(drawn if drawn[0] > NEVER else filled))
        return found

    def _at_odds(self, rows: NDArray[np.int64]) -> set[int]:
        """Events among new rows that say of one holding more than once when it was filled."""
        of = self._storage.rows
        events, counts = np.unique(of.event[rows], return_counts=True)
        if not (counts > 1).any():
            return set()
        several = rows[np.isin(of.event[rows], events[counts > 1])]
        fills = np.isin(of.shape[several] & SHAPE_MASK, (MADE, MOVED))
        several = several[fills & (of.shape[several] & TIMELESS == 0)]
        start = (of.start[several] + of.inputs[several]).astype(np.int64)
        lengths = of.start[several + 1] - start
        at = np.repeat(start - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
        nodes = self._counted(of.ends[at])
        said = np.stack((np.repeat(of.event[several], lengths), nodes, np.repeat(of.when[several, 1], lengths)))
        said = np.unique(said, axis=1)
        same = (said[0, 1:] == said[0, :-1]) & (said[1, 1:] == said[1, :-1])
        return {int(event) for event in said[0, 1:][same]}

    def _counted(self, nodes: NDArray[np.integer]) -> NDArray[np.int64]:
        """What holdings count as, for comparison: themselves, or (batch, site) folded where batches are joined."""
        if not self._claims:
            return nodes.astype(np.int64)
        found = self._storage
        root: NDArray[np.int64] = found.batches.root[found.nodes.hot["batch"][nodes]].astype(np.int64)
        folded: NDArray[np.int64] = (root << 32) | found.nodes.hot["site"][nodes]
        return folded

    def set_basis(self, events: Sequence[int], basis: int) -> Touched:
        """Change what the events' steps stand as; WITHDRAWN takes their links out and keeps the steps."""
        which = {int(event) for event in events}
        self._unlink(which)
        for event in which:
            self._storage.rows.basis[self._rows_of(event)] = basis
        self._link(which)
        return self._touched()

    def _unlink(self, events: Iterable[int]) -> None:
        """Take out all links of the events."""
        rows: list[int] = []
        retired: list[int] = []
        for event in events:
            parts = self._parts.get(event)
            if parts is None:
                rows += [r for r in self._rows_of(event) if self._storage.rows.basis[r] < WITHDRAWN]
            else:
                rows += parts
                retired += parts
        self._detach(np.array(sorted(rows), np.int64))
        self._storage.rows.basis[retired] = _RETIRED
        for event in events:
            self._parts.pop(event, None)

    def _link(self, events: Iterable[int]) -> None:
        """Put in all links of the events that stand. One event fills a holding once: where its steps differ in when,
        parts with the hull of them stand in their place."""
        rows: list[int] = []
        for event in sorted(events):
            standing = [r for r in self._rows_of(event) if self._storage.rows.basis[r] < WITHDRAWN]
            if len(standing) > 1 and self._at_odds(np.array(standing)):
                standing = self._parts[event] = self._in_parts(event, standing)
            rows += standing
        self._attach(np.array(sorted(rows), np.int64))

    def _in_parts(self, event: int, standing: Sequence[int]) -> list[int]:
        """New rows that say what ``standing`` say, an output each, filled when all of them say together."""
        storage = self._storage
        hulls: dict[int, tuple[int, int]] = {}
        pieces = []
        for row in standing:
            of = storage.rows
            shape, start, end = int(of.shape[row]), int(of.start[row]), int(of.start[row + 1])
            middle = start + int(of.inputs[row])
            kind = shape & SHAPE_MASK
            ins, outs = of.ends[start:middle].copy(), of.ends[middle:end].copy()
            drawn, filled = int(of.when[row, 0]), int(of.when[row, 1])
            apart = kind in (MADE, MOVED) and len(outs) > 0
            for i in range(len(outs) if apart else 1):
                out = outs[i : i + 1] if apart else outs
                pieces.append((shape, int(of.basis[row]), ins[i : i + 1] if kind == MOVED else ins, out, drawn, filled))
                if apart and not shape & TIMELESS:
                    key = int(self._counted(out)[0])
                    lo, hi = map(int, storage.known[filled])
                    before = hulls.get(key, (lo, hi))
                    hulls[key] = min(lo, before[0]), max(hi, before[1])
        parts = []
        for shape, basis, ins, out, drawn, filled in pieces:
            times = [*map(int, storage.known[drawn]), *map(int, storage.known[filled])]
            if len(out) == 1 and not shape & TIMELESS and shape & SHAPE_MASK in (MADE, MOVED):
                times[2:] = hulls[int(self._counted(out)[0])]
            first = int(storage.counts[ROWS])
            nodes = storage.nodes
            storage.room_for_steps(1, len(ins) + len(out))
            take(
                storage.counts,
                storage.nodes,
                storage.batches,
                storage.groups,
                storage.rows,
                storage.known,
                storage.tables,
                np.array([event]),
                np.array([shape], np.uint8),
                np.array([basis], np.uint8),
                np.array([times], np.int64),
                np.array([0, len(ins)]),
                nodes.hot["batch"][ins].astype(np.int64),
                nodes.hot["site"][ins].astype(np.int64),
                np.array([0, len(out)]),
                nodes.hot["batch"][out].astype(np.int64),
                nodes.hot["site"][out].astype(np.int64),
            )
            self._note_order(np.array([event]), first)
            parts.append(first)
        return parts

    def _room_for(self, rows: NDArray[np.int64]) -> None:
        of = self._storage.rows
        m = of.inputs[rows].astype(np.int64)
        n = of.start[rows + 1] - of.start[rows] - m
        self._storage.room_for_nodes(int(((m > 1) & (n > 1)).sum() + (m.sum() + n.sum() if self._claims else 0)))
        self._storage.room_for_entries(_entries(m, n))

    def _attach(self, rows: NDArray[np.int64]) -> None:
        if len(rows):
            self._room_for(rows)
            attach(*self._storage.linked(), rows)

    def _detach(self, rows: NDArray[np.int64]) -> None:
        if len(rows):
            detach(*self._storage.linked(), rows)

    def _touched(self, more: Iterable[int] = ()) -> Touched:
        storage = self._storage
        found = np.empty(int(storage.counts[NODES]), np.int32)
        n = touched(storage.counts, storage.nodes, storage.batches, storage.groups, storage.notes, found)
        holdings = found[:n].astype(np.int64)
        extra = list(more)
        return Touched(np.union1d(holdings, np.array(extra)) if extra else holdings)

    # Batches that are one

    def join(self, batches: Sequence[int], claim: int, keys: Sequence[bytes]) -> Touched:
        """Count batches as one, as event ``claim`` says, until it is parted; ``keys`` are their canonical texts, the
        least of which names them all."""
        self._keys.update(zip(map(int, batches), keys, strict=True))
        return self._claim(claim, tuple(map(int, batches)))

    def part(self, claim: int) -> Touched:
        """Take back what ``join`` was told by event ``claim``; nothing where it was told nothing."""
        return self._claim(claim, ())

    def _claim(self, claim: int, batches: tuple[int, ...]) -> Touched:
        storage = self._storage
        before = self._claims.pop(claim, ())
        for batch in before:
            self._claimed[batch].discard(claim)
        if batches:
            self._claims[claim] = batches
        for batch in batches:
            self._claimed[batch].add(claim)
        roots: dict[int, int] = {}
        for batch in (*before, *batches):
            if batch not in roots:
                members = self._joined_with(batch)
                roots.update(dict.fromkeys(members, min(members, key=lambda b: self._keys[b])))
        self._regrouped.update(roots)
        storage.room_for_batches(max(roots, default=-1) + 1)
        moved = [b for b in roots if storage.batches.root[b] != roots[b]]
        involved = {int(storage.batches.root[b]) for b in moved} | {roots[b] for b in moved} | set(moved)
        events: set[int] = set()
        for batch in involved:
            for node in self._chain(batch):
                events.update(self._draws.events_at(node))
        self._unlink(events)
        for batch in moved:
            storage.batches.root[batch] = roots[batch]
        self._link(events)
        return self._touched(node for batch in involved for node in self._chain(batch))

    def is_joined(self, batch: int) -> bool:
        """Whether anything says that the batch is one with another."""
        return bool(self._claimed.get(batch))

    def together(self, batch: int) -> tuple[int, ...]:
        """All batches that count as ``batch``, in order; itself, where it was joined with none or counts as another."""
        if not self.is_joined(batch) or self.canonical(batch) != batch:
            return (batch,)
        return tuple(sorted(self._joined_with(batch)))

    def regrouped(self) -> set[int]:
        """The batches of all groups that were joined or parted since this was asked last."""
        batches, self._regrouped = self._regrouped, set()
        return batches

    def _joined_with(self, batch: int) -> set[int]:
        """The batch and all that claims, one after another, say are one with it."""
        members, todo = {batch}, [batch]
        while todo:
            for claim in self._claimed.get(todo.pop(), ()):
                for other in self._claims[claim]:
                    if other not in members:
                        members.add(other)
                        todo.append(other)
        return members

    def _chain(self, batch: int) -> list[int]:
        """All holdings of the batch as it is named, in the order they came up."""
        found: list[int] = []
        head = node = int(self._storage.batches.hot["head"][batch])
        while node >= 0 and (node != head or not found):
            node = int(self._storage.nodes.hot["next"][node])
            found.append(node)
        return found

    def canonical(self, batch: int) -> int:
        """The batch that it counts as: itself, or the one that names those it was joined with."""
        roots = self._storage.batches.root
        return int(roots[batch]) if batch < len(roots) else batch

    # Holdings

    def holdings_of(self, batch: int) -> list[int]:
        """All holdings of the batch that something stands of, in the order they came up."""
        if batch >= len(self._storage.batches.root):
            return []
        return [n for n in self._chain(self.canonical(batch)) if self._storage.nodes.hot["ends"][n]]

    def holding_of(self, batch: int, site: int) -> int | None:
        """The holding of the batch at the site, None where nothing stands of it."""
        if batch >= len(self._storage.batches.root):
            return None
        s = self._storage
        n = int(
            holding_of(s.counts, s.nodes, s.batches, s.groups, s.known, s.tables, self.canonical(batch), site, False)
        )
        return n if n >= 0 and s.nodes.hot["ends"][n] else None

    def holding(self, holding: int) -> tuple[int, int]:
        """(batch, site) of a holding; the batch is the one that it counts as."""
        return self.canonical(int(self._storage.nodes.hot["batch"][holding])), int(
            self._storage.nodes.hot["site"][holding]
        )

    def batches_of(self, holdings: NDArray[np.int64]) -> NDArray[np.int64]:
        """The batch that each holding counts as."""
        roots: NDArray[np.int64] = self._storage.batches.root[self._storage.nodes.hot["batch"][holdings]].astype(
            np.int64
        )
        return roots

    # Answers

    def forward(
        self,
        seeds: Sequence[Seed],
        *,
        times: bool = True,
        depth: int | None = None,
        bases: Collection[int] = ALL,
        without: Collection[int] = (),
    ) -> Trace:
        """All that what the seeds hold is in. ``times=False`` takes what only times exclude for possible; ``depth``
        ends chains after that many links; ``bases``: what links may rest on; ``without``: events whose links are not
        followed, while what is derived of holdings stays as it is."""
        return self._closures.answer(True, self._holdings(seeds), times, depth, bases, self._cut(without))

    def backward(
        self,
        seeds: Sequence[Seed],
        *,
        times: bool = True,
        depth: int | None = None,
        bases: Collection[int] = ALL,
        without: Collection[int] = (),
    ) -> Trace:
        """All that is in what the seeds hold; arguments as of ``forward``."""
        return self._closures.answer(False, self._holdings(seeds), times, depth, bases, self._cut(without))

    def _cut(self, without: Collection[int]) -> NDArray[np.uint8]:
        """By row, whether it is of one of the events; empty for none."""
        rows = [row for event in without for row in (*self._rows_of(event), *self._parts.get(event, ()))]
        cut = np.zeros(int(self._storage.counts[ROWS]) if rows else 0, np.uint8)
        cut[rows] = 1
        return cut

    def _holdings(self, seeds: Iterable[Seed]) -> NDArray[np.int32]:
        found: dict[int, None] = {}
        for seed in seeds:
            if seed.site is None:
                found.update(dict.fromkeys(self.holdings_of(seed.batch)))
            else:
                holding = self.holding_of(seed.batch, seed.site)
                if holding is not None:
                    found[holding] = None
        return np.fromiter(found, np.int32, len(found))

    def gap_state(self, holding: int) -> Gap | None:
        """Why the chain has a gap at the holding, None where it has none."""
        return self._draws.gap(holding)

    def gaps(self, holdings: Iterable[int] | None = None) -> list[Gap]:
        """All gaps, or those among ``holdings``."""
        if holdings is None:
            found = self._draws.candidates()
        else:
            found = self._draws.unexplained_among(np.fromiter(holdings, np.int64))
        return [gap for gap in map(self._draws.gap, found) if gap is not None]

    def bytes(self) -> dict[str, int]:
        """Bytes in use by what they hold; room to grow and what traces work in are not counted."""
        return self._storage.bytes()


def _in_several_pieces(event: NDArray[np.int64]) -> set[int]:
    """Events of which one piece that is taken in at once has some steps and another the rest: whether these agree is
    known once all are there."""
    pieces = [np.unique(event[start : start + _AT_ONCE]) for start in range(0, len(event), _AT_ONCE)]
    found, times = np.unique(np.concatenate(pieces), return_counts=True)
    return set(found[times > 1].tolist())


def _entries(m: NDArray[np.int64], n: NDArray[np.int64]) -> int:
    """How many links steps with so many inputs and outputs have at most, on either side."""
    return int(np.where((m > 1) & (n > 1), m + n, np.maximum(m, 1) * np.maximum(n, 1)).sum())
