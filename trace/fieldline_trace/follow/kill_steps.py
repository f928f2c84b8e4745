"""Steps that record that they killed what they were meant for, by class of hazards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.standing import State


class KillSteps:
    """By class of hazards, the events that record one."""

    def __init__(self, bases: Bases) -> None:
        self._bases = bases
        self._recorded: dict[str, set[int]] = defaultdict(set)

    def add(self, event: int, classes: Iterable[str]) -> None:
        """An event records that it ends hazards of these classes."""
        for hazard_class in classes:
            self._recorded[hazard_class].add(event)

    def of(self, hazard_class: str) -> set[int]:
        """The events that do, by the numbers that the index knows their steps by. One that is disputed, or that not all
        variants say, ends nothing."""
        state = self._bases.state
        events = self._recorded.get(hazard_class, ())
        return {self._bases.lead(event) for event in events if state(event) is State.RECORDED}
