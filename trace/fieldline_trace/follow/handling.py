"""What people did about alerts: who has seen one, who has it, and why it was dismissed. It changes no alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fieldline_schemas.kinds.alert_acknowledged import AlertAcknowledged
from fieldline_schemas.kinds.alert_handled import AlertHandled

from fieldline_trace.follow.facts import Facts

ACTS: Final = (AlertAcknowledged, AlertHandled)
_STATE: Final = {"assign": "assigned", "dismiss": "dismissed", "escalate": "escalated"}


@dataclass(frozen=True, slots=True)
class Done:
    """One act on an alert."""

    state: str
    """``acknowledged``, ``assigned``, ``dismissed`` or ``escalated``."""
    by: str
    """The sender of the act."""
    at: int
    """When it was received, microseconds."""
    event: int
    to: str | None
    reason: str | None


def done_about(facts: Facts, alert: str) -> list[Done]:
    """All acts on an alert that stand, in the order that they were received."""
    found = []
    for fact in facts.about(("alert", alert), kind=ACTS):
        event = fact.event
        if isinstance(event, AlertHandled):
            state = _STATE[event.action]
            found.append(Done(state, fact.sender, fact.received_at, fact.number, event.to, event.reason))
        elif isinstance(event, AlertAcknowledged):
            found.append(Done("acknowledged", fact.sender, fact.received_at, fact.number, None, event.note))
    return sorted(found, key=lambda one: one.event)
