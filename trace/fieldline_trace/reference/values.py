"""What a laboratory wrote as a value: a number, a range, an uncertainty, a bound, found or not found; and its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

_NUMBER = r"(\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)"
_ALONE = re.compile(rf"{_NUMBER}\Z")
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|~|～|to|至)\s*{_NUMBER}\Z")
_ABOUT = re.compile(rf"{_NUMBER}\s*(?:±|\+/-)\s*{_NUMBER}\Z")
_BELOW = re.compile(rf"(?:<|≤|<=|＜)\s*{_NUMBER}\Z")
_ABOVE = re.compile(rf"(?:>|≥|>=|＞)\s*{_NUMBER}\Z")
_ABSENT: Final = frozenset(["nd", "n.d.", "not detected", "absent", "negative", "not found", "未检出", "阴性"])
_PRESENT: Final = frozenset(["detected", "present", "positive", "found", "检出", "阳性"])

_UNDETECTED: Final = (
    "not detected", "absent", "未检出", "检出限以下", "低于检出限", "小于检出限", "低于定量限", "小于定量限",
    "below detection limit", "below the detection limit", "below lod", "below loq", "<lod", "<loq", "< lod", "< loq",
)  # fmt: skip
"""How texts begin that say that nothing was found, or too little to tell how much."""
_LIMIT_OF_DETECTION: Final = "检出限"
"""Not what was found: how little a laboratory can find."""
_THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2}(?:,\d{3})+)(?![\d,])")
"""A comma that parts thousands; any other is no number that is read: 0,05 may be meant as a twentieth."""

_MASS: Final = {"kg": 9, "g": 6, "mg": 3, "ug": 0, "ng": -3, "pg": -6}
"""Power of ten, in micrograms."""
_PER: Final = {"kg": 0, "l": 0, "g": -3, "ml": -3}
"""Power of ten, in kilograms; a litre counts as a kilogram, as dilute foods and water are reported."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found: between ``lo`` and ``hi``, both inclusive. ``hi`` None: no upper bound was told."""

    lo: Decimal
    hi: Decimal | None
    found: bool
    """The laboratory found it: neither not detected nor below what it can quantify."""


@lru_cache(maxsize=4096)
def measured(text: str) -> Measured | None:
    """What a value says; None where it says no amount and neither found nor not found."""
    said = _THOUSANDS.sub(lambda match: match[1].replace(",", ""), " ".join(text.split()).casefold())
    if said in _ABSENT or said.startswith(_UNDETECTED):
        return Measured(Decimal(0), Decimal(0), False)
    if said.startswith(_LIMIT_OF_DETECTION):
        return None
    if said in _PRESENT or said.startswith(("detected", "present", "检出")):
        return Measured(Decimal(0), None, True)
    if match := _ALONE.match(said):
        return Measured(Decimal(match[1]), Decimal(match[1]), Decimal(match[1]) > 0)
    if match := _RANGE.match(said):
        lo, hi = sorted((Decimal(match[1]), Decimal(match[2])))
        return Measured(lo, hi, True)
    if match := _ABOUT.match(said):
        value, more = Decimal(match[1]), Decimal(match[2])
        return Measured(max(value - more, Decimal(0)), value + more, True)
    if match := _BELOW.match(said):
        return Measured(Decimal(0), Decimal(match[1]), False)
    if match := _ABOVE.match(said):
        return Measured(Decimal(match[1]), None, True)
    return None


@lru_cache(maxsize=1024)
def factor(unit: str, to: str) -> Decimal | None:
    """What one of ``unit`` is in ``to``, of contents by mass such as ``mg/kg``; None where they cannot be compared."""
    one, other = _scale(unit), _scale(to)
    if one is None or other is None:
        return Decimal(1) if _plain(unit) == _plain(to) else None
    return Decimal(10) ** (one - other)


def _scale(unit: str) -> int | None:
    """Power of ten of a unit, in micrograms a kilogram."""
    named = {"ppm": 3, "ppb": 0}.get(_plain(unit))
    if named is not None:
        return named
    above, slash, below = _plain(unit).partition("/")
    if not slash or above not in _MASS or below not in _PER:
        return None
    return _MASS[above] - _PER[below]


def _plain(unit: str) -> str:
    return unit.casefold().replace("µ", "u").replace("μ", "u").replace(" ", "").replace("mcg", "ug")
