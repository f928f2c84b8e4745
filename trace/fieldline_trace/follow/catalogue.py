"""The batches that a follower knows, and who acts where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from fieldline_schemas.batch_key import is_item, is_pool, is_unit, lot_of, product_of
from fieldline_schemas.batch_parts import POOL
from fieldline_schemas.record import Columns
from fieldline_schemas.registry import code_of
from numpy.typing import NDArray

from fieldline_trace.lineage import LineageIndex

_HOLDING: Final = np.array(
    [code_of(kind) for kind in ("harvested", "transformed", "prepared", "shipped", "received", "served")], np.uint8
)
"""Kinds whose operator holds what is at the site; inspectors and laboratories act there too, and hold nothing."""


class Special:
    """The batch numbers that are no lots or pools: units and serial items."""

    def __init__(self) -> None:
        self._is = np.zeros(1024, np.bool_)
        self._any = False

    def __bool__(self) -> bool:
        return self._any

    def add(self, number: int) -> None:
        """One more."""
        if number >= len(self._is):
            grown = np.zeros(2 * number, np.bool_)
            grown[: len(self._is)] = self._is
            self._is = grown
        self._is[number] = self._any = True

    def any_of(self, numbers: Iterable[int]) -> bool:
        """Whether any of these is one."""
        known, top = self._is, len(self._is)
        return any(number < top and known[number] for number in numbers)

    def mask(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these are."""
        inside = numbers < len(self._is)
        found: NDArray[np.bool_] = self._is[np.where(inside, numbers, 0)] & inside
        return found


class Catalogue:
    """Tells the index of each batch before its first use, and counts who acts at which site."""

    def __init__(self, index: LineageIndex) -> None:
        self._index = index
        self._known = np.zeros(1024, np.bool_)
        self.count = 0
        """How many batches are known."""
        self._pools: set[int] = set()
        self.units: set[int] = set()
        self.items: set[int] = set()
        self.special = Special()
        """Units and serial items."""
        self._products: dict[str, int] = {}
        self._parties_at: dict[int, dict[int, int]] = {}
        """Site -> party -> how many events it acted in there."""

    def is_pool(self, batch: int) -> bool:
        """Whether a batch number is a pool's."""
        return batch in self._pools

    def known(self) -> NDArray[np.int64]:
        """Numbers of all batches, in order."""
        return np.flatnonzero(self._known).astype(np.int64)

    def know(self, numbers: NDArray[np.int64], key_of: Callable[[int], str]) -> list[tuple[int, str]]:
        """Tell the index of those batches that are new; the items among them, number and key. ``key_of``: canonical
        key of a number."""
        if not len(numbers):
            return []
        top = int(numbers.max())
        if top >= len(self._known):
            grown = np.zeros(max(top + 1, 2 * len(self._known)), np.bool_)
            grown[: len(self._known)] = self._known
            self._known = grown
        new = np.unique(numbers[~self._known[numbers]])
        if not len(new):
            return []
        self._known[new] = True
        self.count += len(new)
        keys = [key_of(number) for number in new.tolist()]
        products = [self._products.setdefault(product_of(key), len(self._products)) for key in keys]
        pools = [is_pool(key) for key in keys]
        generals = [pool and lot_of(key) == POOL for pool, key in zip(pools, keys, strict=True)]
        items: list[tuple[int, str]] = []
        for number, key in zip(new.tolist(), keys, strict=True):
            if is_unit(key):
                self.units.add(number)
                self.special.add(number)
            elif is_item(key):
                items.append((number, key))
                self.items.add(number)
                self.special.add(number)
        self._pools.update(number for number, pool in zip(new.tolist(), pools, strict=True) if pool)
        self._index.know_all(new, np.array(products, np.int64), np.array(pools), np.array(generals))
        return items

    def count_operators(self, columns: Columns) -> None:
        """Who acts where, by one entry."""
        both = (columns.sites > 0) & (columns.operators > 0) & np.isin(columns.kinds, _HOLDING)
        pairs = columns.sites[both].astype(np.int64) << 32 | columns.operators[both]
        for pair, count in zip(*(part.tolist() for part in np.unique(pairs, return_counts=True)), strict=True):
            parties = self._parties_at.setdefault(pair >> 32, {})
            parties[pair & 0xFFFFFFFF] = parties.get(pair & 0xFFFFFFFF, 0) + count

    def operator_of(self, site: int, party_key: Callable[[int], str]) -> int:
        """Party number of whoever acts most at a site, of equals the least key; 0 where nobody is known to."""
        parties = self._parties_at.get(site)
        if not parties:
            return 0
        if len(parties) == 1:
            return next(iter(parties))
        return min(parties, key=lambda party: (-parties[party], party_key(party)))
