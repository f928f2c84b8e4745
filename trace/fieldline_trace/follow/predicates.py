"""Scopes that stand on a description: each lot that it fits is in, also one that comes next week.

What is described: product, issuer, code of the lot, days of production and shelf life, a place where it lies or lay, a
batch that it came of. What nobody said does not keep a lot out: one without a date counts as within the dates. A code
lies in a range by its first characters, as many as the bound has, whatever their case.

Which lots fit is a function of what stands: whatever an entry changes of a lot has it looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from fieldline_schemas.batch_key import is_item, is_pool, is_unit, lot_of, product_of
from fieldline_schemas.batch_spellings import parts_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.scope_opened import Matching
from fieldline_schemas.record import MADE, SHAPE_MASK
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_schemas.windows import is_window
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.presence import Presence
from fieldline_trace.lineage import LineageIndex, Seed
from fieldline_trace.lineage.parts import NOWHERE
from fieldline_trace.lineage.terms import DECLARED
from fieldline_trace.recall.reach import ScopeSeed

_NOTHING: Final = np.empty(0, np.int64)


@dataclass(slots=True)
class _Standing:
    """One description, and the lots that fit it."""

    event: int
    matching: Matching
    named: tuple[ScopeSeed, ...]
    """What the act names beside."""
    fits: set[int] = field(default_factory=set)


class Predicates:
    """The descriptions that scopes stand on, by the identity of the act."""

    def __init__(self, index: LineageIndex, catalogue: Catalogue, presence: Presence, bases: Bases) -> None:
        self._index, self._catalogue, self._presence, self._bases = index, catalogue, presence, bases
        self._standing: dict[int, _Standing] = {}

    def __bool__(self) -> bool:
        return bool(self._standing)

    def stand(self, identity: int, event: int, matching: Matching, named: Iterable[ScopeSeed], names: Names) -> None:
        """A scope was opened on a description."""
        one = self._standing[identity] = _Standing(event, matching, tuple(named))
        one.fits = self.fitting(matching, names, self._catalogue.known())

    def named(self, identity: int, seeds: Iterable[ScopeSeed]) -> list[ScopeSeed]:
        """``seeds``, which an act names, with the lots that fit its description."""
        one = self._standing.get(identity)
        if one is None:
            return list(seeds)
        one.named = tuple(seeds)
        return self._seeds(one)

    def changed(self, batches: NDArray[np.int64], names: Names) -> dict[int, tuple[list[ScopeSeed], NDArray[np.int64]]]:
        """Something is said otherwise of ``batches``: identities of the acts whose lots are others now, with all their
        seeds and the lots that came or went."""
        found = {}
        for identity, one in sorted(self._standing.items()):
            looked = set(batches.tolist())
            if one.matching.batch:  # what came of it may end far from what changed
                looked |= one.fits
                looked |= self._came_of(one.matching.batch, names)
            fits = self.fitting(one.matching, names, np.array(sorted(looked), np.int64))
            now = (one.fits - looked) | fits
            if now != one.fits:
                other = np.array(sorted(now ^ one.fits), np.int64)
                one.fits = now
                found[identity] = self._seeds(one), other
        return found

    def fitting(self, matching: Matching, names: Names, among: NDArray[np.int64]) -> set[int]:
        """Those of ``among`` that a description fits."""
        within: set[int] | None = None
        if matching.batch:
            within = self._came_of(matching.batch, names)
            among = among[np.isin(among, np.fromiter(within, np.int64, len(within)))]
        site = names.site_number(matching.site) if matching.site else None
        if matching.site and site is None:
            return set()
        fits = _by_key(matching)
        return {
            batch
            for batch in among.tolist()
            if fits(names.batch_key(batch)) and self._lay_at(batch, site) and self._in_time(batch, matching)
        }

    def _seeds(self, one: _Standing) -> list[ScopeSeed]:
        fitting = [ScopeSeed(batch, 0, True, one.event) for batch in sorted(one.fits)]
        return [*one.named, *(seed for seed in fitting if seed not in one.named)]

    def _came_of(self, key: str, names: Names) -> set[int]:
        number = names.batch_number(key)
        if number is None:
            return set()
        found = self._index.forward([Seed(number)])
        roots = {int(batch) for batch in found.batch[found.site != NOWHERE]}
        joined = self._presence.lying.joined
        every = {one for root in roots & joined for one in self._presence.lying.together(root)} if joined else set()
        return roots | every | {number}

    def _lay_at(self, batch: int, site: int | None) -> bool:
        return site is None or self._index.holding_of(batch, site) is not None

    def _in_time(self, batch: int, matching: Matching) -> bool:
        """Whether nothing that is said of its days keeps it out."""
        lo, hi = NEVER, FOREVER
        if matching.produced_from is not None or matching.produced_to is not None:
            lo, hi = self._made(batch)
            if matching.produced_from is not None and hi < matching.produced_from.lo:
                return False
            if matching.produced_to is not None and lo > matching.produced_to.hi:
                return False
        if matching.expires_from is not None or matching.expires_to is not None:
            until = self._presence.shelf_lives.until([batch], self._bases.state)
            if until >= FOREVER:
                return True
            if matching.expires_from is not None and until < matching.expires_from.lo:
                return False
            if matching.expires_to is not None and until > matching.expires_to.hi:
                return False
        return True

    def _made(self, batch: int) -> tuple[int, int]:
        """When it may have been made, by all that stands of it; without bounds where nothing says so."""
        links = self._presence.lying.links(self._presence.lying.of_batches([batch]))
        made = links.incoming & ((links.shape & SHAPE_MASK) == MADE) & (links.basis < DECLARED)
        if not made.any():
            return NEVER, FOREVER
        return int(links.lo[made].min()), int(links.hi[made].max())


def _by_key(matching: Matching) -> Callable[[str], bool]:
    """Whether a key fits: product, issuer, code."""
    low, high = (matching.lot_from or "").casefold(), (matching.lot_to or "").casefold()
    marks = [mark.casefold() for mark in matching.lot_has]

    def fits(key: str) -> bool:
        if is_unit(key) or is_item(key) or is_window(key) or is_pool(key):
            return False
        if matching.product is not None and matching.product not in (
            product_of(key),
            product_of(key).rpartition("/")[2],
        ):
            return False
        if matching.operator is not None and matching.operator != _issuer(key):
            return False
        code = lot_of(key).casefold()
        return (
            (not low or code[: len(low)] >= low)
            and (not high or code[: len(high)] <= high)
            and (not marks or any(mark in code for mark in marks))
        )

    return fits


def _issuer(key: str) -> str:
    try:
        return parts_of(key).issuer
    except Fault:
        return ""
