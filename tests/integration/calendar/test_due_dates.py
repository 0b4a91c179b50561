"""Due dates of diagrams in working days of the unit, ISO dates and moments; lateness in working days."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from workflows.calendar import DueDates, WorkingDaysBetween, end_of
from workflows.clocks import explain
from workflows.organization.geography import areas_or_nation


def areas_of(_session: Session, unit: str) -> tuple[str, ...]:
    return areas_or_nation(unit)


def resolve(session: Session, value: object, *, now: str = "2021-03-25T09:00:00+07:00", unit: str = "TH-52") -> object:
    variables = {"unit": unit} if unit else {}
    moment = dt.datetime.fromisoformat(now)
    return DueDates(areas_of).resolve(session, value, now=moment, variables=variables)


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("working-days:1", "2021-03-29"),  # the 26th is a day off of the North
        ("working-days:0", "2021-03-25"),
        ("calendar-days:1", "2021-03-29"),
        ("calendar-days:5", "2021-03-30"),
        ("2021-03-28", "2021-03-28"),  # a date that was set is not moved
        (dt.date(2021, 3, 28), "2021-03-28"),
        ("P3D", "2021-03-28T09:00:00+07:00"),
        ("2021-03-28T12:00:00", "2021-03-28T12:00:00+07:00"),
        ("2021-03-28T12:00:00+00:00", "2021-03-28T19:00:00+07:00"),
        (dt.datetime(2021, 3, 28, 5, 0, tzinfo=dt.UTC), "2021-03-28T12:00:00+07:00"),
    ],
)
def test_a_due_date_is_what_the_diagram_says(session: Session, value: object, due: str) -> None:
    expected = dt.datetime.fromisoformat(due) if "T" in due else end_of(dt.date.fromisoformat(due))

    assert resolve(session, value) == expected


def test_a_unit_of_another_region_works_on_that_day(session: Session) -> None:
    assert resolve(session, "working-days:1", unit="TH-40") == end_of(dt.date(2021, 3, 26))


@pytest.mark.parametrize("unit", ["", "NOWHERE"])
def test_without_a_known_unit_the_holidays_of_the_nation_count(session: Session, unit: str) -> None:
    assert resolve(session, "working-days:1", unit=unit) == end_of(dt.date(2021, 3, 26))


def test_the_day_of_now_is_that_of_thailand(session: Session) -> None:
    assert resolve(session, "working-days:1", now="2021-03-22T18:00:00+00:00") == end_of(dt.date(2021, 3, 24))


@pytest.mark.parametrize(
    "value",
    ["working-days:", "working-days:many", "working-days:2.5", "working-days:99999999", "soon", "", 5, None, []],
)
def test_what_is_no_due_date_is_refused_as_the_engine_expects_it(session: Session, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the engine makes an incident of it
        resolve(session, value)


@pytest.mark.parametrize(
    ("start", "end", "late"),
    [
        ("2021-03-25T23:59:59", "2021-03-26T08:00:00", 0),  # a day off of the North
        ("2021-03-25T23:59:59", "2021-03-29T08:00:00", 1),
        ("2021-03-25T23:59:59", "2021-03-25T23:59:59", 0),
        ("2021-03-29T23:59:59", "2021-03-25T08:00:00", 0),
        ("2021-04-09T23:59:59", "2021-04-16T08:00:00", 1),
    ],
)
def test_lateness_is_told_in_working_days_of_the_unit(session: Session, start: str, end: str, late: int) -> None:
    bangkok = dt.timezone(dt.timedelta(hours=7))
    first, last = (dt.datetime.fromisoformat(text).replace(tzinfo=bangkok) for text in (start, end))

    assert WorkingDaysBetween(areas_of)(session, first, last, "TH-52") == late


def test_a_period_is_explained_by_the_calendar_of_the_database(session: Session) -> None:
    assert explain(session, dt.date(2027, 4, 1), 30, "working", "TH-50").due == dt.date(2027, 5, 21)
