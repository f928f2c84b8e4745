"""One unit's timeline: what was put in, what ended that, where it was. Pure; intervals are microseconds, both ends in.

An end is surely between two moments or possibly; ends at the very moment of a beginning or a draw end nothing, since
goods are packed, drawn and unpacked in that order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import NamedTuple

from fieldline_schemas.times import FOREVER, NEVER

from fieldline_trace.follow.spans import NONE, Moments, Spans
from fieldline_trace.lineage.terms import INFERRED, RECORDED

LookId = tuple[int, int]


class Add(NamedTuple):
    """A child was put in."""

    lo: int
    hi: int
    site: int
    basis: int
    event: int
    """The event that says so."""


class Place(NamedTuple):
    """Somebody named something at a site."""

    lo: int
    hi: int
    site: int
    basis: int


class Whereabouts(NamedTuple):
    """Where a unit was last, ordered by when."""

    at: int
    site: int
    """0: not known."""
    left_for: int
    """Where it was on its way to; 0: nowhere."""


class Ends:
    """What may end that something is in: all of it, and what is recorded and so may end it surely."""

    __slots__ = ("every", "firm")

    def __init__(self) -> None:
        self.every, self.firm = Spans(), Spans()

    def add(self, lo: int, hi: int, basis: int) -> None:
        """One more."""
        self.every.add(lo, hi)
        if basis == RECORDED:
            self.firm.add(lo, hi)

    def remove(self, lo: int, hi: int, basis: int) -> None:
        """One less."""
        self.every.remove(lo, hi)
        if basis == RECORDED:
            self.firm.remove(lo, hi)


class Tie:
    """One child of one unit."""

    __slots__ = ("adds", "ends", "seen", "start", "until")

    def __init__(self) -> None:
        self.adds: list[Add] = []
        self.ends = Ends()
        """Somebody took it out."""
        self.seen = Ends()
        """It was seen where the unit was not."""
        self.start = NONE
        """Before this it is surely not in."""
        self.until = NEVER - 1
        """After this it is surely not in; ``NONE`` where nothing ends it."""


class Places:
    """Where a unit was named, and when. Where it left from it was no longer, after that."""

    __slots__ = ("_firm", "_first", "_left", "_points", "_wide")

    def __init__(self) -> None:
        self._points: dict[int, list[int]] = {}
        self._wide: list[tuple[int, int, int]] = []
        self._left: dict[int, Spans] = {}
        self._firm = Spans()
        self._first: list[int] = []

    def add(self, place: Place, *, left: bool = False) -> None:
        """It was named there then. ``left``: and left."""
        lo, hi, site, basis = place
        insort(self._first, lo)
        if basis == RECORDED:
            self._firm.add(lo, hi)
        if left:
            self._left.setdefault(site, Spans()).add(lo, hi)
        elif lo == hi:
            insort(self._points.setdefault(site, []), lo)
        else:
            self._wide.append((lo, hi, site))

    def remove(self, place: Place, *, left: bool = False) -> None:
        """One of those added less."""
        lo, hi, site, basis = place
        del self._first[bisect_left(self._first, lo)]
        if basis == RECORDED:
            self._firm.remove(lo, hi)
        if left:
            self._left[site].remove(lo, hi)
        elif lo == hi:
            points = self._points[site]
            del points[bisect_left(points, lo)]
        else:
            self._wide.remove((lo, hi, site))

    def known(self, hi: int) -> bool:
        """Whether it was named anywhere by then."""
        return bool(self._first) and self._first[0] <= hi

    def last(self, hi: int) -> Whereabouts | None:
        """Where it was named last, by a time that is known; None where it was nowhere."""
        found = [
            Whereabouts(points[at - 1], site, 0)
            for site, points in self._points.items()
            if (at := bisect_right(points, hi))
        ]
        found += [Whereabouts(end, site, 0) for begin, end, site in self._wide if begin <= hi and end < FOREVER]
        found += [Whereabouts(end, site, 0) for site, left in self._left.items() for end in left.ends(hi)]
        best = max(found, default=None)
        going = [(begin, site) for begin, end, site in self._wide if end >= FOREVER and NEVER < begin <= hi]
        if going and (best is None or max(going)[0] >= best.at):
            best = Whereabouts(max(going)[0], best.site if best is not None else 0, max(going)[1])
        return best

    def may_be_at(self, place: Place) -> bool:
        """Whether it may have been there then: named there, and nowhere surely after that and before then."""
        lo, hi, site, _ = place
        points = self._points.get(site, ())
        at = bisect_right(points, hi)
        if at and not self._firm.surely_between(points[at - 1], lo):
            return True
        if site in self._left and self._left[site].possibly_between(lo - 1, hi + 1):
            return True
        return any(
            one == site and begin <= hi and not self._firm.surely_between(end, lo) for begin, end, one in self._wide
        )


@dataclass(slots=True)
class Load:
    """All that is said of one unit."""

    ties: dict[int, Tie] = field(default_factory=dict)
    ends: Ends = field(default_factory=Ends)
    """All was taken out."""
    places: Places = field(default_factory=Places)
    looks: Moments[LookId] = field(default_factory=Moments)
    """The draws that its content matters to."""
    seen: dict[int, Moments[tuple[int, int]]] = field(default_factory=dict)
    """Site -> (child, number) of each time that a child of which there is only one was seen there."""
    strays: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    """Site -> those of them that were seen where the unit was not."""
    nested: set[int] = field(default_factory=set)
    """Children that are units."""
    _order: list[tuple[int, int, int]] = field(default_factory=list)
    """(until, start, child), sorted, of all children that were ever put in."""

    def tie(self, child: int) -> Tie:
        """A child's tie, made where there is none."""
        found = self.ties.get(child)
        if found is None:
            found = self.ties[child] = Tie()
        return found

    def retime(self, child: int) -> int:
        """What is said of the child changed; until when it may be in, before or now."""
        tie = self.ties[child]
        start, until = tie.start, tie.until
        tie.start = min((add.lo for add in tie.adds), default=NONE)
        tie.until = max((self._until(tie, add) for add in tie.adds), default=NEVER - 1)
        if (start, until) != (tie.start, tie.until):
            if start != NONE:
                del self._order[bisect_left(self._order, (until, start, child))]
            if tie.adds:
                insort(self._order, (tie.until, tie.start, child))
        return max(until, tie.until)

    def _until(self, tie: Tie, add: Add) -> int:
        return min(each.firm.first_after(add.hi) for each in (self.ends, tie.ends, tie.seen))

    def held(self, child: int, lo: int, hi: int, site: int) -> int | None:
        """The basis on which a child is in, at a draw at ``site``; None where it is surely not."""
        tie = self.ties.get(child)
        if tie is None:
            return None
        best: int | None = None
        ends = (self.ends, tie.ends, tie.seen)
        for add in self.adds_in(child, lo, hi):
            sure = add.hi <= lo or add.site == site
            if sure and not any(each.every.possibly_between(add.lo, hi) for each in ends):
                best = add.basis if best is None else min(best, add.basis)
            elif best is None:
                best = INFERRED
        return best

    def adds_in(self, child: int, lo: int, hi: int) -> list[Add]:
        """By what a child may be in at a draw."""
        tie = self.ties[child]
        ends = (self.ends, tie.ends, tie.seen)
        return [
            add for add in tie.adds if add.lo <= hi and not any(each.firm.surely_between(add.hi, lo) for each in ends)
        ]

    def may_hold(self, lo: int, hi: int) -> list[int]:
        """Children that may be in at some time between these."""
        at = bisect_left(self._order, (lo,))
        return [child for _, start, child in self._order[at:] if start <= hi]

    def content(self, lo: int, hi: int, site: int) -> dict[int, int]:
        """What is directly in at a draw: child -> basis."""
        found = {}
        for child in self.may_hold(lo, hi):
            basis = self.held(child, lo, hi, site)
            if basis is not None:
                found[child] = basis
        return found

    def last_until(self, lo: int, hi: int) -> int | None:
        """When anything was last in, of what was in before ``lo``; None where nothing ever was."""
        at = bisect_left(self._order, (lo,))
        for until, start, _ in reversed(self._order[:at]):
            if start <= hi:
                return until
        return None
