"""CONFIRMATION_OVERDUE: a screening test was positive, and no confirmatory result on its sample has come in time.

Inputs: a standing screening result that failed; the confirmatory results on its sample for the same hazard; the clock.
Condition: none of them by the deadline, counted from the receipt of the screening result.
Severity: warning.
Proposes: confirm.
Source: an operating choice in `deadlines.toml`; no standard sets the period.
Clears: a confirmatory result on the sample, or the screening result is superseded or withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.test_failed import Result, fails

NAME: Final = "CONFIRMATION_OVERDUE"


def confirmation_overdue(
    variants: Sequence[Result], superseded_by: Sequence[Result], deciding: Sequence[Result], due: int, now: int
) -> Iterator[Finding]:
    """At most one alert for a result. ``due``, ``now``: microseconds; the latest tick of the clock."""
    failed = fails(variants, superseded_by, deciding)
    if not failed or not all(one.screening for one in failed) or deciding or now < due:
        return
    if all(one.historical for one in failed):
        return
    one = min(failed, key=lambda result: result.rank)
    yield found(
        NAME,
        f"{one.identity:016x}",
        ", ".join(one.batches) or f"sample {one.sample}",
        "warning",
        {
            "batches": list(one.batches),
            "hazard": one.hazard,
            "lab": one.lab,
            "report": one.report,
            "sample": one.sample or None,
        },
        ((each.identity, each.number) for each in failed),
        sure=all(each.firm for each in failed),
        screening=True,
    )
