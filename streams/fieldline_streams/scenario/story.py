"""A scenario: a folder with ``scenario.json``, ``events.ndjson`` and ``truth.json``.

``scenario.json``: ``{"title": {"en", "zh"}, "about", "sources": [text], "invented"}``. ``events.ndjson``: one event a
line, as ``{"part", "sender", "role", "event"}``; a part is what comes at one time. ``truth.json``: see :class:`Truth`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

DEFAULT_FOLDER = Path("tests/scenarios")


class Title(msgspec.Struct, frozen=True):
    """What it is called."""

    en: str
    zh: str


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the scenario is, where it was published, and what in it is invented."""

    title: Title
    about: str
    sources: list[str]
    invented: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event, who says it, and in which part of the story."""

    part: str
    sender: str
    event: msgspec.Raw
    role: str = "producer"


class TrueScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scope at the end: what it is about, and its members as ``BATCH @ SITE`` by role; roles that are not named are
    not held. ``lot`` null: one that a person opened, known by its ``title``."""

    roles: dict[str, list[str]]
    lot: str | None = None
    title: str = ""
    hazard_class: str = ""
    certain: dict[str, str] = {}
    """``BATCH @ SITE`` -> ``definite`` or ``possible``, where it is held."""


class TrueSources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the legs meet: ``lots`` of the sources that explain the share ``share``, in any order; ``first`` is ranked
    first among all."""

    share: float
    lots: list[str]
    batches: list[str] = []
    """The findings; none: clusters of cases."""
    first: str | None = None
    before: list[tuple[str, str]] = []
    """Pairs of lots, the first of each ranked before the second."""


class Truth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What has to stand at the end, in every order.

    ``alerts``: rule -> its subjects; a rule that is named has exactly these alerts of the scenario's events, and one
    that is not named is not held.
    """

    alerts: dict[str, list[str]]
    scopes: list[TrueScope] = []
    sources: TrueSources | None = None
    reached: dict[str, list[str]] = {}
    """A batch -> all sites that it and what was made of it reached."""


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario, read whole."""

    name: str
    about: About
    lines: Sequence[Line]
    truth: Truth

    @property
    def ids(self) -> frozenset[str]:
        """Ids of its events."""
        return frozenset(id_of(line.event) for line in self.lines)


class _Named(msgspec.Struct):
    id: str


def id_of(event: bytes | msgspec.Raw) -> str:
    """The id of an event; every event of a scenario has one."""
    return _named.decode(event).id


def names(folder: Path) -> list[str]:
    """The scenarios in ``folder``."""
    return sorted(path.parent.name for path in folder.glob("*/scenario.json"))


def read_story(folder: Path, name: str) -> Story:
    """The scenario ``name`` in ``folder``. ``LookupError`` where there is none; ``msgspec.ValidationError``, with the
    place, where a file is not as it should be."""
    home = folder / name
    if name not in names(folder):
        raise LookupError(f"no scenario {name!r} in {folder}; there are {', '.join(names(folder)) or 'none'}")
    rows = (home / "events.ndjson").read_bytes().splitlines()
    return Story(
        name,
        _about.decode((home / "scenario.json").read_bytes()),
        tuple(_line.decode(row) for row in rows if row.strip()),
        _truth.decode((home / "truth.json").read_bytes()),
    )


@dataclass(frozen=True, slots=True)
class Act:
    """What is handed in at one time by one sender."""

    part: str
    sender: str
    role: str
    raws: list[bytes]


def acts(story: Story, shuffle: int | None = None) -> Iterator[Act]:
    """The story's events as they are handed in: in their parts, or all shuffled with the seed ``shuffle``, some of them
    twice."""
    lines = list(story.lines)
    if shuffle is not None:
        chance = random.Random(shuffle)  # noqa: S311 - an order of play, no secret
        lines += chance.sample(lines, len(lines) // 5)
        chance.shuffle(lines)
        lines = [msgspec.structs.replace(line, part=f"shuffled with seed {shuffle}") for line in lines]
    for (part, sender, role), group in groupby(lines, lambda line: (line.part, line.sender, line.role)):
        yield Act(part, sender, role, [bytes(line.event) for line in group])


def _decoder(sort: Any) -> Any:
    return msgspec.json.Decoder(sort)


_about: msgspec.json.Decoder[About] = _decoder(About)
_line: msgspec.json.Decoder[Line] = _decoder(Line)
_truth: msgspec.json.Decoder[Truth] = _decoder(Truth)
_named: msgspec.json.Decoder[_Named] = _decoder(_Named)
