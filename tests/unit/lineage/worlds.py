"""Small worlds in the words of ``lineage-cases``, as steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from fieldline_schemas.record import DRAWN, MADE, MOVED, RECEIVED
from fieldline_schemas.times import FOREVER, NEVER, Interval, interval_of
from fieldline_trace.lineage import LineageIndex, Seed, StepColumns, Touched, Trace
from fieldline_trace.lineage.plain import Answer, Holding, Member, PlainLineage, Step, is_general, is_pool, product_of

Row = Mapping[str, Any]


def step_of(row: Row, number: int) -> Step:
    """The step that a row of a case says, as event ``number``; a time that a move leaves open is known by its other
    end.
    """
    if row["what"] == "moved":
        departed, arrived = interval_of(row["departed"], "UTC"), interval_of(row["arrived"], "UTC")
        if row["departed"] is None:
            departed = Interval(NEVER, arrived.hi)
        if row["arrived"] is None:
            arrived = Interval(departed.lo, FOREVER)
        source, target = Holding(row["batch"], row["from"]), Holding(row["batch"], row["to"])
        return Step(number, MOVED, (source,), (target,), departed, arrived)
    at, here = interval_of(row["at"], "UTC"), Holding(row["batch"], row["site"])
    if row["what"] == "made":
        ins = tuple(Holding(batch, row["site"]) for batch in row.get("from", ()))
        return Step(number, MADE, ins, (here,), at, at)
    if row["what"] == "received":
        return Step(number, RECEIVED, (), (here,), at, at)
    assert row["what"] == "sampled"
    return Step(number, DRAWN, (here,), (), at, at)


def steps_of(rows: Iterable[Row]) -> tuple[list[Step], list[list[str]]]:
    """Steps and same-batch groups of a case."""
    rows = list(rows)
    steps = [step_of(row, n) for n, row in enumerate(rows, 1) if row["what"] != "same_batch"]
    return steps, [row["batches"] for row in rows if row["what"] == "same_batch"]


def seed_of(text: str) -> str | Holding:
    """``batch`` or ``batch @ site``."""
    batch, at, site = text.partition(" @ ")
    return Holding(batch, site) if at else batch


def plain_of(rows: Iterable[Row]) -> PlainLineage:
    """The plain model of a case."""
    return PlainLineage(*steps_of(rows))


class Indexed:
    """An index of steps in words, answering as the plain model does."""

    def __init__(self) -> None:
        self.index = LineageIndex()
        self._batches: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self._sites: dict[str, int] = {}

    def batch(self, key: str) -> int:
        """The batch's number; the index knows it."""
        if key not in self._batches:
            self._batches[key] = len(self._batches)
            product = self._products.setdefault(product_of(key), len(self._products))
            self.index.know(self._batches[key], product, is_pool(key), is_general(key))
        return self._batches[key]

    @property
    def count(self) -> int:
        """How many batches were named."""
        return len(self._batches)

    def site(self, key: str) -> int:
        """The site's number."""
        return self._sites.setdefault(key, len(self._sites))

    def columns(self, steps: Sequence[Step]) -> StepColumns:
        """Steps in columns."""
        ins = [h for step in steps for h in step.ins]
        outs = [h for step in steps for h in step.outs]
        return StepColumns(
            np.array([step.event for step in steps], np.int64),
            np.array([step.shape for step in steps], np.uint8),
            np.array([(*step.drawn, *step.filled) for step in steps], np.int64).reshape(-1, 4),
            np.cumsum([0, *(len(step.ins) for step in steps)]),
            np.array([self.batch(h.batch) for h in ins], np.int64),
            np.array([self.site(h.site) for h in ins], np.int64),
            np.cumsum([0, *(len(step.outs) for step in steps)]),
            np.array([self.batch(h.batch) for h in outs], np.int64),
            np.array([self.site(h.site) for h in outs], np.int64),
        )

    def apply(self, steps: Sequence[Step]) -> Touched:
        """Take steps in, each with its basis."""
        return self.index.apply(self.columns(steps), np.array([step.basis for step in steps], np.uint8))

    def join(self, group: Sequence[str], claim: int) -> Touched:
        """Say that keys are one batch."""
        return self.index.join([self.batch(key) for key in group], claim, [key.encode() for key in group])

    def holding(self, number: int) -> Holding:
        """A holding in words."""
        batch, site = self.index.holding(number)
        return Holding(list(self._batches)[batch], list(self._sites)[site])

    def answer(self, trace: Trace) -> Answer:
        """A trace in words."""
        members = {
            self.holding(int(h)): Member(int(c), int(b), int(n), Interval(int(lo), int(hi)))
            for h, c, b, n, lo, hi in zip(
                trace.holding,
                trace.certainty,
                trace.basis,
                trace.hops,
                trace.exposed_lo,
                trace.exposed_hi,
                strict=True,
            )
        }
        return Answer(members, {self.holding(int(h)) for h in trace.excluded})

    def seed(self, seed: str | Holding) -> Seed:
        """A seed in numbers."""
        if isinstance(seed, Holding):
            return Seed(self.batch(seed.batch), self.site(seed.site))
        return Seed(self.batch(seed))

    def forward(self, seeds: Iterable[str | Holding], **how: Any) -> Answer:
        """As the plain model's."""
        return self.answer(self.index.forward(list(map(self.seed, seeds)), **how))

    def backward(self, seeds: Iterable[str | Holding], **how: Any) -> Answer:
        """As the plain model's."""
        return self.answer(self.index.backward(list(map(self.seed, seeds)), **how))


def indexed(steps: Sequence[Step], same: Iterable[Sequence[str]] = (), *, at_once: int | None = None) -> Indexed:
    """An index of a world, so many steps at a time."""
    world = Indexed()
    for start in range(0, len(steps), at_once or max(1, len(steps))):
        world.apply(steps[start : start + (at_once or len(steps))])
    for claim, group in enumerate(same, 1_000_000):
        world.join(group, claim)
    return world
