"""Long lists a page at a time, in an order that stays while events come in.

A cursor names the position that the first page was for and how far the reader is. The whole answer is kept for a while;
where it is no longer, it is worked out again for that position. So the pages of one list are all of it, and no row
comes twice.
"""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import language

from fieldline_trace.api.caller import Caller
from fieldline_trace.errors import Rejected

if TYPE_CHECKING:
    from fieldline_trace.api.ports import Answered

LISTS: Final[Mapping[str, str]] = {
    "trace": "members",
    "batch": "events",
    "alerts": "alerts",
    "scope show": "members",
    "scope diff": "changes",
    "scope consignees": "consignees",
    "scope export": "rows",
    "scope events": "events",
    "present": "lots",
}
"""Question to the list of its answer that comes in pages."""
BESIDE: Final = ("lots", "sites", "events", "excluded_by_times", "holdings", "acts")
"""Other lists of these answers, which come whole, with the first page."""
ROWS_KEPT: Final = 50_000
"""Rows of answers that are kept for their next pages; the last one is kept however long it is."""
PAGE, MOST = 1_000, 10_000
"""Rows of a page where nothing is said, and at most."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader is in an answer for ``position``; ``of``: which answer, for whom."""

    position: int
    offset: int
    of: str

    def text(self) -> str:
        """As readers hand it back."""
        packed = msgspec.msgpack.encode((self.position, self.offset, self.of))
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str, of: str) -> Cursor:
        """The cursor of a text; ``Rejected`` where it is none, or of another list."""
        try:
            raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
            position, offset, whose = msgspec.msgpack.decode(raw, type=tuple[int, int, str])
        except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError):
            raise Rejected(Fault.of(text, "cursor_none", "cursor")) from None
        if whose != of or position < 0 or offset < 0:
            raise Rejected(Fault.of(text, "cursor_foreign", "cursor"))
        return cls(position, offset, whose)


class Kept:
    """Whole answers whose next pages somebody may ask for."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, int], tuple[Answered, int]] = OrderedDict()
        self._rows = 0

    def get(self, of: str, position: int) -> Answered | None:
        """The answer, if it is kept."""
        found = self._answers.get((of, position))
        if found is None:
            return None
        self._answers.move_to_end((of, position))
        return found[0]

    def put(self, of: str, found: Answered, rows: int) -> None:
        """Keep an answer of so many rows."""
        key = of, found.position
        if key in self._answers:
            return
        self._answers[key] = found, rows
        self._rows += rows
        while self._rows > ROWS_KEPT and len(self._answers) > 1:
            _, (_, gone) = self._answers.popitem(last=False)
            self._rows -= gone


def fingerprint(question: str, arguments: Mapping[str, Any], caller: Caller) -> str:
    """What tells one question of one caller, in one language, from every other."""
    eyes = [caller.sender, caller.role, sorted(caller.operators), caller.grid, caller.tenant, caller.local, language()]
    said = msgspec.json.encode([question, sorted(arguments.items()), eyes])
    return blake2b(said, digest_size=9).hexdigest()


def page_of(question: str, found: Answered, of: str, offset: int, limit: int) -> dict[str, Any]:
    """The page from ``offset`` on: the answer with part of its list, ``total`` rows of which there are, and ``next``,
    the cursor of the page after it or None."""
    field, said = LISTS[question], found.said
    rows = said[field][offset : offset + limit]
    after = offset + len(rows)
    total = len(said[field])
    page = {**said, field: rows, "total": total}
    if offset:
        page |= {name: [] for name in BESIDE if name in said and name != field}
    page["next"] = Cursor(found.position, after, of).text() if after < total else None
    return page
