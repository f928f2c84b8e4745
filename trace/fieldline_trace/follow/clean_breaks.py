"""Documented cleanings, and passed samples of a place: what bounds a window whose begin or end is not said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.follow.standing import State


class Place(NamedTuple):
    """A site, or a place within it, by number; location 0: the whole site."""

    site: int
    location: int

    def covers(self, other: Place) -> bool:
        """Whether what is done here is done there: cleaning a site cleans all of it."""
        return self.site == other.site and self.location in (0, other.location)


class _Cleaning(NamedTuple):
    place: Place
    at: Interval
    classes: frozenset[str]


@dataclass(slots=True)
class CleanBreaks:
    """All cleanings, by site. ``state``: how an event stands; ``ended``: classes of hazards that a cleaning ends that
    names none."""

    state: Callable[[int], State]
    ended: Set[str]
    _cleanings: dict[int, dict[int, _Cleaning]] = field(default_factory=lambda: defaultdict(dict))
    """Site -> event -> what it says."""
    _site_of: dict[int, int] = field(default_factory=dict)

    def add(self, event: int, place: Place, at: Interval, classes: Iterable[str]) -> None:
        """A cleaning, as an event says it."""
        self._cleanings[place.site][event] = _Cleaning(place, at, frozenset(classes))
        self._site_of[event] = place.site

    def sites_of(self, events: Iterable[int]) -> set[int]:
        """Where the cleanings among ``events`` were done."""
        return {self._site_of[event] for event in events if event in self._site_of}

    def at(self, place: Place, hazard_class: str) -> list[Interval]:
        """When standing cleanings ended such a hazard there. One that says no time ends nothing."""
        return [
            one.at
            for event, one in self._cleanings.get(place.site, {}).items()
            if one.place.covers(place)
            and hazard_class in (one.classes or self.ended)
            and self.state(event) is State.RECORDED
        ]


def bounded(since: int, until: int, near: Interval, breaks: Iterable[Interval]) -> tuple[int, int]:
    """A window's bounds: those that are said, else the nearest clean breaks.

    Args:
        near: when it was surely open: a break bounds its begin that was over by then, and its end that began after.
    """
    breaks = list(breaks)
    before, after = min(until, near.lo), max(since, near.hi)
    if since == NEVER:
        since = max((one.lo for one in breaks if one.hi <= before), default=NEVER)
    if until == FOREVER:
        until = min((one.hi for one in breaks if one.lo >= after), default=FOREVER)
    return since, until
