"""RESULT_SUPERSEDED: a laboratory amended a report that had failed, or one that had passed and now fails.

Inputs: the variants of a result that stand, and what supersedes it.
Condition: an entitled amendment stands, and one of the two says failed.
Severity: warning.
Proposes: nothing.
Source: the laboratory's two reports.
Clears: the amendment is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_trace.risk.alerts import Finding, evidence_of
from fieldline_trace.risk.rules.test_failed import Result

NAME = "RESULT_SUPERSEDED"


def result_superseded(variants: Sequence[Result], superseded_by: Sequence[Result]) -> Iterator[Finding]:
    """The amended report supersedes; the old alert is withdrawn and stays readable. Only a change to or from failed
    is told."""
    failed = any(one.verdict == "failed" for one in variants)
    if not variants or not superseded_by or not (failed or any(one.verdict == "failed" for one in superseded_by)):
        return
    old = min(variants, key=lambda result: result.rank)
    new = min(superseded_by, key=lambda result: (result.identity, result.verdict, result.rank))
    cited, count = evidence_of((one.identity, one.number) for one in [*variants, *superseded_by])
    yield Finding(
        rule=NAME,
        anchor=f"{old.identity:016x}",
        subject=", ".join(old.batches) or f"sample {old.sample}",
        severity="warning",
        confidence="confirmed",
        args={
            "lab": old.lab,
            "report": old.report,
            "by": new.report,
            "was": "failed" if failed else min(one.verdict for one in variants),
            "is": new.verdict,
            "hazard": old.hazard,
        },
        evidence=cited,
        evidence_count=count,
        historical=old.historical and new.historical,
    )
