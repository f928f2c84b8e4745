"""One id, several contents: which steps all variants say, and which only some.

What all standing variants say stays recorded; the rest is conflicting. All of it counts as one event, the identity's
first, so a lot that two variants say was made by this event was still made by one event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import MOVED, SHAPE_MASK, Columns

from fieldline_trace.follow.standing import State

LINKS_AT_MOST: Final = 20_000
"""Beyond this many differing links a difference is not taken apart: the steps that differ are conflicting as wholes."""

Holding = tuple[int, int]
"""Batch number and site number."""


class StepRow(NamedTuple):
    """One step of an event, by numbers."""

    shape: int
    ins: tuple[Holding, ...]
    outs: tuple[Holding, ...]
    times: tuple[int, int, int, int]
    """Drawn lo, drawn hi, filled lo, filled hi."""


def steps_of(columns: Columns, index: int) -> list[StepRow]:
    """The steps of the record's event ``index``."""
    rows = []
    for step in np.flatnonzero(columns.step_event == index).tolist():
        ins = slice(int(columns.in_start[step]), int(columns.in_start[step + 1]))
        outs = slice(int(columns.out_start[step]), int(columns.out_start[step + 1]))
        rows.append(
            StepRow(
                int(columns.step_shape[step]),
                tuple(zip(columns.in_batch[ins].tolist(), columns.in_site[ins].tolist(), strict=True)),
                tuple(zip(columns.out_batch[outs].tolist(), columns.out_site[outs].tolist(), strict=True)),
                tuple(columns.times[step].tolist()),
            )
        )
    return rows


def merge(variants: Sequence[tuple[State, Sequence[StepRow]]]) -> list[tuple[StepRow, State]]:
    """The steps that one identity asserts, each with how it stands.

    Args:
        variants: each variant's state and steps; withdrawn ones say nothing any more.
    """
    standing = [(state, steps) for state, steps in variants if state is not State.WITHDRAWN]
    if len(standing) <= 1:
        return [(step, state) for state, steps in standing for step in steps]
    firm = State.RECORDED if any(state is not State.DISPUTED for state, _ in standing) else State.DISPUTED
    whole = [{_key(part): part for step in steps for part in _pairs(step)} for _, steps in standing]
    shared = set.intersection(*(set(keys) for keys in whole))
    merged = [(_hull([keys[key] for keys in whole]), firm) for key in sorted(shared)]
    differing = [[step for key, step in keys.items() if key not in shared] for keys in whole]
    merged.extend(_apart([state for state, _ in standing], differing, firm))
    return merged


def _apart(states: Sequence[State], differing: Sequence[Sequence[StepRow]], firm: State) -> list[tuple[StepRow, State]]:
    """The differing steps link by link: those in every variant are firm."""
    size = sum(max(1, len(step.ins)) * max(1, len(step.outs)) for steps in differing for step in steps)
    said: dict[tuple[int, tuple[Holding, ...], tuple[Holding, ...]], list[tuple[int, StepRow]]] = {}
    for variant, steps in enumerate(differing):
        for step in steps:
            for link in _links(step) if size <= LINKS_AT_MOST else [step]:
                said.setdefault(_key(link), []).append((variant, link))
    merged = []
    for _, links in sorted(said.items()):
        by = {variant for variant, _ in links}
        if len(by) == len(differing):
            state = firm
        else:
            disputed = all(states[variant] is State.DISPUTED for variant in by)
            state = State.DISPUTED if disputed else State.CONFLICTING
        merged.append((_hull([link for _, link in links]), state))
    return merged


def _key(step: StepRow) -> tuple[int, tuple[Holding, ...], tuple[Holding, ...]]:
    return step.shape, tuple(sorted(step.ins)), tuple(sorted(step.outs))


def _pairs(step: StepRow) -> list[StepRow]:
    """A move of several batches as one move each; any other step as it is."""
    return _links(step) if step.shape & SHAPE_MASK == MOVED else [step]


def _links(step: StepRow) -> list[StepRow]:
    if step.shape & SHAPE_MASK == MOVED:  # pairwise
        return [StepRow(step.shape, (a,), (b,), step.times) for a, b in zip(step.ins, step.outs, strict=True)]
    ins: Sequence[tuple[Holding, ...]] = [(one,) for one in step.ins] or [()]
    outs: Sequence[tuple[Holding, ...]] = [(one,) for one in step.outs] or [()]
    return [StepRow(step.shape, a, b, step.times) for a in ins for b in outs]


def _hull(steps: Sequence[StepRow]) -> StepRow:
    """The same step with the widest times that any of ``steps`` gives it."""
    times = np.array([step.times for step in steps], dtype=np.int64)
    low, high = times.min(axis=0), times.max(axis=0)
    return steps[0]._replace(times=(int(low[0]), int(high[1]), int(low[2]), int(high[3])))
