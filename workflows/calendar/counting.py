"""Counts periods as Thai administrative law does: one pure function over a set of days off.

The first day is not counted. A period in calendar days that would end on a day off runs to the next working day, a
period in working days counts working days only. Backwards (a negative number) everything is mirrored: the period
runs towards the past, so that "at least n days before" is never shortened. Source: Civil and Commercial Code ss.
193/3 and 193/8, Administrative Procedure Act B.E. 2539 s. 64.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflows.calendar.errors import PeriodTooLong

LONGEST: Final = 36_525
"""Days of the longest period that is counted: a hundred years."""

_ONE: Final = dt.timedelta(days=1)
_WEEK: Final = 7
_WORKING_DAYS_A_WEEK: Final = 5
_SATURDAY: Final = 5  # as `date.weekday` counts
_WEEKEND: Final = {5: "วันเสาร์", 6: "วันอาทิตย์"}


class Unit(StrEnum):
    """What a period is counted in."""

    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which the offices are closed, with what says so; None where the source is not known."""

    date: dt.date
    name: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A counted period: when it ends, and what it is the sum of."""

    start: dt.date
    days: int
    unit: Unit
    due: dt.date
    counted: int
    """How many days were counted towards the period, without sign."""
    skipped: tuple[DayOff, ...]
    """The days off between start and due that were not counted or that the end ran across, in the order of counting."""


class DaysOff:
    """The days off of an area, arranged so that counting across years costs no more than across days."""

    __slots__ = ("_named", "_weekdays")

    def __init__(self, holidays: Iterable[DayOff] = ()) -> None:
        named: dict[dt.date, DayOff] = {}
        for holiday in holidays:
            known = named.get(holiday.date)
            named[holiday.date] = holiday if known is None else _both(known, holiday)
        self._named: Mapping[dt.date, DayOff] = named
        # A holiday on a weekend takes nothing away.
        self._weekdays = sorted(day.toordinal() for day in named if day.weekday() < _SATURDAY)

    def find(self, day: dt.date) -> DayOff | None:
        """Return why a day is off, None where it is a working day; a holiday's name goes before the weekend's."""
        named = self._named.get(day)
        if named is not None:
            return named
        weekend = _WEEKEND.get(day.weekday())
        return DayOff(day, weekend) if weekend is not None else None

    def is_working(self, day: dt.date) -> bool:
        """Tell whether the offices are open."""
        return day.weekday() < _SATURDAY and day not in self._named

    def between(self, start: dt.date, end: dt.date) -> int:
        """Count the working days after `start` up to and with `end`; negative where `end` is the earlier one."""
        return self._upto(end.toordinal()) - self._upto(start.toordinal())

    def next_working(self, day: dt.date) -> dt.date:
        """Return the day itself where it is a working day, else the next one."""
        while not self.is_working(day):
            day += _ONE
        return day

    def last_working(self, day: dt.date) -> dt.date:
        """Return the day itself where it is a working day, else the one before."""
        while not self.is_working(day):
            day -= _ONE
        return day

    def shift(self, day: dt.date, working_days: int) -> dt.date:
        """Return the day so many working days after a day (before it, where negative); 0 is the day itself."""
        if working_days > 0:
            return self._at(self._upto(day.toordinal()) + working_days)
        if working_days < 0:
            return self._at(self._upto(day.toordinal() - 1) + 1 + working_days)
        return day

    def _upto(self, ordinal: int) -> int:
        """Count the working days up to and with a day, from the beginning of the calendar, which was a Monday."""
        weeks, rest = divmod(ordinal, _WEEK)
        weekdays = weeks * _WORKING_DAYS_A_WEEK + min(rest, _WORKING_DAYS_A_WEEK)
        return weekdays - bisect_right(self._weekdays, ordinal)

    def _at(self, rank: int) -> dt.date:
        """Return the working day of a rank, as `_upto` counts them."""
        below = 0
        while True:
            # Without holidays it would be this weekday; each holiday before it moves it on.
            weeks, rest = divmod(rank + below - 1, _WORKING_DAYS_A_WEEK)
            ordinal = weeks * _WEEK + rest + 1
            found = bisect_right(self._weekdays, ordinal)
            if found == below:
                return dt.date.fromordinal(ordinal)
            below = found


def count(start: dt.date, days: int, unit: Unit, days_off: DaysOff) -> Count:
    """Count a period from a day and tell its sum.

    Args:
        start: The day of the event that starts the period; it is not counted.
        days: How many; negative counts backwards, 0 is the start itself, or the next working day.
        unit: Working or calendar days. Days off within a period of calendar days count; only those across which its
            end runs are skipped.
        days_off: The days off of the area.

    Raises:
        PeriodTooLong: It reaches further than a hundred years, or out of the calendar.
    """
    if abs(days) > LONGEST:
        raise PeriodTooLong(f"Expected at most {LONGEST} days, but got {days}.", days=days)
    step = -1 if days < 0 else 1
    try:
        if unit is Unit.WORKING:
            due = days_off.shift(start, days) if days else days_off.next_working(start)
            first = start.toordinal() + step if days else start.toordinal()
        else:
            end = start + dt.timedelta(days=days)
            due = days_off.last_working(end) if days < 0 else days_off.next_working(end)
            first = end.toordinal()
    except (OverflowError, ValueError) as error:
        raise PeriodTooLong(f"Expected a period within the calendar, but {days} days from {start} leave it.") from error
    passed = (days_off.find(dt.date.fromordinal(day)) for day in range(first, due.toordinal() + step, step))
    return Count(
        start=start,
        days=days,
        unit=unit,
        due=due,
        counted=abs(days),
        skipped=tuple(day for day in passed if day is not None),
    )


def _both(first: DayOff, second: DayOff) -> DayOff:
    """Two reasons for one day off."""
    sources = [source for source in (first.source, second.source) if source]
    return DayOff(first.date, f"{first.name}; {second.name}", "; ".join(dict.fromkeys(sources)) or None)
