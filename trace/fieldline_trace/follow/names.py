"""Numbers and keys: which batch, site or party a number in the ledger stands for, and what else of stored events is
needed.

``World`` asks for names while it applies an entry and must stay pure, so what an entry needs is fetched before.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Protocol

import numpy as np
from fieldline_schemas.canonical import digest
from fieldline_schemas.record import Record
from numpy.typing import NDArray

from fieldline_trace.lineage.parts import NOWHERE


class Names(Protocol):
    """What ``World.apply`` may ask. A key that was never interned has no number: None."""

    def batch_key(self, number: int) -> str:
        """Canonical key."""

    def batch_number(self, key: str) -> int | None:
        """Number of a canonical key."""

    def site_key(self, number: int) -> str:
        """Canonical key; empty for 0."""

    def site_number(self, key: str) -> int | None:
        """Number of a canonical key."""

    def party_key(self, number: int) -> str:
        """Canonical key; empty for 0."""

    def record(self, block: int) -> Record:
        """The record of a block that was fetched."""

    def digests(self, number: int) -> tuple[str, ...]:
        """Hexadecimal digests of a fetched event: of its canonical content, then of its bytes."""

    def amounts(self) -> Mapping[int, Sequence[Amount]]:
        """What all stored events say of amounts of the batches that ``World.amounts_wanted`` asked for."""


Amount = tuple[int, int, int, Decimal, str]
"""What one event says of an amount of a batch: event number, site number, role, amount, unit code."""


@dataclass(slots=True)
class Needs:
    """What applying one entry needs to know beforehand."""

    batches: NDArray[np.int64]
    """Numbers that occur in it, each once."""
    sites: NDArray[np.int64]
    parties: NDArray[np.int64]
    batch_keys: set[str] = field(default_factory=set)
    """Keys that its details name."""
    site_keys: set[str] = field(default_factory=set)
    events: set[int] = field(default_factory=set)
    """Numbers of the events whose record and digests are needed."""


class KeyTable:
    """Texts by dense number, packed: about their own length and 9 bytes each."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._start = array("q")
        self._length = array("i")

    def has(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mask: which of ``numbers`` are known."""
        lengths = np.array(self._length, np.int32)
        known = np.zeros(len(numbers), np.bool_)
        inside = numbers < len(lengths)
        known[inside] = lengths[numbers[inside]] > 0
        return known

    def knows(self, number: int) -> bool:
        """Whether ``number`` is known."""
        return number < len(self._length) and self._length[number] > 0

    def put(self, number: int, text: str) -> None:
        """Enter one text; one that is known stays."""
        if self.knows(number):
            return
        missing = number + 1 - len(self._length)
        if missing > 0:
            self._start.extend([0] * missing)
            self._length.extend([0] * missing)
        raw = text.encode()
        self._start[number], self._length[number] = len(self._text), len(raw)
        self._text += raw

    def __getitem__(self, number: int) -> str:
        if not self.knows(number):
            raise KeyError(number)
        start = self._start[number]
        return self._text[start : start + self._length[number]].decode()


class NameBook:
    """The names that were fetched so far; it only grows, but for what one entry alone needs."""

    def __init__(self) -> None:
        self._batches = KeyTable()
        self._batch_numbers: dict[str, int] = {}
        self._sites: dict[int, str] = {0: "", NOWHERE: ""}
        self._site_numbers: dict[str, int] = {}
        self._parties: dict[int, str] = {0: ""}
        self._records: dict[int, Record] = {}
        self._digests: dict[int, tuple[str, ...]] = {}
        self._amounts: dict[int, list[Amount]] = {}

    def batch_key(self, number: int) -> str:
        """Canonical key; ``KeyError`` where it was not fetched."""
        return self._batches[number]

    def batch_number(self, key: str) -> int | None:
        """Number of a key that a detail named; None where it was not fetched or never interned."""
        return self._batch_numbers.get(key)

    def site_key(self, number: int) -> str:
        """Canonical key; empty for 0."""
        return self._sites[number]

    def site_number(self, key: str) -> int | None:
        """Number of a canonical key."""
        return self._site_numbers.get(key)

    def party_key(self, number: int) -> str:
        """Canonical key; empty for 0."""
        return self._parties[number]

    def record(self, block: int) -> Record:
        """The record of a block that was fetched."""
        return self._records[block]

    def digests(self, number: int) -> tuple[str, ...]:
        """Digests of the canonical content and of the bytes of a fetched event."""
        return self._digests[number]

    def amounts(self) -> Mapping[int, Sequence[Amount]]:
        """By batch number, of those that were fetched."""
        return self._amounts

    def missing_batches(self, numbers: NDArray[np.int64]) -> list[int]:
        """Those of ``numbers`` whose key is not known yet."""
        return [number for number in numbers.tolist() if not self._batches.knows(number)]

    def missing_sites(self, numbers: NDArray[np.int64]) -> list[int]:
        """Those of ``numbers`` whose key is not known yet."""
        return [number for number in numbers.tolist() if number not in self._sites]

    def missing_parties(self, numbers: NDArray[np.int64]) -> list[int]:
        """Those of ``numbers`` whose key is not known yet."""
        return [number for number in numbers.tolist() if number not in self._parties]

    def put_batches(self, pairs: Iterable[tuple[int, str]], *, by_key: bool = False) -> None:
        """Enter (number, key); ``by_key``: so that they are found by key too."""
        for number, key in pairs:
            self._batches.put(number, key)
            if by_key:
                self._batch_numbers[key] = number

    def put_sites(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Enter (number, key)."""
        for number, key in pairs:
            self._sites[number] = key
            self._site_numbers[key] = number

    def put_parties(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Enter (number, key)."""
        for number, key in pairs:
            self._parties[number] = key

    def put_event(self, number: int, raw: bytes) -> None:
        """Enter the digests of one stored event."""
        self._digests[number] = (digest(raw).hex(), sha256(raw).hexdigest())

    def put_amounts(self, batch: int, amounts: Iterable[Amount]) -> None:
        """Enter what all stored events say of amounts of a batch."""
        self._amounts[batch] = list(amounts)

    def put_record(self, block: int, body: bytes) -> None:
        """Enter one record."""
        self._records[block] = Record.unpack(body)

    def forget(self) -> None:
        """Drop what only the entry at hand needed."""
        self._records.clear()
        self._digests.clear()
        self._amounts.clear()
