"""When: every time is an interval of microseconds since 1970 UTC, both ends inclusive.

An instant (RFC 3339) is a point; a partial date (``2026``, ``2026-03``, ``2026-03-01``) is that year, month or day in
the site's zone; ``{"from": …, "to": …}`` goes from the begin of one to the end of the other; unknown is all time.
Where the zone is not known, what has no offset of its own is widened: 14 hours down, 12 hours up, the zones there
are.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from fieldline_schemas.faults import Fault, shown

NEVER: Final = -(2**62)
"""Before all time: minus infinity."""
FOREVER: Final = 2**62
"""After all time: plus infinity."""
HOUR: Final = 3_600_000_000
"""Microseconds of an hour."""
_EAST, _WEST = 14 * HOUR, 12 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WALL_EPOCH = datetime(1970, 1, 1)
_FIRST, _LAST = ((wall - _WALL_EPOCH) // timedelta(microseconds=1) for wall in (datetime.min, datetime.max))
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?\Z", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z", re.ASCII)
_LONGEST = 64
"""Characters of a time; 44 of them may be a fraction."""
_MACHINE_ZONES = re.compile(r"localtime|posixrules|Factory|posix/|right/")
"""Zones that each machine sets for itself, or that only some machines have: no event can mean them."""


class Interval(NamedTuple):
    """From ``lo`` to ``hi``, microseconds since 1970 UTC, both inclusive."""

    lo: int
    hi: int


UNKNOWN: Final = Interval(NEVER, FOREVER)


def interval_of(value: object, zone: str | None) -> Interval:
    """What a time on the wire says: a text, ``{"from", "to"}`` or None. ``zone``: canonical, or None where it is not
    known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return _read(value, zone)
    if not isinstance(value, dict):
        raise Fault.of(value, "time_form")
    for name in value:
        if name not in ("from", "to"):
            raise Fault.by("time_interval_fields", name, shown(value[name]))
    start, end = (_end(value, name, zone) for name in ("from", "to"))
    if start.lo > end.hi or _reversed_in_any_zone(value, zone):
        raise Fault.by("time_interval_order", "", str(value))
    return Interval(start.lo, end.hi)


def instant(microseconds: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339 in UTC, without a fraction where there is none. What lies before the
    year 1 or after 9999, as the ends of those years do in some zones, is the end of the calendar."""
    moment = _EPOCH + timedelta(microseconds=min(max(microseconds, _FIRST), _LAST))
    return moment.isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=1024)
def canonical_zone(text: str) -> str:
    """A zone: an IANA name (``Asia/Shanghai``) or an offset (``+08:00``)."""
    if not isinstance(text, str):
        raise Fault.of(text, "zone_type")
    if text == "Z":
        return "+00:00"
    _zone(text)
    return text


def _reversed_in_any_zone(value: dict[str, object], zone: str | None) -> bool:
    """Where the zone is not known, two ends without offsets of their own share it, so widening excuses nothing."""
    if zone is not None or len(value) < 2 or None in value.values():
        return False
    ends = [(_end(value, name, None), _end(value, name, "+00:00")) for name in ("from", "to")]
    return all(wide != plain for wide, plain in ends) and ends[0][1].lo > ends[1][1].hi


def _end(value: dict[str, object], name: str, zone: str | None) -> Interval:
    said = value.get(name)
    if said is None:
        return UNKNOWN
    if not isinstance(said, str):
        raise Fault.by("time_form", name, shown(said))
    try:
        return _read(said, zone)
    except Fault as fault:
        raise fault.at(name) from None


def _read(text: str, zone: str | None) -> Interval:
    if len(text) > _LONGEST:  # before it is remembered
        raise Fault.of(text, "time_length", most=_LONGEST)
    return _of_text(text, zone)


@lru_cache(maxsize=8192)
def _of_text(text: str, zone: str | None) -> Interval:
    match = _INSTANT.match(text)
    try:
        if match is not None:
            return _of_instant(text, match, zone)
        match = _PARTIAL.match(text)
        if match is not None:
            return _of_partial(match, zone)
    except (ValueError, OverflowError) as error:
        raise Fault.of(text, "time_none", why=error) from None
    raise Fault.of(text, "time_form")


def _of_instant(text: str, match: re.Match[str], zone: str | None) -> Interval:
    day, hour, minute, second, fraction, offset = match.groups()
    if hour > "23" or minute > "59" or second > "60":  # RFC 3339 allows a leap second; it is the second after it here
        raise Fault.of(text, "time_of_day_none")
    since = _midnight(day) + (int(hour) * 3600 + int(minute) * 60 + int(second)) * 1_000_000
    if fraction is not None:
        since += int(fraction[1:7].ljust(6, "0"))
    if offset is not None:
        since -= _offset(offset)
        return Interval(since, since)
    wall = _WALL_EPOCH + timedelta(microseconds=since)
    return _in_zone(wall, wall, zone)


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int:
    return _microseconds(datetime.fromisoformat(day))


def _of_partial(match: re.Match[str], zone: str | None) -> Interval:
    year, month, day = match.groups()
    last_month = int(month or 12)
    first = datetime(int(year), int(month or 1), int(day or 1))
    last_day = int(day) if day else monthrange(int(year), last_month)[1]
    last = datetime(int(year), last_month, last_day, 23, 59, 59, 999999)
    return _in_zone(first, last, zone)


def _in_zone(first: datetime, last: datetime, zone: str | None) -> Interval:
    """From one wall time to another. A wall time that a change of clocks repeats or skips stands for both
    readings."""
    lo, hi = _microseconds(first), _microseconds(last)
    if zone is None:
        return Interval(lo - _EAST, hi + _WEST)
    where = _zone(zone)
    return Interval(lo - max(_shifts(first, where)), hi - min(_shifts(last, where)))


def _shifts(wall: datetime, where: tzinfo) -> tuple[int, int]:
    """Offsets from UTC in microseconds under both readings of a wall time."""
    early, late = (wall.replace(fold=fold, tzinfo=where).utcoffset() or timedelta() for fold in (0, 1))
    return early // timedelta(microseconds=1), late // timedelta(microseconds=1)


def _microseconds(wall: datetime) -> int:
    since = wall - _WALL_EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(maxsize=1024)
def _offset(text: str) -> int:
    """Microseconds east of UTC."""
    if text in "Zz":
        return 0
    match = _OFFSET.match(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise Fault.of(text, "offset_form")
    return (1 if match[1] == "+" else -1) * (int(match[2]) * 60 + int(match[3])) * 60_000_000


@lru_cache(maxsize=1024)
def _zone(text: str) -> tzinfo:
    if _OFFSET.match(text):
        return timezone(timedelta(microseconds=_offset(text)))
    try:
        if _MACHINE_ZONES.match(text):
            raise ValueError
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise Fault.of(text, "zone_form") from None
