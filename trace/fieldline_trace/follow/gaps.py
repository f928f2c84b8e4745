"""Where the records do not join, as followers keep it: gaps of holdings, impossible order, what is overdue on its
way."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Final

import numpy as np
from fieldline_schemas.record import DISAGGREGATED, HISTORICAL, MOVED, SHAPE_MASK, Columns
from fieldline_schemas.registry import code_of
from numpy.typing import NDArray

from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.transit import Transit
from fieldline_trace.lineage import Gap as LineageGap
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.lineage.overtaken import Overtaken, Overtaking
from fieldline_trace.reference import Absence
from fieldline_trace.risk.rules.chain_gap import (
    NEVER_PACKED,
    NO_ARRIVAL,
    ORDER,
    ORIGIN,
    SHIPPED_ON,
    UNEXPLAINED,
    Gap,
)

Subject = tuple[str, int]
"""("holding", number), ("order", event), ("overtaken", holding), ("transit", event) or ("unpacked", event): what a
CHAIN_GAP is about."""
HOLDING: Final = "holding"
IN_ORDER: Final = "order"
OVERTAKEN: Final = "overtaken"
IN_TRANSIT: Final = "transit"
UNPACKED: Final = "unpacked"


class Gaps:
    """All open gaps, and when each is news."""

    def __init__(
        self,
        index: LineageIndex,
        rows: EventRows,
        absence: Absence,
        gone: Set[int],
        never_packed: Mapping[int, Set[tuple[int, int, int]]],
    ) -> None:
        """``gone``: the withdrawn events; ``never_packed``: event -> (unit, child, site) that it takes out and that was
        never put in. Both are kept up to date by others."""
        self._never_packed = never_packed
        self._index, self._rows, self._absence, self._gone = index, rows, absence, gone
        self._transit = Transit(code_of("shipped"), code_of("received"), absence.arrival, absence.round_to)
        self._holdings: dict[int, LineageGap] = {}
        self._overtaking = Overtaking(index)
        self._overtaken: dict[int, list[Overtaken]] = {}
        """Output -> inputs that came after it had left."""
        self._overtook: dict[int, set[int]] = {}
        """Input -> those outputs."""
        self._since: list[tuple[int, int]] = []
        """Heap of (deadline, holding)."""
        self._unpacked_since: list[tuple[int, int]] = []
        """Heap of (deadline, event)."""
        self._order: dict[int, set[tuple[int, int, int]]] = {}
        self.now = 0
        """Latest tick, microseconds."""

    def add(self, columns: Columns, numbers: NDArray[np.int64], received_at: int) -> set[Subject]:
        """The steps of one entry; ``numbers``: event number of each step. The subjects to judge."""
        if not len(numbers):
            return set()
        history = (columns.flags & HISTORICAL)[columns.step_event] != 0
        self._transit.add(columns, numbers, history, received_at)
        backwards = ((columns.step_shape & SHAPE_MASK) == MOVED) & (columns.times[:, 3] < columns.times[:, 0])
        for step in np.flatnonzero(backwards).tolist():
            ins, outs = int(columns.in_start[step]), int(columns.out_start[step])
            for i in range(int(columns.in_start[step + 1]) - ins):
                leg = int(columns.in_batch[ins + i]), int(columns.in_site[ins + i]), int(columns.out_site[outs + i])
                self._order.setdefault(int(numbers[step]), set()).add(leg)
        subjects: set[Subject] = {(IN_ORDER, number) for number in np.unique(numbers[backwards]).tolist()}
        late = self._transit.late_batches()
        if late:
            came = late.intersection(columns.out_batch.tolist())
            if (columns.step_shape & SHAPE_MASK == DISAGGREGATED).any():
                came |= late.intersection(columns.in_batch.tolist())
            subjects |= self._again(came)
        return subjects

    def changed(self, holdings: NDArray[np.int64]) -> set[Subject]:
        """Links or derived state of ``holdings`` changed; the subjects to judge."""
        now = {gap.holding: gap for gap in self._index.gaps(holdings)}
        subjects: set[Subject] = set()
        known = self._holdings
        if known:
            for holding in holdings.tolist() if len(holdings) < len(known) else known.keys() & set(holdings.tolist()):
                if holding in known and holding not in now:
                    del known[holding]
                    subjects.add((HOLDING, holding))
        for holding, gap in now.items():
            before = known.get(holding)
            if before == gap:
                continue
            known[holding] = gap
            deadline = self._deadline({*gap.unexplained, *gap.origin})
            if deadline > self.now:
                heapq.heappush(self._since, (deadline, holding))
            if deadline <= self.now or before is not None:
                subjects.add((HOLDING, holding))
        return subjects | self._changed_order(holdings)

    def _changed_order(self, holdings: NDArray[np.int64]) -> set[Subject]:
        """Outputs that left before an input came, or no longer did."""
        outputs = self._overtaking.outputs(holdings)
        if self._overtaken:
            outputs.update(holding for holding in holdings.tolist() if holding in self._overtaken)
            outputs.update(*(self._overtook[one] for one in holdings.tolist() if one in self._overtook))
        subjects: set[Subject] = set()
        for output in outputs:
            before, now = self._overtaken.get(output, []), self._overtaking.inputs(output)
            if before == now:
                continue
            subjects.add((OVERTAKEN, output))
            for one in before:
                self._overtook.get(one.input, set()).discard(output)
            for one in now:
                self._overtook.setdefault(one.input, set()).add(output)
            if now:
                self._overtaken[output] = now
            else:
                del self._overtaken[output]
        return subjects

    def restated(self, events: Set[int]) -> set[Subject]:
        """How ``events`` stand changed; the subjects to judge."""
        subjects: set[Subject] = {(IN_ORDER, number) for number in events if number in self._order}
        return subjects | self._again(self._transit.moved_by(events))

    def taken_out(self, events: Set[int]) -> set[Subject]:
        """What ``events`` take out of units was never put in, or no longer so; the subjects to judge."""
        for event in events:
            if event in self._never_packed:
                heapq.heappush(self._unpacked_since, (self._deadline([event]), event))
        return {(UNPACKED, event) for event in events}

    def regrouped(self) -> set[Subject]:
        """Keys became one batch, or were parted; the subjects to judge."""
        return {(UNPACKED, event) for event in self._never_packed}

    def tick(self, now: int) -> set[Subject]:
        """Time has passed; the subjects to judge."""
        if now <= self.now:
            return set()
        self.now = now
        subjects: set[Subject] = {(IN_TRANSIT, event) for event in self._transit.pass_time(now, self._gone)}
        while self._since and self._since[0][0] <= now:
            subjects.add((HOLDING, heapq.heappop(self._since)[1]))
        while self._unpacked_since and self._unpacked_since[0][0] <= now:
            subjects.add((UNPACKED, heapq.heappop(self._unpacked_since)[1]))
        return subjects

    def next_deadline(self) -> int | None:
        """The earliest deadline ahead, microseconds; None where nothing is awaited."""
        while self._since and (self._since[0][1] not in self._holdings or self._since[0][0] <= self.now):
            heapq.heappop(self._since)
        unpacked = self._unpacked_since
        while unpacked and (unpacked[0][1] not in self._never_packed or unpacked[0][0] <= self.now):
            heapq.heappop(unpacked)
        first = (heap[0][0] if heap else None for heap in (self._since, unpacked))
        ahead = [one for one in (self._transit.next_deadline(), *first) if one]
        return min(ahead, default=None)

    def facts(self, subject: Subject, batch: Callable[[int], str], site: Callable[[int], str]) -> list[Gap]:
        """What is open about a subject. ``batch``, ``site``: keys of numbers."""
        what, number = subject
        if what == HOLDING:
            gap = self._holdings.get(number)
            if gap is None:
                return []
            of, at = self._index.holding(number)
            shown = ((UNEXPLAINED, set(gap.unexplained) - set(gap.origin)), (ORIGIN, set(gap.origin)))
            return [self._gap(why, batch(of), site(at), "", sorted(by)) for why, by in shown if by]
        if what == OVERTAKEN:
            return self._overtaken_gaps(number, batch, site)
        if number in self._gone:
            return []
        if what == UNPACKED:
            counted = self._index.canonical
            missing = self._never_packed.get(number, ())
            taken = {(batch(counted(child)), site(at), batch(unit)) for unit, child, at in missing}
            return [self._gap(NEVER_PACKED, child, at, unit, [number]) for child, at, unit in sorted(taken)]
        if what == IN_ORDER:
            legs = sorted(self._order.get(number, ()))
            return [self._gap(ORDER, batch(b), site(s), site(to), [number]) for b, s, to in legs]
        overdue = sorted(self._transit.overdue.get(number, {}).values())
        return [
            self._gap(NO_ARRIVAL, batch(one.batch), site(one.site), site(one.to_site), [number], one.deadline)
            for one in overdue
        ]

    def _overtaken_gaps(self, output: int, batch: Callable[[int], str], site: Callable[[int], str]) -> list[Gap]:
        """One gap for each input that came too late."""
        events: dict[int, list[int]] = {}
        for one in self._overtaken.get(output, ()):
            events.setdefault(one.input, []).append(one.event)
        of, at = self._index.holding(output)
        return [
            self._gap(SHIPPED_ON, batch(self._index.holding(one)[0]), site(at), batch(of), by, 0)
            for one, by in sorted(events.items())
        ]

    def _again(self, batches: Set[int]) -> set[Subject]:
        return {(IN_TRANSIT, event) for event in self._transit.again(batches, self._gone)} if batches else set()

    def _deadline(self, events: Iterable[int]) -> int:
        """When a gap that ``events`` show is news; at once where imported history is among them."""
        grace, round_to = self._absence.origin, self._absence.round_to
        due = [0 if self._historical(one) else self._rows.received_at(one) + grace for one in events]
        return -(-min(due, default=0) // round_to) * round_to

    def _historical(self, event: int) -> bool:
        return bool(self._rows.flags(event) & HISTORICAL)

    def _gap(self, why: str, batch: str, site: str, to: str, events: list[int], deadline: int | None = None) -> Gap:
        cited = tuple((self._rows.identity(event), event) for event in events)
        historical = all(self._historical(event) for event in events)
        return Gap(why, batch, site, to, cited, historical, self._deadline(events) if deadline is None else deadline)
