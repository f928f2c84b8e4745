"""Windows of contamination that stand, and what they join: what was there then, through a node of the window's own.

A window of a **place** joins, both ways, each holding that was at the site (or that an event at the location names) at
some time of it: it may have brought the contamination, and may have got it. Its stay within the window is when it drew
and was filled, so times decide at the node as at a pool: what had left before another came did not get it from there.
A lot that was made there then has it wherever it is. A window of a **source** (water, a tank, a line that is named as
a batch) joins it to all that drew from it then, one way.

All links are possible at best, on the basis ``declared``. What is joined is a function of what stands: every change at
a watched site, of a watched source or of a lot that a window reaches is followed by itself, holding by holding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import ADDED, DRAWN, MADE, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.derived import Derived, slot_of
from fieldline_trace.follow.presence import Presence
from fieldline_trace.follow.variants import Holding, StepRow
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.lying import Numbers
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.lineage.terms import DECLARED

_ALWAYS: Final = (NEVER, FOREVER, NEVER, FOREVER)
_THERE, _LOT, _FED, _SOURCE = range(4)
"""Why a holding is joined: it was there, its lot was made there, it was fed, it is the source."""
_Key = tuple[int, int, int, int, tuple[int, int, int, int]]
"""Node, batch, site, why, times."""


class Window(NamedTuple):
    """One window by numbers. Microseconds, both ends inclusive."""

    node: int
    """Batch number of its key."""
    site: int
    """0: wherever the source is."""
    location: int
    """0: the whole site."""
    source: int
    """Batch that fed it; 0: it is a place's."""
    since: int
    until: int


@dataclass(slots=True, eq=False)
class _Standing:
    """What one window of one event joins now."""

    event: int
    window: Window
    there: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
    """Holding -> its stay within the window, and whether its lot was made there then."""
    fed: dict[int, tuple[_Key, ...]] = field(default_factory=dict)
    """Step that drew from the source -> what it joins."""
    lots: dict[int, int] = field(default_factory=dict)
    """Lot that has it wherever it is -> for how many reasons."""
    spread: dict[int, set[_Key]] = field(default_factory=dict)
    """Such a lot -> what is joined of it."""
    doubted: set[int] = field(default_factory=set)
    """Lots whose holdings are to be joined, or parted."""


class Windows:
    """Brings what is derived of windows in step with the index. Nothing is done where no window stands."""

    def __init__(self, index: LineageIndex, presence: Presence, derived: Derived) -> None:
        self._index, self._presence, self._derived = index, presence, derived
        self._lying = presence.lying
        self._standing: dict[int, list[_Standing]] = {}
        """By asserting event."""
        self._sites: dict[int, list[_Standing]] = defaultdict(list)
        self._sources: dict[int, list[_Standing]] = defaultdict(list)
        self._lots: dict[int, list[_Standing]] = defaultdict(list)
        self._is_watched = np.zeros(1024, np.bool_)
        """By batch number: it is a source, or a lot that has it wherever it is."""
        self._joined: dict[int, dict[int, dict[_Key, int]]] = {}
        """Event -> slot -> what is joined, and for how many reasons."""
        self._dirty: dict[int, set[int]] = defaultdict(set)
        self._firm: set[int] = set()
        """Events that windows are not lowered with."""

    def __bool__(self) -> bool:
        return bool(self._standing)

    def __contains__(self, event: object) -> bool:
        """Whether an event asserts windows."""
        return event in self._standing

    @property
    def sites(self) -> frozenset[int]:
        """Sites whose holdings are watched."""
        return frozenset(site for site, standing in self._sites.items() if standing)

    def of(self, event: int) -> list[Window]:
        """The windows that an event asserts."""
        return [one.window for one in self._standing.get(event, ())]

    def bounded(self, node: int) -> set[Window]:
        """All that stands of one node."""
        return {one.window for standing in self._standing.values() for one in standing if one.window.node == node}

    def stand(self, event: int, windows: Sequence[Window], *, lowered: bool = True) -> None:
        """Let these be the windows that ``event`` asserts; none: it asserts none any longer.

        Args:
            lowered: they stand no firmer than the event does, and not at all once that is withdrawn.
        """
        if self.of(event) == list(windows):
            return
        (self._firm.discard if lowered else self._firm.add)(event)
        for old in self._standing.pop(event, ()):
            self._forget(old)
        for slot in self._joined.pop(event, ()):
            self._dirty[event].add(slot)
        if windows:
            self._standing[event] = [_Standing(event, window) for window in windows]
            for new in self._standing[event]:
                self._begin(new)
        self._put()

    def changed(self, holdings: Numbers) -> None:
        """What stands of ``holdings`` changed."""
        if not self._standing or not len(holdings):
            return
        sites = self._lying.sites_of(holdings)
        for site, standing in self._sites.items():
            here = holdings[sites == site]
            for one in standing if len(here) else ():
                self._stay(one, here)
        for batch in self._watched(self._index.batches_of(holdings)):
            for one in self._sources.get(batch, ()):
                self._feed(one)
            for one in self._lots.get(batch, ()):
                one.doubted.add(batch)
        self._put()

    def regrouped(self) -> None:
        """Keys became one batch, or were parted: all windows are joined anew."""
        every = {event: self.of(event) for event in self._standing}
        for event, windows in every.items():
            self.stand(event, ())
            self.stand(event, windows)

    # One window

    def _begin(self, one: _Standing) -> None:
        window = one.window
        if window.source:
            source = self._index.canonical(window.source)
            self._sources[source].append(one)
            self._watch(source)
            self._feed(one)
        else:
            self._sites[window.site].append(one)
            self._stay(one, self._lying.at_site(window.site))

    def _forget(self, one: _Standing) -> None:
        for kept in (self._sites, self._sources, self._lots):
            for number in [number for number, standing in kept.items() if one in standing]:
                kept[number].remove(one)
                if not kept[number]:
                    del kept[number]

    def _watch(self, batch: int) -> None:
        if batch >= len(self._is_watched):
            grown = np.zeros(2 * batch, np.bool_)
            grown[: len(self._is_watched)] = self._is_watched
            self._is_watched = grown
        self._is_watched[batch] = True

    def _watched(self, batches: Numbers) -> list[int]:
        known = batches[batches < len(self._is_watched)]
        watched: list[int] = np.unique(known[self._is_watched[known]]).tolist()
        return watched

    def _stay(self, one: _Standing, holdings: Numbers) -> None:
        """Join, or part, these holdings of the window's site."""
        window = one.window
        stays = self._presence.stays(holdings, window.location)
        lo, hi = np.maximum(stays.lo, window.since), np.minimum(stays.hi, window.until)
        there = stays.named & (lo <= hi)
        made = (stays.made_lo <= window.until) & (stays.made_hi >= window.since) & (stays.made_lo <= stays.made_hi)
        columns = (holdings.tolist(), there.tolist(), lo.tolist(), hi.tolist(), made.tolist())
        for holding, is_there, begin, end, is_made in zip(*columns, strict=True):
            self._set(one, holding, (begin, end, is_made) if is_there else None)

    def _set(self, one: _Standing, holding: int, stay: tuple[int, int, bool] | None) -> None:
        old = one.there.get(holding)
        if old == stay:
            return
        node = one.window.node
        batch, site = self._index.holding(holding)
        is_lot = not self._presence.is_pool(batch)
        if old is not None:
            self._count(one.event, (node, batch, site, _THERE, (*old[:2], *old[:2])), -1)
            if old[2] and is_lot:
                self._reach_lot(one, batch, -1)
            del one.there[holding]
        if stay is not None:
            self._count(one.event, (node, batch, site, _THERE, (*stay[:2], *stay[:2])), 1)
            if stay[2] and is_lot:
                self._reach_lot(one, batch, 1)
            one.there[holding] = stay

    def _feed(self, one: _Standing) -> None:
        """Join what drew from the source in the window, and the source itself."""
        window = one.window
        source = self._index.canonical(window.source)
        holdings = self._lying.of_batches([source])
        if window.site and self._presence.is_pool(source):
            holdings = holdings[self._lying.sites_of(holdings) == window.site]
        holdings = holdings[self._presence.is_said(holdings)]
        links = self._lying.links(holdings)
        then = (links.shape & TIMELESS != 0) | ((links.lo <= window.until) & (links.hi >= window.since))
        drawn = ~links.incoming & (links.basis != DECLARED) & (links.shape & SHAPE_MASK != DRAWN) & then
        rows, first = np.unique(links.row[drawn], return_index=True)
        positions = np.flatnonzero(drawn)[first]
        for row in set(one.fed) - set(rows.tolist()) - {-1}:
            self._feed_by(one, row, ())
        for row, at in zip(rows.tolist(), positions.tolist(), strict=True):
            if row not in one.fed:
                times = (int(links.lo[at]), int(links.hi[at]), *self._lying.filled(row))
                self._feed_by(one, row, self._fed_by(one, row, int(links.shape[at]), times))
        places = [self._index.holding(holding) for holding in holdings.tolist()]
        then_times = (window.since, window.until, window.since, window.until)
        keys = tuple((window.node, batch, site, _SOURCE, then_times) for batch, site in places)
        self._feed_by(one, -1, keys)

    def _fed_by(self, one: _Standing, row: int, shape: int, times: tuple[int, int, int, int]) -> tuple[_Key, ...]:
        keys = []
        if shape & TIMELESS:
            times = _ALWAYS
        for holding in self._lying.outputs(row):
            batch, site = self._index.holding(holding)
            whole = shape & SHAPE_MASK == MADE and not self._presence.is_pool(batch)
            keys.append((one.window.node, batch, -1 if whole else site, _LOT if whole else _FED, times))
        return tuple(keys)

    def _feed_by(self, one: _Standing, row: int, keys: tuple[_Key, ...]) -> None:
        old = one.fed.get(row, ())
        if old == keys:
            return
        for more, said in ((-1, old), (1, keys)):
            for key in said:
                if key[3] == _LOT:
                    self._reach_lot(one, key[1], more)
                else:
                    self._count(one.event, key, more)
        if keys:
            one.fed[row] = keys
        else:
            del one.fed[row]

    def _reach_lot(self, one: _Standing, batch: int, more: int) -> None:
        """One reason more, or less, why a lot has it wherever it is."""
        one.lots[batch] = one.lots.get(batch, 0) + more
        if one.lots[batch] == 0:
            del one.lots[batch]
            self._lots[batch].remove(one)
            if not self._lots[batch]:
                del self._lots[batch]
        elif one.lots[batch] == more:
            self._lots[batch].append(one)
            self._watch(batch)
        one.doubted.add(batch)

    def _spread(self, one: _Standing) -> None:
        """Join all holdings of the lots that have it wherever they are; of those that have it no longer, none."""
        node, batches = one.window.node, sorted(one.doubted)
        one.doubted.clear()
        holdings = self._lying.of_batches(batch for batch in batches if batch in one.lots)
        new: dict[int, set[_Key]] = defaultdict(set)
        for holding in holdings[self._presence.is_said(holdings)].tolist():
            batch, site = self._index.holding(holding)
            new[batch].add((node, batch, site, _LOT, _ALWAYS))
        for batch in batches:
            old = one.spread.pop(batch, set())
            for key in old - new[batch]:
                self._count(one.event, key, -1)
            for key in new[batch] - old:
                self._count(one.event, key, 1)
            if new[batch]:
                one.spread[batch] = new[batch]

    # What is derived

    def _count(self, event: int, key: _Key, more: int) -> None:
        slot = slot_of(key[1], key[2])
        keys = self._joined.setdefault(event, {}).setdefault(slot, {})
        keys[key] = keys.get(key, 0) + more
        if not keys[key]:
            del keys[key]
        self._dirty[event].add(slot)

    def _put(self) -> None:
        for standing in self._standing.values():
            for one in standing:
                if one.doubted:
                    self._spread(one)
        for event, slots in self._dirty.items():
            joined = self._joined.get(event, {})
            self._derived.put_many(
                event, {slot: _steps(joined.get(slot, {})) for slot in slots}, lowered=event not in self._firm
            )
        self._dirty.clear()


def _steps(joined: Mapping[_Key, int] | Iterable[_Key]) -> list[tuple[StepRow, int]]:
    """The steps that join these, in order."""
    steps: list[tuple[StepRow, int]] = []
    for node, batch, site, why, times in sorted(joined):
        window: Holding = (node, NOWHERE)
        holding: Holding = (batch, site)
        if why in (_THERE, _SOURCE):
            steps.append((StepRow(ADDED, (holding,), (window,), times), DECLARED))
        if why != _SOURCE:
            shape = ADDED | TIMELESS if times == _ALWAYS else ADDED
            steps.append((StepRow(shape, (window,), (holding,), times), DECLARED))
    return steps
