"""What a follower keeps of every event: who said it, for whom, where, under which identity. About 44 bytes an event."""

from __future__ import annotations

from typing import Final

import numpy as np
from fieldline_schemas.record import UNREADABLE_YET, Columns
from numpy.typing import NDArray

_TAIL: Final = 65_536
"""So many of the latest rows are searched one by one; all before them is sorted by identity."""
_COLUMNS: Final = {
    "number": np.int64,
    "identity": np.uint64,
    "sender": np.int32,
    "operator": np.int32,
    "site": np.int32,
    "location": np.int32,
    "kind": np.uint8,
    "flags": np.uint8,
}


class EventRows:
    """Rows in ledger order, found by event number or by identity."""

    def __init__(self) -> None:
        self._columns = {name: np.empty(1024, kind) for name, kind in _COLUMNS.items()}
        self._count = 0
        self._blocks: dict[int, tuple[int, int]] = {}
        self._sorted: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
        self._sorted_to = 0

    def __len__(self) -> int:
        return self._count

    def add(self, block: int, received_at: int, columns: Columns) -> None:
        """The events of one entry. ``block``: the upper part of their numbers; ``received_at``: microseconds."""
        count, start = len(columns.kinds), self._count
        if start + count > len(self._columns["number"]):
            room = max(start + count, 2 * start)
            self._columns = {name: np.resize(column, room) for name, column in self._columns.items()}
        new: dict[str, NDArray[np.generic]] = {
            "number": (block << 16) + np.arange(count, dtype=np.int64),
            "identity": columns.identities,
            "sender": columns.senders,
            "operator": columns.operators,
            "site": columns.sites,
            "location": columns.locations,
            "kind": columns.kinds,
            "flags": columns.flags,
        }
        for name, values in new.items():
            self._columns[name][start : start + count] = values
        self._blocks[block] = (start, received_at)
        self._count = start + count
        if self._count - self._sorted_to >= _TAIL:
            self._sort()

    def knows(self, number: int) -> bool:
        """Whether an event of that number was applied."""
        found = self._blocks.get(number >> 16)
        return found is not None and found[0] + (number & 0xFFFF) < self._count

    def received_at(self, number: int) -> int:
        """When the event was received, microseconds."""
        return self._blocks[number >> 16][1]

    def identity(self, number: int) -> int:
        """Hash of the event's sender and id."""
        return self._value("identity", number)

    def sender(self, number: int) -> int:
        """Party number."""
        return self._value("sender", number)

    def operator(self, number: int) -> int:
        """Party number; 0 = none named."""
        return self._value("operator", number)

    def site(self, number: int) -> int:
        """Site number; 0 = none named."""
        return self._value("site", number)

    def kind(self, number: int) -> int:
        """The kind's code."""
        return self._value("kind", number)

    def kinds(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The codes of the kinds of several events, all of which are known."""
        found: NDArray[np.uint8] = self._columns["kind"][self._places(numbers)]
        return found

    def sites(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        """Site numbers of several events; 0 = none named."""
        found: NDArray[np.int32] = self._columns["site"][self._places(numbers)]
        return found

    def locations(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        """Site numbers of the places within their sites that several events name; 0 = none."""
        found: NDArray[np.int32] = self._columns["location"][self._places(numbers)]
        return found

    def flags(self, number: int) -> int:
        """Flags of the record."""
        return self._value("flags", number)

    def of_operator(self, operator: int) -> list[int]:
        """Numbers of the events that name an operator by its party number. Looks at every row."""
        mine = self._columns["operator"][: self._count] == operator
        found: list[int] = self._columns["number"][: self._count][mine].tolist()
        return found

    def find(self, identity: int) -> list[int]:
        """Numbers of the events under ``identity``, in ledger order; what was taken in anew when it could be read
        stands in the place of what could not."""
        wanted = np.uint64(identity)
        rows: list[int] = []
        for identities, at in self._sorted:
            lo, hi = np.searchsorted(identities, wanted, "left"), np.searchsorted(identities, wanted, "right")
            rows.extend(at[lo:hi].tolist())
        tail = self._columns["identity"][self._sorted_to : self._count]
        rows.extend((np.flatnonzero(tail == wanted) + self._sorted_to).tolist())
        if len(rows) > 1:
            flags = self._columns["flags"]
            rows = [row for row in rows if not flags[row] & UNREADABLE_YET] or rows
        return [int(self._columns["number"][row]) for row in sorted(rows)]

    def _value(self, name: str, number: int) -> int:
        return int(self._columns[name][self._blocks[number >> 16][0] + (number & 0xFFFF)])

    def _places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of events, by number."""
        blocks, which = np.unique(numbers >> 16, return_inverse=True)
        starts = np.array([self._blocks[block][0] for block in blocks.tolist()], np.int64)
        return starts[which] + (numbers & 0xFFFF) if len(numbers) else np.empty(0, np.int64)

    def _sort(self) -> None:
        """Sort the tail into a run, and merge runs of like size, so that there are few."""
        identities = self._columns["identity"][self._sorted_to : self._count]
        rows = np.arange(self._sorted_to, self._count)
        while self._sorted and len(self._sorted[-1][0]) <= 2 * len(identities):
            before = self._sorted.pop()
            identities, rows = np.concatenate([before[0], identities]), np.concatenate([before[1], rows])
        order = np.argsort(identities, kind="stable")
        self._sorted.append((identities[order], rows[order]))
        self._sorted_to = self._count
