"""Events dated more than 24 hours ahead of their receipt, by sender."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence, Set


class Skew:
    """Standing events with such a time: few of each sender are cited, all are counted."""

    def __init__(self) -> None:
        self._events: dict[int, list[tuple[int, int, bool]]] = {}
        """Sender -> (identity, event number, historical), sorted."""
        self._sender: dict[int, int] = {}

    def add(self, sender: int, identity: int, number: int, historical: bool) -> None:
        """Enter one event."""
        insort(self._events.setdefault(sender, []), (identity, number, historical))
        self._sender[number] = sender

    def senders_of(self, events: Iterable[int]) -> set[int]:
        """Senders of those of ``events`` that are dated ahead."""
        return {self._sender[number] for number in events if number in self._sender}

    def standing(self, sender: int, gone: Set[int]) -> Sequence[tuple[int, int, bool]]:
        """The sender's events but those withdrawn."""
        events = self._events.get(sender, [])
        return [one for one in events if one[1] not in gone] if gone else events
