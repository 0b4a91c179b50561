"""The calendar of the civil service: holidays by area with their sources, working days, due dates counted in them."""

from __future__ import annotations

from workflows.calendar.counting import Count, DayOff, DaysOff, Unit, count
from workflows.calendar.due_dates import PERIODS, AreasOf, DueDates, UnitCalendar, WorkingDaysBetween
from workflows.calendar.moments import (
    BANGKOK,
    BUDDHIST_ERA,
    OFFICE_OPENS,
    buddhist_year,
    day_of,
    end_of,
    end_of_business,
    fiscal_year,
    moment_of,
)
from workflows.calendar.reader import Calendar, read_calendar, shipped_calendar
from workflows.calendar.register import add_holidays, seed_holidays, withdraw_holiday
from workflows.calendar.seed import Kind, SeedHoliday

__all__ = [
    "BANGKOK",
    "BUDDHIST_ERA",
    "OFFICE_OPENS",
    "PERIODS",
    "AreasOf",
    "Calendar",
    "Count",
    "DayOff",
    "DaysOff",
    "DueDates",
    "Kind",
    "SeedHoliday",
    "Unit",
    "UnitCalendar",
    "WorkingDaysBetween",
    "add_holidays",
    "buddhist_year",
    "count",
    "day_of",
    "end_of",
    "end_of_business",
    "fiscal_year",
    "moment_of",
    "read_calendar",
    "seed_holidays",
    "shipped_calendar",
    "withdraw_holiday",
]
