"""Which windows of contamination stand: declared, opened by a person, or of a swab that failed; and until when each.

A swab's window goes back to the last clean break or passed swab there before it was taken, and is over with the next
one after; a declared window whose begin or end is not said is bounded by clean breaks alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from fieldline_schemas import windows as said
from fieldline_schemas.contract import Envelope
from fieldline_schemas.kinds.cleaned import Cleaned
from fieldline_schemas.kinds.contamination_declared import ContaminationDeclared
from fieldline_schemas.kinds.corrected import Corrected
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.record import AUTHORITY, HISTORICAL, Columns
from fieldline_schemas.sites import location_key
from fieldline_schemas.times import Interval

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.clean_breaks import CleanBreaks, Place, bounded
from fieldline_trace.follow.derived import Derived
from fieldline_trace.follow.names import Amount, Names
from fieldline_trace.follow.presence import Presence
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.windows import Window, Windows
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.lying import Numbers
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.recall.docket import Found, even
from fieldline_trace.recall.reach import ScopeSeed, WindowOf
from fieldline_trace.reference import Reference
from fieldline_trace.risk.rules.test_failed import Result

PREVIEWED = 0
"""Batch and event number of a window that is only looked at: of nothing else."""


class _Declared(NamedTuple):
    """What one event says, before clean breaks bound it."""

    identity: int
    windows: tuple[Window, ...]
    near: Interval
    hazard_class: str
    hazard: str
    is_declaration: bool
    """Clean breaks may bound it, and an authority's drafts a scope; else a person opened a scope on just this."""


class _Swab(NamedTuple):
    """A sample of a place, as one event says it."""

    sample: str
    window: Window
    at: Interval


class Declarations:
    """All windows that were ever said, and those that stand, kept to the index."""

    def __init__(
        self,
        index: LineageIndex,
        rows: EventRows,
        bases: Bases,
        presence: Presence,
        derived: Derived,
        reference: Reference,
    ) -> None:
        self._index, self._rows, self._bases = index, rows, bases
        self.presence = presence
        self._derived = derived
        self.windows = Windows(index, presence, derived)
        ended = {code for code, hazard in reference.hazards.items() if hazard.cleaning}
        self._breaks = CleanBreaks(bases.state, ended)
        self._declared: dict[int, _Declared] = {}
        """By event."""
        self._by_identity: dict[int, list[int]] = defaultdict(list)
        self._swabs: dict[int, _Swab] = {}
        """By the event that took it."""
        self._by_sample: dict[str, list[int]] = defaultdict(list)
        self._failed: dict[int, tuple[Result, ...]] = {}
        """Identity of a result -> how it fails."""
        self._passed: dict[int, tuple[Result, ...]] = {}
        self._doubtful: set[str] = set()
        """Samples that some result found wanting at some time."""
        self._kept: set[int] = set()
        """Sites whose amounts were asked for once: from then on each entry brings its own."""
        self._wanted: set[int] = set()
        """Those, and what was asked for last."""
        self._nodes: dict[int, Window] = {}
        self._keys: dict[int, str] = {}

    # What events say

    def declare(self, event: ContaminationDeclared, number: int, names: Names) -> None:
        """A window is declared."""
        windows = tuple(self._window(one, names) for one in said.declared(event))
        # It was open before it surely ended, and after it had surely begun.
        near = Interval(
            event.at.lo if event.until is None else event.until.lo,
            event.at.hi if event.since is None else event.since.hi,
        )
        self._say(number, windows, near, event.hazard_class, event.hazard, is_declaration=True)

    def open(self, event: ScopeOpened, number: int, names: Names) -> list[ScopeSeed]:
        """A person opened a scope on windows; their seeds."""
        windows = tuple(self._window(one, names) for one in said.opened(event) if one is not None)
        if windows:
            self._say(number, windows, event.at, event.hazard_class or "", event.hazard or "", is_declaration=False)
        return [_seed(window, number) for window in windows]

    def clean(self, event: Cleaned, number: int, names: Names) -> None:
        """A place was cleaned."""
        place = self._place(event.site, event.location, names)
        self._breaks.add(number, place, event.at, event.hazard_classes)
        self._bound({place.site})

    def sample(self, event: Sampled, number: int, names: Names) -> None:
        """A sample was taken; of a place, where it was of no batch."""
        for one in said.swabbed(event):
            window = self._window(one, names)
            self._swabs[number] = _Swab(event.sample, window, event.at)
            self._by_sample[event.sample].append(number)
            self._bound({window.site})

    def result(self, identity: int, failed: Iterable[Result], passed: Iterable[Result]) -> None:
        """How a result fails, and what of it passes, now."""
        sites = set()
        for kept, results in ((self._failed, failed), (self._passed, passed)):
            new, old = tuple(one for one in results if one.sample in self._by_sample), kept.get(identity, ())
            if new == old:
                continue
            kept[identity] = new
            if not new:
                del kept[identity]
            for one in {*old, *new}:
                sites |= {self._swabs[number].window.site for number in self._by_sample[one.sample]}
                if kept is self._failed and one not in new:
                    self.windows.stand(one.number, ())
        self._bound(sites)

    def restated(self, events: Iterable[int]) -> Numbers:
        """These events stand otherwise now; the holdings at watched sites that they say anything of."""
        events = set(events)
        sites = self._breaks.sites_of(events)
        sites |= {self._swabs[number].window.site for number in events if number in self._swabs}
        self._bound(sites)
        if not self.windows:
            return np.empty(0, np.int64)
        watched = self.windows.sites
        ends = {end for event in events for end in self._bases.ends_of(event) if end[1] in watched}
        named = (self._index.holding_of(batch, site) for batch, site in ends)
        kept = self.presence.lying.of_batches(self.presence.shelf_lives.said_by(events))
        return np.union1d(np.array([one for one in named if one is not None], np.int64), kept)

    # What stands

    def knows(self, identity: int) -> bool:
        """Whether it is a declaration's."""
        return identity in self._by_identity

    def found(self, identity: int) -> Found | None:
        """What a declaration drafts: nothing where it stands no longer, is no authority's, or imported history."""
        standing = [
            (self._declared[number], number)
            for number in self._by_identity.get(identity, ())
            if self._declared[number].is_declaration
            and self._bases.state(number) is not State.WITHDRAWN
            and self._rows.flags(number) & (AUTHORITY | HISTORICAL) == AUTHORITY
        ]
        if not standing:
            return None
        first = min((even(one.hazard), one.hazard_class, one.hazard) for one, _ in standing)
        seeds = {window.node: _seed(window, number) for one, number in standing for window in one.windows}
        return Found(tuple(seeds[node] for node in sorted(seeds, key=self.in_order)), first[1], first[2])

    def in_order(self, batch: int) -> tuple[str, int]:
        """By what to sort seeds, so that the first window of several is the same in every run: windows by key, after
        all else."""
        return self._keys.get(batch, ""), batch

    def swabbed(self, result: Result) -> list[ScopeSeed]:
        """The windows that a failed result of a place is about."""
        return [_seed(self._swabs[number].window, result.number) for number in self._taken(result.sample)]

    def window_of(self, node: int) -> WindowOf | None:
        """The window that a batch number is the node of."""
        window = self._nodes.get(node)
        return None if window is None else WindowOf(0 if window.source else window.site, window.source)

    def window(self, node: int) -> Window | None:
        """The same with all that was said of it."""
        return self._nodes.get(node)

    def bounds(self, node: int) -> list[Window]:
        """As it stands now, bounded by clean breaks: one for each event that asserts it otherwise."""
        return sorted(self.windows.bounded(node))

    @contextmanager
    def previewed(self, window: Window, amounts: Mapping[int, Sequence[Amount]]) -> Iterator[ScopeSeed]:
        """The window stands meanwhile, on a node of nobody's and in a copy of the index; then everything is as it was,
        so that what entries do afterwards does not depend on what was looked at.

        Args:
            amounts: what is said of amounts of what lay at its site, where it is not one of ``measured``.
        """
        window = window._replace(node=PREVIEWED)
        laid = self._derived.laid
        with self._index.aside(), self.presence.aside():
            self._index.know(PREVIEWED, -1, True, False)
            self.know_amounts(amounts, {window.site})
            self._nodes[PREVIEWED] = window
            try:
                self.windows.stand(PREVIEWED, [window], lowered=False)
                self._derived.flush()
                yield _seed(window, -1)
            finally:
                self.windows.stand(PREVIEWED, ())
                self._derived.flush()
                self._derived.laid = laid
                del self._nodes[PREVIEWED]

    # What is asked of the names

    @property
    def measured(self) -> frozenset[int]:
        """Sites whose amounts are known: windows stood there, or might have come to."""
        return frozenset(self._kept)

    def amounts_wanted(self, columns: Columns, events: Sequence[Envelope], names: Names) -> set[int]:
        """Batches whose amounts are needed: of these steps at measured sites, and of all that ever lay at sites that
        windows may come to stand at by ``events``."""
        if not events and not self._kept:
            self._wanted = set()
            return set()
        new = self._sites_wanted(events, names)
        self._wanted = new | self._kept
        if not self._wanted:
            return set()
        sites = np.fromiter(self._wanted, np.int64)
        found = set(columns.in_batch[np.isin(columns.in_site, sites)].tolist())
        found |= set(columns.out_batch[np.isin(columns.out_site, sites)].tolist())
        for site in new:
            found |= self.lying_at(site)
        return found

    def lying_at(self, site: int) -> set[int]:
        """The batches that anything was ever said of at a site, and those that count as one of them. What is withdrawn
        may stand again later, when nobody asks anew."""
        lying = set(self._index.batches_of(self.presence.lying.ever_at(site)).tolist())
        # The index was never told what was withdrawn when it came.
        lying |= {batch for event in self._bases.states for batch, at in self._bases.ends_of(event) if at == site}
        together = self.presence.lying.joined.intersection(lying)
        return lying.union(*(self.presence.lying.together(batch) for batch in together))

    def know_amounts(self, amounts: Mapping[int, Sequence[Amount]], sites: Set[int] | None = None) -> None:
        """What was asked for; for ``sites``, else for those that ``amounts_wanted`` was about."""
        if sites is None:
            self._kept |= self._wanted
            sites = self._wanted
        for batch, told in amounts.items():
            self.presence.put_amounts(batch, told, sites)

    def _sites_wanted(self, events: Sequence[Envelope], names: Names) -> set[int]:
        """Sites at which windows may come to stand by these events, beside those that are measured."""
        found: set[int] = set()
        self._doubtful |= {
            one.sample for one in events if isinstance(one, Tested) and one.sample and one.verdict != "passed"
        }
        for event in events:
            if isinstance(event, ContaminationDeclared | ScopeOpened):
                every = said.declared(event) if isinstance(event, ContaminationDeclared) else said.opened(event)
                found |= {names.site_number(one.site) or 0 for one in every if one is not None and not one.source}
            elif isinstance(event, Sampled) and not event.batches and event.sample in self._doubtful:
                found.add(names.site_number(event.site) or 0)
            elif isinstance(event, Corrected):
                found |= {
                    self._swabs[number].window.site for one in self._doubtful for number in self._by_sample.get(one, ())
                }
            elif isinstance(event, Tested) and event.sample in self._by_sample and event.verdict != "passed":
                found |= {self._swabs[number].window.site for number in self._by_sample[event.sample]}
        return found - {0} - self._kept

    # Inside

    def _say(
        self,
        number: int,
        windows: tuple[Window, ...],
        near: Interval,
        hazard_class: str,
        hazard: str,
        *,
        is_declaration: bool,
    ) -> None:
        identity = self._rows.identity(number)
        self._declared[number] = _Declared(identity, windows, near, hazard_class, hazard, is_declaration)
        self._by_identity[identity].append(number)
        self._stand(number)

    def _stand(self, number: int) -> None:
        """Let a declaration's windows stand as clean breaks bound them."""
        one = self._declared[number]
        windows = one.windows
        if one.is_declaration:
            windows = tuple(self._bounded(window, one.near, one.hazard_class, ()) for window in windows)
        self.windows.stand(number, windows)

    def _bound(self, sites: set[int]) -> None:
        """Clean breaks, swabs or results at these sites changed: bound their windows anew."""
        if not sites:
            return
        for number, one in self._declared.items():
            if one.is_declaration and any(window.site in sites for window in one.windows):
                self._stand(number)
        for failed in self._failed.values():
            for result in failed:
                swabs = [self._swabs[number] for number in self._taken(result.sample)]
                if not swabs or any(swab.window.site in sites for swab in swabs):
                    passed = [self._passed_at(swab, result) for swab in swabs]
                    self.windows.stand(
                        result.number,
                        sorted(
                            {
                                self._bounded(swab.window, swab.at, result.hazard_class, breaks)
                                for swab, breaks in zip(swabs, passed, strict=True)
                            }
                        ),
                    )

    def _bounded(self, window: Window, near: Interval, hazard_class: str, passed: Iterable[Interval]) -> Window:
        breaks = [*self._breaks.at(Place(window.site, window.location), hazard_class), *passed]
        since, until = bounded(window.since, window.until, near, breaks)
        return window._replace(since=since, until=max(since, until))

    def _passed_at(self, swab: _Swab, failed: Result) -> list[Interval]:
        """When other swabs of the same place were free of the same hazard."""
        place = Place(swab.window.site, swab.window.location)
        return [
            self._swabs[number].at
            for results in self._passed.values()
            for one in results
            if one.firm and even(one.hazard) == even(failed.hazard) and one.sample != swab.sample
            for number in self._taken(one.sample)
            if Place(self._swabs[number].window.site, self._swabs[number].window.location) == place
        ]

    def _taken(self, sample: str) -> list[int]:
        """Standing events that took the sample of a place."""
        taken = self._by_sample.get(sample, ())
        return [number for number in taken if self._bases.state(number) is not State.WITHDRAWN]

    def _window(self, one: said.Window, names: Names) -> Window:
        node, source = names.batch_number(one.key), names.batch_number(one.source) if one.source else 0
        if node is None or source is None:
            raise ValueError(f"{one.key} was never interned")
        place = self._place(one.site, one.location, names)
        window = Window(node, place.site, place.location, source, one.since, one.until)
        self._nodes[node], self._keys[node] = window, one.key
        return window

    @staticmethod
    def _place(site: str, location: str | None, names: Names) -> Place:
        key = location_key(site, location) if site and location else ""
        return Place((names.site_number(site) or 0) if site else 0, (names.site_number(key) or 0) if key else 0)


def _seed(window: Window, event: int) -> ScopeSeed:
    return ScopeSeed(window.node, NOWHERE, False, event, window=True)
