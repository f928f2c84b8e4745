"""Outputs that left a site before an input of theirs had come: an impossible order that no single event shows.

The link stays, since somebody said so; the order of dates is what is wrong. Timeless steps are looked at too: they
say that dates do not order the step itself, but what left on Monday was not made of what came on Wednesday all the
same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import MADE, SHAPE_MASK
from fieldline_schemas.times import FOREVER, HOUR, NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.kernels.columns import NO_FILLING, TIMELESSLY, Nodes
from fieldline_trace.lineage.kernels.links import row_of
from fieldline_trace.lineage.kernels.lying import links_of
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.lineage.parts import asserting
from fieldline_trace.lineage.terms import WITHDRAWN

ENDS_AT_MOST: Final = 256
"""A holding that more records name is a tank or a utility in all but name, and the order of its dates says little."""
_DAY: Final = 24 * HOUR
_EAST: Final = 14 * HOUR
_WEST: Final = 12 * HOUR
"""How far the begin and the end of a date are moved out where its zone is not known."""


class Overtaken(NamedTuple):
    """An output that left before an input came."""

    input: int
    """Holding."""
    event: int
    """The event that says that one was made of the other."""


class Overtaking:
    """Reads an index for such orders. What it says of a holding follows from what stands alone."""

    def __init__(self, index: LineageIndex) -> None:
        self._index, self._lying = index, Lying(index)

    def outputs(self, holdings: NDArray[np.int64]) -> set[int]:
        """The holdings that may have left before an input came, as far as a change at ``holdings`` may have made it so.

        Columns are looked at: these are such outputs by their bounds, and ``inputs`` looks at each closely.
        """
        hot, known = self._nodes.hot, self._index.storage.known
        few = hot["ends"][holdings] <= ENDS_AT_MOST
        left = holdings[few & (known[hot["shipped"][holdings], 1] < FOREVER)]
        came = holdings[few & self._dated(holdings)]
        return self._late(came, incoming=False) | self._late(left, incoming=True)

    def _late(self, holdings: NDArray[np.int64], *, incoming: bool) -> set[int]:
        """The outputs that may have left before an input came, where ``holdings`` are all such outputs (incoming), or
        all such inputs."""
        storage, nodes = self._index.storage, self._nodes
        at, row, _, into = links_of(storage.counts, nodes, storage.outs, storage.ins, holdings)
        rows = storage.rows
        made = (
            (rows.shape[row] & SHAPE_MASK == MADE) & (rows.basis[row] < WITHDRAWN) & (into.astype(np.bool_) == incoming)
        )
        here, row = holdings[at[made]], row[made].astype(np.int64)
        begin = rows.start[row].astype(np.int64)
        middle, end = begin + rows.inputs[row], rows.start[row + 1].astype(np.int64)
        first, count = (begin, middle - begin) if incoming else (middle, end - middle)
        step = np.repeat(np.arange(len(row)), count)
        there = rows.ends[first[step] + np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count)]
        here, there = here[step], self._as_counted(there.astype(np.int64))
        output, came = (here, there) if incoming else (there, here)
        left = storage.known[nodes.hot["shipped"][output], 1]
        late = (left < FOREVER) & self._dated(came)
        late &= storage.known[nodes.hot["content"][came], 1] > left
        late &= storage.known[nodes.hot["first"][came], 0] + _EAST + _WEST > left
        return set(output[late].tolist())

    def _dated(self, holdings: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether it is known when something first came into them."""
        # Field by field: numpy takes whole records one member after the other.
        hot = self._nodes.hot
        first = self._index.storage.known[hot["first"][holdings], 0]
        dated: NDArray[np.bool_] = (first > NEVER) & (first != NO_FILLING)
        dated &= hot["flags"][holdings] & TIMELESSLY == 0
        return dated

    def _as_counted(self, holdings: NDArray[np.int64]) -> NDArray[np.int64]:
        """The holdings that these count as."""
        said = self._nodes.hot["batch"][holdings]
        other = np.flatnonzero(self._index.storage.batches.root[said] != said)
        for place in other.tolist():
            holdings[place] = self._lying.counted(int(holdings[place]))
        return holdings

    def inputs(self, output: int) -> list[Overtaken]:
        """The inputs of ``output`` that came to the site only after it had left."""
        nodes, known = self._nodes, self._index.storage.known
        left = self._left(output)
        if left >= FOREVER or nodes.hot[output]["ends"] > ENDS_AT_MOST:
            return []
        found = set()
        for row in self._rows(output):
            for one in self._lying.inputs(row):
                hot = nodes.hot[one]
                first, content, ends = int(known[hot["first"], 0]), int(known[hot["content"], 1]), int(hot["ends"])
                dated = first != NO_FILLING and not hot["flags"] & TIMELESSLY and content > left
                if dated and ends <= ENDS_AT_MOST and surely_before(left, first):
                    found.add(Overtaken(one, asserting(int(self._index.storage.rows.event[row]))))
        return sorted(found)

    def _left(self, output: int) -> int:
        """When it was surely shipped first; ``FOREVER`` and more where that is not known, or it never was."""
        storage = self._index.storage
        return int(storage.known[storage.nodes.hot[output]["shipped"], 1])

    @property
    def _nodes(self) -> Nodes:
        return self._index.storage.nodes

    def _rows(self, holding: int) -> Iterator[int]:
        """Standing steps that make something into the holding, each once."""
        rows = self._index.storage.rows
        for row in dict.fromkeys(int(row_of(link)) for link in self._index.draws.ins(holding)):
            if rows.shape[row] & SHAPE_MASK == MADE and rows.basis[row] < WITHDRAWN:
                yield row


def surely_before(end: int, begin: int) -> bool:
    """Whether what ended by ``end`` was over when what began at ``begin`` began, at one site.

    Where the zone of dates is not known they are widened; at one site it is one zone all the same, so two such dates
    are compared as dates. They are known by where in the day they end and begin: no zone has both.
    """
    if (end + 1) % _DAY == _WEST and begin % _DAY == _DAY - _EAST:
        return end - _WEST < begin + _EAST
    return end < begin
