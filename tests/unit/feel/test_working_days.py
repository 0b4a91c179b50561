"""Working days in expressions: asked of the host's calendar, with its day and unit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.feel import ADD_WORKING_DAYS, WORKING_DAYS_BETWEEN, FeelError, compile_expression
from workflows.calendar import BANGKOK, UnitCalendar
from workflows.organization.geography import areas_or_nation

NOW = dt.datetime(2026, 10, 1, 1, 30, tzinfo=dt.UTC)
CALENDAR = UnitCalendar(areas_or_nation)
LENT = {
    ADD_WORKING_DAYS: lambda day, count, unit: CALENDAR.add(None, day, count, unit),
    WORKING_DAYS_BETWEEN: lambda start, end, unit: CALENDAR.between(None, start, end, unit),
}


def value(text: str, functions: Any = LENT) -> Any:
    return compile_expression(text).evaluate({}, now=NOW, zone=BANGKOK, functions=functions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('add working days(date("2026-10-09"), 1, "TH")', dt.date(2026, 10, 12)),  # over a weekend
        ('add working days(date("2026-10-12"), 1, "TH")', dt.date(2026, 10, 14)),  # over a holiday
        ('add working days(n: -1, date: date("2026-10-14"), unit: "TH")', dt.date(2026, 10, 12)),
        ('add working days(@"2026-10-10", 0, "TH")', dt.date(2026, 10, 10)),
        ('add working days(@"2026-10-08T23:00:00Z", 1, "TH")', dt.date(2026, 10, 12)),  # the ninth in Bangkok
        ('add working days(@"2026-10-08T23:00:00", 1, "TH")', dt.date(2026, 10, 9)),
        ('working days between(@"2026-10-09", @"2026-10-14", "TH")', 2),
        ('working days between(@"2026-10-14", @"2026-10-09", "TH")', -2),
        ('working days between(start: @"2026-10-09", end: @"2026-10-09", unit: "TH")', 0),
        ('working days between(@"2026-10-09", @"2026-10-14", "nowhere")', 2),
        ('add working days(@"2026-10-09", 1.5, "TH")', None),
        ('add working days(@"2026-10-09", 36526, "TH")', None),
        ('add working days(@"9999-12-30", 10, "TH")', None),
        ('add working days("2026-10-09", 1, "TH")', None),
        ('add working days(@"2026-10-09", 1)', None),
        ("add working days(null, 1, null)", None),
    ],
)
def test_working_days_are_counted_by_the_calendar(text: str, expected: Any) -> None:
    assert value(text) == expected


def test_without_a_calendar_the_expression_fails_in_words() -> None:
    with pytest.raises(FeelError, match="port `working_days`"):
        value('add working days(@"2026-10-09", 1, "TH")', None)
