"""The alerts that stand, most severe first.

``{"position", "alerts", "withdrawn"}``; an alert is ``{"id", "rule", "subject", "severity", "confidence", "standing",
"historical", "version", "position", "raised", "changed", "text", "evidence", "evidence_count", "args"}``; ``evidence``
are ids of events.
"""

from __future__ import annotations

from typing import Any, Literal

from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.risk.render import render

SEVERITIES = ("critical", "hold", "warning", "info")


class AlertsArguments(BaseModel):
    """Which alerts, and in which language."""

    model_config = ConfigDict(extra="forbid")

    rule: str | None = Field(default=None, description="Of this rule alone.")
    subject: str | None = Field(default=None, description="About this alone: a batch's key, a site, a sender.")
    withdrawn: bool = Field(default=False, description="Also those that no longer stand.")
    language: Literal["en", "zh-CN"] = "en"


async def alerts(desk: Desk, asked: AlertsArguments) -> dict[str, Any]:
    """Alerts as they stand at the position named."""
    every = list(desk.world.alerts.values())
    wanted = [
        alert
        for alert in every
        if (alert.standing or asked.withdrawn)
        and (asked.rule is None or alert.rule == asked.rule.upper())
        and (asked.subject in (None, alert.subject))
    ]
    wanted.sort(key=lambda alert: (not alert.standing, SEVERITIES.index(alert.severity), -alert.position, alert.id))
    events = await desk.events(number for alert in wanted for number in alert.evidence)
    return {
        "position": desk.world.position,
        "alerts": [
            {
                "id": alert.id,
                "rule": alert.rule,
                "subject": alert.subject,
                "severity": alert.severity,
                "confidence": alert.confidence,
                "standing": alert.standing,
                "historical": alert.historical,
                "version": alert.version,
                "position": alert.position,
                "raised": instant(alert.raised_at),
                "changed": instant(alert.changed_at),
                "text": render(alert.finding, asked.language),
                "evidence": [events[number]["id"] for number in alert.evidence if number in events],
                "evidence_count": alert.evidence_count,
                "args": alert.args,
            }
            for alert in wanted
        ],
        "withdrawn": sum(not alert.standing for alert in every),
    }
