"""The one JSON reader: every reading of an event, fast or whole, begins here, so all agree on what JSON is.

Numbers with a fraction or an exponent become ``Decimal``, exactly as written. An object that gives a field twice is
refused: readers would take one or the other.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

import msgspec

from fieldline_schemas.faults import Fault

MOST_BYTES: Final = 16 * 2**20
"""Bytes of one event. A step with 100,000 batches has about 6 MB."""
DEEPEST: Final = 32
"""Levels of lists and objects. All readers of events go down by recursion, so this is checked first."""
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)
"""What a msgspec decoder with ``Decimal`` as its float hook raises for bytes that are no such JSON."""


def float_hook(digits: str) -> Decimal:
    """A number with a fraction or an exponent, exactly."""
    return Decimal(digits)


_decode = msgspec.json.Decoder(float_hook=float_hook).decode


def decode(raw: bytes) -> dict[str, Any]:
    """The JSON object that ``raw`` holds; ``Fault`` with an empty field where it holds none."""
    if len(raw) > MOST_BYTES:
        raise Fault.by("event_too_long", "", f"{len(raw)} bytes", most=MOST_BYTES)
    try:
        value = _decode(raw)
        json.loads(raw, object_pairs_hook=_unique, parse_float=str, parse_int=str)
    except RecursionError:
        raise Fault.by("nested_too_deep", most=DEEPEST) from None
    except ArithmeticError:
        raise Fault.by("json_exponent") from None
    except UnicodeDecodeError as error:
        raise Fault.by("json_not_utf8", why=error.reason, place=error.start) from None
    except msgspec.DecodeError as error:
        raise Fault.by("json_malformed", why=error) from None
    if not isinstance(value, dict):
        raise Fault.of(value, "event_no_object")
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and nested_deeper(value, DEEPEST):
        raise Fault.by("nested_too_deep", most=DEEPEST)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """``Fault`` where one object gives a field twice; only json's pairs show that."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Fault.by("field_twice", name[:128])
        seen.add(name)


def is_extension(name: str) -> bool:
    """Is this the name of an extension: kept as it is, never read?"""
    return name.startswith("x-")


def check_extension(name: str) -> None:
    """``Fault`` where an extension cannot be kept because its name is no name."""
    if not 2 < len(name) <= 128 or not name.isprintable():
        raise Fault.by("extension_name", name[:128])


def nested_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested in ``value`` (one of them itself) more than ``levels`` deep."""
    level: list[Any] = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
