"""SCOPE_GREW: a scope that was closed has members that it had not when it was closed.

Inputs: the scope's members now, and those that it had when it was closed.
Condition: any supported member, inference alone left out, that it had not.
Severity: hold.
Proposes: draft_scope; the scope is opened anew by a person, or the member is excluded with a reason.
Source: a closed scope is watched, since records come late and shelf lives are long.
Clears: the records that brought it in are withdrawn, it is excluded, or the scope is archived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_trace.risk.alerts import Finding, evidence_of

NAME = "SCOPE_GREW"


def scope_grew(scope: str, late: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """One alert a scope.

    Args:
        scope: its id.
        late: (identity, number) of the events that brought in what came after it was closed, one a member.
    """
    if not late:
        return
    cited, count = evidence_of(late)
    yield Finding(
        rule=NAME,
        anchor=scope,
        subject=scope,
        severity="hold",
        confidence="confirmed",
        args={"scope": scope, "count": len(late)},
        evidence=cited,
        evidence_count=count,
        historical=False,
    )
