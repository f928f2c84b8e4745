"""A batch in its parts, and the one text that they are written as."""

from __future__ import annotations

from typing import Final, NamedTuple

POOL: Final = "~"
"""How the lot of a pool begins; alone it is that of the general pool."""
UNITS_BEGIN: Final = ("00/", "unit/")
"""How the canonical keys of units begin, and no others."""
WINDOWS_BEGIN: Final = "window/"
"""How the keys of windows of contamination begin (``windows``), which no event can name as a batch."""


class Parts(NamedTuple):
    """A batch in its parts, decoded: ``gtin`` is empty where the product is not GS1's, else ``issuer`` and ``item``
    are. Of an item ``serial`` is said, and ``lot`` is empty where it is not known; of a unit with an SSCC only
    ``sscc``. A unit without one has the issuer ``unit``, its owner as item and its name as lot."""

    gtin: str
    issuer: str
    item: str
    lot: str
    serial: str = ""
    sscc: str = ""


def spelled(parts: Parts) -> str:
    """The canonical text of a batch's parts."""
    if parts.sscc:
        return f"00/{parts.sscc}"
    if parts.gtin:
        lot = f"/10/{escaped(parts.lot)}" if parts.lot else ""
        return f"01/{parts.gtin}{lot}/21/{escaped(parts.serial)}" if parts.serial else f"01/{parts.gtin}{lot}"
    return f"{escaped(parts.issuer)}/{escaped(parts.item)}/{escaped(parts.lot)}"


def escaped(segment: str) -> str:
    if "%" in segment or "/" in segment:
        return segment.replace("%", "%25").replace("/", "%2F")
    return segment


def unescaped(segment: str) -> str:
    """Only ``%2F`` and ``%25`` are escapes; any other ``%`` is a percent sign."""
    if "%" in segment:
        return segment.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")
    return segment
