"""Counting: first day excluded, an end on a day off runs on, mirrored backwards; against a slow reference, and golden cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import DayOff, DaysOff, Unit, count, shipped_calendar
from workflows.calendar.counting import LONGEST
from workflows.calendar.errors import PeriodTooLong
from workflows.organization.geography import areas_of_code

DAY = dt.timedelta(days=1)
FIRST = dt.date(2023, 12, 1)
days = st.integers(0, 200).map(lambda number: FIRST + number * DAY)
holidays = st.lists(days, max_size=60).map(lambda found: [DayOff(day, f"holiday {day}") for day in found])


def slow_is_working(day: dt.date, closed: set[dt.date]) -> bool:
    return day.weekday() not in (5, 6) and day not in closed


def slow_count(start: dt.date, number: int, unit: Unit, closed: set[dt.date]) -> tuple[dt.date, list[dt.date]]:
    """Count day by day, as one would on a wall calendar."""
    step = DAY if number >= 0 else -DAY
    left, day, skipped = abs(number), start, []
    while left > 0:
        day += step
        if unit is Unit.CALENDAR or slow_is_working(day, closed):
            left -= 1
        else:
            skipped.append(day)
    while not slow_is_working(day, closed):
        skipped.append(day)
        day += step
    return day, skipped


@given(days, st.integers(-120, 120), st.sampled_from(Unit), holidays)
def test_counting_agrees_with_counting_on_a_wall_calendar(
    start: dt.date, number: int, unit: Unit, off: list[DayOff]
) -> None:
    found = count(start, number, unit, DaysOff(off))

    due, skipped = slow_count(start, number, unit, {day.date for day in off})
    assert found.due == due
    assert [day.date for day in found.skipped] == skipped
    assert found.counted == abs(number)


@given(days, days, holidays)
def test_working_days_between_are_those_after_the_first_day_up_to_the_last(
    start: dt.date, end: dt.date, off: list[DayOff]
) -> None:
    closed = {day.date for day in off}
    first, last = sorted((start, end))
    slow = sum(slow_is_working(first + number * DAY, closed) for number in range(1, (last - first).days + 1))

    assert DaysOff(off).between(first, last) == slow
    assert DaysOff(off).between(last, first) == -slow


@given(days, st.integers(1, 120), holidays)
def test_a_period_in_working_days_has_as_many_working_days_as_it_says(
    start: dt.date, number: int, off: list[DayOff]
) -> None:
    days_off = DaysOff(off)

    assert days_off.between(start, count(start, number, Unit.WORKING, days_off).due) == number


@given(days, st.integers(-120, 120), st.sampled_from(Unit), holidays)
def test_a_period_ends_on_a_working_day_and_never_before_its_days_are_over(
    start: dt.date, number: int, unit: Unit, off: list[DayOff]
) -> None:
    days_off = DaysOff(off)

    found = count(start, number, unit, days_off)

    assert days_off.is_working(found.due)
    end = start + number * DAY
    assert found.due <= end if number < 0 else found.due >= end


@given(days, st.integers(1, 60), holidays)
def test_one_day_more_is_due_later(start: dt.date, number: int, off: list[DayOff]) -> None:
    days_off = DaysOff(off)

    assert count(start, number, Unit.WORKING, days_off).due < count(start, number + 1, Unit.WORKING, days_off).due


@given(st.lists(days, max_size=60), st.randoms())
def test_the_order_in_which_days_off_are_told_is_of_no_matter(off: list[dt.date], random: object) -> None:
    told = [DayOff(day, "day off") for day in off]
    shuffled = sorted(told, key=lambda _day: random.random())  # type: ignore[attr-defined]

    first, second = DaysOff(told), DaysOff(shuffled)

    assert count(FIRST, 90, Unit.WORKING, first).due == count(FIRST, 90, Unit.WORKING, second).due


# Start, days, unit, area: due. By the shipped calendar.
GOLDEN = (
    # From the paper: the public's list would say 24 May; the civil service works on Labour Day and its substitute.
    ("2027-04-01", 30, "working", "TH-50", "2027-05-21"),
    # The first day is not counted.
    ("2026-01-05", 0, "working", "TH", "2026-01-05"),
    ("2026-01-05", 1, "working", "TH", "2026-01-06"),
    ("2026-01-05", 1, "calendar", "TH", "2026-01-06"),
    ("2026-01-09", 1, "working", "TH", "2026-01-12"),
    # From a day off, and nought from a day off.
    ("2026-01-10", 1, "working", "TH", "2026-01-12"),
    ("2026-01-10", 0, "working", "TH", "2026-01-12"),
    ("2026-01-10", 0, "calendar", "TH", "2026-01-12"),
    # An end on a day off runs on, across the year's end and special days.
    ("2025-12-01", 30, "calendar", "TH", "2026-01-05"),
    ("2025-12-01", 29, "calendar", "TH", "2025-12-30"),
    ("2025-12-30", 1, "working", "TH", "2026-01-05"),
    ("2023-12-28", 1, "working", "TH", "2024-01-02"),  # 29 December off, 2 January not: the substitution was moved
    ("2022-12-29", 1, "working", "TH", "2023-01-04"),
    ("2017-12-29", 1, "working", "TH", "2018-01-03"),
    # Songkran, and what stands around it.
    ("2025-04-11", 1, "working", "TH", "2025-04-17"),
    ("2024-04-11", 1, "working", "TH", "2024-04-17"),
    ("2026-04-10", 5, "calendar", "TH", "2026-04-16"),
    ("2020-04-10", 1, "working", "TH", "2020-04-13"),  # postponed for the epidemic,
    ("2020-09-03", 1, "working", "TH", "2020-09-08"),  # and made up for in September
    # Back to back.
    ("2023-07-27", 1, "working", "TH", "2023-08-03"),
    ("2025-06-02", 0, "working", "TH", "2025-06-04"),
    ("2025-05-30", 1, "working", "TH", "2025-06-04"),
    # Labour Day is worked, the Ploughing Day is not.
    ("2026-04-30", 1, "working", "TH", "2026-05-01"),
    ("2026-05-12", 1, "working", "TH", "2026-05-14"),
    ("2021-04-30", 1, "working", "TH", "2021-05-03"),
    # Regional days of 2564.
    ("2021-03-25", 1, "working", "TH-50", "2021-03-29"),
    ("2021-03-25", 1, "working", "TH-40", "2021-03-26"),
    ("2021-10-05", 1, "working", "TH-84", "2021-10-07"),
    ("2021-10-05", 1, "working", "TH-95", "2021-10-06"),  # what is stated for the South says nothing of the border
    ("2021-10-20", 1, "working", "TH-14", "2021-10-25"),  # 21st of the region, 22nd moved here from the 25th
    ("2021-10-20", 1, "working", "TH-20", "2021-10-21"),
    ("2021-10-21", 1, "working", "TH-20", "2021-10-25"),
    ("2021-12-27", 1, "working", "TH-20", "2021-12-29"),
    ("2021-12-27", 1, "working", "TH", "2021-12-28"),
    # Substitution moved within a week.
    ("2020-12-04", 1, "working", "TH", "2020-12-07"),
    ("2020-12-09", 1, "working", "TH", "2020-12-14"),
    # 29 February.
    ("2024-02-28", 1, "working", "TH", "2024-02-29"),
    ("2023-02-28", 1, "working", "TH", "2023-03-01"),
    ("2024-02-28", 1, "calendar", "TH", "2024-02-29"),
    ("2028-02-29", 366, "calendar", "TH", "2029-03-01"),
    # Backwards.
    ("2026-01-19", -3, "working", "TH", "2026-01-14"),
    ("2026-01-05", -1, "working", "TH", "2025-12-30"),
    ("2026-04-16", -1, "calendar", "TH", "2026-04-10"),  # at least one day before: never shortened
    ("2026-04-17", -1, "calendar", "TH", "2026-04-16"),
    ("2024-03-01", -1, "calendar", "TH", "2024-02-29"),
    ("2027-05-21", -30, "working", "TH-50", "2027-04-01"),
)


@pytest.mark.parametrize(("start", "number", "unit", "area", "due"), GOLDEN)
def test_golden(start: str, number: int, unit: str, area: str, due: str) -> None:
    days_off = shipped_calendar(areas_of_code(area)).days_off

    assert count(dt.date.fromisoformat(start), number, Unit(unit), days_off).due == dt.date.fromisoformat(due)


def test_two_reasons_for_one_day_off_are_both_told() -> None:
    day = dt.date(2026, 1, 6)
    days_off = DaysOff([DayOff(day, "one", "source"), DayOff(day, "two", "source"), DayOff(day, "three")])

    assert days_off.find(day) == DayOff(day, "one; two; three", "source")


def test_a_weekend_has_its_name_and_no_source_and_a_holiday_goes_before_it() -> None:
    saturday = dt.date(2026, 1, 10)

    assert DaysOff().find(saturday) == DayOff(saturday, "วันเสาร์")
    assert DaysOff().find(saturday + DAY) == DayOff(saturday + DAY, "วันอาทิตย์")
    assert DaysOff([DayOff(saturday, "วันเด็ก", "มติ")]).find(saturday) == DayOff(saturday, "วันเด็ก", "มติ")
    assert DaysOff().find(dt.date(2026, 1, 12)) is None


@pytest.mark.parametrize(
    ("start", "number"),
    [
        (dt.date(2026, 1, 5), LONGEST + 1),
        (dt.date(2026, 1, 5), -LONGEST - 1),
        (dt.date(9999, 12, 1), 60),
        (dt.date(9999, 12, 31), 1),
        (dt.date(1, 1, 3), -5),
    ],
)
@pytest.mark.parametrize("unit", Unit)
def test_a_period_that_no_calendar_reaches_is_refused(start: dt.date, number: int, unit: Unit) -> None:
    with pytest.raises(PeriodTooLong):
        count(start, number, unit, DaysOff())


def test_counting_a_hundred_years_is_as_quick_as_a_week() -> None:
    steps: list[dt.date] = []

    class Watched(DaysOff):
        def is_working(self, day: dt.date) -> bool:
            steps.append(day)
            return super().is_working(day)

    found = Watched(_songkran(range(2026, 2126))).shift(dt.date(2026, 1, 5), 25_000)

    assert found > dt.date(2120, 1, 1)
    assert not steps, "no day is looked at one by one"


def _songkran(years: Iterable[int]) -> list[DayOff]:
    return [DayOff(dt.date(year, 4, day), "วันสงกรานต์") for year in years for day in (13, 14, 15)]
