"""What a document itself tells of units and items: what a pallet held at a time, and which lot an item is of.

An aggregation holds from its ADD to its DELETE (one without children: of all), or until a child is seen alone
elsewhere. Units nest. Unit ids are used again, so contents are always asked for at a time.

**Within one document only.** A shipment in one document and the packing of its pallet in another do not meet here:
the shipment is kept as an observation of the pallet, and says nothing of what was in it. Read both in one document, or
read the packing again together with the shipment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from fieldline_schemas.batch_key import is_pool

from fieldline_trace.formats.epcis.identifiers import Named
from fieldline_trace.formats.epcis.told import NO_PLACE, Told
from fieldline_trace.formats.epcis.what import Amount, outputs, parent_of, subjects


class _Change(NamedTuple):
    """``what`` came into (or went out of) the unit; None went: all."""

    at: int
    came: bool
    number: int
    what: Amount | None


class _Seen(NamedTuple):
    at: int
    site: str


class Units:
    """Contents of units over time, and lots of items, as the events of one document tell them."""

    def __init__(self, events: Iterable[Told]) -> None:
        self._changes: dict[str, list[_Change]] = {}
        self._lots: dict[str, str] = {}
        self._alone: dict[str, list[_Seen]] = {}
        self._where: dict[str, list[_Seen]] = {}
        for event in sorted(events, key=lambda event: (event.at, event.number)):
            self._learn(event)
        for changes in self._changes.values():
            # What comes at an instant is in at that instant, what goes was in until then.
            changes.sort(key=lambda change: (change.at, not change.came, change.number))

    def lot_of(self, named: Named) -> str | None:
        """The lot of an item whose own event does not say it."""
        return self._lots.get(named.identity) if named.sort == "item" and is_pool(named.key) else None

    def resolved(self, amount: Amount) -> tuple[Amount, bool]:
        """``amount`` in the lot that is known for it, and whether that is news."""
        lot = self.lot_of(amount.named)
        return (amount, False) if lot is None else (amount._replace(named=amount.named._replace(key=lot)), True)

    def content(self, unit: Named, at: int) -> list[Amount]:
        """The batches that were in ``unit`` at ``at``, those in units inside it too."""
        found: list[Amount] = []
        opened, waiting = {unit.identity}, [unit.identity]
        while waiting:
            for what in self._inside(waiting.pop(), at):
                if what.named.sort != "thing":
                    found.append(self.resolved(what)[0])
                if what.named.identity not in opened:
                    opened.add(what.named.identity)
                    waiting.append(what.named.identity)
        return found

    def _inside(self, unit: str, at: int) -> list[Amount]:
        """What was directly in a unit."""
        inside: dict[str, list[_Change]] = {}
        for change in self._changes.get(unit, ()):
            if change.at > at or (change.at == at and not change.came):
                break
            if change.came and change.what is not None:
                inside.setdefault(change.what.named.identity, []).append(change)
            elif change.what is None:
                inside.clear()
            elif (held := inside.get(change.what.named.identity)) and _is_gone(held, change.what):
                del inside[change.what.named.identity]
            elif held:
                held.append(change)
        return [
            _held(changes) for child, changes in inside.items() if not self._left_alone(unit, child, changes[-1], at)
        ]

    def _left_alone(self, unit: str, child: str, came: _Change, at: int) -> bool:
        """Was the child, a single object, seen without the unit since, where the unit was not?"""
        if came.what is None or not came.what.single:
            return False
        return any(
            came.at < seen.at <= at and NO_PLACE != seen.site != self._site(unit, seen.at) != NO_PLACE
            for seen in self._alone.get(child, ())
        )

    def _site(self, unit: str, at: int) -> str:
        """Where the unit was last named; ``""`` where it never was."""
        seen = self._where.get(unit, [])
        last = bisect_right(seen, at, key=lambda one: one.at)
        return seen[last - 1].site if last else ""

    def _learn(self, event: Told) -> None:
        about = [*subjects(event.known), *(outputs(event.known) if event.kind == "TransformationEvent" else ())]
        for amount in about:
            if amount.named.sort == "item" and not is_pool(amount.named.key):
                self._lots.setdefault(amount.named.identity, amount.named.key)
        parent = parent_of(event.known)
        for named in [*([parent] if parent else []), *(amount.named for amount in about if amount.single)]:
            self._where.setdefault(named.identity, []).append(_Seen(event.at, event.site))
        if event.kind in ("ObjectEvent", "TransactionEvent"):
            for amount in about:
                if amount.single:
                    self._alone.setdefault(amount.named.identity, []).append(_Seen(event.at, event.site))
        if parent is None or event.kind != "AggregationEvent":
            return
        came = event.action != "DELETE"  # who sees children in a unit says that they are in it
        for what in about or [None]:
            self._changes.setdefault(parent.identity, []).append(_Change(event.at, came, event.number, what))


def _held(changes: Sequence[_Change]) -> Amount:
    """All of one child that came and did not go; how much, where all of them say it in one unit."""
    amounts = [change.what for change in changes if change.what is not None]
    first = amounts[0]
    if first.single or len(amounts) == 1:
        return first
    if any(amount.quantity is None or amount.unit != first.unit for amount in amounts):
        return first._replace(quantity=None, unit=None)
    signed = (Decimal(change.what.quantity or 0) * (1 if change.came else -1) for change in changes if change.what)
    return first._replace(quantity=sum(signed, Decimal(0)))


def _is_gone(held: Sequence[_Change], taken: Amount) -> bool:
    """Is nothing of a child left once ``taken`` is? Where amounts do not say it, a part that is taken leaves the
    rest."""
    if taken.quantity is None or taken.single:
        return True
    rest = _held(held)
    return rest.quantity is not None and rest.unit == taken.unit and rest.quantity <= taken.quantity
