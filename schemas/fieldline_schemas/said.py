"""What capture needs of one event: its identity, its flow of material, the batches that it names."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fieldline_schemas.faults import Fault
from fieldline_schemas.times import Interval


class Step(msgspec.Struct, gc=False):
    """Material that went somewhere. Keys are canonical texts; ``(batch, site)`` is a holding."""

    shape: int
    """``MADE``, ``MOVED`` … of the record, with ``TIMELESS`` and ``UNITS`` or'ed in."""
    ins: list[tuple[str, str]]
    """Holdings drawn from."""
    outs: list[tuple[str, str]]
    """Holdings filled. Of a move: as many as ``ins``, pairwise the same batch."""
    d: Interval
    """When the inputs were drawn."""
    f: Interval
    """When the outputs were filled."""


class Said(msgspec.Struct, gc=False, omit_defaults=True):
    """One event, read."""

    id: str
    kind: str
    code: int
    """The kind's number, stable for ever."""
    version: int
    operator: str
    """Empty where none is named."""
    site: str
    """Empty where none is named."""
    grid: str
    """Canonical administrative code; empty where none is named."""
    at: Interval
    steps: list[Step]
    mentions: list[str]
    """Canonical keys of all batches that it names, in order, each once."""
    labels: list[tuple[str, str]]
    """(canonical key, lot number as printed)."""
    quantities: list[tuple[str, str, str, str, str]]
    """(canonical key, site, role ``in``, ``out``, ``moved_out``, ``moved_in`` or ``named``, decimal text, unit
    code)."""
    detail: bool
    """Followers read the whole event."""
    location: str = ""
    """The place within ``site``; empty where none is named."""
    other: str = ""
    """The operator at the other end of a move; empty where none is named."""
    planned: Interval | None = None
    """When what was sent should arrive."""
    process: str = ""
    """What the events of one transformation share; empty where there is none."""
    expires: Sequence[tuple[str, Interval]] = ()
    """(canonical key, when its shelf life ends)."""
    beside: int = 0
    """How many of the inputs of its step, the last ones, are not what was worked on: packaging."""
    places: Sequence[str] = ()
    """Sites, and places within them by ``SITE;LOCATION``, that it names where nothing flows."""


class NotYetReadable(Fault):
    """An event of a version that this release does not know: to be kept, and read after the upgrade.

    ``said`` has its identity and envelope as far as they can be read, and no steps, mentions, labels or quantities.
    """

    said: Said

    def __init__(self, said: Said, known: int) -> None:
        super().__init__("version", str(said.version), "", "version_future", {"kind": said.kind, "known": known})
        self.said = said
