"""What lies at a place and what is said of it: the holdings of a site or of a batch, and all standing links of them.

For what is asked seldom, of few sites, and then of all that is there: nothing is kept for it beside the index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import ADDED, MADE, SHAPE_MASK
from numpy.typing import NDArray

from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.kernels.columns import NODES
from fieldline_trace.lineage.kernels.lying import holdings_of, links_of
from fieldline_trace.lineage.parts import asserting_all
from fieldline_trace.lineage.terms import DECLARED

Numbers = NDArray[np.int64]
_NONE = np.empty(0, np.int64)


class Links(NamedTuple):
    """Standing links of holdings, in columns of equal length."""

    at: Numbers
    """Position among the holdings asked for."""
    event: Numbers
    """The event that asserts it."""
    row: Numbers
    """The step that says it; a step of several inputs and outputs says several links."""
    incoming: NDArray[np.bool_]
    shape: NDArray[np.uint8]
    """With its flags."""
    basis: NDArray[np.uint8]
    lo: Numbers
    hi: Numbers
    """When the holding was filled, of what comes in; else when it was drawn on. Microseconds."""

    def select(self, where: NDArray[np.bool_]) -> Links:
        """Those that the mask names."""
        return Links(*(column[where] for column in self))  # type: ignore[arg-type]

    def take(self, which: Numbers) -> Links:
        """Those at these positions, in that order."""
        return Links(*(column[which] for column in self))  # type: ignore[arg-type]


class Lying:
    """Reads an index."""

    def __init__(self, index: LineageIndex) -> None:
        self._index = index

    def at_site(self, site: int) -> Numbers:
        """All holdings at a site that something stands of. Looks at every holding once: 1 ms for a million."""
        storage = self._index.storage
        count = int(storage.counts[NODES])
        here = np.flatnonzero(storage.nodes.hot["site"][:count] == site)
        hot = storage.nodes.hot[here]
        standing: Numbers = here[(hot["ends"] > 0) & (hot["batch"] >= 0)].astype(np.int64)
        return standing

    def ever_at(self, site: int) -> Numbers:
        """All holdings at a site that anything was ever said of, be it withdrawn by now. Looks at every holding."""
        storage = self._index.storage
        count = int(storage.counts[NODES])
        here = np.flatnonzero(storage.nodes.hot["site"][:count] == site)
        said: Numbers = here[storage.nodes.hot["batch"][here] >= 0].astype(np.int64)
        return said

    def of_batches(self, batches: Iterable[int]) -> Numbers:
        """All holdings of batches that something stands of."""
        roots = self._index.storage.batches.root
        known = np.unique(roots[[batch for batch in batches if batch < len(roots)] or _NONE]).astype(np.int64)
        found = holdings_of(self._index.storage.nodes, self._index.storage.batches, known)
        return np.sort(found).astype(np.int64)

    def is_start(self, batch: int) -> bool:
        """Whether nothing is recorded as having gone into a batch."""
        links = self.links(self.of_batches([batch]))
        into = links.incoming & (links.basis < DECLARED) & np.isin(links.shape & SHAPE_MASK, (MADE, ADDED))
        inputs, _ = self.counts(links.row[into])
        return not inputs.any()

    @property
    def joined(self) -> set[int]:
        """The batches that others count as."""
        return {self._index.canonical(batch) for batches in self._index.claims.values() for batch in batches}

    def together(self, batch: int) -> tuple[int, ...]:
        """All batches that count as ``batch``, in order; itself, where it was joined with none."""
        return self._index.together(batch)

    def sites_of(self, holdings: Numbers) -> Numbers:
        """Site number of each."""
        sites: Numbers = self._index.storage.nodes.hot["site"][holdings].astype(np.int64)
        return sites

    def links(self, holdings: Numbers) -> Links:
        """All standing links of ``holdings``."""
        storage = self._index.storage
        at, row, _, incoming = links_of(storage.counts, storage.nodes, storage.outs, storage.ins, holdings)
        coming = incoming.astype(np.bool_)
        rows = storage.rows
        times = storage.known[np.where(coming, rows.when[row, 1], rows.when[row, 0])]
        return Links(
            at.astype(np.int64),
            asserting_all(rows.event[row]),
            row.astype(np.int64),
            coming,
            rows.shape[row],
            rows.basis[row],
            times[:, 0],
            times[:, 1],
        )

    def counts(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """How many inputs and how many outputs steps have."""
        known = self._index.storage.rows
        inputs = known.inputs[rows].astype(np.int64)
        return inputs, known.start[rows + 1].astype(np.int64) - known.start[rows].astype(np.int64) - inputs

    def inputs(self, row: int) -> list[int]:
        """The holdings, as they count, that a step draws on."""
        rows = self._index.storage.rows
        start = int(rows.start[row])
        return [self.counted(node) for node in rows.ends[start : start + int(rows.inputs[row])].tolist()]

    def outputs(self, row: int) -> list[int]:
        """The holdings, as they count, that a step fills."""
        rows = self._index.storage.rows
        middle = int(rows.start[row]) + int(rows.inputs[row])
        return [self.counted(node) for node in rows.ends[middle : int(rows.start[row + 1])].tolist()]

    def counted(self, holding: int) -> int:
        """The holding that one counts as; itself, where its batch was joined with none."""
        storage = self._index.storage
        said = storage.nodes.hot[holding]["batch"]
        if storage.batches.root[said] == said:
            return holding
        other = self._index.holding_of(*self._index.holding(holding))
        return holding if other is None else other

    def filled(self, row: int) -> tuple[int, int]:
        """When a step filled its outputs, microseconds."""
        storage = self._index.storage
        lo, hi = storage.known[storage.rows.when[row, 1]].tolist()
        return lo, hi
