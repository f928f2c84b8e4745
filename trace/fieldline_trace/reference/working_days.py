"""Working days: Monday to Friday by the calendar in China. Public holidays, and the weekends that are worked for them,
are not in the reference data: a deadline may lie later than is reckoned here, never earlier but for such a weekend."""

from __future__ import annotations

from datetime import date, timedelta

from fieldline_trace.reference.limits import CHINA, DAY, day_of

_EPOCH = date(1970, 1, 1)


def end_of_working_days(since: int, days: int) -> int:
    """The last microsecond of the working day number ``days`` after the day of ``since`` (microseconds)."""
    day, left = day_of(since), days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return ((day - _EPOCH).days + 1) * DAY - CHINA - 1
