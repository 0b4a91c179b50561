"""Dates, times and durations: reading, writing, arithmetic, properties, zones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import YearsMonthsDuration
from engine.feel.moments import read_at_literal, show
from tests.unit.feel.evaluation import BANGKOK, evaluate, same

SEVEN = dt.timezone(dt.timedelta(hours=7))
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)

READ: list[tuple[str, Any]] = [
    ('date("2025-01-31")', dt.date(2025, 1, 31)),
    ('date("2025-02-30")', None),
    ('date("02025-01-01")', None),
    ("date(2568 - 543, 5, 22)", dt.date(2025, 5, 22)),
    ("date(2025, 13, 1)", None),
    ('date(date and time("2025-01-31T23:59:59+07:00"))', dt.date(2025, 1, 31)),
    ('time("08:30:00")', dt.time(8, 30)),
    ('time("08:30:00.250+07:00")', dt.time(8, 30, 0, 250_000, SEVEN)),
    ('time("08:30:00@Asia/Bangkok")', dt.time(8, 30, tzinfo=BANGKOK)),
    ('time("24:00:00")', None),
    ('time(8, 30, 0, duration("PT7H"))', dt.time(8, 30, tzinfo=SEVEN)),
    ('date and time("2025-01-31T08:30:00Z")', dt.datetime(2025, 1, 31, 8, 30, tzinfo=dt.UTC)),
    ('date and time("2025-01-31T08:30:00@Asia/Bangkok")', dt.datetime(2025, 1, 31, 8, 30, tzinfo=BANGKOK)),
    ('date and time("2025-01-31T08:30:00@No/Where")', None),
    ('date and time(date("2025-01-31"), time("08:30:00"))', dt.datetime(2025, 1, 31, 8, 30)),  # noqa: DTZ001
    ('duration("P1Y2M")', YearsMonthsDuration(14)),
    ('duration("-P2DT3H4M5.5S")', -dt.timedelta(days=2, hours=3, minutes=4, seconds=5.5)),
    ('duration("P1Y2D")', None),
    ('duration("P")', None),
    ('@"P30D"', 30 * DAY),
    ("today()", dt.date(2025, 8, 20)),
    ("now()", dt.datetime(2025, 8, 20, 6, 30, tzinfo=BANGKOK)),
]
RECKONED: list[tuple[str, Any]] = [
    ('@"2025-01-31" + @"P1M"', dt.date(2025, 2, 28)),
    ('@"2024-02-29" - @"P1Y"', dt.date(2023, 2, 28)),
    ('@"2025-01-31" + @"P1D"', dt.date(2025, 2, 1)),
    ('@"P1D" + @"2025-01-31"', dt.date(2025, 2, 1)),
    ('@"2025-01-31T23:00:00+07:00" + @"PT2H"', dt.datetime(2025, 2, 1, 1, tzinfo=SEVEN)),
    ('@"2025-09-30" - @"2025-07-31"', 61 * DAY),
    ('@"2025-01-01T00:00:00Z" - @"2025-01-01T00:00:00+07:00"', 7 * HOUR),
    ('@"2025-01-01T00:00:00Z" - @"2025-01-01T00:00:00"', None),
    ('@"23:00:00" + @"PT2H"', dt.time(1)),
    ('@"10:00:00" - @"08:30:00"', dt.timedelta(hours=1, minutes=30)),
    ('@"P1D" * 1.5', dt.timedelta(hours=36)),
    ('@"P1Y" / 2', YearsMonthsDuration(6)),
    ('@"P1D" / @"PT6H"', 4),
    ('@"P1D" / 0', None),
    ('@"P1Y" + @"P1D"', None),
    ('-@"P1Y"', YearsMonthsDuration(-12)),
    ('@"2025-01-01" + 1', None),
    ('years and months duration(@"2025-05-22", @"2025-09-30")', YearsMonthsDuration(4)),
    ('years and months duration(@"2025-09-30", @"2025-05-22")', YearsMonthsDuration(-4)),
    # in a zone with summer time a day is 24 hours
    (
        '@"2025-03-29T12:00:00@Europe/Paris" + @"P1D"',
        dt.datetime(2025, 3, 30, 13, tzinfo=ZoneInfo("Europe/Paris")),
    ),
]
COMPARED = [
    ('@"2025-01-01T00:00:00Z" = @"2025-01-01T07:00:00@Asia/Bangkok"', True),
    ('@"2025-01-01T00:00:00" = @"2025-01-01T00:00:00Z"', None),
    ('@"2025-01-01" < @"2025-01-01T01:00:00"', None),
    ('@"2025-01-01" in [@"2025-01-01"..@"2025-12-31"]', True),
    ('@"10:00:00Z" < @"10:00:00-01:00"', True),
    ('@"P1Y" = @"P365D"', None),
    ('is(@"10:00:00Z", @"17:00:00+07:00")', False),
]
PROPERTIES = [
    ('@"2025-08-20".year', 2025),
    ('@"2025-08-20".weekday', 3),
    ('@"2025-08-20T08:30:01".minute', 30),
    ('@"2025-08-20T08:30:00@Asia/Bangkok".time offset', 7 * HOUR),
    ('@"2025-08-20T08:30:00@Asia/Bangkok".timezone', "Asia/Bangkok"),
    ('@"2025-08-20".hour', None),
    ('@"P2DT3H".hours', 3),
    ('@"-P14M".months', -2),
    ('@"PT1.5S".seconds', Decimal("1.5")),
    ('day of year(@"2025-12-31")', 365),
    ('day of week(@"2025-08-20")', "Wednesday"),
    ('month of year(@"2025-08-20")', "August"),
    ('week of year(@"2025-01-01")', 1),
    ('last day of month(@"2024-02-01")', dt.date(2024, 2, 29)),
]
TABLE: list[tuple[str, Any]] = [*READ, *RECKONED, *COMPARED, *PROPERTIES]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_moments_are_what_the_calendar_says(text: str, expected: Any) -> None:
    got = evaluate(text)

    assert same(got, expected)
    if isinstance(expected, dt.datetime | dt.time):
        assert str(got.tzinfo) == str(expected.tzinfo)


ZONES = st.sampled_from([None, dt.UTC, SEVEN, BANGKOK])
MOMENTS = (
    st.dates()
    | st.times(timezones=ZONES)
    | st.datetimes(timezones=ZONES)
    | st.timedeltas()
    | st.integers(-(10**6), 10**6).map(YearsMonthsDuration)
)


@given(MOMENTS)
def test_what_is_written_can_be_read_again(value: Any) -> None:
    assert read_at_literal(show(value)) == value


@given(st.dates(), st.timedeltas(dt.timedelta(-1000), dt.timedelta(1000)).map(lambda delta: dt.timedelta(delta.days)))
def test_days_are_added_as_the_calendar_does(day: dt.date, days: dt.timedelta) -> None:
    try:
        expected = day + days
    except OverflowError:
        expected = None

    assert evaluate("day + days", day=day, days=days) == expected


@given(st.dates(), st.dates())
def test_months_between_two_days_lead_from_one_towards_the_other(start: dt.date, end: dt.date) -> None:
    months = evaluate("years and months duration(start, end)", start=start, end=end).months

    reached = evaluate("start + months", start=start, months=YearsMonthsDuration(months))
    beyond = evaluate("start + months", start=start, months=YearsMonthsDuration(months + (1 if end >= start else -1)))

    assert reached <= end if end >= start else reached >= end
    assert beyond is None or (beyond >= end if end >= start else beyond <= end)
