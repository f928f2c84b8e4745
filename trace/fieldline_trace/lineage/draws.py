"""What is said at one holding, read entry by entry: its events, and what of its draws is unexplained."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Gap
from fieldline_trace.lineage.kernels.columns import (
    BASED,
    DEAD,
    I4,
    IN_BASE,
    LOT,
    MOVE,
    NO_BIRTH,
    NODES,
    OUT_BASE,
    RECEIVED,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESS,
    TIMELESSLY,
    UNEXPLAINED,
    Sides,
)
from fieldline_trace.lineage.kernels.gaps import is_fed_by_pool, is_start, receipts
from fieldline_trace.lineage.storage import Storage


class Draws:
    """Reads single holdings of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def _entries(self, side: Sides, heads: I4, base: int, node: int) -> Iterator[int]:
        if node < self._storage.counts[BASED]:
            for at in range(side.start[node], side.start[node + 1]):
                if not side.flags[at] & DEAD:
                    yield at
        at = int(heads[node])
        while at >= 0:
            if not side.flags[at] & DEAD:
                yield at
            at = int(side.next[at - base])

    def _ins(self, node: int) -> Iterator[int]:
        storage = self._storage
        return self._entries(storage.ins, storage.nodes.ins, int(storage.counts[IN_BASE]), node)

    def _outs(self, node: int) -> Iterator[int]:
        storage = self._storage
        return self._entries(storage.outs, storage.nodes.outs, int(storage.counts[OUT_BASE]), node)

    def events_at(self, node: int) -> set[int]:
        """All events whose standing steps fill the holding or draw on it."""
        storage = self._storage
        ins = {int(storage.rows.event[storage.ins.row[at]]) for at in self._ins(node)}
        return ins | {int(storage.rows.event[storage.outs.row[at]]) for at in self._outs(node)}

    def unexplained(self, node: int, known: int | None = None) -> list[tuple[int, int, bool]]:
        """(latest end, event, whether a shipment) of the draws that nothing known by then could have fed, by end.

        ``known``: since when something is; by default the first filling from a known source.
        """
        storage = self._storage
        first = int(storage.nodes.first[node]) if known is None else known
        if storage.nodes.flags[node] & TIMELESSLY:
            return []
        found = set()
        for at in self._outs(node):
            row, flags = storage.outs.row[at], storage.outs.flags[at]
            hi = FOREVER if flags & TIMELESS else int(storage.known.hi[storage.rows.drawn[row]])
            if hi < first:
                found.add((hi, int(storage.rows.event[row]), bool(flags & MOVE)))
        return sorted(found)

    def candidates(self) -> list[int]:
        """Holdings that have unexplained draws."""
        flags = self._storage.nodes.flags[: int(self._storage.counts[NODES])]
        return [int(node) for node in np.flatnonzero(flags & UNEXPLAINED)]

    def unexplained_among(self, holdings: NDArray[np.int64]) -> list[int]:
        """Those that have unexplained draws."""
        kept: list[int] = holdings[self._storage.nodes.flags[holdings] & UNEXPLAINED != 0].tolist()
        return kept

    def gap(self, node: int) -> Gap | None:
        """Why the chain has a gap at the holding."""
        nodes, batches = self._storage.nodes, self._storage.batches
        if not nodes.flags[node] & UNEXPLAINED:
            return None
        if not nodes.flags[node] & LOT:
            missing = self.unexplained(node, self._fed_since(node))
            return Gap(node, tuple(sorted({event for _, event, _ in missing})), ()) if missing else None
        if is_start(nodes, batches, node):
            return None
        missing = self.unexplained(node)
        shipped: tuple[int, ...] = ()
        batch = nodes.batch[node]
        if batches.birth[batch] == NO_BIRTH:
            origin = SHIPS_UNFILLED if batches.ships_unfilled[batch] else SHIPS_UNEXPLAINED
            if nodes.flags[node] & origin:
                shipped = tuple(sorted({event for _, event, moved in missing if moved}))
        return Gap(node, tuple(sorted({event for _, event, _ in missing})), shipped)

    def _fed_since(self, pool: int) -> int:
        """From when on a pool was filled, be it from the lots beside it."""
        storage = self._storage
        nodes, batches = storage.nodes, storage.batches
        first = int(nodes.first[pool])
        group = int(nodes.group[pool])
        node = int(storage.groups.head[group]) if group >= 0 else -1
        while node >= 0:
            flags = nodes.flags[node]
            if flags & TIMELESSLY or (flags & UNEXPLAINED and not is_fed_by_pool(nodes, batches, node)):
                return -FOREVER
            first = min(first, int(nodes.first[node]))
            if flags & RECEIVED:
                dated = receipts(storage.counts, nodes, storage.rows, storage.known, storage.ins, node)
                first = min(first, int(dated[0]))
            node = int(nodes.next_in_group[node])
        return first
