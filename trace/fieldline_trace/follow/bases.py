"""From what stands to the index: on which basis each event's steps count, and which keys are one batch.

Only identities that have variants or corrections are kept here; all other events go straight to the index as recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import Correction, Standing, State, Statement
from fieldline_trace.follow.variants import Holding, StepRow, merge
from fieldline_trace.lineage import LineageIndex, StepColumns
from fieldline_trace.lineage.terms import CONFLICTING, DISPUTED, RECORDED, WITHDRAWN

BASIS: Final = {
    State.RECORDED: RECORDED,
    State.CONFLICTING: CONFLICTING,
    State.DISPUTED: DISPUTED,
    State.WITHDRAWN: WITHDRAWN,
}
"""The basis of the links of an event that stands so."""


@dataclass(slots=True)
class _Applied:
    """What the index holds of one identity, under the number of its first event."""

    lead: int
    steps: list[StepRow]
    """Laid down once, all on one basis: their basis may be set again."""
    now: list[tuple[StepRow, State]]
    anew: bool = False
    """Taken back and laid down anew: from now on it can only be taken back and laid down again."""


@dataclass(slots=True)
class Moved:
    """What a change of standing did."""

    holdings: list[NDArray[np.int64]] = field(default_factory=list)
    """Holdings whose links or derived state changed."""
    events: set[int] = field(default_factory=set)
    """Events whose state is another now, or is known for the first time."""
    identities: set[int] = field(default_factory=set)
    """Identities of those, and of corrections whose effect was decided."""
    regrouped: bool = False
    """Keys became one batch, or were parted."""


class Elsewhere(Protocol):
    """Lays some events in a way of its own: those that name units."""

    def keeps(self, steps: Iterable[StepRow]) -> bool:
        """Whether an event of these steps is one."""

    def say(self, event: int, standing: Sequence[tuple[StepRow, int]]) -> bool:
        """Let these be an event's steps, each with its basis; whether it is one."""


class Bases:
    """How events stand, and the index kept to it."""

    def __init__(self, index: LineageIndex, rows: EventRows, elsewhere: Elsewhere) -> None:
        self._index, self._rows, self._elsewhere = index, rows, elsewhere
        self.standing = Standing()
        self.states: dict[int, State] = {}
        """Event number -> state, of events that have variants or corrections; all others are recorded."""
        self.causes: dict[int, tuple[int, ...]] = {}
        """Event number -> the corrections that withdraw or dispute it."""
        self.refused: set[int] = set()
        self.cyclic: set[int] = set()
        self.gone: set[int] = set()
        """Withdrawn events."""
        self._steps: dict[int, list[StepRow]] = {}
        self._applied: dict[int, _Applied] = {}
        self._same: dict[int, dict[int, tuple[tuple[int, bytes], ...]]] = {}
        """Identity -> event number -> (batch, key) that it says are one."""
        self._joined: dict[int, tuple[tuple[int, bytes], ...]] = {}
        self._claims: dict[int, int] = {}

    def state(self, number: int) -> State:
        """How an event stands."""
        return self.states.get(number, State.RECORDED)

    def is_tracked(self, events: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mask: which of ``events`` have variants or corrections."""
        if not self.states:
            return np.zeros(len(events), np.bool_)
        return np.isin(events, np.fromiter(self.states, np.int64, len(self.states)))

    def tracked(self, identity: int) -> Mapping[int, Statement]:
        """The statements of an identity that has variants or corrections, by number; empty for any other."""
        return self.standing.statements.get(identity, {})

    def lead(self, number: int) -> int:
        """The number that an event's steps go by in the index: of several variants, the first's."""
        applied = self._applied.get(self._rows.identity(number))
        return number if applied is None else applied.lead

    def ends_of(self, number: int) -> set[Holding]:
        """The holdings that an event names that has variants or corrections; none of any other."""
        return {end for step in self._steps.get(number, ()) for end in (*step.ins, *step.outs)}

    def steps_said(self, number: int) -> Sequence[StepRow] | None:
        """The steps of an event that has variants or corrections, as it says them; None of any other."""
        return self._steps.get(number)

    def track(self, statement: Statement, steps: list[StepRow], *, laid_down: bool) -> None:
        """Follow an event's standing from now on. ``laid_down``: its steps are in the index already, as recorded."""
        if statement.number in self._steps:
            return
        self.standing.say(statement)
        self._steps[statement.number] = steps
        if statement.identity not in self._applied:
            laid_down = laid_down and not self._elsewhere.keeps(steps)
            now = [(step, State.RECORDED) for step in steps] if laid_down else []
            self._applied[statement.identity] = _Applied(statement.number, steps if laid_down else [], now)

    def correct(self, identity: int, correction: Correction) -> None:
        """Enter a correction; its own statement is tracked."""
        self.standing.correct(identity, correction)

    def same_batch(self, identity: int, number: int, batches: Sequence[tuple[int, bytes]]) -> Moved:
        """``batches`` (number, canonical key as bytes) are said to be one by the event ``number``."""
        self._same.setdefault(identity, {})[number] = tuple(sorted(set(batches)))
        moved = Moved()
        self._regroup(identity, moved)
        return moved

    def settle(self, identities: Iterable[int]) -> Moved:
        """Solve what ``identities`` bear upon, and bring the index to it."""
        verdict = self.standing.solve(identities)
        moved = Moved()
        for number, state in verdict.states.items():
            if self.states.get(number) != state:
                moved.events.add(number)
                self.states[number] = state
                (self.gone.add if state is State.WITHDRAWN else self.gone.discard)(number)
            self.causes[number] = verdict.causes.get(number, ())
            for decided, now in ((self.refused, verdict.refused), (self.cyclic, verdict.cyclic)):
                if (number in decided) != (number in now):
                    (decided.add if number in now else decided.discard)(number)
                    moved.identities.add(self._rows.identity(number))
        moved.identities |= {self._rows.identity(number) for number in moved.events}
        for identity in sorted(moved.identities):
            self._lay_down(identity, moved)
            if identity in self._same:
                self._regroup(identity, moved)
        return moved

    def _lay_down(self, identity: int, moved: Moved) -> None:
        """Let the index hold what the identity's variants say together now."""
        said = self.tracked(identity)
        applied = self._applied[identity]
        new = merge([(self.states[number], self._steps[number]) for number in sorted(said)])
        if self._elsewhere.say(applied.lead, [(step, BASIS[state]) for step, state in new]):
            new = []
        if new == applied.now:
            return
        lead, states = applied.lead, {state for _, state in new}
        if (
            not applied.anew
            and applied.steps
            and len(states) <= 1
            and (not new or [step for step, _ in new] == applied.steps)
        ):
            basis = BASIS[states.pop()] if states else WITHDRAWN
            moved.holdings.append(self._index.set_basis([lead], basis).holdings)
        else:
            if applied.now:
                moved.holdings.append(self._index.set_basis([lead], WITHDRAWN).holdings)
            if new:
                bases = np.array([BASIS[state] for _, state in new], np.uint8)
                columns = step_columns(lead, [step for step, _ in new])
                moved.holdings.append(self._index.apply(columns, bases).holdings)
            if applied.steps or len(states) > 1:
                applied.anew = True
            elif new:
                applied.steps = [step for step, _ in new]
        applied.now = new

    def _regroup(self, identity: int, moved: Moved) -> None:
        """Join what any standing variant says is one batch; part what none says any longer."""
        said = self._same[identity]
        standing = {pair for n, pairs in said.items() if self.state(n) is not State.WITHDRAWN for pair in pairs}
        new = tuple(sorted(standing))
        old = self._joined.get(identity, ())
        if new == old:
            return
        claim = self._claims.setdefault(identity, min(said))
        if old:
            moved.holdings.append(self._index.part(claim).holdings)
        if new:
            moved.holdings.append(
                self._index.join([batch for batch, _ in new], claim, [key for _, key in new]).holdings
            )
        self._joined[identity] = new
        moved.regrouped = True


def step_columns(event: int | NDArray[np.int64], steps: Sequence[StepRow]) -> StepColumns:
    """Steps of one event, or of an event each, as the index takes them."""
    sizes_in, sizes_out = [len(step.ins) for step in steps], [len(step.outs) for step in steps]
    ins = [holding for step in steps for holding in step.ins]
    outs = [holding for step in steps for holding in step.outs]
    return StepColumns(
        event=np.broadcast_to(np.asarray(event, np.int64), (len(steps),)),
        shape=np.array([step.shape for step in steps], np.uint8),
        times=np.array([step.times for step in steps], np.int64).reshape(-1, 4),
        in_start=np.cumsum([0, *sizes_in]).astype(np.uint32),
        in_batch=np.array([batch for batch, _ in ins], np.int64),
        in_site=np.array([site for _, site in ins], np.int32),
        out_start=np.cumsum([0, *sizes_out]).astype(np.uint32),
        out_batch=np.array([batch for batch, _ in outs], np.int64),
        out_site=np.array([site for _, site in outs], np.int32),
    )
