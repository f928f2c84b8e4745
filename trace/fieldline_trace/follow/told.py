"""One thing in the feed, and its id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
from fieldline_schemas.faults import Fault

from fieldline_trace.errors import Rejected

Kind = Literal["alert", "scope", "position"]
_ID = re.compile(r"(\d{1,18})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class FeedItem:
    """A version of an alert or a scope, number ``sequence`` among those of ``position``; or that the feed has told all
    up to ``position``. A position's own item comes after all others of it."""

    position: int
    sequence: int
    kind: Kind
    said: dict[str, Any]

    @property
    def id(self) -> str:
        """``POSITION.SEQUENCE``: what a reader resumes after."""
        return feed_id((self.position, self.sequence))

    @property
    def point(self) -> tuple[int, int]:
        """Position and sequence."""
        return self.position, self.sequence

    @cached_property
    def event(self) -> bytes:
        """As a server-sent event, encoded once for all who read the same."""
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (
            self.id.encode(),
            self.kind.encode(),
            msgspec.json.encode(self.said),
        )


def feed_id(point: tuple[int, int]) -> str:
    """The id of a point in the feed."""
    return f"{point[0]}.{point[1]}"


def parse_feed_id(text: str) -> tuple[int, int]:
    """Position and sequence of an id; ``Rejected`` where it is none."""
    found = _ID.fullmatch(text.strip())
    if found is None:
        raise Rejected(Fault.of(text, "feed_id", "since"))
    return int(found[1]), int(found[2])
