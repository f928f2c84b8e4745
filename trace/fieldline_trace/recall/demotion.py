"""Which members of a scope come lower, and why. Nothing is removed by it, and nothing is cleared: a kill step that has
its record lowers the odds, and what is found after it most likely came in where it was done.

- ``kill_step``: every chain from the finding passes a recorded kill step for this class of hazards.
- ``before_kill_step``: so does every chain from this suspect to the finding.
- ``passed_through``: the hazard comes from where chains begin; this suspect only passed it on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from fieldline_trace.lineage import LineageIndex, Seed, Trace
from fieldline_trace.recall.members import FAILED_LOT, SUSPECT, MemberTable
from fieldline_trace.reference import Hazard

AFTER, BEFORE, PASSED = "kill_step", "before_kill_step", "passed_through"


class Demotion(NamedTuple):
    """Why a member comes lower."""

    why: str
    event: int
    """Number of the event that records the kill step; -1 where none is meant."""


def demotions(
    index: LineageIndex,
    asked: Sequence[Seed],
    table: MemberTable,
    hazard: Hazard,
    kills: Collection[int],
    is_start: Callable[[int], bool],
) -> dict[int, Demotion]:
    """By holding, the members of ``table`` that come lower.

    Args:
        asked: what the scope starts from.
        kills: events that record a kill step for this class.
        is_start: whether nothing is recorded as having gone into a batch.
    """
    found: dict[int, Demotion] = {}
    suspects = table.role == SUSPECT
    if hazard.origins == "start":
        for holding, batch in zip(table.holding[suspects].tolist(), table.batch[suspects].tolist(), strict=True):
            if not is_start(batch):
                found[holding] = Demotion(PASSED, -1)
    if hazard.kill_step == "ignored" or not kills:
        return found
    forward, without = index.forward(asked), index.forward(asked, without=kills)
    made = table.holding[~suspects & (table.role != FAILED_LOT)]
    found |= _behind(forward, without, made.tolist(), kills, AFTER)
    if suspects.any():
        backward, without = index.backward(asked), index.backward(asked, without=kills)
        found |= _behind(backward, without, table.holding[suspects].tolist(), kills, BEFORE)
    return found


def _behind(whole: Trace, free: Trace, of: Sequence[int], kills: Collection[int], why: str) -> dict[int, Demotion]:
    """Those of ``of`` that only chains through ``kills`` reach, each with the kill nearest to it."""
    reached = set(free.holding.tolist())
    row = {holding: at for at, holding in enumerate(whole.holding.tolist())}
    events, sources = whole.via_event.tolist(), whole.via_holding.tolist()
    found = {}
    for holding in of:
        at = row.get(holding)
        if at is None or holding in reached:
            continue
        passed = set[int]()
        while at is not None and events[at] not in kills and sources[at] >= 0 and at not in passed:
            passed.add(at)
            at = row.get(sources[at])
        found[holding] = Demotion(why, events[at] if at is not None and events[at] in kills else -1)
    return found
