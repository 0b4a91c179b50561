"""Functions of dates and times (DMN 1.5, 10.3.4.7 and 10.3.4.10): now, today, parts of the calendar."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

from engine.feel.environment import Run
from engine.feel.far import day_of
from engine.feel.signatures import Library

LIBRARY: Final = Library()

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE: Final = "date: date | date and time"


@LIBRARY.add("now")
def now(run: Run) -> dt.datetime:
    """Return the moment at which the expression is evaluated, in the engine's zone."""
    return run.now.astimezone(run.zone)


@LIBRARY.add("today")
def today(run: Run) -> dt.date:
    """Return the day on which the expression is evaluated, in the engine's zone."""
    return run.now.astimezone(run.zone).date()


@LIBRARY.add("day of year", _DATE)
def day_of_year(date: dt.date) -> int:
    """Return the number of the day within its year."""
    return date.timetuple().tm_yday


@LIBRARY.add("day of week", _DATE)
def day_of_week(date: dt.date) -> str:
    """Return the English name of the day."""
    return _DAYS[date.weekday()]


@LIBRARY.add("month of year", _DATE)
def month_of_year(date: dt.date) -> str:
    """Return the English name of the month."""
    return _MONTHS[date.month - 1]


@LIBRARY.add("week of year", _DATE)
def week_of_year(date: dt.date) -> int:
    """Return the number of the week (ISO 8601)."""
    return date.isocalendar().week


@LIBRARY.add("last day of month", _DATE)
def last_day_of_month(date: dt.date) -> dt.date:
    """Return the last day of a date's month."""
    found: dt.date = day_of(date.year, date.month, calendar.monthrange(2_000 + date.year % 400, date.month)[1])
    return found
