"""How much weight can be reached: sets of weighed things as bits, handed backward through a condensed graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fieldline_trace.formats.fcl.condensed import Condensed

AT_ONCE = 4096
"""Weighed things in one pass: so many bits each component carries."""
ROWS = 4096
"""Sets that are summed up at once."""


def weigh(
    condensed: Condensed,
    bearing: Mapping[int, Sequence[int]],
    weights: Sequence[float],
    asked: Sequence[tuple[Sequence[int], Sequence[int]]],
) -> list[float]:
    """For each of ``asked``, (nodes, things): the weight of those things, and of all that any node beyond the nodes
    bears; each thing once.

    ``bearing``: the things that a node bears when it is reached.
    """
    sums = np.zeros(len(asked))
    for first in range(0, len(weights), AT_ONCE):
        some = weights[first : first + AT_ONCE]
        reached = _reached(condensed, bearing, first, first + len(some))
        sets = [_set_of(condensed, reached, nodes, things, first, first + len(some)) for nodes, things in asked]
        sums += _summed(sets, some)
    return [float(total) for total in sums]


def _reached(condensed: Condensed, bearing: Mapping[int, Sequence[int]], first: int, end: int) -> list[int]:
    """Of each component the things from ``first`` to before ``end`` that its nodes and all beyond bear, as bits."""
    reached: list[int] = []
    after, component = condensed.after, condensed.component
    for members in condensed.members:
        bits = 0
        for member in members:
            for thing in bearing.get(member, ()):
                if first <= thing < end:
                    bits |= 1 << (thing - first)
            for beyond in after[member]:
                other = component[beyond]
                if other < len(reached):
                    bits |= reached[other]
        reached.append(bits)
    return reached


def _set_of(
    condensed: Condensed, reached: Sequence[int], nodes: Sequence[int], things: Sequence[int], first: int, end: int
) -> int:
    bits = 0
    for thing in things:
        if first <= thing < end:
            bits |= 1 << (thing - first)
    for node in nodes:
        own = condensed.component[node]
        if condensed.circular[own]:
            bits |= reached[own]
        else:
            for beyond in condensed.after[node]:
                bits |= reached[condensed.component[beyond]]
    return bits


def _summed(sets: Sequence[int], weights: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The weight of each set; sets that are equal are summed once."""
    numbers: dict[int, int] = {}
    which = np.fromiter((numbers.setdefault(bits, len(numbers)) for bits in sets), np.int64, len(sets))
    width = (len(weights) + 7) // 8
    vector = np.array(weights, np.float64)
    totals = np.empty(len(numbers))
    different = list(numbers)
    for begin in range(0, len(different), ROWS):
        some = different[begin : begin + ROWS]
        packed = np.frombuffer(b"".join(bits.to_bytes(width, "little") for bits in some), np.uint8)
        bits = np.unpackbits(packed.reshape(len(some), width), axis=1, count=len(weights), bitorder="little")
        totals[begin : begin + len(some)] = bits @ vector
    summed: np.ndarray[tuple[int], np.dtype[np.float64]] = totals[which]
    return summed
