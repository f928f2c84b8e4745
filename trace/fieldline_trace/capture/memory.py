"""The in-memory twin of the ledger: what ``take_all`` does, without PostgreSQL. Held to the same tests as the
real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from fieldline_trace.store.ledger_read import Entry, StoredEvent

from .chain import GENESIS, entry_hash, joined, leaves_of
from .door import Door, Handed
from .identify import Content, Sorted, name_of, sort_out
from .keys import named
from .pack import Interned, pack
from .personal import SECRET_BYTES, Persons
from .reading import EVENT_BYTES_MAX, Unread, of_ways
from .receipts import Accepted, Receipt, Refused, Repeated, Variant
from .slices import read_at_once


@dataclass(slots=True)
class Rejected:
    """One refused event: the bytes, and the last fault."""

    sender: str
    raw: bytes
    unread: Unread
    times: int = 1


@dataclass(slots=True)
class MemoryLedger:
    """A ledger in memory. ``clock``: time of receipt in microseconds since 1970 UTC, by default 1, 2, 3, …"""

    clock: Callable[[], int] = field(default_factory=lambda: count(1).__next__)
    entries: list[Entry] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=lambda: [GENESIS])
    batches: dict[str, int] = field(default_factory=lambda: {"": 0})
    sites: dict[str, int] = field(default_factory=lambda: {"": 0})
    parties: dict[str, int] = field(default_factory=lambda: {"": 0})
    """Names in order of their numbers; 0 is the empty name."""
    events: dict[int, StoredEvent] = field(default_factory=dict)
    labels: set[tuple[int, str]] = field(default_factory=set)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    """Who is meant, by pseudonym."""
    persons: Persons = field(default_factory=lambda: Persons(bytes(SECRET_BYTES)))
    _identities: dict[tuple[str, str], list[Content]] = field(default_factory=dict)
    _refused: dict[tuple[str, bytes], int] = field(default_factory=dict)

    def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> list[Receipt]:
        """As ``capture.take``."""
        return self.take_all([Handed(raw, door, history) for raw in raws])

    def take_all(self, handed: Sequence[Handed]) -> list[Receipt]:
        """As ``capture.take_all``."""
        reads, unreads = read_at_once(handed, EVENT_BYTES_MAX, self.persons)
        numbers = self._intern(*named(reads, unreads))
        names = {name_of(read) for read in reads} & self._identities.keys()
        found = sort_out(reads, {name: self._identities[name] for name in names})
        receipts: dict[int, Receipt] = {unread.index: self._refuse(unread) for unread in unreads}
        first_number = (len(self.entries) + 1) << 16

        def settled(number: int) -> int:
            return number if number >= 0 else first_number - 1 - number

        variants = {place: settled(first) for place, (first, _) in found.variants.items()}
        position = self._append(found, variants, numbers) if found.new else 0
        for place, read in enumerate(found.new):
            number, name = first_number + place, read.said.id
            receipts[read.index] = (
                Variant(number, position, name, variants[place])
                if place in variants
                else Accepted(number, position, name)
            )
        for read, as_number in found.repeats:
            receipts[read.index] = Repeated(settled(as_number), read.said.id)
        return [receipts[index] for index in range(len(handed))]

    def _append(self, found: Sorted, variants: dict[int, int], numbers: Interned) -> int:
        position = len(self.entries) + 1
        block = position
        received_at = max(self.clock(), self.entries[-1].received_at + 1 if self.entries else 1)
        record = pack(found.new, numbers, block=block, received_at=received_at, variants=variants)
        ways = of_ways(found.new, leaves_of)
        leaves = joined(leaf(read.said.id, read.digest) for leaf, read in zip(ways, found.new, strict=True))
        self.hashes.append(entry_hash(self.hashes[-1], position, received_at, block, leaves))
        self.entries.append(Entry(position, received_at, block, len(found.new), record.pack()))
        for place, read in enumerate(found.new):
            said, number, door = read.said, block << 16 | place, read.through.door
            self.events[number] = StoredEvent(
                number,
                position,
                received_at,
                said.id,
                said.code,
                said.operator,
                said.site,
                said.grid,
                read.raw,
                door.sender,
                door.role,
                door.tenant,
                door.channel,
                door.mender,
            )
            self.people.update(read.persons or {})
            self._identities.setdefault(name_of(read), []).append(Content(read.digest, number, read.raw))
            self.labels.update((numbers.batches[batch], label) for batch, label in said.labels)
        return position

    def _intern(self, batches: set[str], sites: set[str], parties: set[str]) -> Interned:
        for names, known in ((batches, self.batches), (sites, self.sites), (parties, self.parties)):
            for name in sorted(names):
                known.setdefault(name, len(known))
        return Interned(self.batches, self.sites, self.parties)

    def _refuse(self, unread: Unread) -> Refused:
        key = (unread.through.door.sender, unread.digest)
        number = self._refused.setdefault(key, len(self._refused) + 1)
        kept = self.rejected.get(number)
        times = 1 if kept is None else kept.times + 1
        self.rejected[number] = Rejected(unread.through.door.sender, unread.raw, unread, times)
        return Refused(number, unread.fault)
