"""Contact chains: which sites reached a site, or were reached from it, by moves in a window of time. Pure.

As veterinary contact tracing defines them (Nöremark and Widgren, EpiContactTrace, 2014): a chain is a row of moves from
site to site, each at or after the one before, all within the window; the chain of a root is every other site on any
such row that ends (ingoing) or begins (outgoing) there. Moves of one day follow each other in any order. What moved
does not matter: who stood together was in contact. Where a time is an interval, a row counts where times within the
intervals exist for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Direction = Literal["ingoing", "outgoing"]


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves between sites. All arrays have shape (n,); times are microseconds since 1970 UTC."""

    source: NDArray[np.int64]
    destination: NDArray[np.int64]
    left_lo: NDArray[np.int64]
    left_hi: NDArray[np.int64]
    came_lo: NDArray[np.int64]
    came_hi: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.source)

    def within(self, since: int, until: int) -> Moves:
        """Those from one site to another that may have begun at or after ``since`` and ended at or before ``until``."""
        kept = (self.left_hi >= since) & (self.came_lo <= until) & (self.source != self.destination)
        return self.select(kept)

    def select(self, where: NDArray[np.bool_]) -> Moves:
        """Those that the mask names."""
        return Moves(*(getattr(self, name)[where] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Contact:
    """A site of a chain: how many moves away at least, and by when: the earliest that an outgoing chain reached it, the
    latest that an ingoing one left it (microseconds)."""

    site: int
    distance: int
    time: int


def contact_chain(moves: Moves, root: int, since: int, until: int, direction: Direction) -> list[Contact]:
    """The chain of ``root``, nearest first, then by site. ``since`` and ``until`` are microseconds, both within."""
    within = moves.within(since, until)
    if direction == "outgoing":
        near, far = within.source, within.destination
        usable, at = within.left_hi, np.maximum(within.left_lo, within.came_lo)
        start, sign = since, 1
    else:
        near, far = within.destination, within.source
        usable, at = -within.came_lo, -np.minimum(within.came_hi, within.left_hi)
        start, sign = -until, -1
    order = np.argsort(near, kind="stable")
    near, far, usable, at = near[order], far[order], usable[order], at[order]
    labels = {root: start}
    found: dict[int, int] = {}
    layer, distance = [root], 0
    while layer:
        distance += 1
        improved: dict[int, int] = {}
        for site in layer:
            first, last = np.searchsorted(near, [site, site + 1])
            label = labels[site]
            for move in (first + np.flatnonzero(usable[first:last] >= label)).tolist():
                other, reached = int(far[move]), max(label, int(at[move]))
                if reached < improved.get(other, labels.get(other, reached + 1)):
                    improved[other] = reached
        labels |= improved
        for site in improved:
            found.setdefault(site, distance)
        layer = sorted(improved)
    found.pop(root, None)
    chain = [Contact(site, steps, sign * labels[site]) for site, steps in found.items()]
    return sorted(chain, key=lambda contact: (contact.distance, contact.site))


def degree(moves: Moves, root: int, since: int, until: int, direction: Direction) -> int:
    """How many other sites ``root`` had a move from (ingoing) or to (outgoing) in the window."""
    within = moves.within(since, until)
    if direction == "outgoing":
        return len(np.unique(within.destination[within.source == root]))
    return len(np.unique(within.source[within.destination == root]))
