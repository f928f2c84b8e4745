"""Who was told of a recall and what they answered: the acts about consignees of each scope, as far as they stand. Pure.

Of several answers of one consignee the latest counts for each batch; a telling counts for the batches that it names, or
for all where it names none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

from fieldline_schemas.times import Interval


class Told(NamedTuple):
    """A consignee was told."""

    event: int
    at: Interval
    consignee: str
    """Operator key."""
    batches: tuple[int, ...]
    """Batch numbers that were named; none: all that it holds."""
    via: str
    answer_by: Interval | None


class Account(NamedTuple):
    """What a consignee says became of a batch. Amounts are in ``unit``; None where it does not say."""

    batch: int
    unit: str
    received: Decimal | None
    held: Decimal | None
    sold: Decimal | None
    returned: Decimal | None
    disposed: Decimal | None


class Answered(NamedTuple):
    """A consignee answered."""

    event: int
    at: Interval
    consignee: str
    accounts: tuple[Account, ...]
    passed_on: bool
    note: str


_Said = TypeVar("_Said", Told, Answered)


@dataclass(slots=True)
class Calls:
    """All that was said about consignees, by scope. Single writer."""

    _told: dict[str, list[Told]] = field(default_factory=dict)
    _answered: dict[str, list[Answered]] = field(default_factory=dict)

    def told(self, scope: str, what: Told) -> None:
        """Enter that somebody was told."""
        self._told.setdefault(scope, []).append(what)

    def answered(self, scope: str, what: Answered) -> None:
        """Enter that somebody answered."""
        self._answered.setdefault(scope, []).append(what)

    def of(self, scope: str, stands: Callable[[int], bool]) -> dict[str, Called]:
        """By consignee, what stands of it. ``stands``: whether an event does."""
        found: dict[str, Called] = {}
        for told in _in_order(self._told.get(scope, ())):
            if stands(told.event):
                found.setdefault(told.consignee, Called()).told.append(told)
        for answer in _in_order(self._answered.get(scope, ())):
            if stands(answer.event):
                found.setdefault(answer.consignee, Called()).answers.append(answer)
        return found


@dataclass(slots=True)
class Called:
    """What is known of one consignee, in order of time."""

    told: list[Told] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)

    def events(self) -> Iterator[int]:
        """Numbers of the acts."""
        yield from (one.event for one in self.told)
        yield from (one.event for one in self.answers)

    def account(self, batch: int, canonical: Callable[[int], int]) -> Account | None:
        """The latest account of a batch."""
        for answer in reversed(self.answers):
            for account in answer.accounts:
                if canonical(account.batch) == batch:
                    return account
        return None

    def told_of(self, batch: int, canonical: Callable[[int], int]) -> Told | None:
        """The first telling that speaks of a batch."""
        for one in self.told:
            if not one.batches or batch in map(canonical, one.batches):
                return one
        return None


def _in_order(said: Iterable[_Said]) -> list[_Said]:
    return sorted(said, key=lambda one: (one.at, one.event))
