"""Working days: Monday to Friday by the calendar in China. Public holidays, and the weekends that are worked for them,
are not in the reference data: a deadline may lie later than is reckoned here, never earlier but for such a weekend."""

from __future__ import annotations

from fieldline_trace.reference.limits import CHINA, DAY

_THURSDAY = 3
"""The first of January 1970."""


def end_of_working_days(since: int, days: int) -> int:
    """The last microsecond of the working day number ``days`` after the day of ``since`` (microseconds)."""
    day, left = (since + CHINA) // DAY, days  # a number: no calendar ends where a time does
    while left:
        day += 1
        left -= (day + _THURSDAY) % 7 < 5
    return (day + 1) * DAY - CHINA - 1
