"""Days and moments of Thailand, whatever the zone of the machine."""

from __future__ import annotations

import datetime as dt

import pytest

from workflows.calendar import buddhist_year, day_of, end_of, end_of_business, fiscal_year, moment_of


def test_a_day_in_thailand_begins_seven_hours_before_that_of_utc() -> None:
    assert day_of(dt.datetime(2026, 1, 4, 16, 59, tzinfo=dt.UTC)) == dt.date(2026, 1, 4)
    assert day_of(dt.datetime(2026, 1, 4, 17, 0, tzinfo=dt.UTC)) == dt.date(2026, 1, 5)


def test_what_is_due_a_day_is_on_time_until_the_day_is_over() -> None:
    assert end_of(dt.date(2026, 1, 5)) == dt.datetime(2026, 1, 5, 16, 59, 59, tzinfo=dt.UTC)
    assert end_of_business(dt.date(2026, 1, 5)) == dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
    assert moment_of(dt.date(2026, 1, 5), dt.time(8, 30)) == dt.datetime(2026, 1, 5, 1, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "year"), [("2026-09-30", 2569), ("2026-10-01", 2570), ("2027-01-01", 2570), ("2027-09-30", 2570)]
)
def test_a_fiscal_year_is_named_for_the_year_it_ends_in(day: str, year: int) -> None:
    assert fiscal_year(dt.date.fromisoformat(day)) == year


def test_the_buddhist_era_is_543_years_ahead() -> None:
    assert buddhist_year(dt.date(2026, 1, 1)) == 2569
