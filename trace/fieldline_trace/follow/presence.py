"""When a holding was where it was: from its first filling until all of it is gone, disposed of, or past its shelf life.

Where the records do not say that it went, it is still there. A record that dates it later outweighs an end that was
reckoned: what was sold after its shelf life was there until then. All of it is a function of what stands, of what is
said of amounts, and of shelf lives; nothing depends on order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import ADDED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK, TIMELESS
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.names import Amount
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.shelf_lives import ShelfLives
from fieldline_trace.follow.standing import State
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.lying import Links, Lying, Numbers
from fieldline_trace.lineage.terms import DECLARED, RECORDED
from fieldline_trace.recall.amounts import IN, MOVED_IN, OUT, Way, balanced

Mask = NDArray[np.bool_]
_FILLS: Final = (MADE, MOVED, RECEIVED)
_SIGHTINGS: Final = frozenset(map(code_of, ("stored", "cooled", "aggregated", "disaggregated")))
"""Kinds that say that something lay there, not that it came."""


class Stays(NamedTuple):
    """When each of several holdings was there, in columns of equal length; microseconds, both ends inclusive."""

    lo: Numbers
    hi: Numbers
    named: Mask
    """Something is said of it, at the place asked for."""
    made_lo: Numbers
    made_hi: Numbers
    """When it was made there, hull; the first later than the second where it was not."""


class Presence:
    """Reads the index and what is kept of events; keeps the amounts of those places alone that were asked for."""

    def __init__(
        self,
        index: LineageIndex,
        rows: EventRows,
        bases: Bases,
        shelf_lives: ShelfLives,
        is_pool: Callable[[int], bool],
    ) -> None:
        self._index, self._rows, self._bases, self.is_pool = index, rows, bases, is_pool
        self.shelf_lives = shelf_lives
        self.lying = Lying(index)
        self._amounts: dict[tuple[int, int], list[Amount]] = {}
        """(batch as it is said, site) -> what is said of amounts there."""
        self._received, self._disposed = code_of("received"), code_of("disposed")

    def put_amounts(self, batch: int, amounts: Iterable[Amount], sites: Iterable[int]) -> None:
        """All that applied events say of amounts of a batch at ``sites``; what later ones say is put once they are."""
        at: dict[int, list[Amount]] = {site: [] for site in sites}
        for one in amounts:
            if one[1] in at and self._rows.knows(one[0]):
                at[one[1]].append(one)
        self._amounts.update({(batch, site): said for site, said in at.items() if said})

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is put meanwhile is forgotten at the end."""
        kept = self._amounts
        self._amounts = dict(kept)
        try:
            yield
        finally:
            self._amounts = kept

    def is_said(self, holdings: Numbers) -> Mask:
        """Mask: of which of ``holdings`` anything is said but that windows reach them."""
        links = self.lying.links(holdings)
        mask = np.zeros(len(holdings), np.bool_)
        mask[links.at[links.basis != DECLARED]] = True
        return mask

    def stays(self, holdings: Numbers, location: int = 0) -> Stays:
        """When each of ``holdings`` was at its site.

        Args:
            location: number of a place within the site: only what events there name was there. What was worked on
            there was so at that time; what came, or was seen there, stays; what left it was there before; what was
            made there lies there until a later event says something else of it. 0: the site as a whole.
        """
        links = self.lying.links(holdings)
        links = links.select(links.basis != DECLARED)
        count = len(holdings)
        site = int(self.lying.sites_of(holdings[:1])[0]) if count else 0
        here = self._are_there(links.event, site, location)
        timeless = links.shape & TIMELESS != 0
        earliest, latest = np.where(timeless, NEVER, links.lo), np.where(timeless, FOREVER, links.hi)
        kind = links.shape & SHAPE_MASK
        fills = links.incoming & np.isin(kind, _FILLS)
        lo = _least(earliest, links.at, fills, count)
        lo[lo > FOREVER] = NEVER
        # What was drawn before anything came was there all the same: the records lack how it came.
        early = ~links.incoming & ~timeless & (links.hi < lo[links.at])
        lo = np.minimum(lo, _least(links.lo, links.at, early, count))
        hi = np.maximum(self._ends(holdings, links, timeless, fills), lo)
        made = fills & (kind == MADE) & here
        made_lo, made_hi = _least(earliest, links.at, made, count), -_least(-latest, links.at, made, count)
        named = np.zeros(count, np.bool_)
        named[links.at[here]] = True
        if location:
            later = ~here & (earliest > made_hi[links.at])
            moved_on = np.minimum(hi, _least(latest, links.at, later, count))
            left = here & ~links.incoming & (kind == MOVED)
            begins, ends = np.where(left, lo[links.at], earliest), np.where(made, moved_on[links.at], latest)
            ends = np.where(fills & (kind != MADE), hi[links.at], ends)
            lo = _least(begins, links.at, here, count)
            hi = np.minimum(hi, -_least(-ends, links.at, here, count))
        return Stays(lo, np.maximum(hi, lo), named, made_lo, made_hi)

    def _are_there(self, events: Numbers, site: int, location: int) -> Mask:
        """Mask: which of ``events`` say that they were at this place of the site; all of them, where none is asked."""
        if not location:
            return np.full(len(events), True)
        there: Mask = (self._rows.sites(events) == site) & (self._rows.locations(events) == location)
        # Of several variants under one id any that stands may be right.
        for event in np.unique(events[self._bases.is_tracked(events)]).tolist():
            standing = np.array(self._variants(event), np.int64)
            said = (self._rows.sites(standing) == site) & (self._rows.locations(standing) == location)
            there[events == event] = said.any()
        return there

    def _ends(self, holdings: Numbers, links: Links, timeless: Mask, fills: Mask) -> Numbers:
        """When each was surely gone; ``FOREVER`` where nothing says so."""
        count = len(holdings)
        ends = np.full(count, FOREVER, np.int64)
        batches, sites = self._index.batches_of(holdings), self.lying.sites_of(holdings)
        drawn = ~links.incoming & (links.shape & SHAPE_MASK == DRAWN) & (links.basis == RECORDED) & ~timeless
        disposals = self._disposals(links, drawn)
        disposed, left, came = (np.zeros(count, np.bool_) for _ in range(3))
        disposed[links.at[disposals]] = True
        left[links.at[~links.incoming]] = True
        came[links.at[fills]] = True
        kept = self.shelf_lives.is_said(batches)
        joined = np.isin(batches, list(self.lying.joined))
        dated = np.full(count, True)
        dated[links.at[timeless]] = False
        places = zip(batches.tolist(), sites.tolist(), strict=True)
        measured = np.fromiter((place in self._amounts for place in places), np.bool_, count)
        may_be_gone = left & came & dated & (measured | joined)
        # Of most nothing says when they went: no need to look at each.
        asked = np.flatnonzero(disposed | kept | may_be_gone | joined)
        order = np.argsort(links.at, kind="stable")
        starts = np.searchsorted(links.at[order], np.arange(count + 1))
        last = -_least(-links.hi, links.at, np.full(len(links.at), True), count)
        solid = ~timeless & (~links.incoming | (links.shape & SHAPE_MASK != ADDED))
        evidence = -_least(-links.lo, links.at, solid, count)
        for at in asked.tolist():
            mine = order[starts[at] : starts[at + 1]]
            batch, site, said_last = int(batches[at]), int(sites[at]), int(last[at])
            group = self.lying.together(batch) if joined[at] else (batch,)
            said = [one for member in group for one in self._amounts.get((member, site), ()) if self._stands(one[0])]
            found = [FOREVER]
            if not self.is_pool(batch):
                if kept[at] or joined[at]:
                    found.append(self.shelf_lives.until(group, self._bases.state))
                if may_be_gone[at]:
                    filled = mine[fills[mine]]
                    if self._all_left(links.event[filled], links.shape[filled] & SHAPE_MASK, said):
                        found.append(said_last)
            if disposed[at]:
                found += self._disposed_of(links.take(mine), fills[mine], disposals[mine], said)
            ends[at] = max(min(found), int(evidence[at]))
        return ends

    def _disposed_of(self, links: Links, fills: Mask, disposals: Mask, said: Sequence[Amount]) -> list[int]:
        """When disposals of all that was there were over. ``links``: all of one holding."""
        measured = {self._rows.identity(one[0]) for one in said if one[2] == IN}
        if (links.shape[fills] & TIMELESS != 0).any():
            return []
        return [
            int(links.hi[at])
            for at in np.flatnonzero(disposals).tolist()
            if (links.hi[fills] <= links.lo[at]).all() and self._rows.identity(int(links.event[at])) not in measured
        ]

    def _all_left(self, filling: Numbers, shapes: NDArray[np.integer], said: Sequence[Amount]) -> bool:
        """Whether amounts are known of all that came, and exactly as much left. ``filling``: the events that filled it,
        ``shapes``: by what."""
        if not said or any(self._bases.state(one[0]) is not State.RECORDED for one in said):
            return False
        came = {self._rows.identity(one[0]) for one in said if one[2] in (OUT, MOVED_IN)}
        for event, shape in zip(filling.tolist(), shapes.tolist(), strict=True):
            if len(self._variants(event)) > 1:
                return False
            seen = shape == RECEIVED and self._rows.kind(event) in _SIGHTINGS
            if not seen and self._rows.identity(event) not in came:
                return False
        sums: dict[Way, dict[str, Decimal]] = {}
        for event, _, role, amount, unit in said:
            way = sums.setdefault((role, self._rows.kind(event) == self._received), {})
            way[unit] = way[unit] + amount if unit in way else amount
        return balanced(sums)

    def _disposals(self, links: Links, which: Mask) -> Mask:
        """Mask: those of the draws ``which`` that dispose."""
        found = which.copy()
        found[which] = self._rows.kinds(links.event[which]) == self._disposed
        for at in np.flatnonzero(which & self._bases.is_tracked(links.event)).tolist():
            found[at] = {self._rows.kind(number) for number in self._variants(int(links.event[at]))} == {self._disposed}
        return found

    def _stands(self, event: int) -> bool:
        return self._rows.knows(event) and self._bases.state(event) is not State.WITHDRAWN

    def _variants(self, event: int) -> list[int]:
        """All that stands of what was said under an event's id."""
        said = self._bases.tracked(self._rows.identity(event))
        return [number for number in said or (event,) if self._bases.state(number) is not State.WITHDRAWN]


def _least(values: Numbers, at: Numbers, which: Mask, count: int) -> Numbers:
    """The least of the values that ``which`` names, by position; ``FOREVER`` + 1 where there is none."""
    least = np.full(count, FOREVER + 1, np.int64)
    np.minimum.at(least, at[which], values[which])
    return least
