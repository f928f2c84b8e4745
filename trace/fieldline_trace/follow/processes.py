"""Events that are parts of one transformation: what went into any of them counts as in what came out of any other.

They hold together as the inputs and outputs of one event do, and no order of time holds between them. The links of a
process go through one step, under two of its events, so that its size is what counts and not its square; what is made
by several events is in the lot elsewhere possibly, as always. An event's own step stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zlib import crc32

from fieldline_schemas.record import MADE, SHAPE_MASK, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.derived import Derived
from fieldline_trace.follow.items import LOTS
from fieldline_trace.follow.standing import State
from fieldline_trace.follow.variants import Holding, StepRow
from fieldline_trace.lineage.parts import SLOTS
from fieldline_trace.lineage.terms import CONFLICTING, WITHDRAWN

_FIRST: Final = LOTS + 1
_EVER: Final = (NEVER, FOREVER, NEVER, FOREVER)
Made = Callable[[int], Iterable[tuple[StepRow, int]]]
"""The steps of an event, what units held in place of them, each with its basis."""


class Processes:
    """All processes, and what of them is derived."""

    def __init__(self, state: Callable[[int], State]) -> None:
        """``state``: how an event stands."""
        self._state = state
        self._said: dict[int, dict[int, str]] = {}
        """First event of an identity -> its variants -> process that each says it is a part of; empty: of none."""
        self._parts: dict[str, set[int]] = defaultdict(set)
        """Process -> first events of the identities that are parts of it."""
        self._laid: dict[str, set[int]] = {}
        """Process -> events that its steps are derived of."""
        self._changed: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._said)

    def note(self, first: int, number: int, process: str) -> None:
        """An event is a part of a process. ``first``: the first event under the same identity."""
        self._said.setdefault(first, {})[number] = process
        self._parts[process].add(first)
        self._changed.add(process)

    def knows(self, first: int) -> bool:
        """Whether an identity is a part of any, by its first event."""
        return first in self._said

    def restated(self, events: Iterable[int]) -> None:
        """What stands of these events, each the first of its identity, is otherwise now."""
        for event in events:
            self._changed.update(self._said.get(event, {}).values())

    def settle(self, derived: Derived, made: Made, variants: Callable[[int], Iterable[int]]) -> None:
        """Put what processes link into ``derived``. ``variants``: all events under an event's identity."""
        for process in sorted(self._changed):
            steps = self._steps(process, made, variants)
            slot = _FIRST + crc32(process.encode()) % (SLOTS - _FIRST)
            for event in self._laid.pop(process, set()) - steps.keys():
                derived.put(event, slot, (), lowered=False)
            for event, laid in steps.items():
                derived.put(event, slot, laid, lowered=False)
            if steps:
                self._laid[process] = set(steps)
        self._changed.clear()

    def _steps(
        self, process: str, made: Made, variants: Callable[[int], Iterable[int]]
    ) -> dict[int, list[tuple[StepRow, int]]]:
        ins: dict[int, dict[Holding, int]] = {}
        outs: dict[int, dict[Holding, int]] = {}
        for first in sorted(self._parts[process]):
            standing = [one for one in variants(first) if self._state(one) is not State.WITHDRAWN]
            said = self._said[first]
            if not any(said.get(one) == process for one in standing):
                continue
            least = 0 if all(said.get(one) == process for one in standing) else CONFLICTING
            for ends, which in ((ins, 0), (outs, 1)):
                found = ends[first] = {}
                for step, basis in made(first):
                    if step.shape & SHAPE_MASK == MADE:
                        for end in (step.ins, step.outs)[which]:
                            found[end] = min(max(basis, least), found.get(end, WITHDRAWN))
        events = [first for first in ins if ins[first] or outs[first]]
        if len(events) < 2:
            return {}
        one, other = events[:2]
        return {
            one: list(_through(ins.values(), [outs[first] for first in events if first != one])),
            other: list(_through(ins.values(), [outs[one]])),
        }


def _through(ins: Iterable[dict[Holding, int]], outs: Iterable[dict[Holding, int]]) -> Iterator[tuple[StepRow, int]]:
    """One step for each basis: of all that is there on it or firmer."""
    drawn, filled = _firmest(ins), _firmest(outs)
    before: StepRow | None = None
    for basis in sorted({*drawn.values(), *filled.values()}):
        some = tuple(sorted(one for one, own in drawn.items() if own <= basis))
        others = tuple(sorted(one for one, own in filled.items() if own <= basis))
        step = StepRow(MADE | TIMELESS, some, others, _EVER)
        if some and others and step != before:
            yield step, basis
            before = step


def _firmest(several: Iterable[dict[Holding, int]]) -> dict[Holding, int]:
    found: dict[Holding, int] = {}
    for ends in several:
        for end, basis in ends.items():
            found[end] = min(basis, found.get(end, basis))
    return found
