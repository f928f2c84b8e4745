"""Small worlds in the words of ``lineage-cases``, as steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fieldline_schemas.record import DRAWN, MADE, MOVED, RECEIVED
from fieldline_schemas.times import FOREVER, NEVER, Interval, interval_of
from fieldline_trace.lineage.plain import Holding, PlainLineage, Step

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
