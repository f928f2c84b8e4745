"""The canonical key of a site, and that of an operator.

A site is a place of an operator. A GLN in any spelling is ``414/GLN13`` (EPC URN, Digital Link, element string), and
the extension that a spelling may have is a location within the site; any other text is itself. An operator alike:
``417/GLN13``, a unified social credit code in capitals with its check character, or the text itself.

Sources: GS1 EPC Tag Data Standard 2.0 sections 6.3 (SGLN, PGLN); GS1 Digital Link: URI Syntax 1.3; GB 32100-2015.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import gln, uscc, with_check_digit
from fieldline_schemas.text import key_text

_BUSINESS = re.compile(r"9[1-3]\d{6}[0-9A-Za-z]{10}\Z", re.ASCII)
"""Unified social credit codes of enterprises, sole traders and farmers' cooperatives: surely meant as such, so a wrong
check character is a fault."""
_CREDIT_CODE = re.compile(r"[0-9A-Za-z]{2}\d{6}[0-9A-Za-z]{10}\Z", re.ASCII)
"""Perhaps the code of a school, an authority, an association, which begin in many ways: it is one if its check
character is right."""
_GLN_IN_PATH = re.compile(r"\d{13}\Z", re.ASCII)
_EXTENSION = re.compile(
    r"urn:epc:id:sgln:\d+\.\d*\.(?P<urn>.+)|https?://\S*/414/\d{13}/254/(?P<link>[^/?#]+)\S*|\(414\)\d{13}\(254\)(?P<element>.+)",
    re.ASCII | re.IGNORECASE,
)
EXTENDED = frozenset("uUhH( ")
"""How a spelling begins that may have an extension."""
_NO_EXTENSION = "0"
"""GS1's word for a GLN without one."""


@lru_cache(maxsize=65536)
def canonical_site(text: str) -> str:
    """The canonical key of a site: ``414/GLN13`` or 1 to 128 printable characters, NFC."""
    return _with_gln(key_text(text, "@a_site"), "414", "sgln")


@lru_cache(maxsize=65536)
def location_of(text: str) -> str | None:
    """The location within the site that a spelling of a GLN names by its extension; None where it names none."""
    if text[:1] not in EXTENDED:
        return None
    found = _EXTENSION.fullmatch(text.strip())
    if found is None:
        return None
    try:
        name = key_text(unquote(next(filter(None, found.groups()))))
    except Fault:
        return None
    return None if name == _NO_EXTENSION else name


def location_key(site: str, location: str) -> str:
    """The key of a place within a canonical site, which has a number among the sites' like they: ``SITE;LOCATION``."""
    return f"{_without_semicolon(site)};{_without_semicolon(location)}"


def _without_semicolon(text: str) -> str:
    return text.replace("%", "%25").replace(";", "%3B") if "%" in text or ";" in text else text


def location_parts(key: str) -> tuple[str, str]:
    """Site and location of a ``location_key``."""
    site, location = (part.replace("%3B", ";").replace("%25", "%") for part in key.split(";"))
    return site, location


@lru_cache(maxsize=65536)
def canonical_operator(text: str) -> str:
    """The canonical key of an operator: ``417/GLN13``, a unified social credit code, or 1 to 128 printable
    characters, NFC."""
    key = key_text(text, "@an_operator")
    if _BUSINESS.match(key):
        return uscc(key)
    if _CREDIT_CODE.match(key):
        with suppress(Fault):
            return uscc(key)
    return _with_gln(key, "417", "pgln")


def _with_gln(key: str, identifier: str, scheme: str) -> str:
    try:
        if key.startswith(f"({identifier})"):
            number = key[len(identifier) + 2 :].partition("(")[0]
        elif key.startswith(f"{identifier}/"):
            number = key[len(identifier) + 1 :]
        elif key[: len(scheme) + 12].lower() == f"urn:epc:id:{scheme}:":
            company, reference = [*key[len(scheme) + 12 :].split(".", 2), ""][:2]
            if len(company) + len(reference) != 12:
                raise Fault.of(key, "site_urn_digits", scheme=scheme.upper())
            return f"{identifier}/{gln(with_check_digit(company + reference))}"
        elif key[:4].lower() == "http" and "://" in key[:9]:
            path = urlsplit(key).path.split("/")
            numbers = [number for name, number in pairwise(path) if name == identifier and _GLN_IN_PATH.match(number)]
            if not numbers:
                return key
            number = numbers[0]
        else:
            return key
        return f"{identifier}/{gln(number)}"
    except Fault as fault:
        raise fault.about(key) from None
    except ValueError:
        return key
