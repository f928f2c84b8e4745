"""The alerts that stand, most severe first.

``{"position", "alerts", "withdrawn"}``; an alert is ``{"id", "rule", "subject", "severity", "confidence", "sure",
"standing", "historical", "version", "position", "raised", "changed", "state", "proposes", "clears", "text", "evidence",
"evidence_count", "args"}``; ``evidence`` are ids of events. ``confidence``: ``screening`` while only a screening test
says so, else ``confirmed``; ``sure``: nothing that it rests on is in doubt. ``state``: ``new``, or what was done about
it last: ``acknowledged``, ``assigned``, ``dismissed``, ``escalated``. ``proposes``: ``hold``, ``confirm``,
``draft_scope`` or ``nothing``. ``clears``: what would end it. One alert by itself also has ``handled``, all that was
done about it, and how many seconds after the receipt of its evidence it was raised and first taken on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fieldline_schemas.messages import Language, Sentence, language
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.errors import NotFound
from fieldline_trace.follow.handling import done_about
from fieldline_trace.follow.stored import alert_versions
from fieldline_trace.risk.alerts import Alert
from fieldline_trace.risk.proposals import clears, proposes
from fieldline_trace.risk.render import render

SEVERITIES = ("critical", "hold", "warning", "info")


class AlertsArguments(BaseModel):
    """Which alerts, and in which language."""

    model_config = ConfigDict(extra="forbid")

    rule: str | None = Field(default=None, description="Of this rule alone.")
    subject: str | None = Field(default=None, description="About this alone: a batch's key, a site, a sender.")
    withdrawn: bool = Field(default=False, description="Also those that no longer stand.")
    severity: Literal["critical", "hold", "warning", "info"] | None = Field(
        default=None, description="Of this severity alone."
    )
    since: int = Field(default=0, ge=0, description="Changed after this ledger position.")
    language: Language | None = Field(default=None, description="Of the sentences; else the one that is spoken.")


class AlertArguments(BaseModel):
    """Which alert, and in which language."""

    model_config = ConfigDict(extra="forbid")

    alert: str = Field(description="Its id.")
    language: Language | None = Field(default=None, description="Of the sentences; else the one that is spoken.")


async def alerts(desk: Desk, asked: AlertsArguments) -> dict[str, Any]:
    """Alerts as they stand at the position named."""
    every = list(desk.world.alerts.values())
    wanted = [
        alert
        for alert in every
        if (alert.standing or asked.withdrawn)
        and (asked.rule is None or alert.rule == asked.rule.upper())
        and (asked.subject in (None, alert.subject))
        and (asked.severity in (None, alert.severity))
        and alert.position > asked.since
    ]
    wanted.sort(key=lambda alert: (not alert.standing, SEVERITIES.index(alert.severity), -alert.position, alert.id))
    events = await desk.events(number for alert in wanted for number in alert.evidence)
    return {
        "position": desk.position,
        "alerts": [alert_said(desk, alert, events, asked.language or language()) for alert in wanted],
        "withdrawn": sum(not alert.standing for alert in every),
    }


async def alert_show(desk: Desk, asked: AlertArguments) -> dict[str, Any]:
    """One alert with all its versions: what stood when, and which event made it so."""
    alert = desk.world.alerts.get(asked.alert)
    if alert is None:
        raise NotFound(Sentence("alert_not_known", text=repr(asked.alert)))
    versions = [one for one in await alert_versions(desk.conn, alert.id) if one.position <= desk.position]
    events = await desk.events([*alert.evidence, *(one.cause.event for one in versions)])
    return {
        "position": desk.position,
        "alert": alert_said(desk, alert, events, asked.language or language()),
        "handled": [
            {"state": one.state, "by": one.by, "at": instant(one.at), "to": one.to, "reason": one.reason}
            for one in done_about(desk.world.risks.facts, alert.id)
        ],
        "seconds": _seconds(desk, alert),
        "versions": [
            {
                "version": one.version,
                "change": one.change,
                "position": one.position,
                "at": instant(one.at),
                "text": render(one.finding, asked.language or language()),
                "reason": one.cause.code,
                "cause": events[one.cause.event]["id"] if one.cause.event in events else None,
            }
            for one in versions
        ],
    }


def _seconds(desk: Desk, alert: Alert) -> dict[str, float | None]:
    """From the receipt of the latest evidence to the alert, and from the alert to the first act on it."""
    rows = desk.world.rows
    received = [rows.received_at(number) for number in alert.evidence if rows.knows(number)]
    before = [at for at in received if at <= alert.raised_at]
    done = done_about(desk.world.risks.facts, alert.id)
    return {
        "event_to_alert": (alert.raised_at - max(before)) / 1e6 if before else None,
        "alert_to_acknowledged": (done[0].at - alert.raised_at) / 1e6 if done else None,
    }


def alert_said(desk: Desk, alert: Alert, events: Mapping[int, Mapping[str, Any]], spoken: Language) -> dict[str, Any]:
    """One alert as answers say it. ``events``: those that it cites, by number."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": alert.severity,
        "confidence": alert.confidence,
        "sure": alert.sure,
        "standing": alert.standing,
        "historical": alert.historical,
        "version": alert.version,
        "position": alert.position,
        "raised": instant(alert.raised_at),
        "changed": instant(alert.changed_at),
        "state": ([one.state for one in done_about(desk.world.risks.facts, alert.id)] or ["new"])[-1],
        "proposes": proposes(alert.finding),
        "clears": clears(alert.rule, spoken),
        "text": render(alert.finding, spoken),
        "evidence": [events[number]["id"] for number in alert.evidence if number in events],
        "evidence_count": alert.evidence_count,
        "args": alert.args,
    }
