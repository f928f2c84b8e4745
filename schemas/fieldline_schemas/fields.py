"""The kinds of values that fields have, each with the one function that reads it.

Both readings of an event use these functions: the pydantic contract (as validators) and the fast one (directly). What
differs between them is only the structure around the values, and a property test holds that together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from fieldline_schemas.admin_code import admin_code
from fieldline_schemas.batch_key import canonical_batch, is_unit
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import gtin
from fieldline_schemas.quantities import decimal_text, quantity, signed_text, unit_code
from fieldline_schemas.sites import canonical_operator, canonical_site
from fieldline_schemas.text import LONGEST_PROSE, id_text, key_text, prose
from fieldline_schemas.times import Interval, canonical_zone, interval_of

Evened = Literal["", "time", "decimal"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """How values of one sort are read.

    ``read`` takes what the JSON says and gives the content or raises ``Fault``. ``text``: only a JSON string can be
    one. ``evens``: what the canonical form evens out in it. ``wire``: its JSON Schema.
    ``personal``: it tells who a person is.
    """

    read: Callable[[Any], Any]
    wire: Mapping[str, Any]
    text: bool = True
    evens: Evened = ""
    personal: bool = False

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's view of it: a plain validator."""
        return core_schema.no_info_plain_validator_function(self.check)

    def check(self, value: object) -> Any:
        """``read`` for any JSON value at all."""
        if self.text and not isinstance(value, str):
            raise Fault.of(value, "this_is_text")
        return self.read(value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema of what is on the wire."""
        return dict(self.wire)


@dataclass(frozen=True, slots=True)
class Unzoned:
    """A time that was read and waits for its event's zone."""

    said: Any


def _unzoned(value: object) -> Unzoned:
    interval_of(value, None)
    return Unzoned(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Fault.of(value, "this_is_flag")
    return value


def _count(value: object) -> int:
    """A whole number from 0 on, also when it is written 1.0."""
    if (
        isinstance(value, Decimal)
        and value.is_finite()
        and value.adjusted() < 19
        and value == value.to_integral_value()
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise Fault.of(value, "this_is_count")
    return value


def _version(value: object) -> int:
    number = _count(value)
    if not number:
        raise Fault.of(value, "version_from_one")
    return number


def _digest(value: object) -> str:
    if isinstance(value, str) and len(value) == 64 and not set(value.lower()) - set("0123456789abcdef"):
        return value.lower()
    raise Fault.of(value, "digest_digits")


def _country(value: str) -> str:
    if len(value) == 2 and value.isascii() and value.isalpha() and value.isupper():
        return value
    raise Fault.of(value, "country_code")


def _measured(value: object) -> str:
    """A result as the laboratory wrote it: a number, or a text such as ``<0.01`` or ``detected``."""
    if isinstance(value, str):
        return key_text(value, "@a_result")
    if isinstance(value, int | float | Decimal) and value < 0:
        return f"-{decimal_text(value.copy_abs() if isinstance(value, Decimal) else -value)}"
    return decimal_text(value)


def _gtin_text(value: object) -> str:
    if not isinstance(value, str):
        raise Fault.of(value, "gtin_type")
    return gtin(value.strip())


def _named(value: object) -> str:
    return key_text(value, "@this")


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


_TIME_WIRE = {
    "description": "RFC 3339 instant, or partial date: year, month or day",
    "type": "string",
    "pattern": r"^\d{4}(-\d\d(-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?)?)?)?$",
}
_END_WIRE = {"anyOf": [_TIME_WIRE, {"type": "null"}]}
_NUMBER_WIRE = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*\+?\d+(\.\d+)?([eE][+-]?\d+)?\s*$"}]}


def _unit(value: str) -> str:
    key = canonical_batch(value)
    if not is_unit(key):
        raise Fault.of(value, "unit_spelling")
    return key


_SIGNED_WIRE = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*$"}]
}

BatchKey = Annotated[str, Value(canonical_batch, _text(1024))]
"""A batch, an item or a unit in any spelling; content: the canonical key."""
UnitKey = Annotated[str, Value(_unit, _text(1024))]
"""A unit in any spelling; content: the canonical key."""
SiteKey = Annotated[str, Value(canonical_site, _text(1024))]
OperatorKey = Annotated[str, Value(canonical_operator, _text(1024))]
Id = Annotated[str, Value(id_text, _text(256))]
Name = Annotated[str, Value(_named, _text(1024))]
"""A short text that names something: 1 to 128 printable characters."""
Prose = Annotated[str, Value(prose, _text(4 * LONGEST_PROSE))]
"""A text for people, up to 4,000 characters."""
Personal = Annotated[str, Value(_named, _text(1024), personal=True)]
"""A text that names a person, or tells who it is: split off at the door, where a pseudonym takes its place."""
Zone = Annotated[str, Value(canonical_zone, _text(64))]
GridUnit = Annotated[str, Value(admin_code, {"type": "string", "pattern": r"^\s*(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})\s*$"})]
Gtin = Annotated[str, Value(_gtin_text, {"type": "string", "pattern": r"^\s*(\d{8}|\d{12,14})\s*$"})]
Country = Annotated[str, Value(_country, {"type": "string", "pattern": r"^[A-Z]{2}$"})]
"""A country by its ISO 3166-1 code of two capitals."""
Digest = Annotated[str, Value(_digest, {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})]
Time = Annotated[
    Interval,
    Value(
        _unzoned,
        {
            "anyOf": [
                _TIME_WIRE,
                {
                    "type": "object",
                    "properties": {"from": _END_WIRE, "to": _END_WIRE},
                    "additionalProperties": False,
                },
            ]
        },
        text=False,
        evens="time",
    ),
]
"""A time; content: an ``Interval``."""
Quantity = Annotated[str, Value(quantity, _NUMBER_WIRE, text=False, evens="decimal")]
"""A decimal above zero; content: canonical decimal text."""
Amount = Annotated[str, Value(decimal_text, _NUMBER_WIRE, text=False, evens="decimal")]
"""A decimal from zero on; content: canonical decimal text."""
Signed = Annotated[str, Value(signed_text, _SIGNED_WIRE, text=False, evens="decimal")]
"""A decimal, negative or not: a temperature, a weight; content: canonical decimal text."""
UnitCode = Annotated[str, Value(unit_code, _text(32))]
Measured = Annotated[str, Value(_measured, {"anyOf": [{"type": "number"}, _text(1024)]}, text=False)]
Flag = Annotated[bool, Value(_flag, {"type": "boolean"}, text=False)]
Count = Annotated[int, Value(_count, {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, text=False)]
Version = Annotated[int, Value(_version, {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, text=False)]


def choice(*words: str) -> Value:
    """One of a few words, spelled exactly."""
    known = frozenset(words)

    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise Fault.of(value, "this_is_one_of", words=words)

    return Value(read, {"type": "string", "enum": list(words)})


def said(
    description: str,
    *,
    example: Any,
    term: str = "",
    unit: str = "",
    at_least: int | None = None,
    personal: bool = False,
) -> dict[str, Any]:
    """What every field says of itself, for ``Field``: description, an example, the field's term in Chinese, its
    unit, whether it tells who a person is (then its sort is ``Personal``)."""
    extra: dict[str, Any] = {"x-term": term} if term else {}
    if personal:
        extra["x-personal"] = True
    if unit:
        extra["x-unit"] = unit
    about: dict[str, Any] = {"description": description, "examples": [example], "json_schema_extra": extra}
    if isinstance(example, list):
        about["fail_fast"] = True  # one fault is told; a list of 100,000 wrong batches need not be read to its end
    if at_least is not None:
        about["min_length"] = at_least
    return about


def read_field(sort: Any, value: object, field: str) -> Any:
    """Read ``value`` as one of the sorts above (``Id``, ``SiteKey`` …); a ``Fault`` names ``field``."""
    try:
        return sort.__metadata__[0].check(value)
    except Fault as fault:
        raise (fault.at(field) if field else fault) from None
