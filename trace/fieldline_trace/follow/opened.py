"""Steps that name units, opened: the same steps of what the units held. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from fieldline_schemas.record import (
    ADDED,
    AGGREGATED,
    DISAGGREGATED,
    DRAWN,
    MADE,
    MOVED,
    RECEIVED,
    SHAPE_MASK,
    TIMELESS,
)
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.variants import Holding, StepRow
from fieldline_trace.lineage.parts import SLOTS

WHOLE: Final = 0
"""The slot of steps that are one whatever they draw: what was made of a unit's content."""
PARTS: Final = SLOTS // 2
"""Slots from here on are for what else is derived of an event."""
_EVER = (NEVER, FOREVER)


class Asked(NamedTuple):
    """A draw from a unit: when and where."""

    unit: int
    site: int
    lo: int
    hi: int


Held = Callable[[Asked], Mapping[int, int]]
"""What a unit held at a draw: batch -> basis."""
Slots = dict[int, dict[StepRow, int]]
"""Slot -> step -> basis."""


def slot_of(leaf: int) -> int:
    """The slot for the steps of one thing that a unit held; several may share one."""
    return 1 + leaf % (PARTS - 1)


def times_of(step: StepRow) -> tuple[tuple[int, int], tuple[int, int]]:
    """When inputs were drawn, and outputs filled; at any time where no date orders the step."""
    if step.shape & TIMELESS:
        return _EVER, _EVER
    d_lo, d_hi, f_lo, f_hi = step.times
    return (d_lo, d_hi), (f_lo, f_hi)


def asked_of(step: StepRow, units: Container[int]) -> Iterator[Asked]:
    """The draws whose content the step needs."""
    drawn, filled = times_of(step)
    shape = step.shape & SHAPE_MASK
    if shape == MOVED and drawn[0] == NEVER:
        drawn = filled  # what arrived had departed
    ins: Iterable[Holding] = step.ins if shape in (MOVED, DRAWN, MADE, ADDED) else _there(step)
    yield from (Asked(batch, site, *drawn) for batch, site in ins if batch in units)
    if shape in (RECEIVED, ADDED):
        yield from (Asked(batch, site, *filled) for batch, site in step.outs if batch in units)


def _there(step: StepRow) -> Iterable[Holding]:
    """What was packed or unpacked, and so was there then."""
    shape = step.shape & SHAPE_MASK
    if shape == AGGREGATED:
        return step.ins
    if shape == DISAGGREGATED:
        return [(batch, site) for _, site in step.ins for batch, _ in step.outs] or step.ins
    return ()


def opened(
    steps: Sequence[tuple[StepRow, int]], units: Container[int], held: Held, only: Set[int] | None = None
) -> Slots:
    """The steps for the index that an event's steps come to. ``only``: these batches alone, and what is whole."""
    slots: Slots = {}

    def lay(slot: int, step: StepRow, basis: int) -> None:
        laid = slots.setdefault(slot, {})
        laid[step] = min(basis, laid.get(step, basis))

    for step, basis in steps:
        asked = {(one.unit, one.site): one for one in asked_of(step, units)}

        def leaves(
            batch: int, site: int, basis: int = basis, asked: Mapping[Holding, Asked] = asked
        ) -> Iterable[tuple[int, int]]:
            if batch not in units:
                return ((batch, basis),) if only is None or batch in only else ()
            content = held(asked[batch, site])
            if only is not None:
                return [(leaf, max(content[leaf], basis)) for leaf in only if leaf in content]
            return [(leaf, max(own, basis)) for leaf, own in content.items()]

        shape, plain = step.shape & SHAPE_MASK, step.shape & (SHAPE_MASK | TIMELESS)
        if shape in (MADE, ADDED):
            for one, own in _whole(step, basis, plain, units, asked, held):
                lay(WHOLE, one, own)
        elif shape == MOVED:
            for (batch, site), (_, to) in zip(step.ins, step.outs, strict=True):
                for leaf, own in leaves(batch, site):
                    lay(slot_of(leaf), StepRow(plain, ((leaf, site),), ((leaf, to),), step.times), own)
        elif shape == DRAWN:
            for batch, site in step.ins:
                for leaf, own in leaves(batch, site):
                    lay(slot_of(leaf), StepRow(plain, ((leaf, site),), (), step.times), own)
        elif shape == RECEIVED:
            for batch, site in step.outs:
                for leaf, own in leaves(batch, site):
                    lay(slot_of(leaf), StepRow(plain, (), ((leaf, site),), step.times), own)
        else:  # packed or unpacked: it was there then
            for batch, site in _there(step):
                for leaf, own in leaves(batch, site):
                    lay(slot_of(leaf), StepRow(RECEIVED, (), ((leaf, site),), step.times), own)
    return slots


def _whole(
    step: StepRow, basis: int, shape: int, units: Container[int], asked: Mapping[Holding, Asked], held: Held
) -> Iterator[tuple[StepRow, int]]:
    """One step for each two bases that inputs and outputs are there on."""

    def content(ends: Sequence[Holding]) -> dict[Holding, int]:
        found: dict[Holding, int] = {}
        for batch, site in ends:
            known = held(asked[batch, site]) if (batch, site) in asked else {batch: basis}
            for leaf, own in known.items():
                found[leaf, site] = min(max(own, basis), found.get((leaf, site), max(own, basis)))
        return found

    made = shape & SHAPE_MASK == MADE
    ins = content(step.ins)
    outs = dict.fromkeys(step.outs, basis) if made else content(step.outs)
    for drawn in sorted({*ins.values(), *((basis,) if made else ())}):
        some = tuple(sorted(one for one, own in ins.items() if own == drawn))
        for filled in sorted({*outs.values(), *((basis,) if made and not outs else ())}):
            others = tuple(sorted(one for one, own in outs.items() if own == filled))
            yield StepRow(shape, some, others, step.times), max(drawn, filled)
