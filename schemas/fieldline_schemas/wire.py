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
        raise Fault("", f"{len(raw)} bytes", f"an event has at most {MOST_BYTES} bytes")
    try:
        value = _decode(raw)
        json.loads(raw, object_pairs_hook=_unique, parse_float=str, parse_int=str)
    except RecursionError:
        raise Fault("", "", f"this is nested deeper than {DEEPEST} levels") from None
    except ArithmeticError:
        raise Fault("", "", "this is not JSON that can be kept: a number's exponent is out of range") from None
    except UnicodeDecodeError as error:
        raise Fault("", "", f"this is not UTF-8: {error.reason} at byte {error.start}") from None
    except msgspec.DecodeError as error:
        raise Fault("", "", f"this is not JSON that can be kept: {error}") from None
    if not isinstance(value, dict):
        raise Fault.of(value, "an event is a JSON object")
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and nested_deeper(value, DEEPEST):
        raise Fault("", "", f"this is nested deeper than {DEEPEST} levels")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """``Fault`` where one object gives a field twice; only json's pairs show that."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Fault(name[:128], "", "this field is given twice")
        seen.add(name)


def is_extension(name: str) -> bool:
    """Is this the name of an extension: kept as it is, never read?"""
    return name.startswith("x-")


def check_extension(name: str) -> None:
    """``Fault`` where an extension cannot be kept because its name is no name."""
    if not 2 < len(name) <= 128 or not name.isprintable():
        raise Fault(name[:128], "", "an extension's name is x- and up to 126 printable characters")


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
