"""CORRECTION_REFUSED: a correction, an amended report or an act that is kept, and has no effect.

Inputs: corrections, amendments and acts, who sent them, and what they name.
Condition: the sender is not entitled, corrections form a circle, a release is corrected, or a role may not act so.
Severity: warning.
Proposes: nothing.
Source: a correction counts from the event's sender, its operator or an authority.
Clears: it is withdrawn, or the circle is broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_trace.risk.alerts import Finding, evidence_of

NAME = "CORRECTION_REFUSED"

NOT_ENTITLED = "not_entitled"
"""Neither the event's sender nor its operator nor an authority."""
CIRCLE = "circle"
"""It is corrected, in a circle, by what it corrects."""
ACT = "act"
"""It corrects a release: what was let go is held again by an act."""
ROLE = "role"
"""An act by someone whose role may not do it."""


def correction_refused(identity: int, sender: str, refused: Sequence[tuple[str, int, bool]]) -> Iterator[Finding]:
    """Stands while the correction stands without effect.

    Args:
        identity: hash of the correction's sender and id.
        sender: the party that sent it.
        refused: (one of the words above, event number, historical) of each of its variants that is refused.
    """
    if not refused:
        return
    cited, count = evidence_of((identity, number) for _, number, _ in refused)
    yield Finding(
        rule=NAME,
        anchor=f"{identity:016x}",
        subject=f"event of {sender}",
        severity="warning",
        confidence="confirmed",
        args={"sender": sender, "why": min(why for why, _, _ in refused)},
        evidence=cited,
        evidence_count=count,
        historical=all(historical for _, _, historical in refused),
    )
