"""HELD_BATCH_MOVED: a batch that a scope holds was moved, sold, served or made into something at the place it is held.

Inputs: what an open scope holds; when it was opened; what was drawn on there. A draft holds nothing.
Condition: the earliest that the event may mean lies after the act that opened the scope, by their own times. Returns,
disposals and samples are no moves.
Severity: critical.
Proposes: hold, at the place where it went.
Source: Food Safety Law: stop of sale and sealing of food that is not safe.
Clears: the event is corrected, the scope no longer holds it, or it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_schemas.times import instant

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.operator_status import Doing

NAME: Final = "HELD_BATCH_MOVED"


def held_batch_moved(scope: str, since: int | None, moves: Sequence[tuple[str, str, Doing]]) -> Iterator[Finding]:
    """One alert for each holding.

    Args:
        scope: id of the scope.
        since: from when it holds, microseconds; None where that is not known: then nothing is said.
        moves: (batch, site, what was done with it).
    """
    late: dict[tuple[str, str], list[Doing]] = {}
    for batch, site, one in moves:
        if since is not None and one.at.lo > since:
            late.setdefault((batch, site), []).append(one)
    for (batch, site), group in sorted(late.items()):
        yield found(
            NAME,
            f"{scope}|{batch}|{site}",
            f"{batch} at {site}",
            "critical",
            {"batch": batch, "site": site, "scope": scope, "since": instant(since or 0), "count": len(group)},
            ((one.identity, one.number) for one in group),
            historical=all(one.historical for one in group),
        )
