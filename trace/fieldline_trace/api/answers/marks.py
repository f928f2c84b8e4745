"""The settings of an analysis as they stand: what investigators marked, the latest word on each thing last."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.tracing_marked import Mark, TracingMarked
from fieldline_schemas.sites import canonical_site

FIELDS = ("weight", "cross_contamination", "kill_step", "observed")
STATIONS = "x-fcl"
"""The extension that an import names stations by of which nothing else is said: ``{"stations": {site: id}}``."""


@dataclass(slots=True)
class Marks:
    """By site and by batch, each with what was said of it by the names of ``FIELDS``."""

    sites: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    temporal_order: bool = True
    stations: dict[str, str] = field(default_factory=dict)
    """Ids of FoodChain-Lab by site, of stations that no delivery names."""


def standing_marks(events: Iterable[TracingMarked]) -> Marks:
    """What stands after ``events``, in the order in which they became known."""
    marks = Marks()
    for event in events:
        if event.whole:
            marks = Marks(stations=marks.stations)
        for mark in event.marks:
            _take(marks, mark)
        if event.temporal_order is not None:
            marks.temporal_order = event.temporal_order
        extra = (event.model_extra or {}).get(STATIONS)
        stations = extra.get("stations") if isinstance(extra, dict) else None
        for site, name in stations.items() if isinstance(stations, dict) else ():
            with suppress(Fault):
                marks.stations[canonical_site(site)] = str(name)
    return marks


def _take(marks: Marks, mark: Mark) -> None:
    place = marks.batches if mark.batch is not None else marks.sites
    said = place.setdefault(str(mark.batch if mark.batch is not None else mark.site), {})
    for name in FIELDS:
        value = getattr(mark, name)
        if value is not None:
            said[name] = float(value) if name == "weight" else value
