"""One event of a document as the rest of the importer sees it: what it says, under which ids, where, when, by whom.

All of this follows from the event alone. Whatever depends on its neighbours in a document (what a unit holds, the lot
of an item) is said in statements of their own: the same event comes in many documents, and one id with two contents
would be a conflict.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from fieldline_schemas.text import LONGEST_ID
from fieldline_schemas.times import interval_of

from fieldline_trace.formats.epcis.identifiers import location_in, operator_key, site_key
from fieldline_trace.formats.epcis.words import EVENT_TYPES, last_word, standard

NO_PLACE: Final = "place not said"
"""The site of events that name none."""
SHIPS: Final = frozenset(("shipping", "consigning", "departing"))
ARRIVES: Final = frozenset(("receiving", "arriving", "accepting"))
_NOT_CONTENT: Final = frozenset(("recordTime", "errorDeclaration", "@context"))
"""Whoever stores an event gives it a record time, and an error declaration repeats the event that it speaks of: both
are left out where events are compared, as the standard says. What a context declares is kept beside the event, since it
may stand in the event or in its document."""


def derived_id(*parts: str) -> str:
    """An id of our own, from what it stands for."""
    return f"urn:fieldline:epcis:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def plain(value: Any) -> Any:
    """JSON that every reader can keep: numbers of 64 bits where these are exact, else as text."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def written(value: Any) -> str:
    """JSON with sorted keys, to compare and to hash."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True)
class Told:
    """An event that was found valid; ``number`` counts from 1 in its document."""

    number: int
    said: Mapping[str, Any]
    prefixes: Mapping[str, Any]

    @cached_property
    def content(self) -> dict[str, Any]:
        """What is compared, and kept: the event as it was sent, but for the fields above and those that are empty."""
        return {name: value for name, value in self.said.items() if name not in _NOT_CONTENT and value not in ([], "")}

    @cached_property
    def text(self) -> str:
        """The same, to compare and to hash."""
        return written(self.content)

    @cached_property
    def id(self) -> str:
        """Its eventID where that can be an id here, else one from its content."""
        sent = self.said.get("eventID", "")
        return sent if 0 < len(sent) <= LONGEST_ID else derived_id("event", self.text)

    @cached_property
    def at(self) -> int:
        """Microseconds since 1970 UTC."""
        return interval_of(self.said["eventTime"], None).lo

    @cached_property
    def known(self) -> Mapping[str, Any]:
        """Its fields as far as they were judged: of an event type of somebody's own, nothing but when it was."""
        return self.said if self.kind in EVENT_TYPES else {}

    @property
    def kind(self) -> str:
        """``ObjectEvent`` and so on."""
        return str(self.said["type"])

    @property
    def action(self) -> str:
        """ADD, OBSERVE, DELETE; ``""`` for transformations."""
        return str(self.known.get("action", ""))

    @cached_property
    def step(self) -> str:
        """The business step, bare where it is of the standard."""
        return standard(self.known.get("bizStep"))

    @property
    def is_error(self) -> bool:
        """Does it declare an event of this content to be an error?"""
        return "errorDeclaration" in self.said

    @cached_property
    def source(self) -> str | None:
        """The site that it came from: a source of type location."""
        return next((site_key(uri) for uri in self._ends("source", "location")), None)

    @cached_property
    def destination(self) -> str | None:
        """The site that it is meant to reach: a destination of type location."""
        return next((site_key(uri) for uri in self._ends("destination", "location")), None)

    @cached_property
    def site(self) -> str:
        """Where it happened: the business location, else the read point. What is shipped leaves the source, else the
        read point."""
        location, point = (self.known.get(name, {}).get("id") for name in ("bizLocation", "readPoint"))
        if self.step in SHIPS:
            if self.source is not None:
                return self.source
            location, point = point, location
        found = location or point
        return site_key(found) if found else NO_PLACE

    @cached_property
    def location(self) -> str | None:
        """The spot within the site: the extension of the identifier that names the site, else of the read point or
        business location where that is in the same site."""
        ends = self._ends("source", "location") if self.step in SHIPS else ()
        places = [self.known.get(name, {}).get("id") for name in ("bizLocation", "readPoint")]
        said = [*ends, *(reversed(places) if self.step in SHIPS else places)]
        return next((found for uri in said if uri and site_key(uri) == self.site and (found := location_in(uri))), None)

    @cached_property
    def sender(self) -> str | None:
        """Who gave it away: who possessed it, else who owned it."""
        return self._party("source")

    @cached_property
    def recipient(self) -> str | None:
        """Who gets it: who will possess it, else who will own it."""
        return self._party("destination")

    @cached_property
    def operator(self) -> str:
        """Who acted: the sender of what is shipped, the recipient of what arrives, else whoever the event names as its
        provider of information, else whoever is at the site, under the site's name."""
        party = self.sender if self.step in SHIPS else self.recipient if self.step in ARRIVES else None
        return party or self._provider() or self.site

    def _provider(self) -> str | None:
        for name, value in self.said.items():
            if last_word(name) == "informationProvider" and isinstance(value, str) and value.strip():
                return operator_key(value)
        return None

    def _party(self, end: str) -> str | None:
        for sort in ("possessing_party", "owning_party"):
            for uri in self._ends(end, sort):
                return operator_key(uri)
        return None

    def _ends(self, end: str, sort: str) -> Iterator[str]:
        for one in self.known.get(f"{end}List", ()):
            if standard(one["type"]) == sort:
                yield one[end]

    def extension(self) -> dict[str, Any]:
        """Its content as it was sent, and the meaning of the prefixes that it uses."""
        kept: dict[str, Any] = {"x-epcis": plain(self.content)}
        text = self.text
        used = {name: said for name, said in self.prefixes.items() if f'"{name}:' in text or f'"{name}"' in text}
        if used:
            kept["x-epcis-context"] = plain(used)
        return kept
