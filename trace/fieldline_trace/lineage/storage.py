"""The columns of an index, made, grown and packed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.lineage.kernels.columns import (
    BATCH,
    ENDS,
    GROUPS,
    I4,
    I8,
    IN_BASE,
    INS,
    INTERVALS,
    NO_BIRTH,
    NO_DRAW,
    NO_FILLING,
    NODE,
    NODES,
    OUT_BASE,
    OUTS,
    PLACES,
    ROWS,
    SPECIAL,
    TABLED,
    UNDRAWN,
    UNFILLED,
    Batches,
    Groups,
    Nodes,
    Notes,
    Products,
    Rows,
    Scratch,
    Sides,
    Tables,
)
from fieldline_trace.lineage.kernels.linking import pack
from fieldline_trace.lineage.kernels.taking import rehash
from fieldline_trace.lineage.memory import fresh

_T = TypeVar("_T", bound=np.generic)
_LATELY: Final = 1 << 14
"""So many intervals that were named lately are known from new ones."""
_SINCE: Final = 4096
"""Room for entries since the last packing, at least; else a sixth of what is packed."""

_SAID: Final = ("link", "source", "level", "said_lo", "said_hi", "said_brought")
_KEPT: Final = ("counts", "nodes", "batches", "products", "groups", "rows", "known", "tables", "outs", "ins", "notes")
"""All columns but scratch, of which nothing is kept."""


def _empty(size: int, *kinds: str) -> list[NDArray[np.generic]]:
    return [np.zeros(size, kind) for kind in kinds]


def _longer(array: NDArray[_T], size: int) -> NDArray[_T]:
    new = fresh((max(size, len(array) + len(array) // 2), *array.shape[1:]), array.dtype)
    new[: len(array)] = array
    return new


class Storage:
    """All columns of one index. Kernels write what they are given room for."""

    def __init__(self) -> None:
        self.counts: I8 = np.zeros(PLACES, np.int64)
        i4, i8, u1 = "i4", "i8", "u1"
        self.nodes = Nodes(fresh((64,), NODE), *_empty(0, i4, i4))  # type: ignore[arg-type]
        self.batches = Batches(fresh((0,), BATCH), np.zeros(0, np.int32), np.zeros(0, np.int32))
        self.products = Products(np.zeros(0, np.int32), np.zeros(0, np.uint8))
        self.groups = Groups(*_empty(64, i4, i4, i4, i4, i4, i8))  # type: ignore[arg-type]
        self.rows = Rows(*_empty(64, i8, u1, u1, i4, i4), np.zeros((64, 2), np.int32), *_empty(64, i4))  # type: ignore
        self.known: I8 = np.zeros((64, 2), np.int64)
        self.known[UNFILLED] = NO_FILLING, FOREVER
        self.known[UNDRAWN] = NO_DRAW, NO_DRAW
        self.counts[INTERVALS] = SPECIAL
        self.tables = Tables(*_empty(256, i4, i4), *_empty(_LATELY, i4, i4))  # type: ignore[arg-type]
        self.outs, self.ins = _side(0, _SINCE), _side(0, _SINCE)
        self.notes = Notes(*_empty(0, u1), *_empty(64, u1, i4), *_empty(0, i4), *_empty(64, i4))  # type: ignore[arg-type]
        kinds = (u1, i8, i8, i8, i8, i4, i4, i4, i4, i8, i4, u1, i8, i8, u1)
        self.scratch = Scratch(np.zeros((64, 4), np.int32), *_empty(64, *kinds))  # type: ignore[arg-type]

    def linked(self) -> tuple[I8, Nodes, Batches, Groups, Rows, I8, Tables, Sides, Sides, Notes]:
        """All columns but scratch, in the order that linking takes them."""
        return (
            self.counts,
            self.nodes,
            self.batches,
            self.groups,
            self.rows,
            self.known,
            self.tables,
            self.outs,
            self.ins,
            self.notes,
        )

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is written meanwhile is written to copies, which are forgotten at the end. Takes as long as copying all
        that is here, and as much memory again meanwhile."""
        kept = {name: getattr(self, name) for name in _KEPT}
        try:
            for name, one in kept.items():
                columns = one.copy() if isinstance(one, np.ndarray) else type(one)(*(column.copy() for column in one))
                setattr(self, name, columns)
            yield
        finally:
            for name, one in kept.items():
                setattr(self, name, one)

    def room_for_batches(self, size: int) -> None:
        """Have batch numbers below ``size``; new ones are as yet unknown, each its own root."""
        before = len(self.batches.root)
        if before >= size:
            return
        self.batches = Batches(*(_longer(column, size) for column in self.batches))  # type: ignore[arg-type]
        size = len(self.batches.root)
        self.batches.root[before:] = np.arange(before, size)
        self.batches.hot["head"][before:] = -1
        self.batches.hot["birth"][before:] = NO_BIRTH
        self.notes = self.notes._replace(
            batch=_longer(self.notes.batch, size), batches=_longer(self.notes.batches, size)
        )

    def room_for_steps(self, steps: int, ends: int) -> None:
        """Have room for that many more rows and ends, and the holdings and intervals that they may name."""
        if self.counts[ROWS] + steps + 1 > len(self.rows.event):
            size = int(self.counts[ROWS]) + steps + 1
            ends_column = self.rows.ends
            self.rows = Rows(*(_longer(column, size) for column in self.rows))._replace(ends=ends_column)  # type: ignore[arg-type]
        if self.counts[ENDS] + ends > len(self.rows.ends):
            self.rows = self.rows._replace(ends=_longer(self.rows.ends, int(self.counts[ENDS]) + ends))
        self.room_for_intervals(2 * steps)
        self.room_for_nodes(ends)

    def room_for_intervals(self, more: int) -> None:
        """Have room for that many more intervals."""
        count = int(self.counts[INTERVALS])
        if count + more > len(self.known):
            self.known = _longer(self.known, count + more)

    def room_for_nodes(self, more: int) -> None:
        """Have room for that many more nodes, each in a group of its own at worst."""
        if self.counts[NODES] + more >= len(self.nodes.hot):
            size = int(self.counts[NODES]) + more + 1
            self.nodes = Nodes(*(_longer(column, size) if len(column) else column for column in self.nodes))  # type: ignore[arg-type]
            size = len(self.nodes.hot)
            self.notes = self.notes._replace(nodes=_longer(self.notes.nodes, size))
            self._scratch_for(size)
        hot = self.nodes.hot
        table = self._table(self.tables.node, int(self.counts[TABLED]) + more, hot["batch"], hot["site"])
        self.tables = self.tables._replace(node=table)
        if len(self.nodes.group):
            self.room_for_groups(more)

    def room_for_products(self, size: int) -> None:
        """Have product numbers below ``size``."""
        if size > len(self.products.newest):
            self.products = Products(*(_longer(column, size) for column in self.products))  # type: ignore[arg-type]

    def room_for_groups(self, more: int) -> None:
        """Have room for that many more groups."""
        if not len(self.nodes.group):
            none = [np.full(len(self.nodes.hot), -1, np.int32) for _ in range(2)]
            self.nodes = self.nodes._replace(group=none[0], next_in_group=none[1])
        if self.counts[GROUPS] + more > len(self.groups.pool):
            size = int(self.counts[GROUPS]) + more
            self.groups = Groups(*(_longer(column, size) for column in self.groups))  # type: ignore[arg-type]
            size = len(self.groups.pool)
            self.notes = self.notes._replace(
                group=_longer(self.notes.group, size), groups=_longer(self.notes.groups, size)
            )
        count = int(self.counts[GROUPS])
        groups = self._table(self.tables.group, count + more, self.groups.product, self.groups.site)
        self.tables = self.tables._replace(group=groups)

    def _scratch_for(self, nodes: int) -> None:
        """Anew, since nothing of it is kept; what a layer says has as much room as it had, if more than a node each."""
        said = max(nodes, len(self.scratch.link))
        self.scratch = Scratch(
            *(
                fresh((said if name in _SAID else nodes, *column.shape[1:]), column.dtype)
                for name, column in self.scratch._asdict().items()
            )
        )

    def room_to_say_more(self) -> None:
        """Have twice the room for what a layer of a trace says."""
        new = {name: fresh((2 * len(self.scratch.link),), getattr(self.scratch, name).dtype) for name in _SAID}
        self.scratch = self.scratch._replace(**new)

    @staticmethod
    def _table(table: I4, most: int, a: NDArray[np.signedinteger], b: NDArray[np.signedinteger]) -> I4:
        """A table with room for ``most``, of which the pairs of ``a`` and ``b`` that are in it keep their numbers."""
        size = len(table)
        if most * 4 <= size * 3:
            return table
        while most * 4 > size * 3:
            size *= 2
        new: I4 = np.zeros(size, np.int32)
        numbers = table[table > 0].astype(np.int64) - 1
        rehash(new, numbers, a[numbers].astype(np.int64), b[numbers].astype(np.int64))
        return new

    def room_for_entries(self, more: int) -> None:
        """Have room for that many more entries on either side; packs all entries where there is none."""
        out_room = len(self.outs.owner) - (self.counts[OUTS] - self.counts[OUT_BASE])
        if more > min(out_room, len(self.ins.owner) - (self.counts[INS] - self.counts[IN_BASE])):
            self.pack(more)

    def pack(self, more: int = 0) -> None:
        """Put all living links in order by node, with room for more."""
        self.outs = self._packed(self.outs, OUTS, OUT_BASE, more)
        self.ins = self._packed(self.ins, INS, IN_BASE, more)

    def _packed(self, side: Sides, place: int, based: int, more: int) -> Sides:
        counts, nodes = self.counts, int(self.counts[NODES])
        end = int(counts[place])
        new = _side(end, max(_SINCE, end // 6, more))
        start: I4 = np.zeros(nodes + 1, np.int32)
        total = pack(self.nodes, nodes, place == INS, side, int(counts[based]), end, start, new.link)
        counts[place], counts[based] = total, total
        return new

    def bytes(self) -> dict[str, int]:
        """Bytes in use by what they hold, room to grow and scratch not counted."""
        counts = self.counts
        return {
            "holdings": sum(column.itemsize for column in self.nodes if len(column)) * int(counts[NODES]),
            "groups": sum(column.itemsize for column in self.groups) * int(counts[GROUPS]),
            "steps": sum(column.nbytes // len(column) for column in self.rows[:-1]) * int(counts[ROWS])
            + 4 * int(counts[ENDS]),
            "times": 16 * int(counts[INTERVALS]),
            "links": 8 * int(counts[OUTS] + counts[INS]),
            "batches": sum(column.nbytes for column in (*self.batches, *self.products)),
            "tables": sum(table.nbytes for table in self.tables),
        }


def _side(living: int, since: int) -> Sides:
    link = fresh((living + since,), np.dtype(np.int64))
    return Sides(link, np.empty(since, np.int32), np.empty(since, np.int32))
