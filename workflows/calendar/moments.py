"""Days and moments of Thailand: its zone, when a day and a business day end, and the year as it is written."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

BANGKOK: Final = ZoneInfo("Asia/Bangkok")
END_OF_DAY: Final = dt.time(23, 59, 59)
OFFICE_OPENS: Final = dt.time(8, 30)
OFFICE_CLOSES: Final = dt.time(16, 30)
"""Office hours of the civil service; announcement of the Prime Minister's Office on working hours and holidays."""

BUDDHIST_ERA: Final = 543
_FISCAL_YEAR_BEGINS: Final = 10  # 1 October


def day_of(moment: dt.datetime) -> dt.date:
    """Return the day in Thailand that an aware moment lies in."""
    return moment.astimezone(BANGKOK).date()


def moment_of(day: dt.date, time: dt.time) -> dt.datetime:
    """Return a time of a day in Thailand as a moment in UTC."""
    return dt.datetime.combine(day, time, BANGKOK).astimezone(dt.UTC)


def end_of(day: dt.date) -> dt.datetime:
    """Return the moment at which a day in Thailand is over, in UTC: until then something due that day is on time."""
    return moment_of(day, END_OF_DAY)


def end_of_business(day: dt.date) -> dt.datetime:
    """Return the moment at which the offices close on a day, in UTC."""
    return moment_of(day, OFFICE_CLOSES)


def buddhist_year(day: dt.date) -> int:
    """Return the year in the Buddhist era."""
    return day.year + BUDDHIST_ERA


def fiscal_year(day: dt.date) -> int:
    """Return the fiscal year in the Buddhist era: it begins on 1 October and is named for the year it ends in."""
    return buddhist_year(day) + (day.month >= _FISCAL_YEAR_BEGINS)
