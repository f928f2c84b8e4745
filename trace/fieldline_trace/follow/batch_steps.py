"""What the records say happened to a batch, or to a holding of it, one by one: for rules that look at few batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from fieldline_schemas.record import HISTORICAL, SHAPE_MASK, TIMELESS
from fieldline_schemas.registry import kind_of
from fieldline_schemas.times import UNKNOWN, Interval

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import State
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.lineage.terms import DECLARED
from fieldline_trace.risk.rules.operator_status import Doing

AT_MOST: Final = 4_096
"""So many steps of one batch are looked at; a pool that everything goes through is judged by these."""


class BatchStep(NamedTuple):
    """One event as one holding of the batch sees it."""

    identity: int
    number: int
    kinds: frozenset[str]
    """Of all that stands under the event's id."""
    historical: bool
    site: int
    incoming: bool
    shape: int
    at: Interval
    """When the holding was filled, or drawn on."""
    row: int

    @property
    def doing(self) -> Doing:
        """The same for rules."""
        return Doing(self.identity, self.number, self.historical, self.at)


def steps_of_batch(lying: Lying, rows: EventRows, bases: Bases, batch: int) -> list[BatchStep]:
    """All that is recorded of a batch, as it counts; in an order that content decides."""
    holdings = lying.of_batches([batch])
    links = lying.links(holdings)
    links = links.select((links.basis < DECLARED) & (links.event >= 0))
    sites = lying.sites_of(holdings)[links.at]
    columns = (links.event, sites, links.incoming, links.shape, links.lo, links.hi, links.row)
    found = []
    for event, site, incoming, shape, lo, hi, row in zip(*(c.tolist() for c in columns), strict=True):
        variants = variants_of(rows, bases, event)
        if variants:
            found.append(
                BatchStep(
                    rows.identity(event),
                    min(variants),
                    frozenset(kind_of(rows.kind(number)) for number in variants),
                    all(rows.flags(number) & HISTORICAL for number in variants),
                    site,
                    incoming,
                    shape & SHAPE_MASK,
                    UNKNOWN if shape & TIMELESS else Interval(lo, hi),
                    row,
                )
            )
    found.sort(key=lambda one: (one.identity, one.incoming, one.shape, one.at))
    return found[:AT_MOST]


def earliest(steps: Iterable[BatchStep]) -> Interval | None:
    """When the first of these was, hull of what it may mean; None where none is dated."""
    dated = [one.at for one in steps if one.at != UNKNOWN]
    return Interval(min(at.lo for at in dated), min(at.hi for at in dated)) if dated else None


def variants_of(rows: EventRows, bases: Bases, event: int) -> list[int]:
    """All that stands of what was said under an event's id."""
    if not rows.knows(event):
        return []
    said = bases.tracked(rows.identity(event)) or (event,)
    return [number for number in said if bases.state(number) is not State.WITHDRAWN]
