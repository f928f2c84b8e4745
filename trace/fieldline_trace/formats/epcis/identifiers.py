"""What an EPCIS identifier names here: a batch, a single item, or a thing that is no material.

- **Batch**: a class of objects. A lot (LGTIN, Digital Link 01 and 10, the lot classes of GDST and IFT) is that lot; a
  product without a lot (``urn:epc:idpat:sgtin:``, Digital Link 01) is the general pool of the product. A class that
  nobody here knows is a batch of its own, under its URI taken apart.
- **Item**: a trade item with a serial number (SGTIN, Digital Link 01 and 21), a batch of one; in its lot where its own
  EPC names that. One of another community's scheme is a batch of its own, and so is an EPC of an unknown scheme.
- **Unit**: what holds others, and is no material: a logistic unit, an asset, a shipment. An SSCC is ``00/SSCC``; any
  other, an SSCC of a wrong length too, is ``unit/epc:SCHEME/VALUE``.
- **Thing**: a document, a person, a place: it has no key.

A GTIN whose check digit is wrong, or an EPC of a wrong length, is a foreign identifier, not a fault: EPCIS asks for a
URI only, and real documents have both. Sources: GS1 EPC Tag Data Standard 2.0 section 6.3, GS1 Digital Link: URI
Syntax 1.3, GDST 1.2 (URN patterns).
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from fieldline_schemas.batch_key import canonical_batch, gs1_batch, is_item, lot_of_item
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import with_check_digit
from fieldline_schemas.sites import canonical_operator, canonical_site, location_of
from fieldline_schemas.text import LONGEST_KEY, key_text

_SERIAL_SCHEMES: Final = frozenset(("itip", "upui"))
"""Of trade items, beside SGTIN; what they have behind the item reference stands for a serial number."""
_NO_OBJECTS: Final = frozenset(("gsrn", "gsrnp", "gdti", "sgcn", "sgln", "pgln"))
"""EPC schemes of persons, documents, coupons, places and parties."""
_OTHER_LINKS: Final = {
    "00": "sscc",
    "sscc": "sscc",
    "8003": "grai",
    "grai": "grai",
    "8004": "giai",
    "giai": "giai",
    "8017": "gsrnp",
    "8018": "gsrn",
    "253": "gdti",
    "255": "sgcn",
    "401": "ginc",
    "402": "gsin",
    "8010": "cpi",
    "414": "sgln",
    "417": "pgln",
}
"""GS1 application identifiers of what is no trade item, and the EPC scheme of the same."""
_OUR_WORDS: Final = frozenset(("00", "01", "unit", "window"))
"""Issuers that a batch's key cannot have."""
_OF_COMMUNITY = re.compile(r"urn:(.+?):product:(lot:class|serial:obj|class):([^.:]+)\.([^.:]+)(?:\.(.+))?\Z")
"""GDST: ``urn:gdst:DOMAIN:product:lot:class:COMPANY.ITEM.LOT``; IFT and others alike."""


class Named(NamedTuple):
    """What an identifier names. ``key``: canonical key of a batch, an item or a unit; of a thing empty. ``identity``:
    the same for all spellings. ``label``: how people may ask for what has no GS1 key."""

    sort: Literal["batch", "item", "unit", "thing"]
    key: str
    identity: str
    label: str = ""


@lru_cache(maxsize=32768)
def goods_named(uri: str) -> Named:
    """What an ``epcClass``, or an EPC of a list of single objects, names."""
    known = _known(uri)
    if known is not None:
        return known
    return Named("batch", foreign_key(uri), uri, uri if len(uri) <= LONGEST_KEY else "")


def unit_named(uri: str) -> Named:
    """What a ``parentID`` names: a unit, whatever it looks like. An item or a batch that holds others has, as a unit, a
    key of its own beside the one that it has as goods."""
    found = goods_named(uri)
    return found if found.sort == "unit" else holder_of(found)


def holder_of(named: Named) -> Named:
    """An item, batch or thing as the unit that holds others."""
    return Named("unit", _unit("id", named.identity), named.identity)


@lru_cache(maxsize=4096)
def site_key(uri: str) -> str:
    """The site that a location's identifier names: an SGLN without its extension, else the URI itself."""
    return _key_of_place(uri, canonical_site)


@lru_cache(maxsize=4096)
def operator_key(uri: str) -> str:
    """The operator that a party's identifier names."""
    return _key_of_place(uri, canonical_operator)


@lru_cache(maxsize=4096)
def location_in(uri: str) -> str | None:
    """The location within its site that a place's identifier names: the extension of an SGLN."""
    return location_of(uri) if len(uri) <= LONGEST_KEY else None


def foreign_key(uri: str) -> str:
    """A batch's key from a URI that no scheme here knows: the last part is its lot, what is before it issuer and
    product."""
    if match := _OF_COMMUNITY.match(uri):
        community, sort, company, item, rest = match.groups()
        lot = "~" if sort == "class" or not rest else _lot(f"serial {rest}" if sort == "serial:obj" else rest)
        return "/".join((_segment(f"{community}:{company}"), _segment(item), lot))
    scheme, _, rest = uri.partition(":")
    names = [unquote(part) for part in re.split(r"[:/#?]+", rest) if part]
    if not names:
        names = [scheme]
    issuer = names[0] if len(names) > 1 else scheme
    product = ":".join(names[1:-1]) or "id"
    return f"{_segment(f'urn {issuer}' if issuer in _OUR_WORDS else issuer)}/{_segment(product)}/{_lot(names[-1])}"


def _known(uri: str) -> Named | None:
    try:
        found = _of_urn(uri) if uri[:8].lower() == "urn:epc:" else _of_link(uri)
    except Fault:
        return None
    if found is None and (match := _OF_COMMUNITY.match(uri)):
        sort: Literal["batch", "item"] = "item" if match[2] == "serial:obj" else "batch"
        return Named(sort, foreign_key(uri), uri, uri if match[2] != "class" and len(uri) <= LONGEST_KEY else "")
    return found


def _of_urn(uri: str) -> Named | None:
    _, _, form, rest = uri.split(":", 3) if uri.count(":") >= 3 else ("", "", "", "")
    scheme, _, value = rest.partition(":")
    form = form.lower()
    if form in ("class", "idpat") and scheme in ("lgtin", "sgtin"):
        return _material(canonical_batch(uri))
    if form == "id" and scheme == "sgtin":
        return _material(canonical_batch(uri))
    if form == "id" and scheme in _SERIAL_SCHEMES:
        company, item, serial = [*value.split(".", 2), "", ""][:3]
        number = with_check_digit(item[:1] + company + item[1:])
        return _material(canonical_batch(f"01/{number}/21/{_segment(f'{scheme} {unquote(serial)}')}"))
    if form in ("id", "idpat", "class") and value:
        return _other(scheme, value, uri)
    return None


def _material(key: str) -> Named:
    """A canonical key. An item is one whatever lot its EPC names beside it."""
    if not is_item(key):
        return Named("batch", key, key)
    lot = lot_of_item(key)
    return Named("item", key, key if lot is None else f"{key[:17]}{key[len(lot) :]}")


def _other(scheme: str, value: str, uri: str) -> Named:
    if scheme in _NO_OBJECTS:
        return Named("thing", "", uri)
    key = _unit(scheme, value)
    if scheme == "sscc":
        with suppress(Fault):
            key = canonical_batch(uri)
    return Named("unit", key, key)


def _of_link(uri: str) -> Named | None:
    if uri[:4].lower() != "http":
        return None
    path = urlsplit(uri).path.split("/")[1:]
    for at, name in enumerate(path[:-1]):
        value = path[at + 1]
        if name in ("01", "gtin") and value.isdigit():
            pairs = dict(zip(path[at + 2 :: 2], path[at + 3 :: 2], strict=False))
            lot = next((unquote(pairs[ai]) for ai in ("10", "lot") if pairs.get(ai)), None)
            serial = next((unquote(pairs[ai]) for ai in ("21", "ser") if pairs.get(ai)), None)
            if serial is None and pairs.get("235"):
                serial = f"upui {unquote(pairs['235'])}"
            key = gs1_batch(value, lot)
            if serial is None:
                return Named("batch", key, key)
            before = key if lot is not None else key[:17]
            return _material(canonical_batch(f"{before}/21/{_segment(serial)}"))
        if name in _OTHER_LINKS and value[:1].isdigit():
            return _other(_OTHER_LINKS[name], unquote("/".join(path[at + 1 :])), uri)
    return None


def _unit(scheme: str, value: str) -> str:
    return f"unit/{_segment(f'epc:{scheme}')}/{_lot(value)}"


def _lot(text: str) -> str:
    """A lot that begins with ``~`` would be a pool."""
    return _segment(f"id {text}" if text[:1] == "~" else text)


def _segment(text: str) -> str:
    """One segment of a batch's key."""
    try:
        text = key_text(_cut(text), "@a_segment")
    except Fault:
        text = hashlib.sha256(text.encode()).hexdigest()[:32]
    return text.replace("%", "%25").replace("/", "%2F")


def _key_of_place(uri: str, canonical: object) -> str:
    read = canonical_site if canonical is canonical_site else canonical_operator
    try:
        return read(_cut(uri))
    except Fault:
        return f"<{_cut(uri, LONGEST_KEY - 2)}>"  # a GLN with a wrong check digit, say: a name, no GLN


def _cut(text: str, longest: int = LONGEST_KEY) -> str:
    """``text``, or what of it there is room for and a hash of the whole."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 17]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"
