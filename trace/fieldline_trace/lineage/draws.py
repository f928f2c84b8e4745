"""What is said at one holding, read entry by entry: its events, and what of its draws is unexplained."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Gap
from fieldline_trace.lineage.kernels.columns import (
    IN_BASE,
    LOT,
    NO_BIRTH,
    NODES,
    OUT_BASE,
    RECEIVED,
    SHIPS_UNEXPLAINED,
    SHIPS_UNFILLED,
    TIMELESSLY,
    UNEXPLAINED,
    Sides,
)
from fieldline_trace.lineage.kernels.ends import in_end, out_end
from fieldline_trace.lineage.kernels.gaps import is_fed_by_pool, is_start, receipts
from fieldline_trace.lineage.kernels.links import BASIS, DEAD, MOVE, TIMELESS, row_of
from fieldline_trace.lineage.parts import asserting
from fieldline_trace.lineage.storage import Storage
from fieldline_trace.lineage.terms import DECLARED


class Draws:
    """Reads single holdings of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def _links(self, side: Sides, start: int, end: int, head: int, base: int) -> Iterator[int]:
        for link in side.link[start:end].tolist():
            if not link & DEAD:
                yield link
        at = head
        while at >= 0:
            link = int(side.link[at])
            if not link & DEAD:
                yield link
            at = int(side.next[at - base])

    def ins(self, node: int) -> Iterator[int]:
        """Standing links into a holding."""
        storage, hot = self._storage, self._storage.nodes.hot
        base = int(storage.counts[IN_BASE])
        return self._links(storage.ins, hot[node]["in_start"], in_end(hot, node), int(hot[node]["ins"]), base)

    def outs(self, node: int) -> Iterator[int]:
        """Standing links out of it."""
        storage, hot = self._storage, self._storage.nodes.hot
        base = int(storage.counts[OUT_BASE])
        return self._links(storage.outs, hot[node]["out_start"], out_end(hot, node), int(hot[node]["outs"]), base)

    def events_at(self, node: int) -> set[int]:
        """All events whose standing steps fill the holding or draw on it."""
        storage = self._storage
        return {int(storage.rows.event[row_of(link)]) for link in (*self.ins(node), *self.outs(node))}

    def unexplained(self, node: int, known: int | None = None) -> list[tuple[int, int, bool]]:
        """(latest end, event, whether a shipment) of the draws that nothing known by then could have fed, by end.

        ``known``: since when something is; by default the first filling from a known source.
        """
        storage = self._storage
        first = int(storage.known[storage.nodes.hot[node]["first"], 0]) if known is None else known
        if storage.nodes.hot[node]["flags"] & TIMELESSLY:
            return []
        found = set()
        for link in self.outs(node):
            if link & BASIS == DECLARED:
                continue
            row = row_of(link)
            hi = FOREVER if link & TIMELESS else int(storage.known[storage.rows.when[row, 0], 1])
            if hi < first:
                found.add((hi, asserting(int(storage.rows.event[row])), bool(link & MOVE)))
        return sorted(found)

    def candidates(self) -> list[int]:
        """Holdings that have unexplained draws."""
        flags = self._storage.nodes.hot["flags"][: int(self._storage.counts[NODES])]
        return [int(node) for node in np.flatnonzero(flags & UNEXPLAINED)]

    def unexplained_among(self, holdings: NDArray[np.int64]) -> list[int]:
        """Those that have unexplained draws."""
        kept: list[int] = holdings[self._storage.nodes.hot["flags"][holdings] & UNEXPLAINED != 0].tolist()
        return kept

    def gap(self, node: int) -> Gap | None:
        """Why the chain has a gap at the holding."""
        nodes, batches = self._storage.nodes, self._storage.batches
        if not nodes.hot[node]["flags"] & UNEXPLAINED:
            return None
        if not nodes.hot[node]["flags"] & LOT:
            missing = self.unexplained(node, self._fed_since(node))
            return Gap(node, tuple(sorted({event for _, event, _ in missing})), ()) if missing else None
        if is_start(nodes.hot, batches.hot, node):
            return None
        missing = self.unexplained(node)
        shipped: tuple[int, ...] = ()
        batch = nodes.hot[node]["batch"]
        if batches.hot[batch]["birth"] == NO_BIRTH:
            origin = SHIPS_UNFILLED if batches.hot[batch]["ships_unfilled"] else SHIPS_UNEXPLAINED
            if nodes.hot[node]["flags"] & origin:
                shipped = tuple(sorted({event for _, event, moved in missing if moved}))
        return Gap(node, tuple(sorted({event for _, event, _ in missing})), shipped)

    def _fed_since(self, pool: int) -> int:
        """From when on a pool was filled, be it from the lots beside it."""
        storage = self._storage
        nodes, batches = storage.nodes, storage.batches
        first = int(storage.known[nodes.hot[pool]["first"], 0])
        group = int(nodes.group[pool]) if len(nodes.group) else -1
        node = int(storage.groups.head[group]) if group >= 0 else -1
        while node >= 0:
            flags = nodes.hot[node]["flags"]
            if flags & TIMELESSLY or (flags & UNEXPLAINED and not is_fed_by_pool(nodes.hot, batches.hot, node)):
                return -FOREVER
            first = min(first, int(storage.known[nodes.hot[node]["first"], 0]))
            if flags & RECEIVED:
                dated = receipts(storage.counts, nodes, storage.rows, storage.known, storage.ins, node)
                first = min(first, int(dated[0]))
            node = int(nodes.next_in_group[node])
        return first
