"""Intervals of time: as one, and asked what lies between two moments. Most are moments themselves, and those are
sorted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Generic, TypeVar

from fieldline_schemas.times import FOREVER, NEVER, Interval

NONE: Final = FOREVER + 1
"""Later than any time."""
_Key = TypeVar("_Key", int, tuple[int, int])


def middle(at: Interval) -> int:
    """A time as one number; 0 where it is open to a side."""
    return 0 if at.lo <= NEVER or at.hi >= FOREVER else (at.lo + at.hi) // 2


def first_known(times: Iterable[Interval]) -> int:
    """The first of these that is closed, as one number; 0 where none is."""
    return next((at for at in map(middle, times) if at), 0)


def hull(times: Sequence[Interval]) -> Interval | None:
    """From the earliest to the latest of these; None where there is none."""
    return Interval(min(at.lo for at in times), max(at.hi for at in times)) if times else None


class Spans:
    """Some intervals, each as often as it was added."""

    __slots__ = ("_points", "_wide")

    def __init__(self) -> None:
        self._points: list[int] = []
        self._wide: list[tuple[int, int]] = []

    def add(self, lo: int, hi: int) -> None:
        """One more."""
        if lo == hi:
            insort(self._points, lo)
        else:
            self._wide.append((lo, hi))

    def remove(self, lo: int, hi: int) -> None:
        """One of those added less."""
        if lo == hi:
            del self._points[bisect_left(self._points, lo)]
        else:
            self._wide.remove((lo, hi))

    def surely_between(self, after: int, before: int) -> bool:
        """Whether one lies wholly within, the bounds not counted."""
        at = bisect_right(self._points, after)
        if at < len(self._points) and self._points[at] < before:
            return True
        return any(after < lo and hi < before for lo, hi in self._wide)

    def possibly_between(self, after: int, before: int) -> bool:
        """Whether one lies partly within, the bounds not counted."""
        at = bisect_right(self._points, after)
        if at < len(self._points) and self._points[at] < before:
            return True
        return any(after < hi and lo < before for lo, hi in self._wide)

    def ends(self, by: int) -> list[int]:
        """When the last moment that began by then was, and all intervals that did end."""
        at = bisect_right(self._points, by)
        return [*self._points[max(at - 1, 0) : at], *(hi for lo, hi in self._wide if lo <= by and hi < FOREVER)]

    def first_after(self, after: int) -> int:
        """When one that begins after this moment is surely over; ``NONE`` where none is."""
        at = bisect_right(self._points, after)
        first = self._points[at] if at < len(self._points) else NONE
        return min((hi for lo, hi in self._wide if after < lo), default=first) if self._wide else first


class Moments(Generic[_Key]):
    """Keys, each with its interval, found by what their intervals meet."""

    __slots__ = ("_points", "_wide")

    def __init__(self) -> None:
        self._points: list[tuple[int, _Key]] = []
        self._wide: dict[_Key, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._points or self._wide)

    def add(self, key: _Key, lo: int, hi: int) -> None:
        """One more; each key is added once."""
        if lo == hi:
            insort(self._points, (lo, key))
        else:
            self._wide[key] = (lo, hi)

    def remove(self, key: _Key, lo: int, hi: int) -> None:
        """Take out one that was added with this interval."""
        if lo == hi:
            del self._points[bisect_left(self._points, (lo, key))]
        else:
            del self._wide[key]

    def meeting(self, lo: int, hi: int) -> Iterator[_Key]:
        """The keys whose interval meets this one, its bounds counted."""
        points = self._points
        at = bisect_left(points, lo, key=_moment)
        while at < len(points) and points[at][0] <= hi:
            yield points[at][1]
            at += 1
        yield from [key for key, (begin, end) in self._wide.items() if begin <= hi and lo <= end]


def _moment(point: tuple[int, object]) -> int:
    return point[0]
