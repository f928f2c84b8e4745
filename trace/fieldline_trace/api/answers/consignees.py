"""Whom to call, for what, how much: who got what is in a scope, the most urgent first; who was told, and who answered.

``{"position", "scope", "consignees": [{"operator", "site", "lots": [{"batch", "labels", "certainty", "quantity",
"unit", "event", "account"}], "told", "answered"}]}``; ``quantity`` is a decimal text of what was recorded to have come
there, None where nothing was. ``account`` is what the consignee answered of the lot, ``{"unit", "received", "held",
"sold", "returned", "disposed"}``; ``told`` is ``{"at", "via", "answer_by", "event"}``, ``answered`` ``{"at",
"passed_on", "note", "event"}``; each None where nothing was said.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fieldline_schemas.quantities import UNITS
from fieldline_schemas.sites import canonical_site
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.quantities import quantities_of
from fieldline_trace.api.answers.scopes import scope_named
from fieldline_trace.follow.standing import State
from fieldline_trace.recall.called import Account, Called
from fieldline_trace.recall.consignees import Consignee, consignees
from fieldline_trace.recall.scope import Scope


class ConsigneesArguments(BaseModel):
    """Of which scope."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(description="Its id, or the begin of it that no other has.")


async def scope_consignees(desk: Desk, asked: ConsigneesArguments) -> dict[str, Any]:
    """The holders of a scope's members: definite before possible, then the nearest; who was told, and who answered."""
    scope = await scope_named(desk, asked.scope)
    members = scope.members()
    operators = await desk.operators((member.batch, member.site) for member in members)
    found = consignees(members, desk.world.operator_of)
    quantities = await quantities_of(desk, [(member.batch, member.site) for member in members])
    labels = await desk.labels(member.batch for member in members)
    events = await desk.events(member.event for member in members)
    called = calls_of(desk, scope)
    acts = await desk.events(number for one in called.values() for number in one.events())
    said = []
    for consignee in found:
        one = called_at(desk, called, operators.get(consignee.site), consignee)
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
                    "account": _account(one.account(lot.batch, desk.world.index.canonical)),
                }
            )
        said.append(
            {
                "operator": operators.get(consignee.site),
                "site": desk.names.site_key(consignee.site),
                "lots": lots,
                **_called(one, acts),
            }
        )
    return {"position": desk.position, "scope": scope.id, "status": scope.status, "consignees": said}


def calls_of(desk: Desk, scope: Scope) -> dict[str, Called]:
    """By consignee, what stands of who was told and answered."""
    state = desk.world.bases.state
    return desk.world.decisions.calls.of(scope.id, lambda number: state(number) is not State.WITHDRAWN)


def called_at(desk: Desk, called: dict[str, Called], operator: str | None, consignee: Consignee) -> Called:
    """What is known of one consignee, by its operator's name or its site's."""
    site = desk.names.site_key(consignee.site)
    for name, one in called.items():
        if name == operator or canonical_site(name) == site:
            return one
    return Called()


def _called(one: Called, acts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    told = one.told[0] if one.told else None
    answer = one.answers[-1] if one.answers else None
    return {
        "told": None
        if told is None
        else {
            "at": time_said(*told.at),
            "via": told.via,
            "answer_by": None if told.answer_by is None else time_said(*told.answer_by)["to"],
            "event": acts[told.event]["id"] if told.event in acts else None,
        },
        "answered": None
        if answer is None
        else {
            "at": time_said(*answer.at),
            "passed_on": answer.passed_on,
            "note": answer.note,
            "event": acts[answer.event]["id"] if answer.event in acts else None,
        },
    }


def _account(account: Account | None) -> dict[str, str | None] | None:
    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else format(amount.normalize(), "f")

    if account is None:
        return None
    return {
        "unit": UNITS[account.unit].names[0],
        "received": text(account.received),
        "held": text(account.held),
        "sold": text(account.sold),
        "returned": text(account.returned),
        "disposed": text(account.disposed),
    }
