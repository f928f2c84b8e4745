"""An answer as people read it: holdings of someone alone, and lots in place of what stands for them as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage.answers import Trace
from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.parts import NOWHERE, visible


def listed(index: LineageIndex, trace: Trace, is_pool: Callable[[int], bool]) -> Trace:
    """The members that are someone's holdings; of a lot as such, from which serial items come, the lot's own holdings
    (``of_lots``).

    Args:
        is_pool: whether a batch number is a pool's.
    """
    return _joined(_taken(trace, np.flatnonzero(visible(trace))), of_lots(index, trace, is_pool))


def of_lots(index: LineageIndex, trace: Trace, is_pool: Callable[[int], bool]) -> Trace:
    """Rows for the holdings of each lot that an answer reached as such alone, as it reached that. Where the lot has no
    holding, one at no site."""
    known = set(trace.holding.tolist())
    rows: list[int] = []
    holdings: list[int] = []
    sites: list[int] = []
    for row in np.flatnonzero(~visible(trace) & (trace.hops > 0)).tolist():
        batch = int(trace.batch[row])
        if is_pool(batch):
            continue
        own = [(one, index.holding(one)[1]) for one in index.holdings_of(batch)]
        own = [(one, site) for one, site in own if site != NOWHERE] or [(int(trace.holding[row]), 0)]
        for holding, site in own:
            if holding not in known or site == 0:
                rows.append(row)
                holdings.append(holding)
                sites.append(site)
    found = _taken(trace, np.array(rows, np.int64))
    return Trace(
        np.array(holdings, np.int64),
        found.batch,
        np.array(sites, np.int64),
        found.certainty,
        found.basis,
        found.hops,
        found.via_event,
        found.via_holding,
        found.exposed_lo,
        found.exposed_hi,
        np.empty(0, np.int64),
    )


def _taken(trace: Trace, rows: NDArray[np.int64]) -> Trace:
    return Trace(*(column[rows] for column in _columns(trace)), trace.excluded)  # type: ignore[call-arg]


def _joined(first: Trace, second: Trace) -> Trace:
    if not len(second):
        return first
    both = (np.concatenate(pair) for pair in zip(_columns(first), _columns(second), strict=True))
    return Trace(*both, first.excluded)  # type: ignore[call-arg]


def _columns(trace: Trace) -> list[NDArray[Any]]:
    """All but what times exclude."""
    return [getattr(trace, name) for name in Trace.__slots__ if name != "excluded"]
