"""Times as they stand in cells: dates of the spreadsheet's own, and texts that begin with the year.

What could be two days is refused: ``3/4/2026`` is one day in London and another in New York. An interval is written
with a slash, ``2026-03-01/2026-03-05``; an open end is two points, ``../2026-03-05``.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.times import interval_of

from fieldline_trace.formats.sheet.grid import Cell

_ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z|\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")
_CLOCK_TIME = r"(?:[T \u3000]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?\Z"
_YEAR_FIRST = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?" + _CLOCK_TIME),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月?(?:(?<=月)(?P<day>\d{1,2})日?)?" + _CLOCK_TIME),
)
_YEAR = re.compile(r"(?P<year>\d{4})年?\Z")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_SERIAL = re.compile(r"\d{5}(\.\d+)?\Z")
_CLOCK = re.compile(r"[hsHS]")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
OPEN = ".."


def said_time(cell: Cell) -> Any:
    """The time that a cell says, as events say it; ``Fault`` where it says none, or could say two."""
    value = cell.value
    if isinstance(value, datetime):
        return _of_datetime(value, cell.format)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        raise Fault.by("cell_time_without_date", "", str(value))
    if isinstance(value, bool):
        raise Fault.by("cell_flag_no_date", "", str(value))
    if isinstance(value, int | float):
        if 1000 <= value <= 9999 and value == int(value):
            return f"{int(value):04d}"
        raise Fault.by("cell_number_for_date", "", f"{value:g}")
    return _of_text(str(value))


def _of_datetime(value: datetime, number_format: str) -> str:
    """A date where its format shows no clock and it is midnight, else a wall time to the second."""
    shows_clock = _CLOCK.search(_QUOTED.sub("", number_format)) is not None
    if not shows_clock and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if value.microsecond:  # Excel counts in fractions of a day, which are never quite a second
        value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return value.isoformat()


def _of_text(text: str) -> Any:
    plain = text.strip()
    if _SERIAL.match(plain):
        raise Fault.by("cell_number_for_date", "", plain)
    if plain.count("/") == 1 and _year_first(plain) is None:
        begin, end = (part.strip() for part in plain.split("/"))
        return {name: _one(part) for name, part in (("from", begin), ("to", end)) if part != OPEN}
    return _one(plain)


def _one(plain: str) -> str:
    if _ISO.match(plain):
        return plain
    match = _year_first(plain) or _YEAR.match(plain)
    if match is None:
        if _YEAR_LAST.match(plain):
            raise Fault.by("cell_two_days", "", plain)
        interval_of(plain, None)  # says what is wrong with it
        return plain
    part = match.groupdict()
    text = part["year"]
    for name in ("month", "day"):
        if part.get(name):
            text += f"-{int(part[name]):02d}"
    if part.get("hour"):
        if not part.get("day"):
            raise Fault.by("cell_time_needs_day", "", plain)
        text += f"T{int(part['hour']):02d}:{part['minute']}:{part['second'] or '00'}"
    return text


def _year_first(plain: str) -> re.Match[str] | None:
    return next((match for pattern in _YEAR_FIRST if (match := pattern.match(plain))), None)


def shown_time(said: Any) -> str:
    """A time of an event as a cell's text."""
    if isinstance(said, dict):
        return "/".join(str(said.get(end) or OPEN) for end in ("from", "to"))
    return str(said)
