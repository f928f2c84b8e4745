"""EVENT_CONFLICT: one id, several contents, and no correction that says which one holds.

Inputs: all that was sent under one sender and id.
Condition: two or more contents stand.
Severity: warning.
Proposes: nothing; all variants count until a correction decides.
Source: the events themselves.
Clears: corrections leave one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_trace.risk.alerts import EVIDENCE_AT_MOST, Finding

NAME = "EVENT_CONFLICT"


def event_conflict(identity: int, sender: str, variants: Sequence[tuple[str, int, bool]]) -> Iterator[Finding]:
    """Names every variant that stands; stands until corrections leave one.

    Args:
        identity: hash of sender and id.
        sender: the party that said them.
        variants: (digest, event number, historical) of those not withdrawn.
    """
    if len(variants) < 2:
        return
    ordered = sorted(variants)
    yield Finding(
        rule=NAME,
        anchor=f"{identity:016x}",
        subject=f"event of {sender}",
        severity="warning",
        confidence="confirmed",
        args={"sender": sender, "count": len(ordered), "digests": [d for d, _, _ in ordered[:EVIDENCE_AT_MOST]]},
        evidence=tuple(number for _, number, _ in ordered[:EVIDENCE_AT_MOST]),
        evidence_count=len(ordered),
        historical=all(historical for _, _, historical in ordered),
    )
