"""What steps put in and made, as records say it, and at which holdings the lineage is incomplete by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import HISTORICAL, MADE, SHAPE_MASK, Columns, Record
from fieldline_schemas.registry import kind_of

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.facts import Doubt
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import State
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.reference.yields import Yields
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.rules.mass_balance import NAME, Part, mass_balance

Subject = int | str
"""Identity of an event, or a process."""


class _Weighed(NamedTuple):
    dimension: str
    """Empty: not all is said."""
    put_in: Decimal
    made: Decimal
    outs: tuple[tuple[int, int], ...]
    """(batch, site)."""
    process: str


class Balances:
    """Weighed events by number, and what stands of them by subject."""

    def __init__(self, index: LineageIndex, rows: EventRows, bases: Bases, yields: Yields) -> None:
        self._index, self._rows, self._bases, self._yields = index, rows, bases, yields
        self._weighed: dict[int, _Weighed] = {}
        self._parts: dict[str, set[int]] = {}
        """Process -> identities of the events of which any variant says that it is a part."""
        self._subjects: dict[int, set[Subject]] = {}
        """Identity -> what is judged by it."""
        self._marks: dict[Subject, dict[tuple[int, int], int]] = {}
        """What stands -> (batch, site) -> number of an event that shows it."""

    def add(self, record: Record, columns: Columns, block: int) -> Iterator[Doubt]:
        """What one entry says. A record of a release that weighed nothing says nothing."""
        processes = dict(record.processes)
        said = {index: told for index, *told in record.weighed or ()}
        for index in sorted(said.keys() | processes.keys()):
            dimension, put_in, made = said.get(index, ("", "", ""))
            number, process = block << 16 | index, processes.get(index, "")
            identity = self._rows.identity(number)
            subject: Subject = process or identity
            self._weighed[number] = _Weighed(
                dimension, Decimal(put_in or 0), Decimal(made or 0), _outs(columns, index), process
            )
            if process:
                self._parts.setdefault(process, set()).add(identity)
            self._subjects.setdefault(identity, set()).add(subject)
            yield NAME, subject

    def restated(self, events: Iterable[int]) -> Iterator[Doubt]:
        """Events stand otherwise now."""
        if self._subjects:
            touched = {self._rows.identity(number) for number in events if self._rows.knows(number)}
            for identity in sorted(touched & self._subjects.keys()):
                yield from ((NAME, subject) for subject in sorted(self._subjects[identity], key=str))

    def findings(self, subject: Subject, names: Names) -> Iterator[Finding]:
        """What the rule finds about an event or a process; it marks what was made there."""
        parts = self._of_process(subject, names) if isinstance(subject, str) else self._of_event(subject, names)
        self._marks.pop(subject, None)
        anchor = subject if isinstance(subject, str) else f"{subject:016x}"
        for finding in mass_balance(anchor, parts, self._yields):
            shown = min(parts, key=lambda part: part.identity).number
            numbers = [part.number for part in parts]
            self._marks[subject] = {out: shown for number in numbers for out in self._weighed[number].outs}
            yield finding

    def incomplete(self) -> dict[tuple[int, int], list[int]]:
        """(batch as it counts, site) -> numbers of the events that made more there than was put in."""
        found: dict[tuple[int, int], list[int]] = {}
        for _, marks in sorted(self._marks.items(), key=lambda item: str(item[0])):
            for (batch, site), number in marks.items():
                found.setdefault((self._index.canonical(batch), site), []).append(number)
        return found

    def _of_event(self, identity: int, names: Names) -> list[Part]:
        """All that stands of it; nothing where a variant says nothing odd, or is a part of something greater."""
        standing = self._standing(identity)
        said = [self._weighed.get(number) for number in standing]
        if any(one is None or one.process or not one.dimension for one in said):
            return []
        return [self._part(number, names) for number in standing]

    def _of_process(self, process: str, names: Names) -> list[Part]:
        """All that stands of its events; nothing where an amount is not said, or a variant is a part of another."""
        found = []
        for identity in sorted(self._parts.get(process, ())):
            for number in self._standing(identity):
                said = self._weighed.get(number)
                if said is None or said.process != process or not said.dimension:
                    return []
                found.append(self._part(number, names))
        return found

    def _standing(self, identity: int) -> list[int]:
        return [one for one in self._rows.find(identity) if self._bases.state(one) is not State.WITHDRAWN]

    def _part(self, number: int, names: Names) -> Part:
        said = self._weighed[number]
        return Part(
            self._rows.identity(number),
            number,
            self._bases.state(number) is State.RECORDED,
            bool(self._rows.flags(number) & HISTORICAL),
            kind_of(self._rows.kind(number)),
            said.dimension,
            said.put_in,
            said.made,
            tuple(sorted({names.batch_key(batch) for batch, _ in said.outs})),
            names.site_key(self._rows.site(number)),
        )


def _outs(columns: Columns, index: int) -> tuple[tuple[int, int], ...]:
    """What the step of an event made."""
    found: list[tuple[int, int]] = []
    for step in np.flatnonzero(columns.step_event == index).tolist():
        if int(columns.step_shape[step]) & SHAPE_MASK == MADE:
            outs = slice(int(columns.out_start[step]), int(columns.out_start[step + 1]))
            found += zip(columns.out_batch[outs].tolist(), columns.out_site[outs].tolist(), strict=True)
    return tuple(found)
