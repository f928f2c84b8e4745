"""What scopes hold, and what was drawn on it since: for HELD_BATCH_MOVED. Arrays; no object for what lies still."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.record import HISTORICAL
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import FOREVER, Interval
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.batch_steps import variants_of
from fieldline_trace.follow.facts import Doubt, Facts
from fieldline_trace.follow.marks import Marks
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.lineage.terms import DECLARED
from fieldline_trace.recall.docket import Docket
from fieldline_trace.recall.scope import Scope
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.rules.held_batch_moved import NAME, held_batch_moved
from fieldline_trace.risk.rules.operator_status import Doing

MOVES: Final = (
    "shipped", "sold", "served", "exported", "prepared", "transformed", "packed", "split", "commingled", "relabelled",
    "slaughtered",
)  # fmt: skip
"""What may not be done with what is held."""


class HeldHoldings:
    """Reads scopes; keeps a mask of all holdings that any scope ever held."""

    def __init__(
        self,
        docket: Docket,
        index: LineageIndex,
        lying: Lying,
        rows: EventRows,
        bases: Bases,
        facts: Facts,
    ) -> None:
        self._docket, self._index, self._lying, self._rows, self._bases = docket, index, lying, rows, bases
        self._facts = facts
        self._ever = Marks()
        self._codes = frozenset(code_of(kind) for kind in MOVES)

    def changed(self, scopes: Iterable[str]) -> list[Doubt]:
        """Scopes have a new version."""
        for name in scopes:
            self._ever.mark(self._of(self._docket.scopes[name]))
        return [(NAME, name) for name in scopes]

    def touched(self, holdings: NDArray[np.int64]) -> list[Doubt]:
        """Links of holdings changed."""
        hit = self._ever.among(holdings)
        if not len(hit):
            return []
        return [
            (NAME, name) for name, one in sorted(self._docket.scopes.items()) if np.isin(hit, one.table.holding).any()
        ]

    def findings(self, scope_id: str, names: Names) -> Iterator[Finding]:
        """What was done with what a scope holds."""
        scope = self._docket.scopes.get(scope_id)
        since = None if scope is None else self._since(scope)
        if scope is None or since is None:
            return
        holdings = self._of(scope)
        links = self._lying.links(holdings)
        links = links.select(~links.incoming & (links.lo > since) & (links.basis < DECLARED) & (links.event >= 0))
        moves = []
        for at, event, lo, hi in zip(*(c.tolist() for c in (links.at, links.event, links.lo, links.hi)), strict=True):
            variants = variants_of(self._rows, self._bases, event)
            if any(self._rows.kind(number) in self._codes for number in variants):
                batch, site = self._index.holding(int(holdings[at]))
                historical = all(self._rows.flags(number) & HISTORICAL for number in variants)
                doing = Doing(self._rows.identity(event), min(variants), historical, Interval(lo, hi))
                moves.append((names.batch_key(batch), names.site_key(site), doing))
        yield from held_batch_moved(scope_id, since, moves)

    def _of(self, scope: Scope) -> NDArray[np.int64]:
        """What a scope holds by what is recorded, each once."""
        held = scope.table.holding[scope.held & scope.supported]
        known: NDArray[np.int64] = np.unique(held[held >= 0]).astype(np.int64)
        return known

    def _since(self, scope: Scope) -> int | None:
        """The earliest that it holds for sure: by the time of the act that opened it."""
        acts = self._facts.about(("scope", scope.id), kind=ScopeOpened)
        return min((fact.event.at.hi for fact in acts if fact.event.at.hi < FOREVER), default=None)
