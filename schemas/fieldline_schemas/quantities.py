"""Quantities: an exact decimal and a unit of UN/ECE Recommendation 20 (codes; packages: Recommendation 21 with X
before them)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from fieldline_schemas.faults import Fault

Dimension = Literal["mass", "volume", "count"]
MOST_DIGITS: Final = 18
"""Digits before, and digits after the point."""
_NUMBER = re.compile(r"\+?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?\Z", re.ASCII)


class Unit(NamedTuple):
    """``factor``: how many kilograms, litres or pieces one is; None for packages, which cannot be turned into each
    other."""

    code: str
    dimension: Dimension
    factor: Decimal | None
    names: tuple[str, ...]


UNITS: Final = {
    unit.code: unit
    for unit in (
        Unit(
            "KGM",
            "mass",
            Decimal(1),
            ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme", "千克", "公斤"),
        ),
        Unit("GRM", "mass", Decimal("0.001"), ("g", "gram", "grams", "gramme", "克")),
        Unit("MGM", "mass", Decimal("0.000001"), ("mg", "milligram", "milligrams", "毫克")),
        Unit("TNE", "mass", Decimal(1000), ("t", "tonne", "tonnes", "metric ton", "metric tons", "吨", "公吨")),
        Unit("DTN", "mass", Decimal(100), ("dt", "decitonne", "quintal", "公担")),
        Unit("LBR", "mass", Decimal("0.45359237"), ("lb", "lbs", "pound", "pounds", "磅")),
        Unit("ONZ", "mass", Decimal("0.028349523125"), ("oz", "ounce", "ounces", "盎司")),
        Unit("JIN", "mass", Decimal("0.5"), ("jin", "斤", "市斤")),
        Unit("LNG", "mass", Decimal("0.05"), ("liang", "两", "市两")),
        Unit("DAN", "mass", Decimal(50), ("dan", "担", "市担")),
        Unit("LTR", "volume", Decimal(1), ("l", "liter", "liters", "litre", "litres", "升")),
        Unit(
            "MLT", "volume", Decimal("0.001"), ("ml", "milliliter", "milliliters", "millilitre", "millilitres", "毫升")
        ),
        Unit("CLT", "volume", Decimal("0.01"), ("cl", "centilitre", "centilitres")),
        Unit("HLT", "volume", Decimal(100), ("hl", "hectolitre", "hectolitres", "百升")),
        Unit("MTQ", "volume", Decimal(1000), ("m3", "m³", "cubic metre", "cubic metres", "立方米")),
        Unit("GLL", "volume", Decimal("3.785411784"), ("gal", "gallon", "gallons")),
        Unit(
            "H87",
            "count",
            Decimal(1),
            ("piece", "pieces", "pc", "pcs", "ea", "each", "个", "只", "件", "枚", "C62", "EA", "unit", "units"),
        ),
        Unit("DZN", "count", Decimal(12), ("dozen", "打")),
        Unit("PTN", "count", None, ("portion", "portions", "serving", "servings", "份")),
        Unit("HEA", "count", None, ("head", "heads", "头")),
        Unit("XBX", "count", None, ("box", "boxes", "carton", "cartons", "case", "cases", "箱", "XCT", "XCS")),
        Unit("XPK", "count", None, ("package", "packages", "pack", "packs", "packet", "packets", "盒", "XPA")),
        Unit("XBG", "count", None, ("bag", "bags", "sack", "sacks", "袋", "包", "XSA")),
        Unit("XBO", "count", None, ("bottle", "bottles", "瓶")),
        Unit("XCA", "count", None, ("can", "cans", "tin", "tins", "罐")),
        Unit("XCR", "count", None, ("crate", "crates", "筐")),
        Unit("XBJ", "count", None, ("bucket", "buckets", "桶")),
        Unit("XPX", "count", None, ("pallet", "pallets", "托盘", "托")),
        Unit("XTR", "count", None, ("tray", "trays", "盘", "板")),
    )
}
"""By code. JIN, LNG and DAN (斤, 两, 担) have no code in Recommendation 20; these are ours."""

_BY_NAME = {name.casefold(): unit.code for unit in UNITS.values() for name in (unit.code, *unit.names)}


@lru_cache(maxsize=4096)
def unit_code(text: str) -> str:
    """The code of a unit in a common spelling: ``kg``, ``公斤`` and ``KGM`` are ``KGM``."""
    if not isinstance(text, str):
        raise Fault.of(text, "unit_type")
    code = _BY_NAME.get(text.strip().casefold()) if len(text) <= 32 else None
    if code is None:
        raise Fault.of(text, "unit_unknown")
    return code


def quantity(value: object) -> str:
    """A quantity above zero as canonical decimal text: no exponent, no zeros at the end, exactly what was said."""
    text = decimal_text(value)
    if text == "0":
        raise Fault.of(value, "quantity_positive")
    return text


def decimal_text(value: object) -> str:
    """A decimal number, not negative, as canonical text; at most 18 digits before and 18 behind the point."""
    if isinstance(value, str):
        return _decimal_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Fault.of(value, "quantity_number")
    if isinstance(value, int) and value >= 10**MOST_DIGITS:
        raise Fault.of(value, "quantity_digits_before", most=MOST_DIGITS)
    return _decimal_text(str(value))


def signed_text(value: object) -> str:
    """A decimal number, negative or not, as canonical text; at most 18 digits before and 18 behind the point."""
    text = str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.strip().startswith("-"):
        return decimal_text(value)
    try:
        digits = decimal_text(text.strip()[1:] if text.strip()[1:2].isdigit() else "")
    except Fault as fault:
        raise fault.about(value) from None
    return digits if digits == "0" else f"-{digits}"


@lru_cache(maxsize=16384)
def _decimal_text(text: str) -> str:
    match = _NUMBER.match(text.strip()) if len(text) <= 100 else None
    if match is None:
        raise Fault.of(text, "quantity_number")
    whole, fraction, exponent = match[1], match[2] or "", int(match[3] or 0)
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + exponent  # digits before the point; may be negative
    digits = digits.rstrip("0")
    if not digits:
        return "0"
    if point > MOST_DIGITS or len(digits) - point > MOST_DIGITS:
        raise Fault.of(text, "quantity_digits", most=MOST_DIGITS)
    if point <= 0:
        return "0." + "0" * -point + digits
    if len(digits) <= point:
        return digits.ljust(point, "0")
    return f"{digits[:point]}.{digits[point:]}"
