"""Years before 1 and after 9999: the calendar goes on, and what is stored comes back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.spiff.feel_values  # noqa: F401 - teaches the codec
from engine import codec
from engine.feel import as_json
from engine.feel.far import day_at, day_of
from tests.unit.feel.evaluation import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("999999999-12-31")', "999999999-12-31"),
        ('date("-999999999-01-01").year', -999_999_999),
        ('date("1000000000-01-01")', None),
        ('date("99999-02-30")', None),
        ("date(-1, 2, 29)", None),
        ("date(0, 2, 29)", "0000-02-29"),
        ('date("10000-01-01") - date("9999-12-31")', "P1D"),
        ('date("9999-12-31") + @"P1D"', "10000-01-01"),
        ('date("10000-01-01") - @"P1D"', "9999-12-31"),
        ('date("99999-01-31") + @"P1M"', "99999-02-28"),
        ('@"P400Y" + date("9800-01-01")', "10200-01-01"),
        ('date and time("10000-01-01T00:00:00") - @"PT1S"', "9999-12-31T23:59:59"),
        ('date and time("9999-12-31T23:59:59Z") + @"PT1S"', "10000-01-01T00:00:00Z"),
        ('string(date and time("-2017-12-31T11:22:33.5@Asia/Bangkok"))', "-2017-12-31T11:22:33.5@Asia/Bangkok"),
        ('date and time("99999-12-31T11:22:33Z").time offset', "PT0S"),
        ('date(date and time("99999-12-31T11:22:33Z"))', "99999-12-31"),
        ('time(date and time("99999-12-31T11:22:33Z"))', "11:22:33Z"),
        ('date and time(date("99999-01-01"), time("10:00:00"))', "99999-01-01T10:00:00"),
        ('date("99999-01-01") > date("2025-01-01") and date("2025-01-01") > date("-0001-01-01")', True),
        ('date("2025-01-01") < date("99999-01-01") and date("99999-01-01") = date("99999-01-01")', True),
        ('date and time("9999-12-31T23:00:00Z") = date and time("10000-01-01T06:00:00+07:00")', True),
        ('@"2025-01-01T00:00:00Z" < date and time("99999-12-31T11:22:33Z")', True),
        ('date("12000-02-29") in [date("2025-01-01")..date("99999-01-01")]', True),
        ('date("99999-01-01") instance of date', True),
        ('sort([date("99999-01-01"), date("2025-01-01")])', ["2025-01-01", "99999-01-01"]),
        ('for d in date("9999-12-31")..date("10000-01-01") return d', ["9999-12-31", "10000-01-01"]),
        ('years and months duration(date("2025-01-01"), date("12025-03-01"))', "P10000Y2M"),
        ('day of week(date("10000-01-01"))', "Saturday"),
        ('day of year(date("10000-12-31"))', 366),
        ('last day of month(date("-0004-02-01"))', "-0004-02-29"),
    ],
)
def test_the_calendar_goes_on(text: str, expected: Any) -> None:
    assert as_json(evaluate(text)) == expected


@given(st.integers(-365_000_000_000, 365_000_000_000))
def test_a_day_has_one_place_in_the_calendar(ordinal: int) -> None:
    day = day_at(ordinal)

    assert day.toordinal() == ordinal
    assert day_of(day.year, day.month, day.day) == day
    assert day.weekday() == (ordinal + 6) % 7


@pytest.mark.parametrize("text", ['date("99999-01-31")', 'date and time("-0044-03-15T12:00:00@Asia/Bangkok")'])
def test_far_values_are_stored(text: str) -> None:
    value = evaluate(text)

    assert codec.loads(codec.dumps({"a": value})) == {"a": value}


def test_what_is_near_stays_as_it_was() -> None:
    assert type(evaluate('date("9999-12-31")')) is dt.date
    assert type(evaluate('date("10000-01-01") - @"P1D"')) is dt.date
