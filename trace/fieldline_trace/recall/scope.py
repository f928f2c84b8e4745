"""One scope: what evidence supports, what is held all the same, and how each new state of the evidence changes it.

A draft follows the evidence. An opened scope lets nothing go by itself: what is supported less is *weakened*, what is
supported no longer is *unsupported*, and both stay until someone of the emergency role releases them. What inference
alone put in is never held and leaves by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from fieldline_schemas.times import Interval
from numpy.typing import NDArray

from fieldline_trace.recall.changes import NONE, ChangeSet
from fieldline_trace.recall.members import (
    CO_DESCENDANT,
    DESCENDANT,
    DTYPES,
    GONE,
    RELEASED,
    STATES,
    SUPPORTED,
    UNSUPPORTED,
    WEAKENED,
    Member,
    MemberTable,
    words,
)
from fieldline_trace.recall.reach import Reach, ScopeSeed
from fieldline_trace.risk.alerts import Cause

Status = Literal["draft", "lapsed", "open", "closed"]
CODES: Final = ("recorded", "late_record", "correction", "variant", "same_batch", "result", "act", "tick")
"""Why a member changed; ``risk.render.reason`` says it in words."""


@dataclass(slots=True)
class Scope:
    """One recall scope as it is now."""

    id: str
    hazard_class: str
    hazard: str
    lot: int
    """Batch number of the lot that it is about; 0 where a person named several seeds."""
    title: str = ""
    status: Status = "draft"
    findings: dict[tuple[int, int], ScopeSeed] = field(default_factory=dict)
    """(identity of a failed result, batch) -> seed, while the result stands."""
    named: tuple[ScopeSeed, ...] = ()
    """Seeds that a person named."""
    version: int = 0
    position: int = 0
    changed_at: int = 0
    table: MemberTable = field(default_factory=MemberTable.empty)
    """All members, also those no longer supported."""
    state: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    peak: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """The strongest support of each since it is held to it."""
    code: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    event: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Last cause of each: index into ``CODES``, event number."""
    reach: Reach = field(default_factory=Reach.nothing)

    @property
    def seeds(self) -> list[ScopeSeed]:
        """Where it starts."""
        return sorted({*self.named, *self.findings.values()})

    @property
    def held_fast(self) -> bool:
        """Nothing leaves by itself."""
        return self.status in ("open", "closed")

    @property
    def co_descendants(self) -> int:
        """How many holdings suspects also fed, as of this version, listed or not."""
        return self.reach.co_descendants

    @property
    def supported(self) -> NDArray[np.bool_]:
        """Mask over ``table``: what the evidence supports now."""
        mask: NDArray[np.bool_] = self.state != UNSUPPORTED
        return mask

    @property
    def held(self) -> NDArray[np.bool_]:
        """Mask over ``table``: what is held. By default the lot and what was recorded as made of it, once the scope
        is open."""
        if self.status in ("closed", "lapsed"):
            return np.zeros(len(self.table), np.bool_)
        by_default = (self.table.role <= DESCENDANT) & (self.peak % 2 == 1) & (self.state != RELEASED)
        kept: NDArray[np.bool_] = self.state == UNSUPPORTED
        return kept | by_default if self.status == "open" else kept

    @property
    def inferred(self) -> int:
        """How many members inference alone supports, and nobody holds: one counted row."""
        return int((self.table.inferred & self.supported & ~self.held).sum())

    def update(self, reach: Reach, cause: Cause, *, keep: bool) -> ChangeSet:
        """Take what the evidence supports now.

        Args:
            cause: what changed the evidence.
            keep: hold fast to what is supported less. In an opened scope always; in a draft where the change is a
            correction by an operator in it, since no firm corrects itself out of a recall.
        """
        self.reach = reach
        new, old = reach.table, self.table
        both = MemberTable.joined([new, old])
        was, now = _positions(old.holding, both.holding), _positions(new.holding, both.holding)
        state = _at(self.state, was, NONE)
        peak = _at(self.peak, was, 0)
        strength = _at(new.strength(), now, 0)
        is_new, is_old = now >= 0, was >= 0
        keep = keep or self.held_fast

        held_to = is_old & (keep | (state == WEAKENED) | (state == UNSUPPORTED))
        peak = np.where(held_to, np.maximum(peak, strength), np.where(is_new, strength, peak))
        after = np.where(is_new & (strength < peak), np.uint8(WEAKENED), np.uint8(SUPPORTED))
        after[is_new & (state == RELEASED)] = RELEASED
        lost = ~is_new
        stays = (state == UNSUPPORTED) | (keep & (peak % 2 == 1) & (state != RELEASED))
        after[lost] = np.where(stays[lost], np.uint8(UNSUPPORTED), np.uint8(GONE))
        return self._set(both, after, peak, is_old, was, cause)

    def open(self, cause: Cause) -> None:
        """From now on it lets nothing go by itself. ``update`` must follow, since it now lists what suspects also
        fed."""
        self.status = "open"
        self.peak = np.maximum(self.peak, self.table.strength())

    def release(self, batch: int, site: int, cause: Cause) -> ChangeSet:
        """Let the members of ``batch`` (canonical number) at ``site`` go; what is not supported leaves the scope."""
        hit = (self.table.batch == batch) & (self.table.site == site) & (self.state != RELEASED)
        after = self.state.copy()
        after[hit] = np.where(self.state[hit] == UNSUPPORTED, np.uint8(GONE), np.uint8(RELEASED))
        positions = np.arange(len(self.table))
        return self._set(self.table, after, self.peak, np.ones(len(self.table), np.bool_), positions, cause)

    def members(self, *, inferred: bool = False, co: bool | None = None) -> list[Member]:
        """Its members for people: by role, certainty, hops, batch and site.

        Args:
            inferred: also those that inference alone supports; they are ``self.inferred`` many.
            co: also what suspects fed; None: once the scope is open.
        """
        held = self.held
        shown = np.ones(len(self.table), np.bool_)
        if not inferred:
            shown &= ~self.table.inferred | held
        if not (self.status == "open" if co is None else co):
            shown &= (self.table.role != CO_DESCENDANT) | held
        columns = self.table.take(shown)
        order = np.lexsort((columns.site, columns.batch, columns.hops, -columns.certainty.astype(int), columns.role))
        rows = np.flatnonzero(shown)[order].tolist()
        return [self._member(row, bool(held[row])) for row in rows]

    def _member(self, row: int, held: bool) -> Member:
        table, state = self.table, int(self.state[row])
        role, certainty, basis = words(int(table.role[row]), int(table.certainty[row]), int(table.basis[row]))
        return Member(
            holding=int(table.holding[row]),
            batch=int(table.batch[row]),
            site=int(table.site[row]),
            role=role,
            certainty=certainty,
            basis=basis,
            exposed=Interval(int(table.lo[row]), int(table.hi[row])),
            hops=int(table.hops[row]),
            event=int(table.via[row]),
            supported=state != UNSUPPORTED,
            held=held,
            state=STATES[state],
            reason=CODES[self.code[row]],
            cause=int(self.event[row]),
        )

    def _set(
        self,
        both: MemberTable,
        after: NDArray[np.uint8],
        peak: NDArray[np.int64],
        is_old: NDArray[np.bool_],
        was: NDArray[np.int64],
        cause: Cause,
    ) -> ChangeSet:
        """Store the new rows and say what changed. ``was``: position of each row in the old columns, -1 for none."""
        before = np.full((len(both), 4), NONE, np.uint8)
        old = self.table
        before[is_old] = np.stack([old.role, old.certainty, old.basis, self.state], axis=1)[was[is_old]]
        standing = np.stack([both.role, both.certainty, both.basis, after], axis=1)
        reclassified = (before != standing).any(axis=1)
        changed = reclassified.copy()
        for name in ("batch", "hops", "via", "lo", "hi"):
            column: NDArray[np.int64] = getattr(both, name)
            changed[is_old] |= column[is_old] != getattr(old, name)[was[is_old]]
        code = np.where(reclassified, np.uint8(CODES.index(cause.code)), _at(self.code, was, 0))
        event = np.where(reclassified, np.int64(cause.event), _at(self.event, was, -1))
        here = after != GONE
        self.table, self.state, self.peak = both.take(here), after[here], peak[here]
        self.code, self.event = code[here].astype(np.uint8), event[here]
        rows = np.flatnonzero(changed)
        return ChangeSet(
            before[rows], both.take(rows), after[rows], np.zeros(len(rows), np.uint16), (cause,) if len(rows) else ()
        )


def _positions(of: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of ``among`` its position in the sorted ``of``; -1 where it is not there."""
    if not len(of):
        return np.full(len(among), -1, np.int64)
    at = np.minimum(np.searchsorted(of, among), len(of) - 1)
    return np.where(of[at] == among, at, -1)


def _at(column: NDArray[np.generic], positions: NDArray[np.int64], missing: int) -> NDArray[np.int64]:
    """The values of ``column`` at ``positions``; ``missing`` where the position is -1."""
    out = np.full(len(positions), missing, column.dtype)
    there = positions >= 0
    out[there] = column[positions[there]]
    return out


assert set(DTYPES) == set(MemberTable.__slots__)
