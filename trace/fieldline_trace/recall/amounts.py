"""What events say of an amount of a batch at a site, added up. Pure.

A shipment and its receipt both say both ends of one move: of what ``shipped`` and what ``received`` say of a place the
greater counts, not the sum. Of several variants of one id likewise. Amounts of one dimension in several units are
added in its own unit (kilograms, litres, pieces); what cannot be added is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from fieldline_schemas.quantities import UNITS

Sums = Mapping[str, Decimal]
"""Amounts by unit code."""
NAMED, IN, OUT, MOVED_OUT, MOVED_IN = range(5)
"""Roles of a batch in an event, as they are stored."""
BASE = {"mass": "KGM", "volume": "LTR", "count": "H87"}
_NOTHING: Sums = {}
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What came and what is left, each a decimal with its unit's common name; None where it is not known."""

    came: tuple[Decimal, str] | None
    left: tuple[Decimal, str] | None


Way = tuple[int, bool]
"""Role, and whether it was a receipt that said so."""
Said = dict[tuple[int, str], dict[int, dict[str, Decimal]]]
"""By identity (sender and id), by event: amounts by unit."""


def amounts(ways: Mapping[Way, Said]) -> Amounts:
    """What came and what is left of it, from all that was said of one place."""
    came, gone = _both(ways)
    if came is None:
        return Amounts(None, None)
    if gone is None:
        return Amounts(_named(came), _named(came))
    alike = _alike(came, gone)
    if alike is None:
        return Amounts(_named(came), None)
    return Amounts(_named(came), _named((max(alike[0] - alike[1], Decimal(0)), alike[2])))


def balanced(sums: Mapping[Way, Sums]) -> bool:
    """Whether what left is exactly what came. ``sums``: all that was said of one place, each thing once."""
    units = {unit for amounts in sums.values() for unit in amounts}
    if len(units) == 1:  # as nearly always, and then no more than this is needed
        unit = units.pop()
        out, moved, received, drawn, sent, taken = (
            sums.get(way, _NOTHING).get(unit, _ZERO)
            for way in (
                (OUT, False),
                (MOVED_IN, False),
                (MOVED_IN, True),
                (IN, False),
                (MOVED_OUT, False),
                (MOVED_OUT, True),
            )
        )
        left = drawn + max(sent, taken)
        return left > 0 and left == out + max(moved, received)
    came, gone = _came_and_gone(sums)
    alike = None if came is None or gone is None else _alike(came, gone)
    return alike is not None and alike[0] == alike[1]


def _both(ways: Mapping[Way, Said]) -> tuple[tuple[Decimal, str] | None, tuple[Decimal, str] | None]:
    return _came_and_gone(
        {way: _total(_greatest(variants.values()) for variants in said.values()) for way, said in ways.items()}
    )


def _came_and_gone(sums: Mapping[Way, Sums]) -> tuple[tuple[Decimal, str] | None, tuple[Decimal, str] | None]:
    def said(role: int, receipt: bool) -> Sums:
        return sums.get((role, receipt), _NOTHING)

    came = _one(_total([said(OUT, False), _greatest([said(MOVED_IN, False), said(MOVED_IN, True)])]))
    gone = _one(_total([said(IN, False), _greatest([said(MOVED_OUT, False), said(MOVED_OUT, True)])]))
    return came, gone


def _alike(one: tuple[Decimal, str], other: tuple[Decimal, str]) -> tuple[Decimal, Decimal, str] | None:
    """Two amounts in one unit, theirs or the base unit; None where they have none in common."""
    if one[1] == other[1]:
        return one[0], other[0], one[1]
    both = _in_base(one), _in_base(other)
    if both[0] is None or both[1] is None or both[0][1] != both[1][1]:
        return None
    return both[0][0], both[1][0], both[0][1]


def _total(parts: Iterable[Sums]) -> Sums:
    total: dict[str, Decimal] = {}
    for part in parts:
        for unit, amount in part.items():
            total[unit] = total.get(unit, Decimal(0)) + amount
    return total


def _greatest(several: Iterable[Sums]) -> Sums:
    """The greatest of several statements of one thing; those that cannot be compared come last."""

    def weight(sums: Sums) -> Decimal:
        one = _one(sums)
        based = None if one is None else _in_base(one)
        return Decimal(-1) if based is None else based[0]

    return max(several, key=weight, default={})


def _one(sums: Sums) -> tuple[Decimal, str] | None:
    """The sum in one unit: the one that was said, or the base unit where there are several; None where there is
    none."""
    if len(sums) <= 1:
        return next(((amount, unit) for unit, amount in sums.items()), None)
    based = [_in_base((amount, unit)) for unit, amount in sums.items()]
    known = [part for part in based if part is not None]
    if len(known) < len(based) or len({unit for _, unit in known}) > 1:
        return None
    return sum((amount for amount, _ in known), Decimal(0)), known[0][1]


def _in_base(amount: tuple[Decimal, str]) -> tuple[Decimal, str] | None:
    unit = UNITS[amount[1]]
    return None if unit.factor is None else (amount[0] * unit.factor, BASE[unit.dimension])


def _named(amount: tuple[Decimal, str]) -> tuple[Decimal, str]:
    return amount[0], UNITS[amount[1]].names[0]
