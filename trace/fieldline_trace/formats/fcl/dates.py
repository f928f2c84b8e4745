"""Dates as people typed them into FoodChain-Lab: ISO or a part of it, ``9/2018``, ``21/1/2019``, ``End 2023``.

Read as the widest interval that the words allow, never as less: what is too wide excludes nothing that it should not.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

Said = str | dict[str, str]
"""A date as an event says it: a (partial) ISO date, or the first and last day that it may be."""

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.](\d{4})$")
_YEAR_MONTH = re.compile(r"(\d{4})[/.](\d{1,2})$")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_WORDS_YEAR = re.compile(r"(?:begin(?:ning)?|start|early|mid(?:dle)?|late|end)(?: of)?[ -](\d{4})$", re.IGNORECASE)
_WORDS_MONTH = re.compile(
    r"(?:begin(?:ning)?|start|early|mid(?:dle)?|late|end)(?: of)?[ -](\d{1,2})[/.](\d{4})$", re.IGNORECASE
)


def said_date(text: str) -> Said | None:
    """The date in ``text``, or None where it cannot be read.

    ``3/4/2018`` may be either day: both are allowed for. ``End 2023`` is some day of 2023.
    """
    text = text.strip()
    if match := _ISO.match(text):
        year, month, day = (None if part is None else int(part) for part in match.groups())
        return _iso(year, month, day)
    if match := _WORDS_YEAR.match(text):
        return _iso(int(match[1]), None, None)
    if match := (_MONTH_YEAR.match(text) or _WORDS_MONTH.match(text)):
        return _iso(int(match[2]), int(match[1]), None)
    if match := _YEAR_MONTH.match(text):
        return _iso(int(match[1]), int(match[2]), None)
    if match := _DAY_MONTH_YEAR.match(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        readings = sorted({found for found in (_iso(year, second, first), _iso(year, first, second)) if found})
        if len(readings) == 2:
            return {"from": readings[0], "to": readings[1]}
        return readings[0] if readings else None
    return None


def _iso(year: int | None, month: int | None, day: int | None) -> str | None:
    """The partial ISO date, or None where there is no such day."""
    if year is None or not 1 <= year <= 9999:
        return None
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04d}-{month:02d}"
    if not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day).isoformat()
