"""One scope: what evidence supports, what is held all the same, and how each new state of the evidence changes it.

A draft follows the evidence. An opened scope lets nothing go by itself: what is supported less is *weakened*, what is
supported no longer is *unsupported*, and both stay until someone of the emergency role releases them. What inference
alone put in is never held and leaves by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from fieldline_schemas.times import Interval
from numpy.typing import NDArray

from fieldline_trace.recall.changes import ChangeSet
from fieldline_trace.recall.decided import Decided
from fieldline_trace.recall.members import (
    CO_DESCENDANT,
    RELEASED,
    STATES,
    SUSPECT,
    UNSUPPORTED,
    URGENCY,
    Member,
    MemberTable,
    words,
)
from fieldline_trace.recall.reach import Reach, ScopeSeed
from fieldline_trace.recall.rows import Counted, Rows, by_default, difference, recounted, supported_by
from fieldline_trace.risk.alerts import Cause

Status = Literal["draft", "lapsed", "open", "closed", "archived", "withdrawn"]
Act = Literal["open", "close", "archive"]
CODES: Final = ("recorded", "late_record", "correction", "variant", "same_batch", "result", "act", "tick", "window")
"""Why a member changed; ``risk.render.reason`` says it in words."""
NOBODY: Final = np.empty(0, np.int64)
"""No holdings."""
MOST_KEPT: Final = 50_000
"""A scope of more rows makes its list of members anew for whoever asks: it would take tens of megabytes."""


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
    own: bool = False
    """It was opened on these, and is no draft's."""
    acts: dict[int, Act] = field(default_factory=dict)
    """By number, what people did to the whole of it, as far as that stands."""
    closed_with: NDArray[np.int64] | None = None
    """Holdings that were members when it was closed."""
    decisions: dict[int, Decided] = field(default_factory=dict)
    """By number of the act, what people decided of members, while that stands."""
    version: int = 0
    position: int = 0
    changed_at: int = 0
    rows: Rows = field(default_factory=Rows.none)
    """All members, also those no longer supported."""
    reach: Reach = field(default_factory=Reach.nothing)
    _moved: dict[int, int] = field(default_factory=dict)
    """Holdings whose batch counts as another now -> where their members are meanwhile."""
    _listed: tuple[Rows, Status, list[Member]] | None = field(default=None, repr=False, compare=False)
    """What ``members()`` told last, and of what: one page asks several times."""

    @property
    def table(self) -> MemberTable:
        """All members, also those no longer supported."""
        return self.rows.table

    @property
    def state(self) -> NDArray[np.uint8]:
        """State of each row of ``table``."""
        return self.rows.state

    @property
    def seeds(self) -> list[ScopeSeed]:
        """Where it starts."""
        return [] if self.status == "withdrawn" else sorted({*self.named, *self.findings.values()})

    @property
    def on_windows(self) -> bool:
        """It starts from a contaminated window: what was there then is what it is about."""
        return any(seed.window for seed in self.seeds)

    @property
    def held_fast(self) -> bool:
        """Nothing leaves by itself."""
        return self.status in ("open", "closed", "archived")

    @property
    def settled(self) -> Status:
        """The status that its acts come to, in the order in which they were done: only what is open is closed, and
        what is archived was closed with it. Opening twice opens once."""
        status: Status = "withdrawn" if self.own else "draft"
        for _, act in sorted(self.acts.items()):
            if act == "open":
                status = "open" if status in ("draft", "withdrawn") else status
            elif status in ("open", "closed"):
                status = "closed" if act == "close" else "archived"
        return status

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
        """Mask over ``table``: what is held. Once the scope is open, the lot and what was recorded as made of it; and
        whatever stays without support. What was held once is held until it is released, or the scope closed."""
        return self.rows.held if self.status in ("draft", "open") else np.zeros(len(self.table), np.bool_)

    @property
    def inferred(self) -> int:
        """How many members inference alone supports, and nobody holds: one counted row."""
        return int((self.table.inferred & self.supported & ~self.held).sum())

    @property
    def late(self) -> NDArray[np.int64]:
        """Numbers of the events that brought in what came after it was closed, one a member; -1 where none did."""
        if self.status != "closed" or self.closed_with is None:
            return NOBODY
        new = ~np.isin(self.table.holding, self.closed_with) & self.supported & ~self.table.inferred
        new &= (self.table.role != CO_DESCENDANT) & (self.table.role != SUSPECT)
        late: NDArray[np.int64] = np.where(self.table.via[new] >= 0, self.table.via[new], self.rows.event[new])
        return late

    def update(
        self,
        reach: Reach,
        cause: Cause,
        *,
        keep: bool,
        counted: Counted | None = None,
        excluded: NDArray[np.int64] = NOBODY,
    ) -> ChangeSet:
        """Take what the evidence supports now.

        Args:
            cause: what changed the evidence.
            keep: hold fast to what is supported less. In an opened scope always; in a draft where the change is a
            correction by an operator in it, since no firm corrects itself out of a recall.
            counted: given where keys were joined or parted at some time.
            excluded: holdings that somebody took out, who may: they are not held fast to.
        """
        self.reach, old = reach, self.rows
        if counted is not None:
            old, self._moved = recounted(old, self._moved, counted)
        if len(excluded):
            old = old.take(~np.isin(old.table.holding, excluded))
        held_fast = self.held_fast
        return self._set(
            supported_by(old, reach.table, keep=keep or held_fast, hold=held_fast, declared=self.on_windows), cause
        )

    def open(self) -> None:
        """From now on it lets nothing go by itself. ``update`` must follow, since it now lists what suspects also
        fed."""
        self.status = "open"
        rows = self.rows
        held = rows.held | by_default(self.table, declared=self.on_windows) & (rows.state != RELEASED)
        self.rows = rows._replace(peak=np.maximum(rows.peak, self.table.strength()), held=held)

    def release(self, is_batch: Callable[[int], bool], site: int, cause: Cause) -> ChangeSet:
        """Let the members of a batch at ``site`` go; what is not supported leaves the scope.

        Args:
            is_batch: whether a batch number counts as the batch that is released.
        """
        rows = self.rows.take(~(self._hit(self.table, is_batch, site) & (self.state == UNSUPPORTED)))
        hit = self._hit(rows.table, is_batch, site)
        state = np.where(hit, np.uint8(RELEASED), rows.state)
        return self._set(rows._replace(state=state, held=rows.held & ~hit), cause)

    @staticmethod
    def _hit(table: MemberTable, is_batch: Callable[[int], bool], site: int) -> NDArray[np.bool_]:
        there: NDArray[np.bool_] = table.site == site
        there[there] = [is_batch(batch) for batch in table.batch[there].tolist()]
        return there

    def members(self, *, inferred: bool = False, co: bool | None = None) -> list[Member]:
        """Its members for people: by role, certainty, hops, batch and site.

        Args:
            inferred: also those that inference alone supports; they are ``self.inferred`` many.
            co: also what suspects fed; None: once the scope is open.
        """
        if inferred or co is not None or len(self.table) > MOST_KEPT:
            return self._members(inferred, self.status == "open" if co is None else co)
        listed = self._listed
        if listed is None or listed[0] is not self.rows or listed[1] != self.status:
            listed = self._listed = self.rows, self.status, self._members(False, self.status == "open")
        return listed[2].copy()

    def _members(self, inferred: bool, co: bool) -> list[Member]:
        held = self.held
        shown = np.ones(len(self.table), np.bool_)
        if not inferred:
            shown &= ~self.table.inferred | held
        if not co:
            shown &= (self.table.role != CO_DESCENDANT) | held
        columns = self.table.take(shown)
        urgency = URGENCY[columns.role]
        order = np.lexsort((columns.site, columns.batch, columns.hops, -columns.certainty.astype(int), urgency))
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
            reason=CODES[self.rows.code[row]],
            cause=int(self.rows.event[row]),
        )

    def _set(self, rows: Rows, cause: Cause) -> ChangeSet:
        self.rows, changes = difference(self.rows, rows, cause, CODES.index(cause.code))
        return changes
