"""Dates before year 1 and after year 9999, which Python's have no room for; the calendar is the same (Gregorian).

It repeats every 400 years, of 146,097 days and whole weeks: a far date is looked up in the years 2000 to 2399.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Final

from typing_extensions import override

LAST_YEAR: Final = 999_999_999
_YEARS: Final = 400
_DAYS: Final = 146_097
_BASE: Final = 2_000
_MICRO: Final = dt.timedelta(microseconds=1)
_DAY_MICROS: Final = 86_400_000_000


class FarDate:
    """A day; it has of `datetime.date` what FEEL asks for."""

    __slots__ = ("day", "month", "near", "year")

    def __init__(self, year: int, month: int, day: int) -> None:
        """Make a day.

        Raises:
            ValueError: The calendar has no such day, or the year is too far.
        """
        if abs(year) > LAST_YEAR:
            raise ValueError(f"Expected a year up to {LAST_YEAR}, but got {year}")
        self.year, self.month, self.day = year, month, day
        self.near = dt.date(_BASE + year % _YEARS, month, day)

    def toordinal(self) -> int:
        """Count the days since the day before 1 January of year 1."""
        return self.near.toordinal() + (self.year - self.near.year) // _YEARS * _DAYS

    def weekday(self) -> int:
        """Return 0 for a Monday."""
        return self.near.weekday()

    def isoweekday(self) -> int:
        """Return 1 for a Monday."""
        return self.near.isoweekday()

    def isocalendar(self) -> Any:
        """Return week and weekday; the year in it is that of the same place 400 years apart."""
        return self.near.isocalendar()

    def timetuple(self) -> time.struct_time:
        """Return the parts."""
        near = self.near.timetuple()
        return time.struct_time((self.year, *near[1:]))

    def isoformat(self) -> str:
        """Write the day with at least four digits of the year."""
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04}-{self.month:02}-{self.day:02}"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, FarDate) and self.toordinal() == other.toordinal()

    @override
    def __hash__(self) -> int:
        return hash(self.toordinal())

    def __lt__(self, other: Any) -> bool:
        return self.toordinal() < int(other.toordinal())

    def __le__(self, other: Any) -> bool:
        return self.toordinal() <= int(other.toordinal())

    def __gt__(self, other: Any) -> bool:
        return self.toordinal() > int(other.toordinal())

    def __ge__(self, other: Any) -> bool:
        return self.toordinal() >= int(other.toordinal())


class FarMoment:
    """A moment of a far day; it has of `datetime.datetime` what FEEL asks for."""

    __slots__ = ("_clock", "_day")

    def __init__(self, day: FarDate, clock: dt.time) -> None:
        self._day = day
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        if name in ("year", "month", "day", "weekday", "isoweekday", "isocalendar", "toordinal"):
            return getattr(self._day, name)
        if name in ("hour", "minute", "second", "microsecond", "tzinfo"):
            return getattr(self._clock, name)
        raise AttributeError(name)

    def date(self) -> FarDate:
        """Return the day."""
        return self._day

    def timetz(self) -> dt.time:
        """Return what a clock shows, with its offset or zone."""
        return self._clock

    def timetuple(self) -> time.struct_time:
        """Return the parts."""
        day = self._day.timetuple()
        return time.struct_time((*day[:3], self._clock.hour, self._clock.minute, self._clock.second, *day[6:]))

    def utcoffset(self) -> dt.timedelta | None:
        """Return how far the clock is ahead of UTC; in a zone as on the same day of the years 2000 to 2399."""
        return dt.datetime.combine(self._day.near, self._clock).utcoffset()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, FarMoment | dt.datetime) and micros_of(self) == micros_of(other)

    @override
    def __hash__(self) -> int:
        return hash(micros_of(self))

    def __lt__(self, other: Any) -> bool:
        return micros_of(self) < micros_of(other)

    def __le__(self, other: Any) -> bool:
        return micros_of(self) <= micros_of(other)

    def __gt__(self, other: Any) -> bool:
        return micros_of(self) > micros_of(other)

    def __ge__(self, other: Any) -> bool:
        return micros_of(self) >= micros_of(other)


def micros_of(moment: Any) -> int:
    """Count microseconds since the calendar began, in UTC where the clock has an offset; to the millisecond."""
    clock = moment.timetz()
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    offset = moment.utcoffset() or dt.timedelta()
    milli = clock.microsecond // 1000 * 1000
    found: int = moment.toordinal() * _DAY_MICROS + seconds * 1_000_000 + milli - offset // _MICRO
    return found


def day_of(year: int, month: int, day: int) -> Any:
    """Return a day of any year.

    Raises:
        ValueError: The calendar has no such day, or the year is too far.
    """
    return dt.date(year, month, day) if dt.MINYEAR <= year <= dt.MAXYEAR else FarDate(year, month, day)


def day_at(ordinal: int) -> Any:
    """Return the day of an ordinal, of any year."""
    if 1 <= ordinal <= dt.date.max.toordinal():
        return dt.date.fromordinal(ordinal)
    base = dt.date(_BASE, 1, 1).toordinal()
    cycles, rest = divmod(ordinal - base, _DAYS)
    near = dt.date.fromordinal(base + rest)
    return FarDate(near.year + cycles * _YEARS, near.month, near.day)


def moment_of(day: Any, clock: dt.time) -> Any:
    """Return a time on a day of any year."""
    return FarMoment(day, clock) if isinstance(day, FarDate) else dt.datetime.combine(day, clock)


def later(moment: Any, length: dt.timedelta) -> Any:
    """Return the moment so much later by the same clock, whichever year that is in."""
    clock: dt.time = moment.timetz()
    at = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond
    days, rest = divmod(moment.toordinal() * _DAY_MICROS + at + length // _MICRO, _DAY_MICROS)
    shown = (dt.datetime.combine(dt.date(_BASE, 1, 1), dt.time()) + dt.timedelta(microseconds=rest)).time()
    return moment_of(day_at(days), shown.replace(tzinfo=clock.tzinfo))
