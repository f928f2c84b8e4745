"""The values of EPCIS documents, each with the rule that it is held to. A rule takes a decoded JSON value and raises
``Fault`` without a field; who knows the field adds it.

Formats are asserted: a date-time that is none, or a made-up word where a URI should stand, is refused. Sources: GS1
EPCIS 2.0.1 JSON binding, RFC 3339, RFC 3986.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from fieldline_schemas.faults import Fault
from fieldline_schemas.times import interval_of
from fieldline_schemas.whole import too_few

Rule = Callable[[Any], None]

_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}|\[[0-9A-Fa-f:.]+\])*(?=[/?#]|\Z))?"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?\Z"
)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_ZONE = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)\Z", re.ASCII)
_UOM = re.compile(r"[A-Z0-9]{2,3}\Z")
_HEX = re.compile(r"[A-Fa-f0-9]+\Z")
_VERSION = re.compile(r"\d+(?:\.\d+)*\Z", re.ASCII)
_OLD_WORD = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_GS1_WORD = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")


def text(value: object) -> None:
    """A text."""
    if not isinstance(value, str):
        raise Fault.of(value, "this_is_text")


def is_uri(value: object) -> bool:
    """Is this an absolute URI (or a CURIE, which looks like one)?"""
    return isinstance(value, str) and _URI.match(value) is not None


def uri(value: object) -> None:
    """An absolute URI."""
    if not is_uri(value):
        raise Fault.of(value, "absolute_uri")


def uri_or_empty(value: object) -> None:
    """An absolute URI; an empty text is none (real documents have it)."""
    if value != "":
        uri(value)


def date_time(value: object) -> None:
    """A date and time with its offset, as RFC 3339 says."""
    if not isinstance(value, str) or not _DATE_TIME.match(value):
        raise Fault.of(value, "epcis_time")
    interval_of(value, None)


def zone_offset(value: object) -> None:
    """An offset from UTC."""
    if not isinstance(value, str) or not _ZONE.match(value):
        raise Fault.of(value, "epcis_offset")


def unit_of_measure(value: object) -> None:
    """A code of UN/ECE Recommendation 20."""
    if not isinstance(value, str) or not _UOM.match(value):
        raise Fault.of(value, "epcis_unit")


def number(value: object) -> None:
    """A JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Fault.of(value, "this_is_number")


def flag(value: object) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise Fault.of(value, "this_is_flag")


def hexadecimal(value: object) -> None:
    """Hexadecimal digits."""
    if not isinstance(value, str) or not _HEX.match(value):
        raise Fault.of(value, "this_is_hexadecimal")


def version(value: object) -> None:
    """Numbers with points between them."""
    if not isinstance(value, str) or not _VERSION.match(value):
        raise Fault.of(value, "epcis_version")


def context(value: object) -> None:
    """A JSON-LD context: a URI, an object, or a list of them."""
    parts = value if isinstance(value, list) else [value]
    for part in parts:
        if not isinstance(part, dict) and not is_uri(part):
            raise Fault.of(part, "epcis_context")


def exactly(*words: str) -> Rule:
    """One of a few words, nothing else."""

    def rule(value: object) -> None:
        if value not in words:
            raise Fault.of(value, "this_is_or", words=words)

    return rule


def word(known: Collection[str], what: str, *, gs1: bool = False) -> Rule:
    """A standard word, or a URI that is no old spelling of one (``gs1``: nor one of the GS1 Web Vocabulary)."""
    foreign = _GS1_WORD if gs1 else _OLD_WORD

    def rule(value: object) -> None:
        if isinstance(value, str) and value in known:
            return
        if not is_uri(value):
            raise Fault.of(value, "epcis_word_unknown", what=what)
        if foreign.match(str(value)):
            raise Fault.of(value, "epcis_word_bare", what=what)

    return rule


def several(one: Rule, *, least: int = 0, unique: bool = False) -> Rule:
    """A list."""

    def rule(value: object) -> None:
        if not isinstance(value, list):
            raise Fault.of(value, "not_a_list")
        if len(value) < least:
            raise too_few(least).about(value)
        for index, inner in enumerate(value):
            try:
                one(inner)
            except Fault as fault:
                raise fault.at(f"[{index}]") from None
        if unique and len(set(map(str, value))) < len(value):
            raise Fault.of(value, "named_twice")

    return rule


def one_or_several(one: Rule) -> Rule:
    """A value, or a list of such."""
    many = several(one)
    return lambda value: many(value) if isinstance(value, list) else one(value)


def parts(
    fields: Mapping[str, Rule], required: Collection[str] = (), *, extensions: bool = False, others: bool = False
) -> Rule:
    """An object. A field that is not known is refused, unless its name is a URI or CURIE (``extensions``) or anything
    may stand there (``others``)."""

    def rule(value: object) -> None:
        if not isinstance(value, dict):
            raise Fault.of(value, "not_an_object")
        for name in required:
            if name not in value:
                raise Fault.by("this_is_missing", name)
        for name, inner in value.items():
            known = fields.get(name)
            if known is not None:
                try:
                    known(inner)
                except Fault as fault:
                    raise fault.at(name) from None
            elif not others and not (extensions and is_uri(name)):
                raise Fault.of(inner, "field_unknown_or_uri" if extensions else "field_unknown", name)

    return rule


def anything(value: object) -> None:
    """Any JSON."""


EXTENSION_NAMES: Final = parts({}, extensions=True)
"""An object all whose fields are extensions, such as ILMD."""
