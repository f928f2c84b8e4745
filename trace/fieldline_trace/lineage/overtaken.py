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
        self._index = index

    def outputs(self, holdings: NDArray[np.int64]) -> set[int]:
        """The holdings that a change at ``holdings`` may concern, as outputs."""
        hot, known = self._nodes.hot[holdings], self._index.storage.known
        few = hot["ends"] <= ENDS_AT_MOST
        left = few & (known[hot["shipped"], 1] < FOREVER)
        came = few & (known[hot["first"], 0] > NEVER) & (known[hot["drawn"], 1] <= FOREVER)
        found = set(holdings[left].tolist())
        for holding in holdings[came].tolist():
            for row in self._rows(holding, incoming=False):
                found.update(output for output in self._ends(row)[1] if self._left(output) < FOREVER)
        return found

    def inputs(self, output: int) -> list[Overtaken]:
        """The inputs of ``output`` that came to the site only after it had left."""
        nodes, known = self._nodes, self._index.storage.known
        left = self._left(output)
        if left >= FOREVER or nodes.hot[output]["ends"] > ENDS_AT_MOST:
            return []
        found = set()
        for row in self._rows(output, incoming=True):
            for one in self._ends(row)[0]:
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

    def _rows(self, holding: int, *, incoming: bool) -> Iterator[int]:
        """Standing steps that make something into the holding, or of it, each once."""
        draws, rows = self._index.draws, self._index.storage.rows
        links = draws.ins(holding) if incoming else draws.outs(holding)
        for row in dict.fromkeys(int(row_of(link)) for link in links):
            if rows.shape[row] & SHAPE_MASK == MADE and rows.basis[row] < WITHDRAWN:
                yield row

    def _ends(self, row: int) -> tuple[list[int], list[int]]:
        """Inputs and outputs of a step, as holdings that count."""
        rows = self._index.storage.rows
        start, end = int(rows.start[row]), int(rows.start[row + 1])
        middle = start + int(rows.inputs[row])
        ends = [self._counted(int(node)) for node in rows.ends[start:end]]
        return ends[: middle - start], ends[middle - start :]

    def _counted(self, node: int) -> int:
        storage = self._index.storage
        said = storage.nodes.hot[node]["batch"]
        if storage.batches.root[said] == said:
            return node
        batch, site = self._index.holding(node)
        counted = self._index.holding_of(batch, site)
        return node if counted is None else counted


def surely_before(end: int, begin: int) -> bool:
    """Whether what ended by ``end`` was over when what began at ``begin`` began, at one site.

    Where the zone of dates is not known they are widened; at one site it is one zone all the same, so two such dates
    are compared as dates. They are known by where in the day they end and begin: no zone has both.
    """
    if (end + 1) % _DAY == _WEST and begin % _DAY == _DAY - _EAST:
        return end - _WEST < begin + _EAST
    return end < begin
