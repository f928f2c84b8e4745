"""Every time is an interval; what is not known widens it, and nothing narrows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fieldline_schemas.faults import Fault
from fieldline_schemas.times import FOREVER, HOUR, NEVER, UNKNOWN, Interval, canonical_zone, instant, interval_of
from hypothesis import given
from hypothesis import strategies as st

MACHINE_ZONES = ("localtime", "posixrules", "Factory", "right/UTC", "posix/UTC")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "+08:00", "-11:00")


def micro(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


DAY = 24 * HOUR
MARCH_1 = micro("2026-03-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("said", "zone", "interval"),
    [
        ("2026-03-01T08:00:00+08:00", None, Interval(MARCH_1, MARCH_1)),
        ("2026-03-01T08:00:00+08:00", "America/New_York", Interval(MARCH_1, MARCH_1)),
        ("2026-03-01T00:00:00Z", None, Interval(MARCH_1, MARCH_1)),
        ("2026-03-01 00:00:00z", None, Interval(MARCH_1, MARCH_1)),
        ("2026-03-01T00:00:00.1234567Z", None, Interval(MARCH_1 + 123456, MARCH_1 + 123456)),
        ("2026-03-01T08:00:00", "Asia/Shanghai", Interval(MARCH_1, MARCH_1)),
        ("2026-03-01T00:00:00", None, Interval(MARCH_1 - 14 * HOUR, MARCH_1 + 12 * HOUR)),
        ("2026-03-01", "+00:00", Interval(MARCH_1, MARCH_1 + DAY - 1)),
        ("2026-03-01", "Asia/Shanghai", Interval(MARCH_1 - 8 * HOUR, MARCH_1 + 16 * HOUR - 1)),
        ("2026-03-01", None, Interval(MARCH_1 - 14 * HOUR, MARCH_1 + DAY + 12 * HOUR - 1)),
        ("2026-03", "+00:00", Interval(MARCH_1, MARCH_1 + 31 * DAY - 1)),
        ("2026", "+00:00", Interval(MARCH_1 - 59 * DAY, MARCH_1 + 306 * DAY - 1)),
        (None, None, UNKNOWN),
        ({}, None, UNKNOWN),
        ({"from": "2026-03-01T00:00:00Z"}, None, Interval(MARCH_1, FOREVER)),
        ({"from": None, "to": "2026-03-01"}, "+00:00", Interval(NEVER, MARCH_1 + DAY - 1)),
        ({"from": "2026-03-01", "to": "2026-03-02"}, "+00:00", Interval(MARCH_1, MARCH_1 + 2 * DAY - 1)),
        ("2016-12-31T23:59:60Z", None, Interval(*[micro("2017-01-01T00:00:00+00:00")] * 2)),
    ],
)
def test_a_time_is_the_interval_that_it_may_mean(said: Any, zone: str | None, interval: Interval) -> None:
    assert interval_of(said, zone) == interval


@pytest.mark.parametrize(
    "said",
    [
        *("", "now", "2026-02-30", "2026-13", "2026-00", "0000", "20260301", "2026-W09", "2026-3-1", "26-03-01"),
        *("2026-03-01T08:00", "2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z", "2026-03-01T08:00:61Z"),
        *("2026-03-01T08:00:00+24:00", "2026-03-01T08:00:00+8", "2026-03-01T08:00:00 Z", "2026-03-01T08:00:00,5Z"),
        *("２０２６", "2026-03-01\n", " 2026", "-2026", "+2026", "12026"),
        *(5, 2026, True, [], {"from": 5}, {"since": "2026"}, {"from": "2027", "to": "2026"}),
        "2026-03-01T08:00:00." + "1" * 1000 + "Z",
        {"to": "2026-03-01T08:00:00." + "1" * 1000 + "Z"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2026-03-01T00:00:01Z", "to": "2026-03-01T00:00:00Z"},
    ],
)
def test_what_is_no_time_is_refused(said: Any) -> None:
    with pytest.raises(Fault):
        interval_of(said, None)


@given(st.dates(date(1, 1, 2), date(9999, 12, 30)), st.sampled_from(ZONES))
def test_a_day_without_a_zone_covers_that_day_in_every_zone(day: date, zone: str) -> None:
    anywhere, there = interval_of(day.isoformat(), None), interval_of(day.isoformat(), zone)
    assert anywhere.lo <= there.lo <= there.hi <= anywhere.hi


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES[:5]))
def test_days_of_a_zone_leave_no_gap_between_them(day: date, zone: str) -> None:
    today, tomorrow = (interval_of((day + timedelta(days=ahead)).isoformat(), zone) for ahead in (0, 1))
    # A day that a zone left out altogether (Apia, 2011-12-30) is an interval all the same, so days may overlap.
    assert tomorrow.lo <= today.hi + 1


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES[:5]))
def test_a_wall_time_covers_every_instant_that_showed_it(wall: datetime, zone: str) -> None:
    said = interval_of(wall.isoformat(), zone)
    for fold in (0, 1):
        since = wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        assert said.lo <= since // timedelta(microseconds=1) <= said.hi


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
def test_an_instant_that_is_written_is_read_back(moment: datetime) -> None:
    since = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    assert interval_of(instant(since), None) == Interval(since, since)


@pytest.mark.parametrize(
    "zone", ["Mars/Phobos", "", "+8", "+25:00", "/etc/passwd", "../UTC", "\x00", "x" * 300, *MACHINE_ZONES]
)
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(Fault):
        canonical_zone(zone)
