"""Members of scopes in columns: holdings with their role, certainty, basis, exposure, and the event that brought each
in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.times import Interval
from numpy.typing import NDArray

from fieldline_trace.lineage.terms import BASES, CERTAINTIES, POOLED

FAILED_LOT: Final = 0
FAILED_HOLDING: Final = 1
SAME_LOT: Final = 2
DESCENDANT: Final = 3
SUSPECT: Final = 4
CO_DESCENDANT: Final = 5
SAME_WINDOW: Final = 6
INCLUDED: Final = 7
ROLES: Final = (
    "failed_lot",
    "failed_holding",
    "same_lot",
    "descendant",
    "suspect",
    "co_descendant",
    "same_site_and_window",
    "included",
)
"""What a member is to the finding: it failed itself, lies elsewhere, was made of it, may be its source, came of such a
source, was at a site while that was contaminated, or somebody put it in. By code, which versions store."""
_URGENT: Final = (FAILED_LOT, FAILED_HOLDING, SAME_LOT, SAME_WINDOW, INCLUDED, DESCENDANT, SUSPECT, CO_DESCENDANT)
URGENCY: Final = np.argsort(np.array(_URGENT)).astype(np.uint8)
"""By code of a role: its place in the order in which people see to them."""


def urgency(role: str) -> int:
    """The place of a role in the order in which people see to them, from 0."""
    return int(URGENCY[ROLES.index(role)])


SUPPORTED: Final = 0
WEAKENED: Final = 1
UNSUPPORTED: Final = 2
RELEASED: Final = 3
GONE: Final = 255
STATES: Final = {0: "supported", 1: "weakened", 2: "unsupported", 3: "released", 255: "gone"}
"""Whether the evidence supports it as much as it did, less, or no longer; or someone let it go."""


class Member(NamedTuple):
    """One holding in a scope, for people."""

    holding: int
    """Number in the index; negative where lineage knows no such holding."""
    batch: int
    site: int
    """Site number; 0 where it is not known."""
    role: str
    certainty: str
    basis: str
    exposed: Interval
    hops: int
    event: int
    """Number of the event that brought it in; -1 where none did."""
    supported: bool
    held: bool
    state: str
    reason: str
    """Code of what last changed it, for ``risk.render.reason``; empty where nothing but ``event`` did."""
    cause: int
    """Number of the event that did; -1 for none."""


@dataclass(frozen=True, slots=True)
class MemberTable:
    """Members in columns of equal length, ordered by holding, each holding once."""

    holding: NDArray[np.int64]
    batch: NDArray[np.int64]
    site: NDArray[np.int64]
    role: NDArray[np.uint8]
    certainty: NDArray[np.uint8]
    basis: NDArray[np.uint8]
    hops: NDArray[np.int32]
    via: NDArray[np.int64]
    """Event that brought it in; -1 for seeds."""
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    """Earliest exposure, microseconds, both inclusive."""

    @staticmethod
    def empty() -> MemberTable:
        """No members."""
        return MemberTable(*(np.empty(0, dtype) for dtype in DTYPES.values()))

    @staticmethod
    def joined(tables: list[MemberTable]) -> MemberTable:
        """Several tables as one, in order of holding; a holding of several keeps the row of the first table."""
        columns = [np.concatenate([getattr(table, name) for table in tables]) for name in DTYPES]
        _, first = np.unique(columns[0], return_index=True)
        return MemberTable(*(column[first] for column in columns))

    @staticmethod
    def of_rows(rows: Sequence[tuple[int, ...]]) -> MemberTable:
        """A table of rows, each in the order of ``DTYPES``, in order of holding."""
        if not rows:
            return MemberTable.empty()
        columns = zip(*sorted(rows), strict=True)
        return MemberTable(*(np.array(column, dtype) for column, dtype in zip(columns, DTYPES.values(), strict=True)))

    def __len__(self) -> int:
        return len(self.holding)

    def take(self, where: NDArray[np.intp] | NDArray[np.bool_]) -> MemberTable:
        """The rows at ``where`` (mask or positions)."""
        return MemberTable(*(getattr(self, name)[where] for name in DTYPES))

    @property
    def inferred(self) -> NDArray[np.bool_]:
        """Mask: known by inference alone, from pools or gaps in the records."""
        return self.basis >= POOLED

    def strength(self) -> NDArray[np.int64]:
        """How well each member is supported; less is weaker. Certainty first, then whether records or inference
        support it."""
        return self.certainty.astype(np.int64) * 2 + ~self.inferred

    def find(self, holding: int) -> int:
        """Position of a holding's row; -1 where it is none of the members."""
        at = int(np.searchsorted(self.holding, holding))
        return at if at < len(self.holding) and self.holding[at] == holding else -1


DTYPES: Final = {
    "holding": np.int64,
    "batch": np.int64,
    "site": np.int64,
    "role": np.uint8,
    "certainty": np.uint8,
    "basis": np.uint8,
    "hops": np.int32,
    "via": np.int64,
    "lo": np.int64,
    "hi": np.int64,
}
"""Columns of a table and how each is stored, little-endian."""
assert list(DTYPES) == [column.name for column in fields(MemberTable)]


def words(role: int, certainty: int, basis: int) -> tuple[str, str, str]:
    """Role, certainty and basis as words."""
    return ROLES[role], CERTAINTIES[certainty], BASES[basis]
