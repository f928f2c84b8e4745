"""What an emergency team or an authority decides of a scope's members: this batch is in, that one is out, and why.

- An **inclusion** puts the batch (or what lies of it at one site) in, whatever the records say, and what was made of it
  with it: possible, on a person's word. It is held once the scope is open.
- An **exclusion** takes the batch out; what was made of it stays. What is definitely of the failed lot no exclusion
  takes out: it is released, member by member, or not at all. Where somebody includes what another excludes, it is in.

Both stand until they are withdrawn, and are decided by what stands, not by the order in which it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage import LineageIndex, Seed
from fieldline_trace.lineage.parts import visible
from fieldline_trace.lineage.terms import DECLARED, DEFINITE, POSSIBLE
from fieldline_trace.recall.members import (
    DESCENDANT,
    FAILED_LOT,
    INCLUDED,
    SAME_LOT,
    SAME_WINDOW,
    MemberTable,
)
from fieldline_trace.recall.reach import Reach, batches_of, table_of, unknown_holding


class Decided(NamedTuple):
    """One decision about one batch."""

    batch: int
    site: int
    """Site number; 0: wherever it is."""
    included: bool
    event: int
    """Number of the act."""


def put_in(index: LineageIndex, found: Reach, decisions: Iterable[Decided]) -> Reach:
    """What the evidence supports (``found``), with what people put in."""
    included = [one for one in sorted(decisions) if one.included]
    if not included:
        return found
    table, more = _with(index, found.table, included)
    return replace(found, table=table, closure=np.union1d(found.closure, more))


def taken_out(index: LineageIndex, table: MemberTable, decisions: Collection[Decided]) -> NDArray[np.bool_]:
    """Mask over ``table``: what people take out."""
    out = np.zeros(len(table), np.bool_)
    for one in decisions:
        if not one.included:
            out |= _hit(index, table, one)
    if out.any():
        for one in decisions:
            if one.included:
                out &= ~_hit(index, table, one)
        out &= ~of_the_failed_lot(table)
    return out


def of_the_failed_lot(table: MemberTable) -> NDArray[np.bool_]:
    """Mask: what is definitely of the lot that failed."""
    of: NDArray[np.bool_] = (table.role >= FAILED_LOT) & (table.role <= SAME_LOT) & (table.certainty == DEFINITE)
    return of


def _hit(index: LineageIndex, table: MemberTable, one: Decided) -> NDArray[np.bool_]:
    hit: NDArray[np.bool_] = table.batch == index.canonical(one.batch)
    return hit & (table.site == one.site) if one.site else hit


def _with(index: LineageIndex, table: MemberTable, included: list[Decided]) -> tuple[MemberTable, NDArray[np.int64]]:
    """``table`` with what was put in, and the batches that this rests on."""
    trace = index.forward([Seed(one.batch, one.site or None) for one in included])
    first = {(index.canonical(one.batch), one.site): one.event for one in reversed(included)}
    roles = np.where(trace.hops == 0, np.uint8(INCLUDED), np.uint8(DESCENDANT))
    more = table_of(trace, roles)
    more.certainty[:] = POSSIBLE
    more.basis[:] = np.maximum(more.basis, DECLARED)
    named = more.role == INCLUDED
    more.via[named] = [
        first.get((batch, site), first.get((batch, 0), -1))
        for batch, site in zip(more.batch[named].tolist(), more.site[named].tolist(), strict=True)
    ]
    seen = visible(trace)
    places = set(zip(trace.batch[seen].tolist(), trace.site[seen].tolist(), strict=True))
    lots = {batch for batch, _ in places}
    lost = [
        (unknown_holding(batch, site), batch, site, INCLUDED, POSSIBLE, DECLARED, 0, event, NEVER, FOREVER)
        for (batch, site), event in sorted(first.items())
        if (batch, site) not in places and (site or batch not in lots)
    ]
    firm = (table.role <= DESCENDANT) | (table.role == SAME_WINDOW)
    firm &= ~table.inferred
    tables = [table.take(firm), MemberTable.of_rows(lost), more.take(more.role == INCLUDED), table, more]
    batches = np.array([index.canonical(one.batch) for one in included], np.int64)
    return MemberTable.joined(tables), np.union1d(batches, batches_of(index, trace))
