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
    scope = await scope_named(desk, asked.scope)
    members = scope.members()
    operators = await desk.operators((member.batch, member.site) for member in members)
    found = consignees(members, desk.world.operator_of)
    quantities = await quantities_of(desk, [(member.batch, member.site) for member in members])
    labels = await desk.labels(member.batch for member in members)
    events = await desk.events(member.event for member in members)
    said = []
    for consignee in found:
        lots = []
        for lot in consignee.lots:
            amount = quantities.get((lot.batch, consignee.site))
            lots.append(
                {
                    "batch": desk.names.batch_key(lot.batch),
                    "labels": labels.get(lot.batch, []),
                    "role": lot.member.role,
                    "certainty": lot.member.certainty,
                    "held": lot.member.held,
                    "quantity": None if amount is None else format(amount[0].normalize(), "f"),
                    "unit": None if amount is None else amount[1],
                    "event": events[lot.member.event]["id"] if lot.member.event in events else None,
                }
            )
        said.append(
            {
                "operator": operators.get(consignee.site),
                "site": desk.names.site_key(consignee.site),
                "lots": lots,
            }
        )
    return {"position": desk.position, "scope": scope.id, "status": scope.status, "consignees": said}
