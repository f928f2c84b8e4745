"""Changes of a scope's members in columns: added, removed, reclassified, each with its cause. Packed, they are a
version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np
from fieldline_schemas.times import Interval
from numpy.typing import NDArray

from fieldline_trace.recall.members import DTYPES, GONE, STATES, MemberTable, words
from fieldline_trace.risk.alerts import Cause

NONE: Final = 255
"""In a ``before`` column: it was no member."""
ADDED: Final = "added"
REMOVED: Final = "removed"
RECLASSIFIED: Final = "reclassified"
REVISED: Final = "revised"
"""Only the exposure, the hops or the event that brought it in are other."""


class Standing(NamedTuple):
    """What a member was or is, as words."""

    role: str
    certainty: str
    basis: str
    state: str


class Change(NamedTuple):
    """One member's change, for people."""

    kind: str
    holding: int
    batch: int
    site: int
    before: Standing | None
    after: Standing | None
    exposed: Interval
    hops: int
    event: int
    """The event that brought it in."""
    reason: str
    cause: int
    """Number of the event that changed it."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes of one version, ordered by holding, each holding once. All columns have equal length."""

    before: NDArray[np.uint8]
    """Shape (n, 4): role, certainty, basis, state before; ``NONE`` where it was no member."""
    after: MemberTable
    """The row after the change; of what is removed, the last row."""
    state: NDArray[np.uint8]
    """State after; ``GONE`` where it is removed."""
    cause: NDArray[np.uint16]
    """Index into ``causes``."""
    causes: tuple[Cause, ...]

    @staticmethod
    def empty() -> ChangeSet:
        """Nothing changed."""
        return ChangeSet(
            np.empty((0, 4), np.uint8), MemberTable.empty(), np.empty(0, np.uint8), np.empty(0, np.uint16), ()
        )

    def __len__(self) -> int:
        return len(self.state)

    def kinds(self) -> NDArray[np.str_]:
        """What each change is."""
        same = self.before == self._after()
        kinds = np.where(same.all(axis=1), REVISED, RECLASSIFIED)
        kinds[self.before[:, 3] == NONE] = ADDED
        kinds[self.state == GONE] = REMOVED
        return kinds

    def counts(self) -> dict[str, int]:
        """How many of each kind; kinds that do not occur are left out."""
        names, numbers = np.unique(self.kinds(), return_counts=True)
        return {str(name): int(number) for name, number in zip(names, numbers, strict=True)}

    def rows(self) -> Iterator[Change]:
        """The changes for people, in order of holding."""
        kinds, after = self.kinds().tolist(), self.after
        for i, kind in enumerate(kinds):
            cause = self.causes[self.cause[i]]
            yield Change(
                kind,
                int(after.holding[i]),
                int(after.batch[i]),
                int(after.site[i]),
                None if self.before[i, 3] == NONE else _standing(self.before[i].tolist()),
                None if self.state[i] == GONE else _standing(self._after()[i].tolist()),
                Interval(int(after.lo[i]), int(after.hi[i])),
                int(after.hops[i]),
                int(after.via[i]),
                cause.code,
                cause.event,
            )

    def pack(self) -> bytes:
        """As msgpack, columns little-endian."""
        columns = [getattr(self.after, name).astype(np.dtype(kind).newbyteorder("<")) for name, kind in DTYPES.items()]
        return msgspec.msgpack.encode(
            (
                1,
                self.before.tobytes(),
                [column.tobytes() for column in columns],
                self.state.tobytes(),
                self.cause.astype("<u2").tobytes(),
                [(cause.code, cause.event) for cause in self.causes],
            )
        )

    @staticmethod
    def unpack(body: bytes) -> ChangeSet:
        """What ``pack`` made; ``msgspec.ValidationError`` where it is something else."""
        _, before, columns, state, cause, causes = msgspec.msgpack.decode(body, type=_Packed)
        table = MemberTable(
            *(np.frombuffer(raw, np.dtype(kind)) for raw, kind in zip(columns, DTYPES.values(), strict=True))
        )
        return ChangeSet(
            np.frombuffer(before, np.uint8).reshape(-1, 4),
            table,
            np.frombuffer(state, np.uint8),
            np.frombuffer(cause, "<u2"),
            tuple(Cause(code, event) for code, event in causes),
        )

    def _after(self) -> NDArray[np.uint8]:
        return np.stack([self.after.role, self.after.certainty, self.after.basis, self.state], axis=1)


_Packed = tuple[int, bytes, list[bytes], bytes, bytes, list[tuple[str, int]]]


def compose(changes: Sequence[ChangeSet]) -> ChangeSet:
    """Several sets of changes, one after another, as one: what was before the first, what is after the last.

    What came and went in between is left out.
    """
    parts = [part for part in changes if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else ChangeSet.empty()
    causes = sorted({cause for part in parts for cause in part.causes}, key=lambda c: (c.event, c.code))
    number = {cause: i for i, cause in enumerate(causes)}
    moved = [np.array([number[c] for c in part.causes], np.uint16)[part.cause] for part in parts]
    holding = np.concatenate([part.after.holding for part in parts])
    _, first = np.unique(holding, return_index=True)
    _, from_end = np.unique(holding[::-1], return_index=True)
    last = len(holding) - 1 - from_end
    whole = ChangeSet(
        np.concatenate([part.before for part in parts])[first],
        MemberTable(*(np.concatenate([getattr(part.after, name) for part in parts])[last] for name in DTYPES)),
        np.concatenate([part.state for part in parts])[last],
        np.concatenate(moved)[last],
        tuple(causes),
    )
    return _only(whole, ~((whole.before[:, 3] == NONE) & (whole.state == GONE)))


def _only(changes: ChangeSet, mask: NDArray[np.bool_]) -> ChangeSet:
    return ChangeSet(
        changes.before[mask], changes.after.take(mask), changes.state[mask], changes.cause[mask], changes.causes
    )


def _standing(codes: list[int]) -> Standing:
    return Standing(*words(*codes[:3]), STATES[codes[3]])
