"""ILLEGAL_ADDITIVE: a substance that is no food was found in one.

Inputs: the values of a result that stands and that no confirmatory test refutes; the list of substances that are no
food.
Condition: found at all.
Severity: critical (class I); hold while only a screening test says so.
Proposes: draft_scope; hold while only a screening test says so.
Source: the list of substances; the alert cites the entry.
Clears: the result is superseded, withdrawn or corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.reference.load import Reference
from fieldline_trace.reference.values import measured
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.limit_exceeded import Measurement, severity

NAME: Final = "ILLEGAL_ADDITIVE"


def illegal_additive(measurements: Sequence[Measurement], reference: Reference) -> Iterator[Finding]:
    """One alert for each batch and substance of a result."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for one in measurements:
        substance, value = reference.substance(one.analyte), measured(one.value)
        if substance is not None and substance.non_food and value is not None and value.found:
            groups.setdefault((one.batch, substance.code), []).append(one)
    for (batch, code), group in sorted(groups.items()):
        one = min(group, key=lambda each: (each.value, each.unit, each.lab, each.report))
        yield found(
            NAME,
            f"{one.identity:016x}|{batch}|{code}",
            batch,
            severity(group),
            {
                "batch": batch,
                "substance": code,
                "value": one.value,
                "unit": one.unit or None,
                "lab": one.lab,
                "report": one.report,
            },
            ((each.identity, each.number) for each in group),
            sure=all(each.firm and not each.screening for each in group),
            screening=all(each.screening for each in group),
            historical=all(each.historical for each in group),
        )
