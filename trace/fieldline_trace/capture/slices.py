"""Reading what many handed in: in slices, so that others have their turn, and of each slice what came one way
together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from hashlib import sha256

from .door import Door, Handed, Through
from .personal import Persons
from .quiet import uncollected
from .reading import Read, Unread, read_all

_SLICE = 128
_SLICE_BYTES = 128 * 1024
"""What is read at one go: as many events, or the few that are as long, which takes 2 ms or so."""
_Told = tuple[list[Read], list[Unread]]


async def read_in_slices(handed: Sequence[Handed], most: int, persons: Persons | None) -> _Told:
    """What can be stored, and what cannot. Between slices other lanes hear from PostgreSQL, and whoever else shares the
    thread goes on."""
    reader = _Reader(handed, most, persons)
    start = 0
    while start < len(handed):
        end, room = start, _SLICE_BYTES
        while end < len(handed) and end < start + _SLICE and room > 0:
            room -= len(handed[end].raw)
            end += 1
        with uncollected():
            reader.read(start, end)
        start = end
        await asyncio.sleep(0)
    return reader.reads, reader.unreads


def read_at_once(handed: Sequence[Handed], most: int, persons: Persons | None) -> _Told:
    """The same in one go."""
    reader = _Reader(handed, most, persons)
    reader.read(0, len(handed))
    return reader.reads, reader.unreads


class _Reader:
    def __init__(self, handed: Sequence[Handed], most: int, persons: Persons | None) -> None:
        self._handed = handed
        self._most = most
        self._persons = persons
        self._ways: dict[tuple[Door, bool], Through] = {}
        self.reads: list[Read] = []
        self.unreads: list[Unread] = []

    def read(self, start: int, end: int) -> None:
        """The events from ``start`` to before ``end``."""
        for first, last in self._runs(start, end):
            _, door, history, fault = self._handed[first]
            through = self._ways.get((door, history))
            if through is None:
                through = self._ways[door, history] = Through(door, history)
            raws = [one.raw for one in self._handed[first:last]]
            if fault is None:
                reads, unreads = read_all(raws, through, self._most, first, persons=self._persons)
                self.reads += reads
                self.unreads += unreads
            else:
                self.unreads += [
                    Unread(index, raw, sha256(raw).digest(), fault, through) for index, raw in enumerate(raws, first)
                ]

    def _runs(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where what came one way one after the other begins and ends."""
        first = start
        _, door, history, fault = self._handed[start] if start < end else ("", None, False, None)
        for place in range(start, end):
            one = self._handed[place]
            if one.door is not door or one.history is not history or one.fault is not fault:
                yield first, place
                first = place
                _, door, history, fault = one
        if first < end:
            yield first, end
