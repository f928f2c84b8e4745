"""RELEASED_UNTESTED: a batch left its maker before the result of its release test, or without one.

Inputs: release samples of a batch (`sampled` with the kind of sample `release`); passed results on them; shipments and
sales from where it was made.
Condition: left before the earliest passed result on a release sample; without one, once 24 hours have passed since the
shipment was received here.
Severity: hold.
Proposes: hold.
Source: Food Safety Law: release inspection before food leaves the maker; the grace is that of missing records.
Clears: a passed result that is earlier than the shipment, or a correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.operator_status import Doing

NAME: Final = "RELEASED_UNTESTED"


def released_untested(
    batch: str,
    samples: Sequence[tuple[int, int]],
    passed: int | None,
    left: Sequence[tuple[Doing, int]],
    now: int,
) -> Iterator[Finding]:
    """At most one alert for a batch.

    Args:
        samples: (identity, event number) of the release samples; none: nothing is said.
        passed: the earliest passed result on them, microseconds; None where there is none.
        left: what left, and by when its result is awaited.
        now: latest tick, microseconds.
    """
    if not samples:
        return
    late = [one for one, due in left if (one.at.hi < passed if passed is not None else due <= now)]
    if late:
        yield found(
            NAME,
            batch,
            batch,
            "hold",
            {"why": "early" if passed is not None else "never", "batch": batch, "count": len(late)},
            [*samples, *((one.identity, one.number) for one in late)],
            historical=all(one.historical for one in late),
        )
