"""EXTERNAL_NOTICE: another country's or system's notice names a batch that is on record here.

Inputs: notices with the batches they name; whether anything is recorded of such a batch.
Condition: something is.
Severity: critical.
Proposes: draft_scope.
Source: the notice: its system and number.
Clears: the notice is withdrawn or corrected, or what is recorded of the batch is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "EXTERNAL_NOTICE"


@dataclass(frozen=True, slots=True)
class Notice:
    """One variant of a notice."""

    identity: int
    number: int
    firm: bool
    historical: bool
    system: str
    reference: str
    hazard_class: str
    hazard: str
    batches: tuple[str, ...]
    """Those that are on record here."""


def external_notice(notices: Sequence[Notice]) -> Iterator[Finding]:
    """One alert for each batch that notices of one number name."""
    groups: dict[str, list[Notice]] = {}
    for one in notices:
        for batch in one.batches:
            groups.setdefault(batch, []).append(one)
    for batch, group in sorted(groups.items()):
        one = min(group, key=lambda each: (each.system, each.hazard_class, each.hazard))
        yield found(
            NAME,
            f"{one.reference}|{batch}",
            batch,
            "critical",
            {
                "batch": batch,
                "system": one.system,
                "report": one.reference,
                "hazard_class": one.hazard_class,
                "hazard": one.hazard,
            },
            ((each.identity, each.number) for each in group),
            sure=len(group) == len(notices) and all(each.firm for each in group),
            historical=all(each.historical for each in group),
        )
