"""The one canonical key of a batch, an item or a unit, from all its spellings.

A batch is a lot of a product from an issuer. ``01/GTIN14/10/LOT`` where GS1 keys name it (EPC URN, Digital Link of
any host, element string), else ``operator/product/lot``. The last segment is the lot, what is before it the product.
``/`` and ``%`` inside a segment are written ``%2F`` and ``%25``. A lot that begins with ``~`` is a pool; ``~`` alone
is the general pool of the product, and so is a product without a lot.

A single **item** is ``01/GTIN14/10/LOT/21/SERIAL``, or ``01/GTIN14/21/SERIAL`` where its lot is not said: a batch of
one. A **unit** (a pallet, a case, a crate: what holds batches, and is none) is ``00/SSCC18``, or ``unit/OWNER/NAME``
where it has no SSCC. GS1 gives lots up to 20 characters of a set of
its own; here a GS1 lot may be any 1 to 128 printable characters: refusing what a label says would lose the batch.

Sources: GS1 EPC Tag Data Standard 2.0 section 6.3 (LGTIN, SGTIN, SSCC), GS1 Digital Link: URI Syntax 1.3, GS1 General
Specifications section 7.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_messages import GS1Message

from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import (
    GTIN_LENGTHS,
    company_prefix_length,
    gtin,
    prefix_length,
    sscc,
    with_check_digit,
)
from fieldline_schemas.text import LONGEST_KEY, key_text

POOL: Final = "~"
LONGEST: Final = 1024
"""Characters of a batch's spelling, with everything in it."""
_GTIN_NAMES = ("01", "gtin")
_LOT_NAMES = ("10", "lot")
_SERIAL_NAMES = ("21", "ser")
_THIRD_PARTY_SERIAL = "235"
_UNIT_NAMES = ("00", "sscc")
UNITS_BEGIN: Final = ("00/", "unit/")
"""How the canonical keys of units begin, and no others."""
WINDOWS_BEGIN: Final = "window/"
"""How the keys of windows of contamination begin (``windows``), which no event can name as a batch."""
_VARIANT_NAMES = ("22", "cpv")
_ELEMENTS = re.compile(r"\((\d{2,4})\)")
_SCANNED = re.compile(r"(?:\](?:C1|d2|e0|J1|Q3))?(01(\d{14})(?:\x1d?\d\d.*)?)", re.ASCII | re.DOTALL)
"""An element string as a scanner gives it, GTIN first, perhaps behind the symbology identifier of the bar code."""
_SCANNED_UNIT = re.compile(r"(?:\](?:C1|d2|e0|J1|Q3))?00(\d{18})(?:\x1d.*)?", re.ASCII | re.DOTALL)
_DIGITS = frozenset(("00", "01"))
_NOT_PLAIN = frozenset(("", "(", "/"))
_LOT_ASKED = re.compile(r"[?&;](?:10|lot)=([^&;]+)")
_SPACED = re.compile(r"^ | $|/ | /")


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


@lru_cache(maxsize=65536)
def canonical_batch(text: str) -> str:
    """The canonical key of a batch in any spelling; ``Fault`` where it is none."""
    if _is_plain(text):
        return text
    return spelled(parts_of(text))


def _is_plain(text: str) -> bool:
    """Is this surely ``operator/product/lot`` in its canonical form? Most are, and need no taking apart."""
    if not (len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()):
        return False
    if text[:1] in _NOT_PLAIN or text.count("/") != 2 or "%" in text or (" " in text and _SPACED.search(text)):
        return False
    if text[:5] == "unit/" or text[:7] == WINDOWS_BEGIN:
        return False
    return "//" not in text and text[-1] != "/" and text[:2] not in _DIGITS and ":" not in text[:6]


def parts_of(text: str) -> Parts:
    """The parts of a batch in any spelling; ``Fault`` where it is none."""
    if not isinstance(text, str):
        raise Fault.of(text, "batch_type")
    key = text.strip()
    if not key or len(text) > LONGEST:
        raise Fault.of(text, "batch_length", most=LONGEST)
    try:
        if key[:4].lower() == "urn:":
            return _from_urn(key)
        if key[:4].lower() == "http" and "://" in key[:9]:
            return _from_link(key)
        if key[0] == "(":
            return _from_elements(key)
        scanned = _SCANNED.fullmatch(key)
        # An operator's name may begin like one; that its check digit is right, too, is not to be feared.
        if scanned is not None and ("/" not in key or with_check_digit(scanned[2][:-1]) == scanned[2]):
            return _from_scan(scanned[1])
        unit = _SCANNED_UNIT.fullmatch(key)
        if unit is not None:
            return _of_unit(unit[1])
        return _from_path(key) if "/" in key else _from_gtin(key)
    except Fault as fault:
        raise fault.about(text) from None


def spelled(parts: Parts) -> str:
    """The canonical text of a batch's parts."""
    if parts.sscc:
        return f"00/{parts.sscc}"
    if parts.gtin:
        lot = f"/10/{_escaped(parts.lot)}" if parts.lot else ""
        return f"01/{parts.gtin}{lot}/21/{_escaped(parts.serial)}" if parts.serial else f"01/{parts.gtin}{lot}"
    return f"{_escaped(parts.issuer)}/{_escaped(parts.item)}/{_escaped(parts.lot)}"


def gs1_batch(gtin_text: object, lot: object) -> str:
    """The key of a lot that is said as a GTIN and a lot number; no lot number: the general pool."""
    if not isinstance(gtin_text, str):
        raise Fault.of(gtin_text, "gtin_type", "gtin")
    try:
        number = gtin(gtin_text.strip())
    except Fault as fault:
        raise fault.at("gtin") from None
    try:
        return spelled(_gs1(number, "" if lot is None else lot))
    except Fault as fault:
        raise fault.at("lot") from None


def is_unit(key: str) -> bool:
    """Is the canonical key a unit's: something that holds batches, and is none?"""
    return key.startswith(UNITS_BEGIN)


def is_item(key: str) -> bool:
    """Is the canonical key a single item's?"""
    return key.startswith("01/") and (key[17:21] == "/21/" or key.count("/") == 5)


def lot_of_item(key: str) -> str | None:
    """The canonical key of the lot that an item's canonical key names; None where it names none, or is no item's."""
    return key[: key.rindex("/21/")] if is_item(key) and key[17:21] == "/10/" else None


def product_of(key: str) -> str:
    """The product of a canonical key: all but its lot and serial number. Two keys are of one product iff this is
    equal. A unit is of none; its is the sort of key that it has."""
    return f"{key[:17]}/10" if key.startswith("01/") else key[: key.rindex("/")]


def lot_of(key: str) -> str:
    """The lot of a canonical key, decoded. Of an item whose lot is not said, its serial number; of a unit, its SSCC or
    name."""
    return _unescaped((lot_of_item(key) or key).rpartition("/")[2])


def is_pool(key: str) -> bool:
    """Is the canonical key a pool's?"""
    return key[key.rindex("/") + 1 :].startswith(POOL) and not is_item(key)


def general_pool_of(key: str) -> str:
    """The canonical key of the general pool of a canonical key's product."""
    return f"{product_of(key)}/{POOL}"


def spellings(key: str) -> list[str]:
    """The ways to spell a canonical key, the canonical one first. A GS1 lot also as Digital Link, element string and
    EPC URN."""
    parts = parts_of(key)
    known = [key]
    if parts.sscc:
        known += [f"https://id.gs1.org/00/{parts.sscc}", f"(00){parts.sscc}"]
        length = prefix_length(parts.sscc[1:])
        if length:
            company, reference = parts.sscc[1 : 1 + length], parts.sscc[0] + parts.sscc[1 + length : 17]
            known.append(f"urn:epc:id:sscc:{company}.{reference}")
    elif parts.serial:
        known += _spellings_of_item(parts)
    elif parts.gtin and parts.lot == POOL:
        known += [f"https://id.gs1.org/01/{parts.gtin}", f"(01){parts.gtin}"]
    elif parts.gtin and not parts.lot.startswith(POOL):
        known.append(f"https://id.gs1.org/01/{parts.gtin}/10/{quote(parts.lot, safe='')}")
        if not _ELEMENTS.search(parts.lot):  # else it would read as an element of its own
            known.append(f"(01){parts.gtin}(10){parts.lot}")
        reference = _item_reference(parts.gtin)
        if reference:
            known.append(f"urn:epc:class:lgtin:{reference}.{quote(parts.lot, safe='')}")
    return known


def _spellings_of_item(parts: Parts) -> list[str]:
    lot = f"/10/{quote(parts.lot, safe='')}" if parts.lot else ""
    known = [f"https://id.gs1.org/01/{parts.gtin}{lot}/21/{quote(parts.serial, safe='')}"]
    if not _ELEMENTS.search(parts.lot + parts.serial):
        known.append(f"(01){parts.gtin}{f'(10){parts.lot}' if parts.lot else ''}(21){parts.serial}")
    reference = _item_reference(parts.gtin)
    if reference and not parts.lot:  # the URN has no room for a lot
        known.append(f"urn:epc:id:sgtin:{reference}.{quote(parts.serial, safe='')}")
    return known


def _item_reference(digits: str) -> str:
    """Company prefix and item reference of a GTIN as EPC URNs have them; empty where the prefix's length is not
    known."""
    length = company_prefix_length(digits)
    return f"{digits[1 : 1 + length]}.{digits[0]}{digits[1 + length : 13]}" if length else ""


def _gs1(number: str, lot: object) -> Parts:
    return Parts(number, "", "", key_text(lot, "@a_lot") if lot != "" else POOL)


def _of_item(number: str, lot: object, serial: object) -> Parts:
    known = key_text(lot, "@a_lot") if lot != "" else ""
    if known.startswith(POOL):
        raise Fault.of(lot, "item_of_pool")
    return Parts(number, "", "", known, serial=key_text(serial, "@a_serial_number"))


def _of_unit(digits: str) -> Parts:
    return Parts("", "", "", "", sscc=sscc(digits.strip()))


def _from_urn(key: str) -> Parts:
    *names, value = [*key.split(":", 4), "", "", "", ""][:5]
    scheme = ":".join(names).lower()
    if scheme == "urn:epc:class:lgtin" and value:
        company, item, lot = [*value.split(".", 2), "", ""][:3]
        return _gs1(_gtin_of_urn(company, item), _lot_of_uri(lot))
    if scheme == "urn:epc:idpat:sgtin" and value.endswith(".*") and value.count(".") == 2:
        company, item, _any = value.split(".")
        return _gs1(_gtin_of_urn(company, item), "")
    if scheme == "urn:epc:id:sgtin" and value:
        company, item, serial = [*value.split(".", 2), "", ""][:3]
        return _of_item(_gtin_of_urn(company, item), "", _lot_of_uri(serial, "@serial_number"))
    if scheme == "urn:epc:id:sscc" and value:
        company, reference = [*value.split(".", 1), ""][:2]
        if len(company) + len(reference) != 17 or not 6 <= len(company) <= 12:
            raise Fault.of(value, "unit_sscc_digits")
        return _of_unit(with_check_digit(reference[0] + company + reference[1:]))
    raise Fault.of(key, "batch_urn")


def _gtin_of_urn(company: str, item: str) -> str:
    digits = company + item
    if not (digits.isascii() and digits.isdigit()) or len(digits) != 13 or not 6 <= len(company) <= 12:
        raise Fault.of(digits, "batch_lgtin_digits")
    return gtin(with_check_digit(item[0] + company + item[1:]))


def _lot_of_uri(encoded: str, what: str = "@lot") -> str:
    try:
        lot = unquote(encoded, errors="strict") if "%" in encoded else encoded
    except UnicodeDecodeError:
        raise Fault.of(encoded, "batch_part_encoding", what=what) from None
    if not lot:
        raise Fault.of(encoded, "batch_part_missing", what=what)
    return lot


def _from_link(key: str) -> Parts:
    address, asked, query = key.partition("#")[0].partition("?")
    path = address.removesuffix("/").split("/")[3:]
    for start, name in enumerate(path[:-1]):
        if name in _UNIT_NAMES and len(path[start + 1]) == 18 and path[start + 1].isdigit():
            return _of_unit(path[start + 1])
        if name in _GTIN_NAMES and path[start + 1].isdigit():
            parts = _from_pairs(path[start:], uri=True)
            lot = _LOT_ASKED.search(asked + query)  # the standard has lots in the path; not all who write them do
            if lot is not None and parts.lot in ("", POOL):
                known = _lot_of_uri(lot[1])
                return _of_item(parts.gtin, known, parts.serial) if parts.serial else _gs1(parts.gtin, known)
            return parts
    raise Fault.of(key, "batch_link")


def _from_pairs(path: list[str], *, uri: bool) -> Parts:
    """``01/GTIN[/22/…][/10/LOT][/21/SERIAL]``; ``uri``: percent-encoded as in an address, else as in the canonical
    text."""
    number = gtin(path[1] if len(path) > 1 else "")
    rest = path[2:]
    if rest[:1] and rest[0] in _VARIANT_NAMES:
        rest = rest[2:]
    if not rest:
        return _gs1(number, "")
    read = _lot_of_uri if uri else _named
    lot = ""
    if rest[0] in _LOT_NAMES and len(rest) > 1:
        lot, rest = read(rest[1], "@lot"), rest[2:]
        if not rest:
            return _gs1(number, lot)
    if len(rest) == 2 and rest[0] in _SERIAL_NAMES:
        return _of_item(number, lot, read(rest[1], "@serial_number"))
    if rest[0] == _THIRD_PARTY_SERIAL:
        raise Fault.of("/".join(path), "item_third_party")
    raise Fault.of("/".join(path), "batch_path")


def _named(segment: str, what: str) -> str:
    if not segment.strip():
        raise Fault.of(segment, "batch_part_missing", what=what)
    return _unescaped(segment)


def _from_elements(key: str) -> Parts:
    """``(01)GTIN(10)LOT``, in any order, with others between."""
    pieces = _ELEMENTS.split(key)
    if pieces[0] or len(pieces) < 3:
        raise Fault.of(key, "batch_elements")
    elements: dict[str, str] = {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in elements:
            raise Fault.of(key, "batch_elements_twice", name=name)
        if next(reversed(elements), "") in ("10", "21") and not _is_element(name, value):
            raise Fault.of(key, "batch_elements_behind", name=name)
        elements[name] = value
    if "00" in elements and "01" not in elements:
        return _of_unit(elements["00"])
    if "01" not in elements:
        raise Fault.of(key, "batch_elements_gtin")
    number = gtin(elements["01"])
    for name, what in (("10", "@lot"), ("21", "@serial_number")):
        if name in elements and not elements[name].strip():
            raise Fault.of(key, "batch_part_missing", what=what)
    return _of_elements(number, elements)


def _of_elements(number: str, elements: Mapping[str, str]) -> Parts:
    if "21" in elements:
        return _of_item(number, elements.get("10", ""), elements["21"])
    return _gs1(number, elements.get("10", ""))


def _is_element(name: str, value: str) -> bool:
    """Is this a GS1 element, by GS1's table? A lot with brackets in it only looks as if it went over into one."""
    try:
        known = GS1ApplicationIdentifier.extract(name + value)
    except ParseError:
        return False
    return known.ai == name and re.fullmatch(known.pattern, name + value) is not None


def _from_gtin(key: str) -> Parts:
    """A bare GTIN: its general pool."""
    if key.isascii() and key.isdigit() and len(key) in GTIN_LENGTHS:
        return _gs1(gtin(key), "")
    raise Fault.of(key, "batch_form")


def _from_scan(key: str) -> Parts:
    """An element string without brackets, its GTIN first."""
    number = gtin(key[2:16])
    try:
        elements = GS1Message.parse(key).element_strings
    except ParseError as error:
        raise Fault.of(key, "batch_scan", why=error) from None
    named = {element.ai.ai: element.value for element in elements}
    return _of_elements(number, named)


def _from_path(key: str) -> Parts:
    path = key.split("/")
    if path[0] == "01":
        if not path[-1]:  # 01/GTIN/10/, or 01/GTIN/
            path = path[:-2] if path[-2] in _LOT_NAMES else path[:-1]
        return _from_pairs(path, uri=False)
    if path[0] in ("00", "unit"):
        return _unit_of_path(path)
    if len(path) != 3:
        raise Fault.of(key, "batch_parts")
    issuer, item, lot = path
    if _unescaped(issuer).strip() == WINDOWS_BEGIN[:-1]:
        raise Fault.of(key, "batch_window")
    return Parts(
        "",
        key_text(_unescaped(issuer), "@the_operator"),
        key_text(_unescaped(item), "@the_product"),
        key_text(_unescaped(lot), "@a_lot") if lot.strip() else POOL,
    )


def _unit_of_path(path: list[str]) -> Parts:
    if path[0] == "00" and len(path) == 2:
        return _of_unit(path[1])
    if path[0] == "00" or len(path) != 3:
        raise Fault.of("/".join(path), "unit_form")
    owner, name = key_text(_unescaped(path[1]), "@a_unit_owner"), key_text(_unescaped(path[2]), "@a_unit_name")
    if name.startswith(POOL):
        raise Fault.of("/".join(path), "unit_pool")
    return Parts("", "unit", owner, name)


def _escaped(segment: str) -> str:
    if "%" in segment or "/" in segment:
        return segment.replace("%", "%25").replace("/", "%2F")
    return segment


def _unescaped(segment: str) -> str:
    """Only ``%2F`` and ``%25`` are escapes; any other ``%`` is a percent sign."""
    if "%" in segment:
        return segment.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")
    return segment
