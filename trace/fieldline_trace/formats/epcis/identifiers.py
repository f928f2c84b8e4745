"""What an EPCIS identifier names here: a batch, a single item, or a thing that is no material.

- **Batch**: a class of objects. A lot (LGTIN, Digital Link 01 and 10, the lot classes of GDST and IFT) is that lot; a
  product without a lot (``urn:epc:idpat:sgtin:``, Digital Link 01) is the general pool of the product. A class that
  nobody here knows is a batch of its own, under its URI taken apart.
- **Item**: a trade item with a serial number (SGTIN, Digital Link 01 and 21). There are no keys of single items yet;
  it stands for its lot where that is known, else for the general pool of its product. An EPC of an unknown scheme is
  a batch of its own.
- **Thing**: a logistic unit, an asset, a document, a person: what may hold material or say something of it, but is
  none. Its key begins with ``epc/``; it is named only where an event names no batch.

A GTIN whose check digit is wrong, or an EPC of a wrong length, is a foreign identifier, not a fault: EPCIS asks for a
URI only, and real documents have both. Sources: GS1 EPC Tag Data Standard 2.0 section 6.3, GS1 Digital Link: URI
Syntax 1.3, GDST 1.2 (URN patterns).
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from fieldline_schemas.batch_key import canonical_batch, general_pool_of, gs1_batch
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import with_check_digit
from fieldline_schemas.sites import canonical_operator, canonical_site
from fieldline_schemas.text import LONGEST_KEY, key_text

_SERIAL_SCHEMES: Final = frozenset(("sgtin", "itip", "upui"))
_THING_LINKS: Final = {
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
_OF_COMMUNITY = re.compile(r"urn:(.+?):product:(lot:class|serial:obj|class):([^.:]+)\.([^.:]+)(?:\.(.+))?\Z")
"""GDST: ``urn:gdst:DOMAIN:product:lot:class:COMPANY.ITEM.LOT``; IFT and others alike."""


class Named(NamedTuple):
    """What an identifier names. ``key``: canonical batch key, of an item that of its lot, or of its product's general
    pool; of a thing a key that no batch has. ``identity``: the same for all spellings. ``label``: how people may ask
    for what has no GS1 key."""

    sort: Literal["batch", "item", "thing"]
    key: str
    identity: str
    label: str = ""


@lru_cache(maxsize=16384)
def class_named(uri: str) -> Named:
    """What an ``epcClass`` names."""
    known = _known(uri)
    if known is not None:
        return known
    return Named("batch", foreign_key(uri), uri, uri if len(uri) <= LONGEST_KEY else "")


@lru_cache(maxsize=16384)
def epc_named(uri: str) -> Named:
    """What an EPC of a list of single objects names."""
    known = _known(uri)
    if known is not None:
        return known
    return Named("batch", foreign_key(uri), uri, uri if len(uri) <= LONGEST_KEY else "")


def unit_named(uri: str) -> Named:
    """What a ``parentID`` names: a thing, whatever it looks like."""
    found = epc_named(uri)
    return found if found.sort == "thing" else Named("thing", _thing("id", uri), found.identity)


@lru_cache(maxsize=4096)
def site_key(uri: str) -> str:
    """The site that a location's identifier names: an SGLN without its extension, else the URI itself."""
    return _key_of_place(uri, canonical_site)


@lru_cache(maxsize=4096)
def operator_key(uri: str) -> str:
    """The operator that a party's identifier names."""
    return _key_of_place(uri, canonical_operator)


def foreign_key(uri: str) -> str:
    """A batch's key from a URI that no scheme here knows: the last part is its lot, what is before it issuer and
    product."""
    if match := _OF_COMMUNITY.match(uri):
        community, sort, company, item, rest = match.groups()
        lot = rest if sort == "lot:class" and rest else "~"
        return "/".join((_segment(f"{community}:{company}"), _segment(item), lot if lot == "~" else _lot(lot)))
    scheme, _, rest = uri.partition(":")
    names = [unquote(part) for part in re.split(r"[:/#?]+", rest) if part]
    if not names:
        names = [scheme]
    issuer = names[0] if len(names) > 1 else scheme
    product = ":".join(names[1:-1]) or "id"
    return f"{_segment('urn 01' if issuer == '01' else issuer)}/{_segment(product)}/{_lot(names[-1])}"


def _known(uri: str) -> Named | None:
    try:
        found = _of_urn(uri) if uri[:8].lower() == "urn:epc:" else _of_link(uri)
    except Fault:
        return None
    if found is None and (match := _OF_COMMUNITY.match(uri)):
        sort: Literal["batch", "item"] = "item" if match[2] == "serial:obj" else "batch"
        return Named(sort, foreign_key(uri), uri, uri if sort == "batch" and len(uri) <= LONGEST_KEY else "")
    return found


def _of_urn(uri: str) -> Named | None:
    _, _, form, rest = uri.split(":", 3) if uri.count(":") >= 3 else ("", "", "", "")
    scheme, _, value = rest.partition(":")
    form = form.lower()
    if form in ("class", "idpat") and scheme in ("lgtin", "sgtin"):
        key = canonical_batch(uri)
        return Named("batch", key, key)
    if form == "id" and scheme in _SERIAL_SCHEMES:
        company, item, serial = [*value.split(".", 2), "", ""][:3]
        number = with_check_digit(item[:1] + company + item[1:])
        key = gs1_batch(number, None)
        return Named("item", key, f"{key}#{unquote(serial)}")
    if form in ("id", "idpat", "class") and value:
        if scheme == "sscc":
            company, serial = [*value.split(".", 1), ""][:2]
            digits = serial[:1] + company + serial[1:]
            value = with_check_digit(digits) if len(digits) == 17 and digits.isdigit() else value
        return Named("thing", _thing(scheme, value), _thing(scheme, value))
    return None


def _of_link(uri: str) -> Named | None:
    if uri[:4].lower() != "http":
        return None
    path = urlsplit(uri).path.split("/")[1:]
    for at, name in enumerate(path[:-1]):
        value = path[at + 1]
        if name in ("01", "gtin") and value.isdigit():
            pairs = dict(zip(path[at + 2 :: 2], path[at + 3 :: 2], strict=False))
            lot = next((unquote(pairs[ai]) for ai in ("10", "lot") if pairs.get(ai)), None)
            serial = next((unquote(pairs[ai]) for ai in ("21", "ser", "235") if pairs.get(ai)), None)
            key = gs1_batch(value, lot)
            return (
                Named("batch", key, key) if serial is None else Named("item", key, f"{general_pool_of(key)}#{serial}")
            )
        if name in _THING_LINKS and value[:1].isdigit():
            thing = _thing(_THING_LINKS[name], unquote("/".join(path[at + 1 :])))
            return Named("thing", thing, thing)
    return None


def _thing(scheme: str, value: str) -> str:
    return f"epc/{_segment(scheme)}/{_lot(value)}"


def _lot(text: str) -> str:
    """A lot that begins with ``~`` would be a pool."""
    return _segment(f"id {text}" if text[:1] == "~" else text)


def _segment(text: str) -> str:
    """One segment of a batch's key."""
    try:
        text = key_text(_cut(text), "a segment")
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
