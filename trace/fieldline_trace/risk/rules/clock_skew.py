"""CLOCK_SKEW: a sender says that things happened more than 24 hours ahead of their receipt.

Inputs: the sender's standing events with such a time.
Condition: any.
Severity: warning.
Proposes: nothing; those times count as unknown.
Source: decided once, at the door.
Clears: those events are withdrawn or replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_trace.risk.alerts import EVIDENCE_AT_MOST, Finding

NAME = "CLOCK_SKEW"


def clock_skew(sender: str, events: Sequence[tuple[int, int, bool]]) -> Iterator[Finding]:
    """One alert a sender: its clock, or what types its dates, is wrong. Those times count as unknown; the events stand.

    Args:
        sender: the party.
        events: (identity, event number, historical) of its standing events with such a time, sorted.
    """
    if not events:
        return
    yield Finding(
        rule=NAME,
        anchor=sender,
        subject=sender,
        severity="warning",
        confidence="confirmed",
        args={"sender": sender, "count": len(events)},
        evidence=tuple(number for _, number, _ in events[:EVIDENCE_AT_MOST]),
        evidence_count=len(events),
        historical=all(historical for _, _, historical in events),
    )
