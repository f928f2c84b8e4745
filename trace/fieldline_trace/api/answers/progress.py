"""How far a recall is: who was told and answered; how much was made, sold, got back and destroyed.

``{"position", "scope", "status", "consignees": {"total", "told", "answered", "passed_on", "overdue"}, "outstanding":
[{"operator", "site", "told", "answer_by", "overdue"}], "quantities": {"produced", "came", "received", "held", "sold",
"returned", "disposed", "recalled"}, "recalled_of_produced", "recalled_of_sold", "accounted"}``. Amounts are by unit;
shares are of one unit, None where there are several or none. ``recalled`` is what is held, went back or was disposed
of, by the consignees' own answers; ``accounted`` is the share of what came to consignees that answers account for.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fieldline_trace.api.answers.balance import accounts_of
from fieldline_trace.api.answers.consignees import ConsigneesArguments, called_at, calls_of
from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.scopes import scope_named
from fieldline_trace.recall.accounts import Sums, in_base, told, total
from fieldline_trace.recall.consignees import consignees

_SAID = ("received", "held", "sold", "returned", "disposed")
_SUSPECTS = ("suspect", "co_descendant")


async def scope_progress(desk: Desk, asked: ConsigneesArguments) -> dict[str, Any]:
    """Who of a scope's consignees was told and answered, and how much is back."""
    scope = await scope_named(desk, asked.scope)
    members = [one for one in scope.members() if one.role not in _SUSPECTS]
    operators = await desk.operators((member.batch, member.site) for member in members)
    called = calls_of(desk, scope)
    canonical = desk.world.index.canonical
    found = await accounts_of(desk, {member.batch for member in members})
    outstanding = []
    counts = {"total": 0, "told": 0, "answered": 0, "passed_on": 0, "overdue": 0}
    said: dict[str, Sums] = {name: {} for name in _SAID}
    came: list[Mapping[str, Decimal]] = []
    counted: set[tuple[int, int]] = set()
    for consignee in consignees(members, desk.world.operator_of):
        one = called_at(desk, called, operators.get(consignee.site), consignee)
        until = min((t.answer_by.hi for t in one.told if t.answer_by is not None), default=None)
        overdue = until is not None and until < desk.world.received_at and not one.answers
        counts["total"] += 1
        counts["told"] += bool(one.told)
        counts["answered"] += bool(one.answers)
        counts["passed_on"] += any(answer.passed_on for answer in one.answers)
        counts["overdue"] += overdue
        if not one.answers:
            outstanding.append(
                {
                    "operator": operators.get(consignee.site),
                    "site": desk.names.site_key(consignee.site),
                    "told": bool(one.told),
                    "answer_by": None if until is None else time_said(until, until)["to"],
                    "overdue": overdue,
                }
            )
        for lot in consignee.lots:
            at = found.get((lot.batch, consignee.site))
            if at is not None:
                came.append(at.sums.get("received", {}))
            if (id(one), lot.batch) in counted:  # one answer for all sites of an operator
                continue
            counted.add((id(one), lot.batch))
            account = one.account(lot.batch, canonical)
            for name in _SAID:
                amount = None if account is None else getattr(account, name)
                if account is not None and amount is not None:
                    unit, much = in_base(amount, account.unit)
                    said[name][unit] = said[name].get(unit, Decimal(0)) + much
    produced = total(one.sums.get("produced", {}) for one in found.values())
    recalled = total(said[name] for name in ("held", "returned", "disposed"))
    all_came = total(came)
    return {
        "position": desk.position,
        "scope": scope.id,
        "status": scope.status,
        "consignees": counts,
        "outstanding": outstanding,
        "quantities": {
            "produced": told(produced),
            "came": told(all_came),
            **{name: told(sums) for name, sums in said.items()},
            "recalled": told(recalled),
        },
        "recalled_of_produced": _share(recalled, produced),
        "recalled_of_sold": _share(recalled, total([said["received"]]) or all_came),
        "accounted": _share(total([recalled, said["sold"]]), all_came),
    }


def _share(part: Mapping[str, Decimal], whole: Mapping[str, Decimal]) -> float | None:
    """How much of a whole a part is; None where they are not of one unit."""
    if len(whole) != 1 or not part.keys() <= whole.keys():
        return None
    ((unit, amount),) = whole.items()
    return float(round(part.get(unit, Decimal(0)) / amount, 6)) if amount else None
