"""RULE_FAILED: a rule could not judge a subject. The others go on; it is judged again after the next release.

Inputs: the error.
Condition: the rule threw.
Severity: warning.
Proposes: nothing; it is a fault of fieldline.
Source: this program.
Clears: the rule judges the subject again without an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from fieldline_trace.risk.alerts import Finding

NAME = "RULE_FAILED"


def rule_failed(rule: str, subject: str, events: tuple[int, ...], error: str | None) -> Iterator[Finding]:
    """Stands while ``rule`` fails for ``subject`` with ``error``; None where it does not."""
    if error is None:
        return
    yield Finding(
        rule=NAME,
        anchor=f"{rule}|{subject}",
        subject=subject,
        severity="warning",
        confidence="confirmed",
        args={"rule": rule, "error": error},
        evidence=events,
        evidence_count=len(events),
    )
