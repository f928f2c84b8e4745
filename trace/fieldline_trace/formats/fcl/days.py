"""Calendar days as they are said, for FoodChain-Lab's order of time: it knows no zones and no hours.

A day is the number ``yyyymmdd``; of a date that says no month or day, the first and the last that it may be lie around
all days of its year or month.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
EARLIEST: Final = 0
LATEST: Final = 10**9


class Days(NamedTuple):
    """The first and the last day that a date may be."""

    first: int
    last: int


ANY: Final = Days(EARLIEST, LATEST)


def wall_days(said: Any) -> Days:
    """The days of a time as an event says it: a text, ``{"from", "to"}``, or None where it is not known."""
    if isinstance(said, dict):
        return Days(wall_days(said.get("from")).first, wall_days(said.get("to")).last)
    match = _DATE.match(said) if isinstance(said, str) else None
    if match is None:
        return ANY
    year, month, day = match.groups()
    return Days(int(year + (month or "00") + (day or "00")), int(year + (month or "99") + (day or "99")))


def left_and_came(departed: Any, arrived: Any) -> tuple[Days, Days]:
    """When a delivery left and when it came; where one is not known, it is the other."""
    left, came = wall_days(departed), wall_days(arrived)
    return (came if left == ANY else left), (left if came == ANY else came)
