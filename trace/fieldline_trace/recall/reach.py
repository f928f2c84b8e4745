"""What a finding reaches: the lot wherever it is, what was made of it, its sources as suspects, and what else those
fed; or what was at a place in a contaminated window, and what was made of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage import LineageIndex, Seed, Trace
from fieldline_trace.lineage.listed import of_lots
from fieldline_trace.lineage.parts import NOWHERE, visible
from fieldline_trace.lineage.terms import DECLARED, DEFINITE, POSSIBLE, RECORDED
from fieldline_trace.recall.members import (
    CO_DESCENDANT,
    DESCENDANT,
    FAILED_HOLDING,
    FAILED_LOT,
    SAME_LOT,
    SAME_WINDOW,
    SUSPECT,
    MemberTable,
)
from fieldline_trace.reference import Hazard

_SITE_BITS: Final = 24


class ScopeSeed(NamedTuple):
    """Where a scope starts."""

    batch: int
    site: int
    """Site number where it was found; 0 where it is not known."""
    whole_lot: bool
    """The lot wherever it is; otherwise the holding at ``site`` only."""
    event: int
    """Number of the event that says so."""
    window: bool = False
    """``batch`` is a window's node, at no site."""


class WindowOf(NamedTuple):
    """What a scope needs to know of a window."""

    site: int
    """Where what it joins was; 0 where it is the window of a source."""
    source: int
    """Batch that fed what it joins; 0 where it is a place's."""


def no_window(batch: int) -> WindowOf | None:
    """In a world without windows."""
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """What the evidence supports."""

    table: MemberTable
    closure: NDArray[np.int64]
    """Batch numbers, sorted: a change at a holding of none of these cannot change the reach."""
    co_descendants: int
    """Holdings that suspects also fed; in ``table`` only where ``others`` asked for them and they are not collapsed."""
    collapsed: bool
    """There are too many of them to list: one counted row to open."""

    @staticmethod
    def nothing() -> Reach:
        """Of no seeds."""
        return Reach(MemberTable.empty(), np.empty(0, np.int64), 0, False)


def reach(
    index: LineageIndex,
    seeds: Iterable[ScopeSeed],
    hazard: Hazard,
    *,
    is_pool: Callable[[int], bool],
    window_of: Callable[[int], WindowOf | None] = no_window,
    others: bool,
    collapse: int,
) -> Reach:
    """All that ``seeds`` reach under the rule for ``hazard``.

    Args:
        is_pool: whether a batch number is a pool's; of a suspect that is no pool the whole lot is suspect.
        window_of: which window a batch number is the node of; None where of none.
        others: list co-descendants of suspects as members; otherwise they are only counted.
        collapse: from how many co-descendants on they are counted all the same.
    """
    seeds = sorted(set(seeds))
    if not seeds:
        return Reach.nothing()
    asked = [asked_of(seed) for seed in seeds]
    forward = index.forward(asked)
    core = [_unknown_holdings(index, seeds, forward), table_of(forward, _roles(index, seeds, forward, window_of))]
    batches = [np.array([index.canonical(seed.batch) for seed in seeds], np.int64), batches_of(index, forward)]
    if hazard.back:
        backward = index.backward(asked)
        core.append(table_of(backward, _roles_of_sources(index, seeds, backward, window_of)))
        lots = of_lots(index, backward, is_pool)
        core.append(table_of(lots, np.full(len(lots), SUSPECT, np.uint8)))
        batches.append(batches_of(index, backward))
    table = MemberTable.joined(core)
    count, collapsed = 0, False
    if hazard.back and hazard.others:
        more, trace = _others(index, table, is_pool)
        count, collapsed = len(more), len(more) > collapse
        if others and not collapsed:
            table = MemberTable.joined([table, more])
            batches.append(batches_of(index, trace))
    return Reach(table, np.unique(np.concatenate(batches)), count, collapsed)


def asked_of(seed: ScopeSeed) -> Seed:
    """What lineage is asked for a seed."""
    if seed.window:
        return Seed(seed.batch, NOWHERE)
    return Seed(seed.batch, None if seed.whole_lot else seed.site)


def unknown_holding(batch: int, site: int) -> int:
    """The number of a holding that lineage does not know: negative, from its batch and site."""
    return -((batch << _SITE_BITS) | site) - 1


def place_of_unknown(holding: int) -> tuple[int, int]:
    """(batch, site) of what ``unknown_holding`` numbered."""
    said = -holding - 1
    return said >> _SITE_BITS, said & ((1 << _SITE_BITS) - 1)


def _others(index: LineageIndex, table: MemberTable, is_pool: Callable[[int], bool]) -> tuple[MemberTable, Trace]:
    """What suspects fed beside what is in ``table``: possible, since nobody knows that the suspect was it."""
    suspects = table.take(table.role == SUSPECT)
    pairs = zip(suspects.batch.tolist(), suspects.site.tolist(), strict=True)
    seeds = sorted({(batch, site if is_pool(batch) else 0) for batch, site in pairs})
    trace = index.forward([Seed(batch, site or None) for batch, site in seeds])
    found = table_of(trace, np.full(len(trace.holding), CO_DESCENDANT, np.uint8))
    found.certainty[:] = POSSIBLE
    return found.take(~np.isin(found.holding, table.holding)), trace


def _roles(
    index: LineageIndex, seeds: list[ScopeSeed], trace: Trace, window_of: Callable[[int], WindowOf | None]
) -> NDArray[np.uint8]:
    """Roles of what lies forward of the seeds."""
    roles = np.full(len(trace.holding), DESCENDANT, np.uint8)
    for row in np.flatnonzero(~visible(trace)).tolist():
        window = window_of(int(trace.batch[row]))
        if window is not None and window.site:
            # Not by the last link of one chain, since several may be as short.
            near = index.forward([Seed(int(trace.batch[row]), NOWHERE)], depth=1)
            there = np.isin(trace.holding, near.holding[near.hops == 1]) & (trace.site == window.site)
            roles[there & (trace.hops == trace.hops[row] + 1) & (trace.basis >= DECLARED)] = SAME_WINDOW
    seeds = [seed for seed in seeds if not seed.window]
    for seed in seeds:
        same = trace.batch == index.canonical(seed.batch)
        roles[same & ((roles == DESCENDANT) | (roles == SAME_WINDOW))] = SAME_LOT
        if not seed.whole_lot:
            roles[same & (trace.site == seed.site)] = FAILED_HOLDING
    for seed in seeds:
        if seed.whole_lot:
            same = trace.batch == index.canonical(seed.batch)
            roles[same & (trace.site == seed.site) if seed.site else same] = FAILED_LOT
    return roles


def _roles_of_sources(
    index: LineageIndex, seeds: list[ScopeSeed], trace: Trace, window_of: Callable[[int], WindowOf | None]
) -> NDArray[np.uint8]:
    """Roles of what lies backward of the seeds: the source that a window names has failed itself."""
    roles = np.full(len(trace.holding), SUSPECT, np.uint8)
    for seed in seeds:
        window = window_of(seed.batch) if seed.window else None
        if window is not None and window.source:
            source = trace.batch == index.canonical(window.source)
            roles[source & (trace.hops == 1)] = FAILED_HOLDING
    return roles


def table_of(trace: Trace, roles: NDArray[np.uint8]) -> MemberTable:
    """The members of a trace; what is no holding of anyone, such as a window's node, is none."""
    order = np.argsort(trace.holding)
    order = order[visible(trace)[order]]
    columns: tuple[NDArray[Any], ...] = (
        trace.holding,
        trace.batch,
        trace.site.astype(np.int64),
        roles,
        trace.certainty,
        trace.basis,
        trace.hops.astype(np.int32),
        trace.via_event,
        trace.exposed_lo,
        trace.exposed_hi,
    )
    return MemberTable(*(column[order] for column in columns))


def _unknown_holdings(index: LineageIndex, seeds: list[ScopeSeed], forward: Trace) -> MemberTable:
    """Seeds that lineage knows no holding of: what failed is in scope, even where no other record names it there."""
    seen = visible(forward)
    known = set(zip(forward.batch[seen].tolist(), forward.site[seen].tolist(), strict=True))
    lots = {batch for batch, _ in known}
    rows: dict[int, tuple[int, ...]] = {}
    for seed in sorted(seeds, key=lambda one: not one.whole_lot):
        if seed.window:
            continue
        batch = int(index.canonical(seed.batch))
        if (batch, seed.site) in known or (not seed.site and batch in lots):
            continue
        number = unknown_holding(batch, seed.site)
        role = FAILED_LOT if seed.whole_lot else FAILED_HOLDING
        rows.setdefault(number, (number, batch, seed.site, role, DEFINITE, RECORDED, 0, seed.event, NEVER, FOREVER))
    return MemberTable.of_rows(list(rows.values()))


def batches_of(index: LineageIndex, trace: Trace) -> NDArray[np.int64]:
    """The batches that ``trace`` rests on, members and what only times exclude."""
    excluded = [int(index.canonical(index.holding(holding)[0])) for holding in trace.excluded.tolist()]
    return np.unique(np.concatenate([trace.batch, np.array(excluded, np.int64)]))
