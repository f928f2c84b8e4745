"""ALERT_UNACKNOWLEDGED: nobody has taken on an alert in the time that its severity allows.

Inputs: a standing critical or hold alert, when it was raised first, and what people did about it; the clock.
Condition: nobody acknowledged, assigned, dismissed or escalated it by the deadline of its severity.
Severity: warning.
Proposes: nothing; somebody takes it on.
Source: an operating choice in `deadlines.toml`.
Clears: somebody does, or the alert no longer stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fieldline_trace.risk.alerts import Alert, Finding

NAME: Final = "ALERT_UNACKNOWLEDGED"


def alert_unacknowledged(alert: Alert, handled: bool, due: int, now: int) -> Iterator[Finding]:
    """At most one alert for an alert. ``handled``: somebody did something about it; ``due``, ``now``: microseconds."""
    if handled or not alert.standing or alert.historical or now < due:
        return
    yield Finding(
        NAME,
        alert.id,
        alert.subject,
        "warning",
        alert.confidence,
        {"rule": alert.rule, "alert": alert.id, **_about(alert)},
        alert.evidence,
        alert.evidence_count,
    )


def _about(alert: Alert) -> dict[str, str | list[str]]:
    """What the alert is about, so that whoever may see that one may see this."""
    found: dict[str, str | list[str]] = {}
    for name in ("batch", "batches", "site", "sender"):
        value = alert.args.get(name)
        if isinstance(value, str | list):
            found[name] = value
    return found
