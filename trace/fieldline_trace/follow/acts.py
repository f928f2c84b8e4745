"""Acts upon whole scopes and single members: each is done while it stands, and undone where it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.standing import State
from fieldline_trace.risk.alerts import Cause

Act = Callable[[Cause], None]
"""What is done, for this reason."""


class Acts:
    """What was done, by number of the act."""

    def __init__(self, bases: Bases) -> None:
        self._bases = bases
        self._said: dict[int, tuple[Act, Act]] = {}
        self._done: set[int] = set()

    def take(self, number: int, do: Act, undo: Act, cause: Cause) -> None:
        """Somebody who may did something. ``undo`` puts it back once the act is withdrawn, ``do`` does it again once
        that was withdrawn itself."""
        self._said[number] = do, undo
        self._let(number, cause)

    def restated(self, events: Iterable[int], cause: Cause) -> None:
        """These events stand otherwise now."""
        for number in sorted(self._said.keys() & set(events)):
            self._let(number, cause)

    def _let(self, number: int, cause: Cause) -> None:
        stands = self._bases.state(number) is not State.WITHDRAWN
        if stands != (number in self._done):
            do, undo = self._said[number]
            (do if stands else undo)(cause)
            self._done ^= {number}
