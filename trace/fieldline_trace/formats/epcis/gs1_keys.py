"""GS1 keys among an event's identifiers: are they what they look like?

A Digital Link whose check digit is wrong names something else than was meant, or nothing: its event is refused by
field, like everywhere in this house. What only has a GS1 form, an EPC URN or a link of a wrong length, real documents
have, since EPCIS asks for a URI only: it is taken as a name of its issuer's own, with a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

from fieldline_schemas.batch_key import canonical_batch
from fieldline_schemas.faults import Fault, shown
from fieldline_schemas.identifiers import gln, gtin, sscc
from fieldline_schemas.sites import canonical_operator, canonical_site

from fieldline_trace.formats.epcis.words import EVENT_TYPES

_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_ENDS: Final = (("sourceList", "source"), ("destinationList", "destination"))
_KEYS: Final[dict[str, tuple[Callable[[str], str], tuple[int, ...]]]] = {
    "01": (gtin, (8, 12, 13, 14)),
    "gtin": (gtin, (8, 12, 13, 14)),
    "00": (sscc, (18,)),
    "sscc": (sscc, (18,)),
    "414": (gln, (13,)),
    "417": (gln, (13,)),
}
"""By the name of the key in a Digital Link: what checks it, and how many digits it has."""
_HOST: Final = "id.gs1.org"
_URNS: Final[dict[str, Callable[[str], object]]] = {
    "urn:epc:class:lgtin:": canonical_batch,
    "urn:epc:idpat:sgtin:": canonical_batch,
    "urn:epc:id:sgtin:": canonical_batch,
    "urn:epc:id:sscc:": canonical_batch,
    "urn:epc:id:sgln:": canonical_site,
    "urn:epc:id:pgln:": canonical_operator,
}


def check_keys(event: Mapping[str, Any]) -> list[Fault]:
    """What an event's identifiers only look like; ``Fault`` with the field of a Digital Link whose check digit is
    wrong."""
    remarks: list[Fault] = []
    for path, uri in _identifiers(event) if event.get("type") in EVENT_TYPES else ():
        fault = _fault_of(uri)
        if fault is None:
            continue
        if fault.code == "check_digit" and uri[:4].lower() != "urn:":
            raise fault.at(*path)
        remarks.append(fault.at(*path))
    return remarks


def _fault_of(uri: str) -> Fault | None:
    try:
        if uri[:8].lower() == "urn:epc:":
            prefix = next((prefix for prefix in _URNS if uri.startswith(prefix)), "")
            if prefix and len(uri) <= 128:
                _URNS[prefix](uri)
        elif uri[:4].lower() == "http":
            _check_link(uri)
    except Fault as fault:
        return Fault("", shown(uri), fault.rule if not fault.code else "", fault.code, fault.arguments)
    return None


def _check_link(uri: str) -> None:
    parts = urlsplit(uri)
    for name, value in pairwise(parts.path.split("/")):
        check, lengths = _KEYS.get(name, (None, ()))
        if check is None or not (value.isascii() and value.isdigit()):
            continue
        if len(value) in lengths or parts.hostname == _HOST:
            check(value)
        return


def _identifiers(event: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name in _LISTS:
        for index, epc in enumerate(event.get(name, ())):
            yield (name, index), epc
    for name in _QUANTITIES:
        for index, element in enumerate(event.get(name, ())):
            yield (name, index, "epcClass"), element["epcClass"]
    for name in ("readPoint", "bizLocation"):
        if name in event:
            yield (name, "id"), event[name]["id"]
    for name, end in _ENDS:
        for index, one in enumerate(event.get(name, ())):
            yield (name, index, end), one[end]
    if event.get("parentID"):
        yield ("parentID",), event["parentID"]
