"""One entry while it is applied: what is at hand of it, what of it is in doubt, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from fieldline_schemas.record import Columns, Record
from numpy.typing import NDArray

from fieldline_trace.follow.details import Detail
from fieldline_trace.lineage import StepColumns
from fieldline_trace.recall.docket import CauseOf
from fieldline_trace.recall.versions import ScopeVersion
from fieldline_trace.risk.alerts import AlertChange, Cause
from fieldline_trace.store.ledger_read import Entry


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one entry changed."""

    position: int
    at: int
    """Receipt of the entry, microseconds."""
    alerts: list[AlertChange]
    scopes: list[ScopeVersion]
    next_deadline: int | None
    """When the clock should tick next, microseconds; None where nothing is awaited."""


@dataclass(slots=True)
class AtHand:
    """One entry being applied."""

    entry: Entry
    record: Record
    columns: Columns
    details: list[Detail]
    step_numbers: NDArray[np.int64]
    """Event number of each step."""
    watched: set[int]
    """Index of each event that has variants or is named by corrections."""
    units: set[int] = field(default_factory=set)
    """Units of whose content something is said otherwise now."""
    dirty: dict[tuple[str, object], Cause] = field(default_factory=dict)
    """(rule, subject) -> what made it worth judging again, the first cause of several."""

    def doubt(self, rule: str, subjects: Iterable[object], cause: Cause) -> None:
        """Let a rule judge these again."""
        for subject in subjects:
            self.dirty.setdefault((rule, subject), cause)


def naming(said: Sequence[StepColumns], otherwise: Cause) -> CauseOf:
    """The cause of what an entry's steps change: the first of its events that names a batch in question."""
    batches = np.concatenate([side for steps in said for side in (steps.in_batch, steps.out_batch)])
    sides = [(steps.event, side) for steps in said for side in (steps.in_start, steps.out_start)]
    events = np.concatenate([np.repeat(event, side[1:] - side[:-1]) for event, side in sides])

    def cause(closure: NDArray[np.int64]) -> Cause:
        naming = events[np.isin(batches, closure)]
        return Cause("late_record", int(naming.min())) if len(naming) else otherwise

    return cause
