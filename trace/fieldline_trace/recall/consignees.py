"""Whom to call: who holds what of a scope, how much, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from fieldline_trace.recall.members import Member, urgency

ROLE_IN, ROLE_OUT, ROLE_MOVED_OUT, ROLE_MOVED_IN = 1, 2, 3, 4
"""What an event says of an amount: consumed, produced, sent away, received."""
_SIGN: Final = {ROLE_IN: -1, ROLE_OUT: 1, ROLE_MOVED_OUT: -1, ROLE_MOVED_IN: 1}


class Amount(NamedTuple):
    """What one event says of an amount of a batch at a site."""

    batch: int
    site: int
    role: int
    amount: Decimal
    unit: str


class Balance(NamedTuple):
    """Amounts of one holding in one unit."""

    came: Decimal
    """Made there or received."""
    left: Decimal
    """Consumed there or sent away."""
    unit: str

    @property
    def there(self) -> Decimal:
        """What the records leave there; never below zero."""
        return max(self.came - self.left, Decimal(0))


class Lot(NamedTuple):
    """One batch that a consignee is called about."""

    batch: int
    member: Member
    balances: tuple[Balance, ...]
    """One for each unit that events use; empty where no amount was recorded."""


@dataclass(frozen=True, slots=True)
class Consignee:
    """One site to call, and about what."""

    operator: int
    """Party number; 0 where nobody is known to act there."""
    site: int
    lots: tuple[Lot, ...]
    """The most urgent first."""


def balances(amounts: Iterable[Amount]) -> dict[tuple[int, int], tuple[Balance, ...]]:
    """(batch, site) -> what came, and what left, in each unit."""
    sums: dict[tuple[int, int], dict[str, list[Decimal]]] = {}
    for one in amounts:
        sign = _SIGN.get(one.role)
        if sign is not None:
            both = sums.setdefault((one.batch, one.site), {}).setdefault(one.unit, [Decimal(0), Decimal(0)])
            both[sign < 0] += one.amount
    return {
        where: tuple(Balance(came, left, unit) for unit, (came, left) in sorted(units.items()))
        for where, units in sums.items()
    }


def consignees(
    members: Sequence[Member],
    operator_of: Callable[[int], int],
    amounts: Iterable[Amount] = (),
) -> list[Consignee]:
    """Whom to call about ``members``: what is held or definite first, then the nearest to the finding.

    Args:
        members: of a scope; suspects are asked for their records, but hold nothing to recall, so they come last.
        operator_of: party number of a site.
        amounts: what events say of amounts, of withdrawn events nothing.
    """
    known = balances(amounts)
    lots: dict[tuple[int, int], list[Lot]] = {}
    for member in sorted(members, key=_urgency):
        where = operator_of(member.site), member.site
        lots.setdefault(where, []).append(Lot(member.batch, member, known.get((member.batch, member.site), ())))
    found = [Consignee(operator, site, tuple(one)) for (operator, site), one in lots.items()]
    return sorted(found, key=lambda one: (_urgency(one.lots[0].member), one.operator, one.site))


def _urgency(member: Member) -> tuple[int, int, int, int, int]:
    role = urgency(member.role)
    return role >= urgency("suspect"), not member.held, member.certainty != "definite", member.hops, role
