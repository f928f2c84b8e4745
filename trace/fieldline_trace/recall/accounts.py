"""What became of a batch, in amounts: produced, received, used, sold, destroyed; and what does not add up. Pure.

Amounts of one dimension are turned into its own unit (kilograms, litres, pieces); packages stay as they are said. A
shipment and its receipt both say both ends of one move: the greater counts. Of several variants of one id likewise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from fieldline_schemas.quantities import UNITS

from fieldline_trace.recall.amounts import BASE, IN, MOVED_IN, MOVED_OUT, NAMED, OUT

Place = tuple[int, int]
"""Batch and site, by number."""
Sums = dict[str, Decimal]
"""Amounts by common name of the unit: ``kg``, ``l``, ``piece``, or a package's."""
WAYS: Final = (
    "produced", "received", "used", "served", "sold", "shipped", "exported", "returned", "sampled", "destroyed",
)  # fmt: skip
"""What may become of an amount. The first two come, all others leave."""
_BY_KIND: Final = {
    IN: {"served": "served", "disposed": "destroyed", "sampled": "sampled", "sample_retained": "sampled"},
    MOVED_OUT: {"sold": "sold", "input_sold": "sold", "returned": "returned", "exported": "exported"},
}
_ELSE: Final = {IN: "used", OUT: "produced", MOVED_OUT: "shipped", MOVED_IN: "received"}


class Said(NamedTuple):
    """An amount that one event says of a batch at a site."""

    batch: int
    site: int
    role: int
    amount: Decimal
    unit: str
    event: int
    identity: tuple[str, str]
    """Sender and id: variants share it."""
    kind: str


@dataclass(slots=True)
class Account:
    """What became of a batch at one site."""

    sums: dict[str, Sums] = field(default_factory=dict)
    """By way (``WAYS``)."""
    receipt_says: Sums = field(default_factory=dict)
    shipment_says: Sums = field(default_factory=dict)

    def came(self) -> Sums:
        """What came: produced and received."""
        return total(self.sums.get(way, {}) for way in WAYS[:2])

    def left(self) -> Sums:
        """What left, whichever way."""
        return total(self.sums.get(way, {}) for way in WAYS[2:])

    def on_hand(self) -> Sums:
        """What the records leave there, of units in which anything is known to have come; never below zero."""
        came, left = self.came(), self.left()
        return {unit: max(came[unit] - left.get(unit, _ZERO), _ZERO) for unit in came}

    def odds(self) -> list[tuple[str, str, Decimal, Decimal]]:
        """What does not add up: (``more_left_than_came`` or ``receipt_differs``, unit, one amount, the other)."""
        came, left = self.came(), self.left()
        found = [("more_left_than_came", u, left[u], came.get(u, _ZERO)) for u in left if left[u] > came.get(u, _ZERO)]
        if not came:
            found = []  # nothing is known of how much came, which is no contradiction
        for unit in self.receipt_says.keys() & self.shipment_says.keys():
            said, got = self.shipment_says[unit], self.receipt_says[unit]
            if said != got:
                found.append(("receipt_differs", unit, said, got))
        return sorted(found)


_ZERO: Final = Decimal(0)


def accounts(rows: Iterable[Said]) -> dict[Place, Account]:
    """By place, what became of each batch there."""
    greatest: dict[tuple[Place, str, bool, str, tuple[str, str]], dict[int, Decimal]] = {}
    for row in rows:
        if row.role == NAMED:
            continue
        way = _BY_KIND.get(row.role, {}).get(row.kind, _ELSE[row.role])
        unit, amount = in_base(row.amount, row.unit)
        key = (row.batch, row.site), way, row.kind == "received", unit, row.identity
        by_event = greatest.setdefault(key, {})
        by_event[row.event] = by_event.get(row.event, _ZERO) + amount
    said: dict[Place, dict[tuple[str, bool], Sums]] = {}
    for (place, way, receipt, unit, _), by_event in greatest.items():
        sums = said.setdefault(place, {}).setdefault((way, receipt), {})
        sums[unit] = sums.get(unit, _ZERO) + max(by_event.values())
    return {place: _account(ways) for place, ways in said.items()}


def _account(ways: Mapping[tuple[str, bool], Sums]) -> Account:
    found = Account()
    for way in WAYS:
        one, other = ways.get((way, False), {}), ways.get((way, True), {})
        both = {unit: max(one.get(unit, _ZERO), other.get(unit, _ZERO)) for unit in one.keys() | other.keys()}
        if way == "shipped":  # a receipt says that it was shipped where the sender may say that it was sold
            others = total(ways.get((kind, False), {}) for kind in ("sold", "returned", "exported"))
            both = {unit: max(one.get(unit, _ZERO), other.get(unit, _ZERO) - others.get(unit, _ZERO)) for unit in both}
            both = {unit: amount for unit, amount in both.items() if amount > 0}
        if both:
            found.sums[way] = both
    found.shipment_says = dict(ways.get(("received", False), {}))
    found.receipt_says = dict(ways.get(("received", True), {}))
    return found


def total(parts: Iterable[Mapping[str, Decimal]]) -> Sums:
    """The sum of several, unit by unit."""
    found: Sums = {}
    for part in parts:
        for unit, amount in part.items():
            found[unit] = found.get(unit, _ZERO) + amount
    return found


def in_base(amount: Decimal, code: str) -> tuple[str, Decimal]:
    """An amount in its dimension's own unit: the unit's common name, and how much."""
    unit = UNITS[code]
    if unit.factor is None:
        return unit.names[0], amount
    return UNITS[BASE[unit.dimension]].names[0], amount * unit.factor


def told(sums: Mapping[str, Decimal]) -> dict[str, str]:
    """Sums as decimal texts."""
    return {unit: format(amount.normalize(), "f") for unit, amount in sorted(sums.items())}


class Bounds(NamedTuple):
    """How much of a source may be in something: at least, and at most; None: not known."""

    least: Decimal
    most: Decimal | None


def part_of(whole: Bounds, amount: Decimal | None, taken: Decimal | None) -> Bounds:
    """How much of a source is in a part: ``taken`` of ``amount``, in which ``whole`` of it is. Nothing is assumed of
    how well it was mixed."""
    if taken is None:
        return Bounds(_ZERO, whole.most)
    most = taken if whole.most is None else min(whole.most, taken)
    if amount is None:
        return Bounds(_ZERO, most)
    return Bounds(min(max(_ZERO, whole.least - max(amount - taken, _ZERO)), most), most)


def made_of(parts: Iterable[Bounds], put_in: Decimal | None, made: Decimal | None, of: Decimal | None) -> Bounds:
    """How much of a source is in one output of a step.

    Args:
        parts: how much of it is in each input.
        put_in: all inputs together; None where some amount is not known.
        made: all outputs together; of what was put in and not made, any part may be the source's.
        of: this output.
    """
    parts = list(parts)
    least = sum((part.least for part in parts), _ZERO)
    most = None if any(part.most is None for part in parts) else sum((part.most or _ZERO for part in parts), _ZERO)
    least = _ZERO if put_in is None or made is None else max(_ZERO, least - max(put_in - made, _ZERO))
    return part_of(Bounds(least, most), made, of)
