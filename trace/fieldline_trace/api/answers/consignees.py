"""Whom to call, for what, how much: who got what is in a scope, the most urgent first.

``{"position", "scope", "consignees": [{"operator", "site", "lots": [{"batch", "labels", "certainty", "quantity",
"unit", "event"}]}]}``; ``quantity`` is a decimal text of what was recorded to have come there, None where nothing was.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.quantities import quantities_of
from fieldline_trace.api.answers.scopes import scope_named
from fieldline_trace.recall.consignees import consignees


class ConsigneesArguments(BaseModel):
    """Of which scope."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(description="Its id, or the begin of it that no other has.")


async def scope_consignees(desk: Desk, asked: ConsigneesArguments) -> dict[str, Any]:
    """The holders of a scope's members: definite before possible, then the nearest."""
    scope = scope_named(desk, asked.scope)
    members = scope.members()
    quantities = await quantities_of(desk, [(member.batch, member.site) for member in members])
    found = consignees(members, desk.world.operator_of, quantities)
    labels = await desk.labels(batch for consignee in found for batch, *_ in consignee.lots)
    events = await desk.events(lot[4] for consignee in found for lot in consignee.lots)
    return {
        "position": desk.world.position,
        "scope": scope.id,
        "status": scope.status,
        "consignees": [
            {
                "operator": desk.names.party_key(consignee.operator) if consignee.operator else None,
                "site": desk.names.site_key(consignee.site),
                "lots": [
                    {
                        "batch": desk.names.batch_key(batch),
                        "labels": labels.get(batch, []),
                        "certainty": certainty,
                        "quantity": None if amount is None else str(amount),
                        "unit": unit,
                        "event": events[event]["id"] if event in events else None,
                    }
                    for batch, certainty, amount, unit, event in consignee.lots
                ],
            }
            for consignee in found
        ],
    }
