"""How a batch, an item or a unit may be spelled: each spelling read into parts, and all spellings of a key.

Sources: GS1 EPC Tag Data Standard 2.0 section 6.3 (LGTIN, SGTIN, SSCC), GS1 Digital Link: URI Syntax 1.3, GS1 General
Specifications section 7.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_messages import GS1Message

from fieldline_schemas.batch_parts import POOL, WINDOWS_BEGIN, Parts, unescaped
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import (
    GTIN_LENGTHS,
    company_prefix_length,
    gtin,
    prefix_length,
    sscc,
    with_check_digit,
)
from fieldline_schemas.text import key_text

LONGEST: Final = 1024
"""Characters of a batch's spelling, with everything in it."""
_GTIN_NAMES = ("01", "gtin")
_LOT_NAMES = ("10", "lot")
_SERIAL_NAMES = ("21", "ser")
_THIRD_PARTY_SERIAL = "235"
_UNIT_NAMES = ("00", "sscc")
_VARIANT_NAMES = ("22", "cpv")
_ELEMENTS = re.compile(r"\((\d{2,4})\)")
_SCANNED = re.compile(r"(?:\](?:C1|d2|e0|J1|Q3))?(01(\d{14})(?:\x1d?\d\d.*)?)", re.ASCII | re.DOTALL)
"""An element string as a scanner gives it, GTIN first, perhaps behind the symbology identifier of the bar code."""
_SCANNED_UNIT = re.compile(r"(?:\](?:C1|d2|e0|J1|Q3))?00(\d{18})(?:\x1d.*)?", re.ASCII | re.DOTALL)
_LOT_ASKED = re.compile(r"[?&;](?:10|lot)=([^&;]+)")


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


def of_lot(number: str, lot: object) -> Parts:
    """The parts of a lot of a GTIN of 14 digits; no lot: the general pool."""
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
        return of_lot(_gtin_of_urn(company, item), _lot_of_uri(lot))
    if scheme == "urn:epc:idpat:sgtin" and value.endswith(".*") and value.count(".") == 2:
        company, item, _any = value.split(".")
        return of_lot(_gtin_of_urn(company, item), "")
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
                return _of_item(parts.gtin, known, parts.serial) if parts.serial else of_lot(parts.gtin, known)
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
        return of_lot(number, "")
    read = _lot_of_uri if uri else _named
    lot = ""
    if rest[0] in _LOT_NAMES and len(rest) > 1:
        lot, rest = read(rest[1], "@lot"), rest[2:]
        if not rest:
            return of_lot(number, lot)
    if len(rest) == 2 and rest[0] in _SERIAL_NAMES:
        return _of_item(number, lot, read(rest[1], "@serial_number"))
    if rest[0] == _THIRD_PARTY_SERIAL:
        raise Fault.of("/".join(path), "item_third_party")
    raise Fault.of("/".join(path), "batch_path")


def _named(segment: str, what: str) -> str:
    if not segment.strip():
        raise Fault.of(segment, "batch_part_missing", what=what)
    return unescaped(segment)


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
    return of_lot(number, elements.get("10", ""))


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
        return of_lot(gtin(key), "")
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
    if unescaped(issuer).strip() == WINDOWS_BEGIN[:-1]:
        raise Fault.of(key, "batch_window")
    return Parts(
        "",
        key_text(unescaped(issuer), "@the_operator"),
        key_text(unescaped(item), "@the_product"),
        key_text(unescaped(lot), "@a_lot") if lot.strip() else POOL,
    )


def _unit_of_path(path: list[str]) -> Parts:
    if path[0] == "00" and len(path) == 2:
        return _of_unit(path[1])
    if path[0] == "00" or len(path) != 3:
        raise Fault.of("/".join(path), "unit_form")
    owner, name = key_text(unescaped(path[1]), "@a_unit_owner"), key_text(unescaped(path[2]), "@a_unit_name")
    if name.startswith(POOL):
        raise Fault.of("/".join(path), "unit_pool")
    return Parts("", "unit", owner, name)
