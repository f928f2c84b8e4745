"""Which events are new, which repeat what is there, and which say something else under a known id.

Identity is sender, id and the digest of the canonical content. A repeat is mostly a repeat to the byte, so the raw
digest is compared first; the canonical content is made only where an id is known and the bytes differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fieldline_schemas.canonical import digest as canonical_digest

from .reading import Read

Name = tuple[str, str]
"""Sender and id of an event."""


@dataclass(slots=True)
class Content:
    """One thing that was said under an id: an event that is stored (``number``), or one of this micro-batch."""

    digest: bytes
    number: int
    """Event number; negative for those of this micro-batch: -1 - place among the new ones."""
    body: bytes | None
    """Raw bytes, None where they are not kept any more: then only equal bytes are known to be equal."""
    canonical: bytes | None = None

    def settled(self) -> bytes | None:
        """The digest of the canonical content, worked out once."""
        if self.canonical is None and self.body is not None:
            self.canonical = canonical_digest(self.body)
        return self.canonical


@dataclass(slots=True)
class Sorted:
    """A micro-batch sorted by identity. Numbers in ``repeats`` and firsts in ``variants`` may be of this micro-batch
    (negative, as in ``Content``)."""

    new: list[Read] = field(default_factory=list)
    """All that is to be stored, in order: firsts and variants."""
    variants: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """By place in ``new``: number of the first event under the id, and the canonical digest."""
    repeats: list[tuple[Read, int]] = field(default_factory=list)
    """What is there already, and as which event."""


class _Contents:
    """All that was said under one id, found by its digests: there may be as many as a micro-batch has events."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self.first = contents[0].number
        self._by_digest: dict[bytes, int] = {}
        self._by_canonical: dict[bytes, int] = {}
        self._unsettled: list[Content] = []
        for content in contents:
            self.add(content)

    def add(self, content: Content) -> None:
        self._by_digest.setdefault(content.digest, content.number)
        self._unsettled.append(content)

    def same(self, content: Content) -> int | None:
        """The number of the event that said the same."""
        number = self._by_digest.get(content.digest)
        if number is not None:
            return number
        for other in self._unsettled:
            canonical = other.settled()
            if canonical is not None:
                self._by_canonical.setdefault(canonical, other.number)
        self._unsettled.clear()
        mine = content.settled()
        return None if mine is None else self._by_canonical.get(mine)


def sort_out(reads: Sequence[Read], known: Mapping[Name, Sequence[Content]]) -> Sorted:
    """Sort a micro-batch. ``known``: what is stored under these names, oldest first; names that are not there are
    new."""
    if not known and len({read.said.id for read in reads}) == len(reads):
        return Sorted(new=list(reads))
    found = Sorted()
    here: dict[Name, _Contents] = {}
    for read in reads:
        name = name_of(read)
        mine = Content(read.digest, -1 - len(found.new), read.raw, read.content)
        contents = here.get(name)
        if contents is None:
            stored = known.get(name)
            if stored is None:
                here[name] = _Contents([mine])
                found.new.append(read)
                continue
            contents = here[name] = _Contents(stored)
        same = contents.same(mine)
        if same is not None:
            found.repeats.append((read, same))
            continue
        canonical = mine.settled()
        assert canonical is not None
        found.variants[len(found.new)] = (contents.first, canonical)
        contents.add(mine)
        found.new.append(read)
    return found


def name_of(read: Read) -> Name:
    """By what an event is told apart from others."""
    return read.through.door.sender, read.said.id


def differing(reads: Iterable[Read], known: Mapping[Name, bytes]) -> list[Name]:
    """Names among ``reads`` that are known with another raw digest, sorted: only these need a closer look."""
    return sorted({name for read in reads if known.get(name := name_of(read), read.digest) != read.digest})
