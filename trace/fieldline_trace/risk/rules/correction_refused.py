"""CORRECTION_REFUSED: a correction, an amended report or an act that is kept, and has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from fieldline_trace.risk.alerts import Finding

NAME = "CORRECTION_REFUSED"

NOT_ENTITLED = "not_entitled"
"""Neither the event's sender nor its operator nor an authority."""
CIRCLE = "circle"
"""It is corrected, in a circle, by what it corrects."""
ACT = "act"
"""It corrects an act: acts are undone by acts."""
ROLE = "role"
"""An act by someone whose role may not do it."""


def correction_refused(identity: int, number: int, sender: str, why: str | None, historical: bool) -> Iterator[Finding]:
    """Stands while the correction stands without effect. ``why``: one of the words above, or None where it is not
    refused."""
    if why is None:
        return
    yield Finding(
        rule=NAME,
        anchor=f"{identity:016x}",
        subject=f"event of {sender}",
        severity="warning",
        confidence="high",
        args={"sender": sender, "why": why},
        evidence=(number,),
        evidence_count=1,
        historical=historical,
    )
